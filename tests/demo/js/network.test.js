/** What the engine refuses, and how it loads; beside Keras it is in agreement.test.js. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { afterEach, test } from "node:test";

import {
  NetworkError,
  activations,
  load,
  read,
  softmax,
} from "../../../keras_examples/demo/pages/network.js";

const fetched = globalThis.fetch;
afterEach(() => {
  globalThis.fetch = fetched;
});

/** A network of one dense layer from two numbers to one: 3a − 0.5b + 2. */
function small(changes = {}, node = {}) {
  const bytes = Uint16Array.of(0x4200, 0xb800, 0x4000).buffer;
  const layer = {
    name: "dense",
    type: "Dense",
    inputs: ["input"],
    config: { activation: "linear" },
    weights: [
      { name: "kernel", shape: [2, 1], offset: 0 },
      { name: "bias", shape: [1], offset: 4 },
    ],
    ...node,
  };
  const description = {
    format: 1,
    name: "small",
    input: [2],
    outputs: ["dense"],
    bin: "small.bin",
    bytes: bytes.byteLength,
    sha256: createHash("sha256").update(new Uint8Array(bytes)).digest("hex"),
    dtype: "float16",
    nodes: [layer],
    ...changes,
  };
  return { description, bytes };
}

/** Serves files by name instead of a network. */
function serve(files) {
  const asked = [];
  globalThis.fetch = async (url) => {
    asked.push(url);
    const content = files[url];
    return content === undefined
      ? new Response("", { status: 404 })
      : new Response(typeof content === "object" ? content : String(content));
  };
  return asked;
}

/** Whether an error is a sentence in both languages. */
function sentence(pattern) {
  return (error) => {
    assert.ok(error instanceof NetworkError, String(error?.stack));
    assert.match(error.text.en, pattern);
    assert.match(error.text.zh, /[\u4e00-\u9fff].*。$/);
    assert.equal(error.message, error.text.en);
    return true;
  };
}

function refused({ description, bytes }, pattern) {
  assert.throws(() => read(description, bytes), sentence(pattern));
}

test("a network computes, and tells its weights and what every node makes of an input", () => {
  const { description, bytes } = small();
  const network = read(description, bytes);
  assert.deepEqual([...network.predict(Float32Array.of(1, 2))], [4]);
  assert.deepEqual([...network.weights("dense").kernel.data], [3, -0.5]);
  assert.deepEqual([...network.run(Float32Array.of(0, 0)).keys()], ["input", "dense"]);
  assert.deepEqual(network.classes, []);
});

test("an input is left as it is", () => {
  const { description, bytes } = small({}, { type: "Activation", weights: [] });
  description.nodes[0].config = { activation: "relu" };
  const x = Float32Array.of(-1, 2);
  assert.deepEqual([...read(description, bytes).predict(x)], [0, 2]);
  assert.deepEqual([...x], [-1, 2]);
});

test("half precision is read to the bit", () => {
  const bits = [0x0000, 0x8000, 0x0001, 0x03ff, 0x0400, 0x3555, 0x7bff, 0xfbff];
  const values = [0, -0, 2 ** -24, 1023 * 2 ** -24, 2 ** -14, 1365 * 2 ** -12, 65504, -65504];
  const weights = [{ name: "kernel", shape: [2, 4], offset: 0 }];
  const { description } = small({ bytes: 16 }, { weights });
  const network = read(description, Uint16Array.from(bits).buffer);
  assert.deepEqual([...network.weights("dense").kernel.data], values);
});

test("whole numbers have a scale for each column, and vectors none", () => {
  const weights = [
    { name: "kernel", shape: [2, 2], offset: 0 },
    { name: "bias", shape: [2], offset: 16 },
  ];
  const { description } = small({ bytes: 24, dtype: "int16" }, { weights });
  const bytes = new ArrayBuffer(24);
  new Float32Array(bytes).set([0.5, 2, 0, 0, 0.25, 0.1]);
  new Int16Array(bytes, 8).set([1, -2, 32767, -32767]);
  const { kernel, bias } = read(description, bytes).weights("dense");
  assert.deepEqual([...kernel.data], [0.5, -4, 16383.5, -65534]);
  assert.deepEqual([...bias.data], [0.25, Math.fround(0.1)]);
});

test("a node may have any name", () => {
  for (const name of ["constructor", "__proto__", "a/b"]) {
    const { description, bytes } = small({ outputs: [name] }, { name });
    assert.deepEqual([...read(description, bytes).predict(Float32Array.of(1, 2))], [4]);
  }
});

test("large scores make no infinity in softmax, nor in sigmoid and softplus", () => {
  assert.deepEqual([...softmax([1000, 1000])], [0.5, 0.5]);
  assert.deepEqual([...softmax([9, -1000, 1000], 1)], [9, 0, 1]);
  assert.deepEqual([-1000, 1000].map(activations.sigmoid), [0, 1]);
  assert.deepEqual([-1000, 1000].map(activations.softplus), [0, 1000]);
});

test("a damaged description is a sentence", () => {
  for (const description of [null, 1, "x", [], {}, { format: 2 }]) {
    refused({ description, bytes: new ArrayBuffer(0) }, /format/);
  }
  for (const [key, value] of [
    ["nodes", null],
    ["nodes", [null]],
    ["nodes", [{ name: "dense" }]],
    ["outputs", null],
    ["outputs", ["other"]],
    ["input", null],
    ["input", [3]],
    ["input", [-2]],
    ["input", [2e9]],
    ["input", []],
  ]) {
    refused(small({ [key]: value }), /damaged/);
  }
});

test("a damaged layer is a sentence", () => {
  for (const change of [
    { inputs: ["later"] },
    { inputs: [] },
    { config: null },
    { weights: null },
    { weights: [] },
    { weights: [{ name: "kernel", shape: [2, 1], offset: 4 }] },
    { weights: [{ name: "kernel", shape: [2, 1], offset: -2 }] },
    { weights: [{ name: "kernel", shape: [2, 1e9], offset: 0 }] },
    { weights: [{ name: "kernel", shape: [1, 1], offset: 0 }] },
    { type: "Conv2D" },
    { type: "LSTM" },
    { type: "MultiHeadAttention" },
    { type: "LayerNormalization", config: {} },
    { type: "Reshape", config: { target_shape: [3, -1] }, weights: [] },
  ]) {
    refused(small({}, change), /damaged/);
  }
});

test("a layer or an activation that the engine lacks is named", () => {
  for (const type of ["GRU", "constructor", "__proto__"]) {
    refused(small({}, { type }), new RegExp(`dense \\(${type}\\)`));
  }
  refused(small({}, { config: { activation: "gelu" } }), /dense \(gelu\)/);
  refused(small({}, { config: { recurrent_activation: "toString" } }), /dense \(toString\)/);
});

test("weights of another length are a sentence", () => {
  const { description, bytes } = small();
  refused({ description, bytes: bytes.slice(0, 4) }, /damaged \(4 \/ 6 B\)/);
  refused({ description, bytes: new ArrayBuffer(8) }, /damaged \(8 \/ 6 B\)/);
});

test("an input of another size is a sentence", () => {
  const { description, bytes } = small();
  const network = read(description, bytes);
  assert.throws(() => network.predict(Float32Array.of(1)), sentence(/got 1 numbers.*shape 2\./));
  assert.throws(() => network.run(new Float32Array(4), [2, 2]), sentence(/shape 2\./));
});

test("a network is loaded from beside its description", async () => {
  const { description, bytes } = small();
  const files = { "a/b/small.json": JSON.stringify(description), "a/b/small.bin": bytes };
  const asked = serve(files);
  const network = await load("a/b/small.json");
  assert.deepEqual([...network.predict(Float32Array.of(1, 2))], [4]);
  assert.deepEqual(asked, Object.keys(files));
});

test("weights with another digest are not used", async () => {
  const { description, bytes } = small();
  const other = bytes.slice(0);
  new Uint8Array(other)[0] ^= 1;
  serve({ "small.json": JSON.stringify(description), "small.bin": other });
  await assert.rejects(load("small.json"), sentence(/damaged \(small\.bin\)/));
});

test("a file that is missing, or no JSON, is a sentence", async () => {
  const { description } = small();
  serve({});
  await assert.rejects(load("small.json"), sentence(/small\.json could not be loaded \(404\)/));
  serve({ "small.json": JSON.stringify(description) });
  await assert.rejects(load("small.json"), sentence(/small\.bin could not be loaded \(404\)/));
  globalThis.fetch = async () => {
    throw new TypeError("Failed to fetch");
  };
  await assert.rejects(load("small.json"), sentence(/could not be loaded \(\)/));
  const broken = new Response(new ReadableStream({ pull: (one) => one.error(new Error()) }));
  globalThis.fetch = async () => broken;
  await assert.rejects(load("small.json"), sentence(/could not be loaded/));
  for (const text of ["", "<html>", "null", "{}", '{"bin": 1}']) {
    serve({ "small.json": text });
    await assert.rejects(load("small.json"), sentence(/damaged \(small\.json\)/));
  }
});

test("weights come from nowhere else", async () => {
  for (const bin of ["https://example.com/small.bin", "../small.bin", "//x/y.bin", "a b.bin"]) {
    const asked = serve({ "small.json": JSON.stringify(small({ bin }).description) });
    await assert.rejects(load("small.json"), sentence(/damaged/));
    assert.deepEqual(asked, ["small.json"]);
  }
});
