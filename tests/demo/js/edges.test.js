/** The convolution, beside chapter 5 of the course, and pictures made grey. */
import assert from "node:assert/strict";
import { test } from "node:test";

import {
  HALF_BRIGHT, KERNELS, bits, convolve, fitted, fromBits, grey, windowAt,
} from "../../../keras_examples/demo/pages/widgets/edges.js";

const row = ({ columns, data }, at = 0) =>
  Array.from(data).slice(at * columns, (at + 1) * columns).map((value) => Number(value.toFixed(6)));

test("the article's image and kernel give 0, 30, 30, 0 in each of four rows", () => {
  const found = convolve(HALF_BRIGHT, KERNELS.vertical, false);
  assert.deepEqual([found.rows, found.columns], [4, 4]);
  for (const at of [0, 1, 2, 3]) assert.deepEqual(row(found, at), [0, 30, 30, 0]);
});

test("padding keeps the size, and the zeros around the image are an edge", () => {
  const found = convolve(HALF_BRIGHT, KERNELS.vertical, true);
  assert.deepEqual([found.rows, found.columns], [6, 6]);
  assert.deepEqual(row(found), [-20, 0, 20, 20, 0, 0]);
  assert.deepEqual(row(found, 2), [-30, 0, 30, 30, 0, 0]);
  assert.deepEqual(windowAt(HALF_BRIGHT, -1, -1), [0, 0, 0, 0, 10, 10, 0, 10, 10]);
});

test("other kernels answer as in the course", () => {
  assert.deepEqual(row(convolve(HALF_BRIGHT, KERNELS.horizontal, false)), [0, 0, 0, 0]);
  assert.deepEqual(row(convolve(HALF_BRIGHT, KERNELS.mean, false)), [10, 6.666667, 3.333333, 0]);
});

test("a line is two edges, as in exercise 1, and a ReLU leaves one of them", () => {
  const line = { rows: 6, columns: 6, data: Array(6).fill([0, 0, 10, 0, 0, 0]).flat() };
  assert.deepEqual(row(convolve(line, KERNELS.vertical, false)), [-30, 0, 30, 0]);
  assert.deepEqual(row(convolve(line, KERNELS.line, false)), [-30, 60, -30, 0]);
  assert.deepEqual(row(convolve(line, KERNELS.vertical, false, true)), [0, 0, 30, 0]);
});

test("a picture that is not square keeps its rows", () => {
  const picture = { rows: 3, columns: 4, data: [0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1] };
  assert.deepEqual(row(convolve(picture, KERNELS.vertical, false)), [0, -3]);
});

test("a picture becomes grey on white, and at most 96 pixels wide and high", () => {
  const pixels = Uint8ClampedArray.of(255, 255, 255, 255, 0, 0, 0, 255, 255, 0, 0, 255, 9, 9, 9, 0);
  assert.deepEqual(grey(pixels, 2, 2).data, [255, 0, 76, 255]);
  assert.deepEqual(fitted(4000, 3000), [96, 72]);
  assert.deepEqual(fitted(28, 20), [28, 20]);
});

test("the pixels of the article's image go into an address and back", () => {
  assert.equal(bits(HALF_BRIGHT), "e38e38e38");
  assert.deepEqual(fromBits("e38e38e38"), HALF_BRIGHT);
  for (const bad of ["", "e38", "xyzxyzxyz", "E38E38E38"]) assert.equal(fromBits(bad), null);
});
