/**
 * Reads a trained network in the web format, and computes what each layer makes of an input.
 *
 * @typedef {{ shape: number[], data: Float32Array }} Tensor
 * @typedef {{ en: string, zh: string }} Text
 * @typedef {{ name: string, shape: number[], offset: number }} Place
 * @typedef {Record<string, any>} Config
 * @typedef {{ name: string, type: string, inputs: string[], config: Config,
 *   weights: Place[] }} Node
 * @typedef {{ format: number, name: string, input: (number | null)[], outputs: string[],
 *   bin: string, bytes: number, sha256: string, dtype: string, nodes: Node[], classes?: Text[],
 *   record?: Record<string, any> }} Description
 * @typedef {Float32Array | Float64Array | number[]} Numbers
 * @typedef {{ node: Node, weights: Record<string, Tensor>,
 *   keep: (name: string, shape: number[], data: Float32Array) => any }} Layer
 * @typedef {(layer: Layer, ...inputs: Tensor[]) => Tensor} Run
 */

/** What keeps a network from running, in a sentence for the reader. */
export class NetworkError extends Error {
  /**
   * @param {string} en
   * @param {string} zh
   */
  constructor(en, zh) {
    super(en);
    this.text = { en, zh };
  }
}

/** Functions, by Keras's names. @type {Record<string, (x: number) => number>} */
export const activations = {
  linear: (x) => x,
  relu: (x) => (x > 0 ? x : 0),
  sigmoid: (x) => 1 / (1 + Math.exp(-x)),
  softplus: (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))),
  tanh: Math.tanh,
};

/**
 * Turns scores into probabilities, in place. The largest is taken off first: no exponential can
 * overflow then.
 * @type {<T extends Numbers>(scores: T, from?: number, to?: number) => T}
 */
export function softmax(scores, from = 0, to = scores.length) {
  let largest = -Infinity;
  let sum = 0;
  for (let i = from; i < to; i++) largest = Math.max(largest, scores[i]);
  for (let i = from; i < to; i++) sum += scores[i] = Math.exp(scores[i] - largest);
  for (let i = from; i < to; i++) scores[i] /= sum;
  return scores;
}

/**
 * Applies an activation in place, softmax to every `size` numbers.
 * @type {(name: string, data: Numbers, size: number) => void}
 */
function activate(name, data, size) {
  if (name === "softmax") {
    for (let i = 0; i < data.length; i += size) softmax(data, i, i + size);
  } else if (name !== "linear") {
    const activation = activations[name];
    for (let i = 0; i < data.length; i++) data[i] = activation(data[i]);
  }
}

/** @param {number[]} shape */
const count = (shape) => shape.reduce((product, size) => product * size, 1);

/** @param {number[]} shape */
const last = (shape) => shape[shape.length - 1];

/**
 * Multiplies rows of `size` numbers by a kernel. A bias may differ from row to row.
 * @type {(x: Float32Array, size: number, kernel: Tensor, bias: Tensor | undefined,
 *   units: number) => Float32Array}
 */
function affine(x, size, kernel, bias, units) {
  if (kernel.data.length !== size * units) throw new RangeError("kernel");
  const rows = x.length / size;
  const y = new Float32Array(rows * units);
  const sums = new Float64Array(units);
  for (let row = 0; row < rows; row++) {
    start(sums, bias, row * units);
    addRows(sums, x, row * size, size, kernel.data, 0);
    y.set(sums, row * units);
  }
  return y;
}

/** @type {(sums: Float64Array, bias: Tensor | undefined, from: number) => void} */
function start(sums, bias, from) {
  sums.fill(0);
  if (bias && bias.data.length % sums.length) throw new RangeError("bias");
  if (bias) sums.set(bias.data.subarray(from %= bias.data.length, from + sums.length));
}

/**
 * Adds rows of a kernel, each by its number in x; four at a time, which is faster.
 * @type {(sums: Float64Array, x: Float32Array, from: number, size: number, kernel: Float32Array,
 *   row: number) => void}
 */
function addRows(sums, x, from, size, kernel, row) {
  const n = sums.length;
  let i = 0;
  for (; i + 3 < size; i += 4) {
    const a = x[from + i], b = x[from + i + 1], c = x[from + i + 2], d = x[from + i + 3];
    if (a === 0 && b === 0 && c === 0 && d === 0) continue;
    for (let j = 0, k = (row + i) * n; j < n; j++, k++) {
      sums[j] += a * kernel[k] + b * kernel[k + n] + c * kernel[k + 2 * n] + d * kernel[k + 3 * n];
    }
  }
  for (; i < size; i++) {
    for (let j = 0; j < n; j++) sums[j] += x[from + i] * kernel[(row + i) * n + j];
  }
}

/** @type {Run} */
function dense({ node, weights }, { shape, data }) {
  const units = last(weights.kernel.shape);
  const y = affine(data, last(shape), weights.kernel, weights.bias, units);
  activate(node.config.activation, y, units);
  return { shape: [...shape.slice(0, -1), units], data: y };
}

/**
 * Slides a window over an image; calls `begin` and `end` with each place's number, and between them
 * `visit` with the first pixel of each row of the window, its number there, and how many follow.
 * @type {(image: number[], window: number[], config: Config, begin: (place: number) => any,
 *   visit: (pixel: number, tap: number, length: number) => any,
 *   end?: (place: number) => any) => number[]}
 */
function slide([height, width], [rows, columns], { strides, padding }, begin, visit, end) {
  /** @type {(size: number, taps: number, by: number) => number[]} */
  const axis = (size, taps, by) => {
    const places = Math.ceil((padding === "same" ? size : size - taps + 1) / by);
    return [places, Math.floor(Math.max((places - 1) * by + taps - size, 0) / 2)];
  };
  const [down, above] = axis(height, rows, strides[0]);
  const [across, before] = axis(width, columns, strides[1]);
  if (down < 1 || across < 1) throw new RangeError("window");
  for (let place = 0; place < down * across; place++) {
    const top = Math.floor(place / across) * strides[0] - above;
    const left = (place % across) * strides[1] - before;
    const cut = Math.max(0, -left);
    const length = Math.min(columns, width - left) - cut;
    begin(place);
    for (let i = Math.max(0, -top); i < rows && top + i < height; i++) {
      visit((top + i) * width + left + cut, i * columns + cut, length);
    }
    end?.(place);
  }
  return [down, across];
}

/** @type {Run} */
function conv2d({ node, weights }, { shape, data }) {
  const { kernel, bias } = weights;
  const [rows, columns, channels, filters] = kernel.shape;
  if (shape.length !== 3 || shape[2] !== channels) throw new RangeError("channels");
  const sums = new Float64Array(filters);
  const y = new Float32Array(filters * shape[0] * shape[1]);
  const places = slide(
    shape,
    [rows, columns],
    node.config,
    () => start(sums, bias, 0),
    (pixel, tap, length) =>
      addRows(sums, data, pixel * channels, length * channels, kernel.data, tap * channels),
    (place) => y.set(sums, place * filters),
  );
  const maps = y.slice(0, count(places) * filters);
  activate(node.config.activation, maps, filters);
  return { shape: [...places, filters], data: maps };
}

/** @type {Run} */
function maxPooling2d({ node }, { shape, data }) {
  const channels = shape[2];
  const y = new Float32Array(data.length);
  let to = 0;
  const places = slide(
    shape,
    node.config.pool_size,
    node.config,
    (place) => y.fill(-Infinity, (to = place * channels), to + channels),
    (pixel, tap, length) => {
      for (let i = 0; i < length * channels; i++) {
        const c = to + (i % channels);
        y[c] = Math.max(y[c], data[pixel * channels + i]);
      }
    },
  );
  return { shape: [...places, channels], data: y.slice(0, count(places) * channels) };
}

/**
 * Reads a sequence; `step` turns the weighted sums of each step into its state.
 * @type {(layer: Layer, x: Tensor,
 *   step: (state: Float32Array, sums: Float64Array) => void) => Tensor}
 */
function recur({ node, weights, keep }, { shape, data }, step) {
  const { kernel, recurrent_kernel: recurrent, bias } = weights;
  const [units, gates] = recurrent.shape;
  const [steps, size] = shape;
  if (shape.length !== 2 || size !== kernel.shape[0]) throw new RangeError("size");
  const state = new Float32Array(units);
  const states = new Float32Array(steps * units);
  const sums = new Float64Array(gates);
  for (let t = 0; t < steps; t++) {
    start(sums, bias, 0);
    addRows(sums, data, t * size, size, kernel.data, 0);
    addRows(sums, state, 0, units, recurrent.data, 0);
    step(state, sums);
    states.set(state, t * units);
  }
  keep("states", [steps, units], states);
  if (node.config.return_sequences) return { shape: [steps, units], data: states };
  return { shape: [units], data: state };
}

/** @type {Run} */
function simpleRnn(layer, x) {
  return recur(layer, x, (state, sums) => {
    activate(layer.node.config.activation, sums, sums.length);
    state.set(sums);
  });
}

/** @type {Run} */
function lstm(layer, x) {
  const units = layer.weights.recurrent_kernel.shape[0];
  const { activation, recurrent_activation: gate } = layer.node.config;
  const cell = new Float64Array(units);
  return recur(layer, x, (state, sums) => {
    // Keras's order: input gate, forget gate, what may be added to the cell, output gate.
    const [input, forget, added, out] = [0, 1, 2, 3].map((i) =>
      sums.subarray(i * units, (i + 1) * units),
    );
    for (const part of [input, forget, out]) activate(gate, part, units);
    activate(activation, added, units);
    for (let i = 0; i < units; i++) cell[i] = forget[i] * cell[i] + input[i] * added[i];
    state.set(cell);
    activate(activation, state, units);
    for (let i = 0; i < units; i++) state[i] *= out[i];
  });
}

/**
 * Keeps "scores", shape [heads, queries, keys].
 * @type {Run}
 */
function attention({ weights, keep }, asking, offering, naming = offering) {
  const [, heads, size] = weights.query_kernel.shape;
  const depth = weights.value_kernel.shape[2];
  /** @type {(x: Tensor, part: string, units: number) => Float32Array} */
  const project = ({ shape, data }, part, units) =>
    affine(data, shape[1], weights[`${part}_kernel`], weights[`${part}_bias`], units);
  const query = project(asking, "query", heads * size);
  const key = project(naming, "key", heads * size);
  const value = project(offering, "value", heads * depth);
  const [from, to] = [asking.shape[0], offering.shape[0]];
  if (asking.shape.length !== 2) throw new RangeError("rank");
  const scores = new Float32Array(heads * from * to);
  const mixed = new Float32Array(from * heads * depth);
  const sums = new Float64Array(depth);
  for (let head = 0, row = 0; head < heads; head++) {
    for (let i = 0; i < from; i++, row += to) {
      for (let j = 0; j < to; j++) {
        const [q, k] = [(i * heads + head) * size, (j * heads + head) * size];
        let product = 0;
        for (let n = 0; n < size; n++) product += query[q + n] * key[k + n];
        scores[row + j] = product / Math.sqrt(size);
      }
      softmax(scores, row, row + to);
      sums.fill(0);
      for (let j = 0; j < to; j++) {
        addRows(sums, scores, row + j, 1, value, j * heads + head);
      }
      mixed.set(sums, (i * heads + head) * depth);
    }
  }
  keep("scores", [heads, from, to], scores);
  const units = last(weights.attention_output_kernel.shape);
  const x = { shape: [from, heads * depth], data: mixed };
  return { shape: [from, units], data: project(x, "attention_output", units) };
}

/** @type {Run} */
function layerNormalization({ node, weights: { gamma, beta } }, { shape, data }) {
  const size = last(shape);
  const y = new Float32Array(data.length);
  for (let from = 0; from < data.length; from += size) {
    const row = data.subarray(from, from + size);
    const mean = row.reduce((sum, value) => sum + value / size, 0);
    const variance = row.reduce((sum, value) => sum + (value - mean) ** 2 / size, 0);
    const deviation = Math.sqrt(variance + node.config.epsilon);
    for (let i = 0; i < size; i++) {
      const normal = (row[i] - mean) / deviation;
      y[from + i] = normal * (gamma?.data[i] ?? 1) + (beta?.data[i] ?? 0);
    }
  }
  return { shape, data: y };
}

/** @type {Run} */
function mean(layer, { shape, data }) {
  const size = last(shape);
  const sums = new Float64Array(size);
  for (let i = 0; i < data.length; i++) sums[i % size] += (data[i] * size) / data.length;
  return { shape: [size], data: Float32Array.from(sums) };
}

/** @type {Run} */
function reshape({ node }, { shape, data }) {
  /** @type {number[]} */
  const target = node.config.target_shape ?? [data.length];
  const rest = Math.floor(data.length / count(target.filter((size) => size >= 0)));
  return { shape: target.map((size) => (size < 0 ? rest : size)), data };
}

/** @type {Run} */
function activation({ node }, { shape, data }) {
  const y = data.slice();
  activate(node.config.activation, y, last(shape));
  return { shape, data: y };
}

/** @type {(apply: (x: number, config: Config) => number) => Run} */
const each = (apply) => ({ node }, { shape, data }) => ({
  shape,
  data: data.map((x) => apply(x, node.config)),
});

/** @type {Run} */
const add = (layer, { shape, data }, ...others) => ({
  shape,
  data: data.map((value, i) => others.reduce((sum, other) => sum + other.data[i], value)),
});

/** @type {Record<string, Run>} */
const LAYERS = {
  Activation: activation,
  Add: add,
  Conv2D: conv2d,
  Dense: dense,
  Dropout: (layer, x) => x, // which only does something while a network learns
  EinsumDense: dense,
  Flatten: reshape,
  GlobalAveragePooling1D: mean,
  LSTM: lstm,
  LayerNormalization: layerNormalization,
  LeakyReLU: each((x, { negative_slope: slope }) => (x > 0 ? x : slope * x)),
  MaxPooling2D: maxPooling2d,
  MultiHeadAttention: attention,
  Rescaling: each((x, { scale, offset }) => x * scale + offset),
  Reshape: reshape,
  SimpleRNN: simpleRnn,
};

/** @param {string} what */
function damaged(what) {
  return new NetworkError(
    `the file of this network is damaged (${what}); reload the page.`,
    `这个网络的文件已损坏（${what}）；请重新加载页面。`,
  );
}

/** A network that runs in the page. */
export class Network {
  /**
   * @param {Description} description
   * @param {ArrayBuffer} bytes
   */
  constructor({ name, input, outputs, nodes, classes, record, dtype }, bytes) {
    this.name = name;
    this.input = input; // its shape, with null for a size that may vary
    this.outputs = outputs;
    this.nodes = nodes;
    this.classes = classes ?? [];
    this.record = record;
    /** @type {(places: Place[]) => Record<string, Tensor>} */
    const read = (places) =>
      Object.fromEntries(places.map((place) => [place.name, tensor(place, bytes, dtype)]));
    this.all = new Map(nodes.map((node) => [node.name, read(node.weights)]));
  }

  /** @param {string} node */
  weights(node) {
    return this.all.get(node) ?? {};
  }

  /**
   * Computes what each node makes of an input, by name, and "NODE/scores" of attention and
   * "NODE/states" of a recurrent layer.
   * @param {Float32Array} x
   * @param {number[]} [shape] of the input, where the network leaves it open
   * @returns {Map<string, Tensor>}
   */
  run(x, shape = /** @type {number[]} */ (this.input)) {
    const fits = shape.every((size, i) => size === (this.input[i] ?? size));
    if (shape.length !== this.input.length || !fits || count(shape) !== x.length) {
      throw new NetworkError(
        `got ${x.length} numbers, expected an input of shape ${this.input.join(" × ")}.`,
        `输入有 ${x.length} 个数，应为 ${this.input.join(" × ")}。`,
      );
    }
    /** @type {Map<string, Tensor>} */
    const values = new Map([["input", { shape, data: x }]]);
    for (const node of this.nodes) {
      const inputs = node.inputs.map((name) => /** @type {Tensor} */ (values.get(name)));
      const weights = this.weights(node.name);
      /** @type {Layer["keep"]} */
      const keep = (name, shape, data) => values.set(`${node.name}/${name}`, { shape, data });
      values.set(node.name, LAYERS[node.type]({ node, weights, keep }, ...inputs));
    }
    return values;
  }

  /** @type {(x: Float32Array) => Float32Array} */
  predict(x) {
    return /** @type {Tensor} */ (this.run(x).get(this.outputs[0])).data;
  }
}

/** @type {(place: Place, bytes: ArrayBuffer, dtype: string) => Tensor} */
function tensor({ shape, offset }, bytes, dtype) {
  const data = new Float32Array(count(shape));
  const view = new DataView(bytes, offset);
  const units = last(shape);
  const scaled = dtype === "int16" && shape.length > 1;
  for (let i = 0; i < data.length; i++) {
    if (scaled) {
      const scale = view.getFloat32(4 * (i % units), true);
      data[i] = scale * view.getInt16(4 * units + 2 * i, true);
    } else if (dtype === "float16") data[i] = half(view.getUint16(2 * i, true));
    else data[i] = view.getFloat32(4 * i, true);
  }
  return { shape, data };
}

/** @param {number} bits of a number in half precision */
function half(bits) {
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  const size = exponent ? 2 ** (exponent - 25) * (1024 + fraction) : 2 ** -24 * fraction;
  return bits & 0x8000 ? -size : size;
}

/**
 * Makes a network of its two files, and tries it.
 * @type {(description: any, bytes: ArrayBuffer) => Network}
 */
export function read(description, bytes) {
  if (description?.format !== 1) {
    throw new NetworkError(
      "this page does not know the format of this network; reload it.",
      "这个网络的格式，本页面不认识；请重新加载页面。",
    );
  }
  if (bytes.byteLength !== description.bytes) {
    throw damaged(`${bytes.byteLength} / ${description.bytes} B`);
  }
  let network;
  try {
    for (const { name, type, config } of description.nodes) {
      const used = [config.activation, config.recurrent_activation].filter(Boolean);
      const strange = used.find((one) => !Object.hasOwn({ ...activations, softmax }, one));
      if (!Object.hasOwn(LAYERS, type) || strange) {
        const layer = `${name} (${strange ?? type})`;
        throw new NetworkError(
          `this page does not know the layer ${layer}; reload it.`,
          `本页面无法运行层 ${layer}；请重新加载页面。`,
        );
      }
    }
    network = new Network(description, bytes);
    const shape = network.input.map((size) => size ?? 8);
    const values = network.run(new Float32Array(count(shape)), shape);
    for (const name of [...values.keys(), ...network.outputs]) {
      const { shape, data } = /** @type {Tensor} */ (values.get(name));
      if (count(shape) !== data.length || !data.every(Number.isFinite)) throw new RangeError(name);
    }
  } catch (error) {
    throw error instanceof NetworkError ? error : damaged(String(description.name));
  }
  return network;
}

/**
 * Loads a network by the address of its JSON, beside which its weights are.
 * @type {(url: string) => Promise<Network>}
 */
export async function load(url) {
  const file = await get(url);
  let description;
  try {
    description = JSON.parse(new TextDecoder().decode(file));
  } catch {
    throw damaged(url);
  }
  const bin = String(description?.bin);
  if (!/^[\w-]+\.bin$/.test(bin)) throw damaged(url);
  const bytes = await get(url.replace(/[^/]*$/, bin));
  // There are digests on safe connections only.
  if (globalThis.crypto?.subtle && bytes.byteLength === description.bytes) {
    const digest = [...new Uint8Array(await crypto.subtle.digest("SHA-256", bytes))];
    const hex = digest.map((byte) => byte.toString(16).padStart(2, "0")).join("");
    if (hex !== description.sha256) throw damaged(bin);
  }
  return read(description, bytes);
}

/** @type {(url: string) => Promise<ArrayBuffer>} */
async function get(url) {
  const response = await fetch(url).catch(() => null);
  const bytes = response?.ok ? await response.arrayBuffer().catch(() => null) : null;
  if (bytes) return bytes;
  const why = response?.status ?? "";
  throw new NetworkError(
    `${url} could not be loaded (${why}); check the connection, and reload.`,
    `无法加载 ${url}（${why}）；请检查网络后重新加载。`,
  );
}
