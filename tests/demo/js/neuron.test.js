/** The arithmetic of the neuron, beside what chapter 1 of the course says. */
import assert from "node:assert/strict";
import { test } from "node:test";

import {
  ARTICLE, GATES, INPUTS, countRight, fire, firingPart, learn, orderOf, separable,
} from "../../../keras_examples/demo/pages/widgets/neuron.js";

/** Learns for some epochs; returns the neuron and the mistakes of each epoch. */
function train(
  wanted, { eta = 1, epochs = 20, neuron = { w1: 0, w2: 0, theta: 0 }, order = () => [0, 1, 2, 3] } = {},
) {
  const mistakes = [];
  for (let epoch = 0; epoch < epochs; epoch++) {
    let made = 0;
    for (const i of order(epoch)) {
      made += fire(neuron, INPUTS[i]) === wanted[i] ? 0 : 1;
      neuron = learn(neuron, INPUTS[i], wanted[i], eta);
    }
    mistakes.push(made);
  }
  return { neuron, mistakes };
}

test("the article's neurons compute AND, OR and NOT", () => {
  for (const gate of ["and", "or", "not"]) assert.equal(countRight(ARTICLE[gate], GATES[gate]), 4);
});

test("the threshold alone decides between AND, OR and always", () => {
  const fires = (theta) => INPUTS.map((x) => fire({ w1: 1, w2: 1, theta }, x)).join("");
  assert.deepEqual([2.1, 2, 1.5, 1, 0.5, 0].map(fires),
    ["0000", "0001", "0001", "0111", "0111", "1111"]);
});

test("a neuron fires at its threshold, whatever the rounding", () => {
  assert.equal(fire({ w1: 0.7, w2: 0.1, theta: 0.8 }, [1, 1]), 1);
  assert.equal(fire({ w1: 0.7, w2: 0.1, theta: 0.85 }, [1, 1]), 0);
});

test("from 0, OR is learned as in the course, and the learning rate only scales it", () => {
  for (const eta of [0.25, 1, 4]) {
    assert.deepEqual(train(GATES.or, { eta }).neuron, { w1: eta, w2: eta, theta: eta });
  }
});

test("from another start, the learning rate decides how long it takes, as in exercise 3", () => {
  const found = [0.25, 1, 4].map((eta) => {
    const { neuron, mistakes } = train(GATES.or, { eta, neuron: { w1: 2, w2: -1, theta: 1 } });
    return [mistakes.filter(Boolean).length, neuron.w1, neuron.w2, neuron.theta];
  });
  assert.deepEqual(found, [[6, 2, 0.25, 0.25], [3, 2, 1, 1], [2, 2, 3, 1]]);
});

test("14 of the 16 gates are learned: those that a line divides", () => {
  for (let gate = 0; gate < 16; gate++) {
    const wanted = [8, 4, 2, 1].map((bit) => (gate & bit ? 1 : 0));
    const { mistakes } = train(wanted, { epochs: 100, order: orderOf });
    assert.equal(mistakes.at(-1) === 0, separable(wanted), wanted.join(""));
  }
});

test("on XOR the mistakes go up and down, and 1 is the fewest, as in the course", () => {
  const { mistakes } = train(GATES.xor, { epochs: 200, order: orderOf });
  assert.equal(Math.min(...mistakes), 1);
  assert.ok(new Set(mistakes.slice(-20)).size > 1);
  for (let epoch = 0; epoch < 9; epoch++) assert.deepEqual(orderOf(epoch).sort(), [0, 1, 2, 3]);
});

test("the part where it fires is the half of the square on the arrow's side", () => {
  const corners = firingPart({ w1: 1, w2: 0, theta: 0.5 }, 0, 1);
  assert.deepEqual(corners.map((corner) => corner.join()).sort(), ["0.5,0", "0.5,1", "1,0", "1,1"]);
  assert.equal(firingPart({ w1: 0, w2: 0, theta: 1 }, 0, 1).length, 0);
  assert.equal(firingPart({ w1: 0, w2: 0, theta: 0 }, 0, 1).length, 4);
});
