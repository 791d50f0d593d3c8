/** The training in the page: gradients, Adam beside Keras's, and what the course says comes of it. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import {
  adam, batches, build, gradient, makePoints, measure, probability,
} from "../../../keras_examples/demo/pages/widgets/boundary.js";

function train(network, points, steps, rate = 0.01) {
  const next = batches(0);
  for (let i = 0; i < steps; i++) {
    adam(network, gradient(network, points, next(points.x.length)), rate);
  }
  return measure(network, points);
}

for (const relu of [false, true]) {
  test(`a gradient is how much the loss changes, ${relu ? "with" : "without"} ReLU`, () => {
    const points = makePoints("ring");
    const batch = [0, 7, 160, 299];
    const some = { x: batch.map((i) => points.x[i]), y: batch.map((i) => points.y[i]) };
    const network = build(5, relu, 4);
    const found = gradient(network, points, batch);
    network.w.forEach((w, i) => {
      const loss = (by) => {
        network.w[i] = w + by;
        const { loss } = measure(network, some);
        network.w[i] = w;
        return loss;
      };
      assert.ok(Math.abs((loss(1e-6) - loss(-1e-6)) / 2e-6 - found[i]) < 1e-7, `weight ${i}`);
    });
  });
}

test("steps are those of Keras", { skip: !process.env.KERAS_STEPS && "the Python test runs it" }, () => {
  const { points, steps, rate, before, after, answers } = JSON.parse(
    readFileSync(process.env.KERAS_STEPS, "utf8"));
  const network = build(before.length >> 2, true, 0);
  network.w.set(before);
  const all = points.x.map((_, i) => i);
  for (let i = 0; i < steps; i++) adam(network, gradient(network, points, all), rate);
  const apart = (found, expected) => Math.max(...found.map((value, i) => Math.abs(value - expected[i])));
  assert.ok(apart([...network.w], after) < 1e-5);
  assert.ok(apart(points.x.map(([x1, x2]) => probability(network, x1, x2)), answers) < 1e-5);
});

test("with ReLU the boundary closes around the disc, without one no line does", () => {
  for (const seed of [0, 1, 2]) {
    const points = makePoints("ring");
    const bent = train(build(8, true, seed), points, 960);
    const straight = train(build(8, false, seed), points, 960);
    assert.ok(bent.right > 0.97, `seed ${seed}: ${bent.right}`);
    assert.ok(straight.right < 0.75, `seed ${seed}: ${straight.right}`);
    assert.ok(Math.abs(straight.loss - Math.LN2) < 0.02);
  }
});

test("the same seed gives the same training", () => {
  const points = makePoints("xor");
  const [one, same] = [build(4, true, 5), build(4, true, 5)];
  train(one, points, 50);
  train(same, points, 50);
  assert.deepEqual(one.w, same.w);
});

test("an epoch takes every point once", () => {
  const next = batches(1);
  const epoch = [next(70), next(70), next(70)];
  assert.deepEqual(epoch.map((batch) => batch.length), [32, 32, 6]);
  assert.deepEqual(epoch.flat().sort((a, b) => a - b), Array.from({ length: 70 }, (_, i) => i));
  assert.notDeepEqual(next(70), epoch[0]);
});
