/** Signals and gradients of the three-layer network, beside the article and chapter 3. */
import assert from "node:assert/strict";
import { test } from "node:test";

import {
  ARTICLE, arithmetic, backward, descend, flat, forward, promised, unflat,
} from "../../../keras_examples/demo/pages/widgets/signals.js";

const X = [1, 0.5];
const TARGET = [0, 1];
const near = (found, expected, digits) => assert.deepEqual(
  found.map((value) => Number(value.toFixed(digits))), expected);

test("the signals are the article's, to the digit", () => {
  const { sums, signals } = forward(ARTICLE, X);
  near(sums[0], [0.3, 0.7, 1.1], 8);
  near(signals[1], [0.57444252, 0.66818777, 0.75026011], 8);
  near(signals[2], [0.62624937, 0.7710107], 8);
  near(signals[3], [0.31682708, 0.69627909], 8);
});

test("the gradients are those of the course", () => {
  const { loss, layers } = backward(ARTICLE, X, TARGET);
  assert.equal(loss.toFixed(8), "0.09631289");
  near(layers[0].W.flat(), [-0.00134, -0.00175, -0.00194, -0.00067, -0.00088, -0.00097], 5);
  near(layers[1].W.flat(), [-0.00799, -0.00589, -0.0093, -0.00686, -0.01044, -0.0077], 5);
  near(layers[1].b, [-0.01391, -0.01026], 5);
  near(layers[2].W.flat(), [0.19841, -0.19021, 0.24428, -0.23417], 5);
  near(layers[2].b, [0.31683, -0.30372], 5);
});

test("a gradient is how much the loss changes, for each weight and any input", () => {
  const x = [-0.7, 1.9];
  const weights = flat(ARTICLE).map((w, i) => w * (i % 3 ? -2 : 3));
  const found = flat(backward(unflat(weights), x, TARGET).layers);
  weights.forEach((_, i) => {
    const loss = (by) => backward(unflat(weights.map((w, j) => (j === i ? w + by : w))), x, TARGET).loss;
    assert.ok(Math.abs((loss(1e-6) - loss(-1e-6)) / 2e-6 - found[i]) < 1e-8, `weight ${i}`);
  });
});

test("a step keeps its promise the better, the smaller it is", () => {
  const { loss, layers } = backward(ARTICLE, X, TARGET);
  const actual = (eta) => loss - backward(descend(ARTICLE, layers, eta), X, TARGET).loss;
  near([4, 1, 0.1, 0.01].map((eta) => eta * promised(layers)), [1.533591, 0.383398, 0.03834, 0.003834], 6);
  near([4, 1, 0.1, 0.01].map(actual), [-4.746775, 0.000262, 0.034537, 0.003796], 6);
});

test("what is shown of a number ends with that number", () => {
  const shown = (chosen, back) => arithmetic(chosen, ARTICLE, X, TARGET, back);
  assert.deepEqual(shown({ layer: 1, to: 0 }, false),
    ["a1[0] = 0.1·1 + 0.2·0.5 + 0.1", "= 0.3", "z1[0] = σ(0.3) = 0.57444252"]);
  assert.deepEqual(shown({ layer: 3, to: 0 }, false).at(-1), "= 0.31682708");
  assert.deepEqual(shown({ layer: 1, to: 2, from: 1 }, false), ["W1[1, 2] · x[1]", "= 0.6 · 0.5 = 0.3"]);
  assert.equal(shown({ layer: 1, to: 0, from: 0 }, true).at(-1), "= 1 · (−0.00134) = −0.00134350");
  assert.equal(shown({ layer: 2, to: 1 }, true).at(-1), "= −0.01026179");
  assert.equal(shown({ layer: 3, to: 1 }, true).at(-1), "= 0.69627909 − 1 = −0.30372091");
  assert.match(shown({ layer: 0, to: 1 }, true)[0], /^dx\[1\] = .* = −0\.00213/);
  assert.equal(shown({ layer: 3, to: 1, from: -1 }, true)[0], "db3[1] = dy[1] = −0.30372091");
  assert.deepEqual(shown({ layer: 2, to: 1, from: -1 }, false), ["b2[1] = 0.2", "a2[1] = … + 0.2"]);
});
