// The 2 → 3 → 2 → 2 network of article 001: every signal forward, every gradient back.

import {
  button, choice, factor, field, fixed, html, listed, newId, onceAFrame, row, said, set, short, slider, svg,
} from "../kit.js";

/** @typedef {import("../kit.js").Context} Context */
/** @typedef {{ W: number[][], b: number[] }} Layer W has a row for each input. */
/** @typedef {{ sums: number[][], signals: number[][] }} Forward */
/** @typedef {{ loss: number, dSums: number[][], dSignals: number[][], layers: Layer[] }} Backward */
/**
 * @typedef {object} Chosen What the arithmetic is shown of: a neuron, a weight or a bias.
 * @property {number} layer 0 is that of the inputs.
 * @property {number} to
 * @property {number} [from] Of a weight; −1 means the bias.
 */

export const texts = {
  title: { en: "A network, signal by signal", zh: "三层网络：逐个信号" },
  try: {
    en: "Point at a line or a neuron to see its arithmetic, change x, then look at the gradients and "
      + "take a step.",
    zh: "点一条线或一个神经元，看它是怎么算出来的；改变 x；再看梯度，走一步。",
  },
  direction: { en: "Show", zh: "显示" },
  forward: { en: "Signals →", zh: "信号 →" },
  backward: { en: "← Gradients", zh: "← 梯度" },
  network: {
    en: "The network of two inputs, three and two hidden neurons and two outputs; all of it is in the "
      + "table of weights, too",
    zh: "两个输入、三个和两个隐藏神经元、两个输出的网络；下面的权重表里也有全部内容",
  },
  input: { en: "Input", zh: "输入" },
  hidden: { en: "Hidden layer {n}", zh: "隐藏层 {n}" },
  output: { en: "Output", zh: "输出" },
  target: { en: "Wanted output", zh: "期望输出" },
  legend: {
    en: "Blue lines are positive, orange ones negative; the thicker, the larger.",
    zh: "蓝线为正，橙线为负；线越粗，绝对值越大。",
  },
  chosen: { en: "The chosen number", zh: "选中的数" },
  loss: { en: "Loss", zh: "损失" },
  eta: { en: "Learning rate η", zh: "学习率 η" },
  step: { en: "Take a step", zh: "走一步" },
  stepped: {
    en: "Step {n}: promised {p}, the loss fell by {a}.",
    zh: "第 {n} 步：梯度预计下降 {p}，实际下降 {a}。",
  },
  rose: {
    en: "Step {n}: promised a fall of {p}, the loss rose by {a}: too large a step.",
    zh: "第 {n} 步：梯度预计下降 {p}，实际却上升 {a}：步子太大了。",
  },
  weights: { en: "All weights", zh: "全部权重" },
  gradients: { en: "All weights, with their gradients below", zh: "全部权重，下方是各自的梯度" },
  original: { en: "The article's weights", zh: "恢复文章的权重" },
};

// ---- Arithmetic, as in keras_examples/three_layer_network.py

/** @type {Layer[]} */
export const ARTICLE = [
  { W: [[0.1, 0.3, 0.5], [0.2, 0.4, 0.6]], b: [0.1, 0.2, 0.3] },
  { W: [[0.1, 0.4], [0.2, 0.5], [0.3, 0.6]], b: [0.1, 0.2] },
  { W: [[0.1, 0.3], [0.2, 0.4]], b: [0.1, 0.2] },
];

/** @param {number} a @returns {number} */
export const sigmoid = (a) => 1 / (1 + Math.exp(-a));

/** @param {Layer[]} layers @param {number[]} x @returns {Forward} */
export function forward(layers, x) {
  const signals = [x];
  /** @type {number[][]} */
  const sums = [];
  layers.forEach(({ W, b }, l) => {
    const a = b.map((bias, j) => W.reduce((sum, row, i) => sum + signals[l][i] * row[j], 0) + bias);
    sums.push(a);
    signals.push(l < layers.length - 1 ? a.map(sigmoid) : a);
  });
  return { sums, signals };
}

/**
 * @param {Layer[]} layers @param {number[]} x @param {number[]} target
 * @returns {Backward} Of the mean squared error; gradients are indexed as what they are of.
 */
export function backward(layers, x, target) {
  const { signals } = forward(layers, x);
  const last = layers.length;
  const y = signals[last];
  const loss = y.reduce((sum, value, j) => sum + (value - target[j]) ** 2, 0) / y.length;
  /** @type {number[][]} */
  const dSums = [];
  /** @type {number[][]} */
  const dSignals = [];
  dSignals[last] = y.map((value, j) => (2 * (value - target[j])) / y.length);
  for (let l = last - 1; l >= 0; l -= 1) {
    const z = signals[l + 1];
    dSums[l] = dSignals[l + 1].map((d, j) => (l === last - 1 ? d : d * z[j] * (1 - z[j])));
    dSignals[l] = layers[l].W.map((row) => row.reduce((sum, w, j) => sum + w * dSums[l][j], 0));
  }
  const gradients = layers.map((_, l) => ({
    W: signals[l].map((signal) => dSums[l].map((d) => signal * d)), b: dSums[l],
  }));
  return { loss, dSums, dSignals, layers: gradients };
}

/** @param {Layer[]} layers @returns {number[]} W1, b1, W2, b2, W3, b3, one after the other. */
export const flat = (layers) => layers.flatMap(({ W, b }) => [...W.flat(), ...b]);

/** @param {number[]} values @returns {Layer[]} The reverse of `flat`. */
export function unflat(values) {
  let at = 0;
  const take = (/** @type {number} */ count) => values.slice(at, (at += count));
  return ARTICLE.map(({ W, b }) => ({
    W: W.map((row) => take(row.length)), b: take(b.length),
  }));
}

/** @param {Layer[]} layers @param {Layer[]} gradients @param {number} eta @returns {Layer[]} */
export function descend(layers, gradients, eta) {
  const d = flat(gradients);
  return unflat(flat(layers).map((w, i) => w - eta * d[i]));
}

/** @param {Layer[]} gradients @returns {number} What a step of η = 1 promises. */
export const promised = (gradients) => flat(gradients).reduce((sum, d) => sum + d * d, 0);

const INPUT = ["x", "z1", "z2"];
const SUM = ["a1", "a2", "y"];

/**
 * @param {Chosen} chosen @param {Layer[]} layers @param {number[]} x @param {number[]} target
 * @param {boolean} back Whether of the gradient.
 * @returns {string[]} How the chosen number is made, a line each.
 */
export function arithmetic({ layer, to, from }, layers, x, target, back) {
  const { sums, signals } = forward(layers, x);
  const { dSums, dSignals, layers: gradients } = backward(layers, x, target);
  const l = layer - 1;
  const d = (/** @type {number} */ value) => (value < 0 ? `(${fixed(value, 5)})` : fixed(value, 5));
  if (from !== undefined) {
    const name = from < 0 ? `b${layer}[${to}]` : `W${layer}[${from}, ${to}]`;
    const weight = from < 0 ? layers[l].b[to] : layers[l].W[from][to];
    const into = `d${SUM[l]}[${to}]`;
    if (from < 0) {
      return back ? [`d${name} = ${into} = ${fixed(dSums[l][to], 8)}`]
        : [`${name} = ${short(weight)}`, `${SUM[l]}[${to}] = … + ${factor(weight)}`];
    }
    const signal = signals[l][from];
    const product = `${factor(weight)} · ${factor(signal)} = ${short(weight * signal)}`;
    return back
      ? [`d${name} = ${INPUT[l]}[${from}] · ${into}`,
        `= ${factor(signal)} · ${d(dSums[l][to])} = ${fixed(gradients[l].W[from][to], 8)}`]
      : [`${name} · ${INPUT[l]}[${from}]`, `= ${product}`];
  }
  if (!layer) {
    if (!back) return [`x[${to}] = ${short(x[to])}`];
  } else if (!back) {
    const terms = layers[l].W.map((row, i) => `${factor(row[to])}·${factor(signals[l][i])}`);
    const a = `${SUM[l]}[${to}] = ${[...terms, factor(layers[l].b[to])].join(" + ")}`;
    const found = [`${a}`, `= ${short(sums[l][to])}`];
    return layer === layers.length ? found
      : [...found, `z${layer}[${to}] = σ(${short(sums[l][to])}) = ${short(signals[layer][to])}`];
  } else if (layer === layers.length) {
    return [`dy[${to}] = 2/2 · (y[${to}] − t[${to}])`,
      `= ${short(signals[layer][to])} − ${factor(target[to])} = ${fixed(dSignals[layer][to], 8)}`];
  }
  const name = layer ? `z${layer}` : "x";
  const terms = layers[layer].W[to].map((w, j) => `${d(dSums[layer][j])}·${factor(w)}`);
  const lines = [`d${name}[${to}] = ${terms.join(" + ")} = ${fixed(dSignals[layer][to], 8)}`];
  if (!layer) return lines;
  const z = signals[layer][to];
  return [...lines, `da${layer}[${to}] = ${d(dSignals[layer][to])} · ${short(z)} · (1 − ${short(z)})`,
    `= ${fixed(dSums[l][to], 8)}`];
}

// ---- Drawing

const NODE = { width: 100, height: 48 };
const COUNTS = [2, 3, 2, 2];
// Where along a line its number stands, by the neuron it comes from: so that they keep apart.
/** @type {Record<number, number[]>} */
const WIDE_PLACES = { 2: [0.26, 0.74], 3: [0.26, 0.5, 0.62] };
/** @type {Record<number, number[]>} */
const TALL_PLACES = { 2: [0.48, 0.8], 3: [0.4, 0.58, 0.82] };

/** @param {boolean} tall @returns {{ width: number, height: number, at: number[][][] }} */
function layout(tall) {
  const along = tall ? [36, 208, 380, 548] : [54, 270, 488, 706];
  const across = (/** @type {number} */ count) => (tall
    ? count === 3 ? [58, 180, 302] : [105, 255]
    : count === 3 ? [64, 190, 316] : [126, 254]);
  const at = COUNTS.map((count, layer) =>
    across(count).map((place) => (tall ? [place, along[layer]] : [along[layer], place])));
  return tall ? { width: 360, height: 600, at } : { width: 760, height: 368, at };
}

/** @param {HTMLElement} root @param {Context} context */
export async function mount(root, { lang, state, save }) {
  const say = (/** @type {keyof typeof texts} */ name) => texts[name][lang];
  let x = [state.number("x1", 1, -10, 10), state.number("x2", 0.5, -10, 10)];
  let target = [state.number("t1", 0, -2, 2), state.number("t2", 1, -2, 2)];
  let back = state.get("back") === "1";
  /** @type {string} */
  let eta = state.choice("eta", "0.1", ["0.01", "0.1", "1", "4"]);
  const given = state.numbers("w", 23, -100, 100);
  let layers = given ? unflat(given) : ARTICLE;
  let steps = 0;
  /** @type {Chosen} */
  let chosen = { layer: 1, to: 0 };
  const asked = state.numbers("of", 3, -1, 3);
  if (asked && asked[0] >= 0 && asked[1] >= 0 && asked[1] < COUNTS[asked[0]]) {
    const from = asked[0] && asked[2] < COUNTS[asked[0] - 1] ? asked[2] : undefined;
    chosen = { layer: asked[0], to: asked[1], from };
  }

  const drawing = svg("svg", { class: "n-plot", role: "group", "aria-label": say("network") });
  let tall = false;

  // Controls
  const inputs = x.map((value, i) => slider({
    label: `x[${i}]`, min: -2, max: 2, step: 0.1, value, show: (number) => short(number, 2),
    on: (number) => {
      x = x.map((old, at) => (at === i ? number : old));
      draw();
    },
  }));
  const targets = target.map((value, i) => slider({
    label: `t[${i}]`, min: -2, max: 2, step: 0.1, value, show: (number) => short(number, 2),
    on: (number) => {
      target = target.map((old, at) => (at === i ? number : old));
      draw();
    },
  }));
  const directions = choice({
    label: say("direction"), hidden: true,
    options: [{ value: "forward", label: say("forward") }, { value: "backward", label: say("backward") }],
    value: back ? "backward" : "forward",
    on: (value) => {
      back = value === "backward";
      draw();
    },
  });
  const rates = choice({
    label: say("eta"),
    options: ["0.01", "0.1", "1", "4"].map((rate) => ({ value: rate, label: rate })),
    value: eta,
    on: (rate) => {
      eta = rate;
      draw();
    },
  });
  const shown = html("pre", { class: "n-sum" });
  const heard = said("n-unseen");
  const weight = slider({
    label: "w", min: -2, max: 2, step: 0.05, value: 0, show: (number) => short(number, 4),
    on: (number) => change(chosen.layer - 1, chosen.from ?? -1, chosen.to, number),
  });
  const label = weight.node.querySelector("label");
  const lossLine = html("p", { class: "n-said" });
  const told = said("n-note");
  const step = button(say("step"), () => {
    const { loss, layers: gradients } = backward(layers, x, target);
    const promise = Number(eta) * promised(gradients);
    layers = descend(layers, gradients, Number(eta));
    steps += 1;
    const fell = loss - backward(layers, x, target).loss;
    draw();
    told.say(say(fell < 0 ? "rose" : "stepped").replace("{n}", String(steps))
      .replace("{p}", fixed(promise, 6)).replace("{a}", fixed(Math.abs(fell), 6)));
  }, { primary: true });
  const learning = html("div", { class: "n-side" }, html("p", { class: "n-head" }, say("target")),
    html("div", {}, ...targets.map((one) => one.node)), lossLine, row(step, rates.node), told.node);

  const change = (
    /** @type {number} */ l, /** @type {number} */ from, /** @type {number} */ to,
    /** @type {number} */ value,
  ) => {
    layers = layers.map((layer, at) => (at !== l ? layer : from < 0
      ? { ...layer, b: layer.b.map((old, j) => (j === to ? value : old)) }
      : { ...layer, W: layer.W.map((row, i) =>
        (i === from ? row.map((old, j) => (j === to ? value : old)) : row)) }));
    steps = 0;
    told.say("");
    draw();
  };
  const choose = (/** @type {Chosen} */ other) => {
    chosen = other;
    draw();
  };

  // Matrices: the same by keyboard
  /** @type {{ update: (gradients: Layer[]) => void }[]} */
  const fields = [];
  const matrix = (/** @type {number} */ l, /** @type {boolean} */ bias) => {
    const rows = bias ? [-1] : ARTICLE[l].W.map((_, i) => i);
    const name = `${bias ? "b" : "W"}${l + 1}`;
    const grid = html("div", { class: "n-matrix", style: `--columns: ${ARTICLE[l].b.length}` },
      ...rows.flatMap((from) => ARTICLE[l].b.map((_, to) => {
        const of = () => (from < 0 ? layers[l].b[to] : layers[l].W[from][to]);
        const cell = field({
          label: from < 0 ? `${name}[${to}]` : `${name}[${from}, ${to}]`, value: of(),
          on: (value) => change(l, from, to, value),
        });
        cell.node.addEventListener("focus", () => choose({ layer: l + 1, from, to }));
        const gradient = html("small");
        fields.push({
          update: (gradients) => {
            const found = gradients[l];
            cell.set(of());
            gradient.textContent = back ? fixed(from < 0 ? found.b[to] : found.W[from][to], 5) : "";
          },
        });
        return html("div", {}, cell.node, gradient);
      })));
    return html("div", {}, html("p", { class: "n-head" }, name), grid);
  };
  const matrices = html("div", { class: "n-matrices", id: newId(), hidden: true },
    ...[0, 1, 2].flatMap((l) => [matrix(l, false), matrix(l, true)]));
  const unfold = button("", () => {
    matrices.hidden = !matrices.hidden;
    draw();
    unfold.setAttribute("aria-expanded", String(!matrices.hidden));
  });
  set(unfold, { "aria-expanded": "false", "aria-controls": matrices.id });
  const original = button(say("original"), () => {
    layers = ARTICLE;
    steps = 0;
    told.say("");
    draw();
  });
  const all = html("div", { class: "n-wide" }, row(unfold, original), matrices);

  function drawNetwork() {
    const { width, height, at } = layout(tall);
    const { sums, signals } = forward(layers, x);
    const gone = backward(layers, x, target);
    const largest = Math.max(...flat(gone.layers).map(Math.abs), 1e-12);
    set(drawing, { viewBox: `0 0 ${width} ${height}`, class: tall ? "n-plot n-tall" : "n-plot" });
    const is = (/** @type {Chosen} */ one) =>
      one.layer === chosen.layer && one.to === chosen.to && one.from === chosen.from;
    const pick = (/** @type {Chosen} */ one, /** @type {string} */ name, /** @type {SVGElement[]} */ ...parts) => {
      const group = svg("g", {
        class: is(one) ? "n-pick n-picked" : "n-pick", tabindex: 0, role: "button",
        "aria-label": name, "data-of": `${one.layer}_${one.to}_${one.from ?? ""}`,
      }, ...parts);
      group.addEventListener("click", () => choose(one));
      group.addEventListener("keydown", (event) => {
        if (event.key !== "Enter" && event.key !== " ") return;
        event.preventDefault();
        choose(one);
      });
      return group;
    };
    const colour = (/** @type {number} */ value) => (value < 0 ? "var(--n-orange)" : "var(--n-blue)");
    /** @type {SVGElement[]} */
    const lines = [];
    /** @type {SVGElement[]} */
    const numbers = [];
    layers.forEach(({ W }, l) => W.forEach((targets, from) => targets.forEach((w, to) => {
      const [[x1, y1], [x2, y2]] = [at[l][from], at[l + 1][to]];
      const half = (tall ? NODE.height : NODE.width) / 2;
      const ends = tall ? [x1, y1 + half, x2, y2 - half] : [x1 + half, y1, x2 - half, y2];
      const value = back ? gone.layers[l].W[from][to] : w;
      const size = back ? 5 * Math.sqrt(Math.abs(value) / largest) : Math.min(6, 6 * Math.abs(w));
      const place = { x1: ends[0], y1: ends[1], x2: ends[2], y2: ends[3] };
      const one = { layer: l + 1, to, from };
      const text = back ? fixed(value, 5) : short(value, 3);
      lines.push(pick(one, `${back ? "d" : ""}W${l + 1}[${from}, ${to}] = ${text}`,
        svg("line", { ...place, stroke: "transparent", "stroke-width": 18 }),
        svg("line", { ...place, stroke: colour(value), "stroke-width": 0.8 + size, class: "n-wire" })));
      const share = (tall ? TALL_PLACES : WIDE_PLACES)[W.length][from];
      numbers.push(svg("text", {
        x: ends[0] + share * (ends[2] - ends[0]), y: ends[1] + share * (ends[3] - ends[1]) + 4,
        class: is(one) ? "n-number n-picked" : "n-number",
      }, text));
    })));
    const nodes = at.flatMap((places, layer) => places.map(([cx, cy], to) => {
      const signal = signals[layer][to];
      const name = layer === 0 ? "x" : layer === 3 ? "y" : `z${layer}`;
      const size = layer ? Math.min(1, Math.abs(signal)) : Math.min(1, Math.abs(x[to]) / 2);
      const main = back ? fixed(gone.dSignals[layer][to], 5) : short(signal, 8);
      const top = back ? `d${name}[${to}]` : `${name}[${to}]`;
      const hidden = layer === 1 || layer === 2;
      const side = hidden && !back ? ` · a ${short(sums[layer - 1][to], 4)}` : "";
      const parts = [
        svg("rect", {
          x: cx - NODE.width / 2, y: cy - NODE.height / 2, width: NODE.width, height: NODE.height,
          rx: 12, class: "n-node",
        }),
        svg("rect", {
          x: cx - NODE.width / 2, y: cy - NODE.height / 2, width: NODE.width, height: NODE.height,
          rx: 12, fill: back ? "none" : colour(signal), opacity: 0.06 + 0.3 * size,
        }),
        svg("text", { x: cx, y: cy - 6, class: "n-small" }, top + side),
        svg("text", { x: cx, y: cy + 13, class: "n-value" }, main),
      ];
      return pick({ layer, to, from: undefined }, `${top} = ${main}`, ...parts);
    }));
    const biases = layers.flatMap(({ b }, l) => b.map((bias, to) => {
      const [cx, cy] = at[l + 1][to];
      const value = back ? gone.layers[l].b[to] : bias;
      const text = !back ? `b ${short(value, 3)}` : `${l < 2 ? "da = db" : "db"} ${fixed(value, 5)}`;
      return pick({ layer: l + 1, to, from: -1 }, `b${l + 1}[${to}]: ${text}`,
        svg("rect", { x: cx - 45, y: cy + 25, width: 90, height: 22, fill: "transparent" }),
        svg("text", { x: cx, y: cy + 39, class: "n-small n-bias" }, text));
    }));
    const focused = drawing.contains(document.activeElement)
      ? document.activeElement?.getAttribute("data-of") : null;
    const heads = tall ? [] : [say("input"), say("hidden").replace("{n}", "1"),
      say("hidden").replace("{n}", "2"), say("output")].map((text, layer) =>
      svg("text", { x: at[layer][0][0], y: 20, class: "n-small n-mute" }, text));
    drawing.replaceChildren(...heads, ...lines, ...nodes, ...biases, ...numbers);
    if (focused) /** @type {SVGElement | null} */ (drawing.querySelector(`[data-of="${focused}"]`))?.focus();
  }

  // What is drawn often is drawn once a frame; the rest of it is quick.
  const redraw = onceAFrame(() => drawNetwork());
  function draw() {
    redraw();
    inputs.forEach((one, i) => one.set(x[i]));
    targets.forEach((one, i) => one.set(target[i]));
    const lines = arithmetic(chosen, layers, x, target, back);
    shown.textContent = lines.join("\n");
    heard.say(lines.join(" "));
    const { layer, from, to } = chosen;
    weight.node.hidden = from === undefined;
    if (from !== undefined) {
      weight.set(from < 0 ? layers[layer - 1].b[to] : layers[layer - 1].W[from][to]);
      if (label) label.textContent = from < 0 ? `b${layer}[${to}]` : `W${layer}[${from}, ${to}]`;
    }
    lossLine.textContent = `${say("loss")}: ${fixed(backward(layers, x, target).loss, 8)}`;
    learning.hidden = !back;
    unfold.textContent = say(back ? "gradients" : "weights");
    const { layers: gradients } = backward(layers, x, target);
    if (!matrices.hidden) fields.forEach((one) => one.update(gradients));
    const values = flat(layers);
    save({
      x1: x[0], x2: x[1], back: back ? 1 : undefined,
      t1: back ? target[0] : undefined, t2: back ? target[1] : undefined,
      eta: eta === "0.1" ? undefined : eta,
      of: `${layer}_${to}_${from ?? 9}`,
      w: String(values) === String(flat(ARTICLE)) ? undefined : listed(values),
    });
  }

  root.append(
    html("div", { class: "n-wide" }, directions.node), html("div", { class: "n-wide" }, drawing,
      html("p", { class: "n-note" }, say("legend"))),
    html("div", { class: "n-side" }, html("p", { class: "n-head" }, say("input")),
      html("div", {}, ...inputs.map((one) => one.node)), learning),
    html("div", { class: "n-side" }, html("p", { class: "n-head" }, say("chosen")), shown,
      weight.node, heard.node),
    all,
  );
  const watch = new ResizeObserver(() => {
    if (!root.clientWidth || tall === root.clientWidth < 560) return;
    tall = !tall;
    drawNetwork();
  });
  watch.observe(root);
  drawNetwork();
  draw();
}
