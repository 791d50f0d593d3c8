/** The functions, their slopes, and where softmax overflows, beside chapter 2 of the course. */
import assert from "node:assert/strict";
import { test } from "node:test";

import {
  NAMES, brief, functions, softmax,
} from "../../../keras_examples/demo/pages/widgets/activations.js";

test("a slope is how much the value changes", () => {
  for (const name of NAMES) {
    for (const x of [-5, -2, -0.3, 0.4, 1, 3, 6]) {
      const { value, slope } = functions[name];
      const measured = (value(x + 1e-6) - value(x - 1e-6)) / 2e-6;
      assert.ok(Math.abs(measured - slope(x)) < 1e-8, `${name} at ${x}`);
    }
  }
});

test("ten neurons leave of an error what the course says", () => {
  const left = (name, x) => (functions[name].slope(x) ** 10).toPrecision(2);
  assert.equal(Number(left("sigmoid", 0.5)), 5.1e-7);
  assert.equal(Number(left("tanh", 2)), 3.1e-12);
  assert.equal(Number(left("softplus", 5)), 0.94);
  assert.equal(Number(left("relu", 0.5)), 1);
});

test("no value is lost far out", () => {
  assert.equal(functions.softplus.value(1000), 1000);
  assert.equal(functions.softplus.value(-1000), 0);
  assert.equal(functions.sigmoid.value(-1000), 0);
  assert.equal(functions.sigmoid.value(1000), 1);
});

test("softmax as written is not a number from 710 on in 64 bits and from 89 on in 32", () => {
  for (const [bits, largest, good] of [[64, 700, true], [64, 710, false], [32, 88, true], [32, 89, false]]) {
    const scores = [largest, largest - 10];
    const as = softmax(scores, bits, false).shares[0];
    const stable = softmax(scores, bits, true).shares[0];
    assert.equal(!Number.isNaN(as), good, `${bits} bits, ${largest}`);
    assert.equal(stable.toFixed(5), "0.99995");
    if (good) assert.equal(as.toFixed(5), "0.99995");
  }
});

test("softmax of the article's scores is what the article prints", () => {
  const { shares } = softmax([1010, 1000, 990], 64, true);
  const article = [9.999546e-1, 4.53978686e-5, 2.06106005e-9];
  shares.forEach((share, i) => assert.ok(Math.abs(share / article[i] - 1) < 1e-8));
});

test("numbers of any size are short", () => {
  assert.deepEqual([0, 20.0855, 5.1e-7, 2.7e304, Infinity, 0.2447].map(brief),
    ["0", "20.1", "5.1e−7", "2.7e304", "∞", "0.2447"]);
});
