/** The state in the address, and how numbers are written. */
import assert from "node:assert/strict";
import { test } from "node:test";

import {
  State, factor, fixed, listed, random, searchWith, short, stateIn, written,
} from "../../../keras_examples/demo/pages/kit.js";

test("what is written into an address is read from it", () => {
  const text = written({ w1: 0.5, gate: "xor", empty: undefined, k: listed([1, -0.5, 0]) });
  assert.equal(text, "w1:0.5,gate:xor,k:1_-0.5_0");
  const state = stateIn(searchWith("?a=1", "neuron", text), "neuron");
  assert.equal(state.number("w1", 9), 0.5);
  assert.equal(state.choice("gate", "and", ["and", "xor"]), "xor");
  assert.deepEqual(state.numbers("k", 3), [1, -0.5, 0]);
});

test("other things in the address stay, and nothing is left of a widget that was reset", () => {
  assert.equal(searchWith("?a=1&neuron=w1:2&b", "neuron", ""), "?a=1&b");
  assert.equal(searchWith("?neuron=w1:2", "neuron", ""), "");
  assert.equal(searchWith("", "neuron", "t:1"), "?neuron=t:1");
});

test("an address that was copied with its colons and commas encoded is read as well", () => {
  assert.equal(stateIn("?neuron=w1%3A0.5%2Ct%3A2", "neuron").number("t", 0), 2);
});

for (const text of ["w1:abc", "w1:", "w1", ":", "w1:Infinity", "w1:NaN", "%", "w1:%E0%A4%A"]) {
  test(`an address that says ${text} says nothing`, () => {
    assert.equal(stateIn(`?neuron=${text}`, "neuron").number("w1", 7), 7);
  });
}

test("numbers of an address keep to their bounds", () => {
  const state = new State("a:1e9,k:1_2_900,f:1_2,g:1_x_3");
  assert.equal(state.number("a", 0, -3, 3), 3);
  assert.deepEqual(state.numbers("k", 3, -9, 9), [1, 2, 9]);
  assert.equal(state.numbers("f", 3), null);
  assert.equal(state.numbers("g", 3), null);
  assert.equal(state.choice("a", "one", ["one", "two"]), "one");
});

test("numbers are written with a minus sign, and without a negative zero", () => {
  assert.equal(fixed(-1.005, 1), "−1.0");
  assert.equal(fixed(-0.001, 2), "0.00");
  assert.equal(fixed(-Infinity), "−∞");
  assert.equal(short(0.316827080001), "0.31682708");
  assert.equal(short(100), "100");
  assert.equal(short(0.3 - 0.1 - 0.2), "0");
  assert.equal(factor(-2), "(−2)");
});

test("a seed always gives the same numbers, spread over 0 to 1", () => {
  const [one, same] = [random(3), random(3)];
  const found = Array.from({ length: 1000 }, one);
  assert.deepEqual(found, Array.from({ length: 1000 }, same));
  assert.ok(found.every((value) => value >= 0 && value < 1));
  assert.ok(Math.abs(found.reduce((sum, value) => sum + value) / 1000 - 0.5) < 0.03);
});
