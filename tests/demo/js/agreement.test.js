/** The engine beside Keras; the Python test writes the networks and what Keras makes of inputs. */
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";

import { read } from "../../../keras_examples/demo/pages/network.js";

const folder = process.env.NETWORKS;
// Whether Keras's numbers are given for every node, or for the output alone.
const whole = process.env.WHOLE === "1";
const names = folder ? readdirSync(folder).filter((name) => name !== "runs") : [];

/** Reads the network of a name in a type. */
function open(name, dtype) {
  const [json] = readdirSync(`${folder}/${name}/${dtype}`).filter((file) => file.endsWith(".json"));
  const description = JSON.parse(readFileSync(`${folder}/${name}/${dtype}/${json}`, "utf8"));
  const bytes = readFileSync(`${folder}/${name}/${dtype}/${description.bin}`);
  return read(description, Uint8Array.from(bytes).buffer);
}

/** The largest difference, relative to the largest value where that is above 1. */
function difference(found, expected) {
  assert.equal(found.length, expected.length);
  let [largest, scale] = [0, 1];
  for (let i = 0; i < expected.length; i++) {
    largest = Math.max(largest, Math.abs(found[i] - expected[i]));
    scale = Math.max(scale, Math.abs(expected[i]));
    assert.ok(Number.isFinite(found[i]));
  }
  return largest / scale;
}

test("there are networks", { skip: !folder && "needs the networks" }, () => assert.ok(names.length));

for (const name of names) {
  const expected = JSON.parse(readFileSync(`${folder}/${name}/expected.json`, "utf8"));

  test(`${name}: every node is Keras's within 1e-5`, () => {
    const network = open(name, "float32");
    for (const { shape, x, nodes } of expected) {
      const values = network.run(Float32Array.from(x), shape);
      if (whole) {
        const others = [...values.keys()].filter((node) => !(node in nodes));
        assert.ok(others.every((node) => /^input$|^inner\//.test(node)), `${others}`);
      }
      for (const [node, { shape, data }] of Object.entries(nodes)) {
        const found = values.get(node);
        assert.deepEqual(found.shape, shape, node);
        const off = difference(found.data, data);
        assert.ok(off <= 1e-5, `${node} is off by ${off}`);
      }
    }
  });

  for (const dtype of whole ? ["int16", "float16"] : ["int16"]) {
    test(`${name}: with ${dtype} the output is Keras's within 1e-3`, () => {
      const network = open(name, dtype);
      for (const { shape, x, nodes } of expected) {
        const values = network.run(Float32Array.from(x), shape);
        for (const node of network.outputs) {
          const off = difference(values.get(node).data, nodes[node].data);
          assert.ok(off <= 1e-3, `${node} is off by ${off}`);
        }
      }
    });
  }
}
