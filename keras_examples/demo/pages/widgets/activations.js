// Activation functions with their slopes, and softmax as written beside softmax as computed.

import {
  choice, dragging, fixed, html, said, set, short, slider, svg,
} from "../kit.js";

/** @typedef {import("../kit.js").Context} Context */

export const texts = {
  title: { en: "Activations and their slopes", zh: "激活函数与斜率" },
  try: {
    en: "Move x and watch the slope, the share of an error that comes back. Below, add 700 to all "
      + "scores, then 710.",
    zh: "移动 x，看斜率：误差传回时还剩多少。再到下面，给所有得分加上 700，然后加上 710。",
  },
  functions: { en: "Function", zh: "函数" },
  step: { en: "step", zh: "阶跃" },
  sigmoid: { en: "sigmoid", zh: "sigmoid" },
  tanh: { en: "tanh", zh: "tanh" },
  relu: { en: "ReLU", zh: "ReLU" },
  softplus: { en: "softplus", zh: "softplus" },
  value: { en: "value", zh: "函数值" },
  slope: { en: "slope", zh: "斜率" },
  deep: { en: "slope¹⁰", zh: "斜率¹⁰" },
  deepNote: {
    en: "slope¹⁰: what is left of an error after ten neurons with this x.",
    zh: "斜率¹⁰：误差传回十个这样的神经元之后还剩多少。",
  },
  corner: { en: "At 0 ReLU has a corner; 0 is taken as its slope.", zh: "ReLU 在 0 处有拐角，斜率取 0。" },
  jump: { en: "At 0 the step jumps and has no slope.", zh: "阶跃函数在 0 处跳变，没有斜率。" },
  plot: { en: "{f}: the curve, its slope dashed, and the tangent at x", zh: "{f}：曲线、斜率（虚线）和 x 处的切线" },
  curve: { en: "value", zh: "函数值" },
  dashed: { en: "slope (dashed)", zh: "斜率（虚线）" },
  softmax: { en: "Softmax of three scores", zh: "三个得分的 softmax" },
  added: { en: "+ c", zh: "+ c" },
  addedNote: { en: "c is added to all three scores.", zh: "c 加到三个得分上。" },
  bits: { en: "Computed in", zh: "计算精度" },
  b64: { en: "64 bits", zh: "64 位" },
  b32: { en: "32 bits", zh: "32 位" },
  presets: { en: "Scores", zh: "得分" },
  small: { en: "3, 2, 1", zh: "3, 2, 1" },
  article: { en: "1010, 1000, 990", zh: "1010, 1000, 990" },
  score: { en: "score a", zh: "得分 a" },
  naive: { en: "as written", zh: "按公式直接算" },
  stable: { en: "largest subtracted", zh: "先减去最大值" },
  overflow: {
    en: "eᵃ is too large a number for {bits} bits: ∞ / ∞ is NaN, not a number. Subtracting the largest "
      + "score changes nothing in the result, and no power is above 1.",
    zh: "eᵃ 超出了 {bits} 位数能表示的范围：∞ / ∞ 得到 NaN（不是数）。先减去最大的得分，结果不变，而每个幂都不超过 1。",
  },
  partly: {
    en: "One eᵃ is infinite already: ∞ / ∞ is NaN, and the others become 0.",
    zh: "已经有 eᵃ 变成无穷大：∞ / ∞ 得到 NaN，其余变成 0。",
  },
  agree: { en: "Both agree.", zh: "两种算法结果相同。" },
};

// ---- Arithmetic

/** @typedef {"step" | "sigmoid" | "tanh" | "relu" | "softplus"} Name */
/** @type {Name[]} */
export const NAMES = ["step", "sigmoid", "tanh", "relu", "softplus"];

/** @param {number} x */
const sigmoid = (x) => (x >= 0 ? 1 / (1 + Math.exp(-x)) : Math.exp(x) / (1 + Math.exp(x)));

/** Value and slope, as in keras_examples/activations.py: the step is 1 above 0. */
export const functions = {
  step: { value: (/** @type {number} */ x) => (x > 0 ? 1 : 0), slope: () => 0 },
  sigmoid: { value: sigmoid, slope: (/** @type {number} */ x) => sigmoid(x) * sigmoid(-x) },
  tanh: { value: Math.tanh, slope: (/** @type {number} */ x) => 1 / Math.cosh(x) ** 2 },
  relu: {
    value: (/** @type {number} */ x) => Math.max(0, x),
    slope: (/** @type {number} */ x) => (x > 0 ? 1 : 0),
  },
  softplus: {
    value: (/** @type {number} */ x) => Math.max(0, x) + Math.log1p(Math.exp(-Math.abs(x))),
    slope: sigmoid,
  },
};

/**
 * @param {number[]} scores @param {number} bits 64 or 32: what each step is rounded to.
 * @param {boolean} stable Whether to subtract the largest score first.
 * @returns {{ powers: number[], shares: number[] }}
 */
export function softmax(scores, bits, stable) {
  const rounded = bits === 32 ? Math.fround : (/** @type {number} */ value) => value;
  const largest = stable ? Math.max(...scores) : 0;
  const powers = scores.map((score) => rounded(Math.exp(rounded(rounded(score) - largest))));
  const total = powers.reduce((sum, power) => rounded(sum + power), 0);
  return { powers, shares: powers.map((power) => rounded(power / total)) };
}

/** @param {number} value @returns {string} In few characters, however large or small. */
export function brief(value) {
  if (!Number.isFinite(value) || value === 0) return fixed(value, 0);
  const size = Math.abs(value);
  if (size < 1e-3 || size >= 1e5) {
    const [digits, power] = value.toExponential(1).split("e");
    return `${digits}e${power.replace("+", "").replace("-", "−")}`;
  }
  return short(value, size < 10 ? 4 : 1);
}

// ---- Drawing

const WIDTH = 420;
const HEIGHT = 300;
const EDGE = 6; // x goes from −6 to 6
const LOW = -1.4;
const HIGH = 3.4;
/** @param {number} x */
const px = (x) => ((x + EDGE) / (2 * EDGE)) * WIDTH;
/** @param {number} y */
const py = (y) => HEIGHT - ((y - LOW) / (HIGH - LOW)) * HEIGHT;
/** @param {number} share */
const percent = (share) => (Number.isNaN(share) ? 0 : 100 * share);

/** @param {HTMLElement} root @param {Context} context */
export async function mount(root, { lang, state, save }) {
  const say = (/** @type {keyof typeof texts} */ name) => texts[name][lang];
  let name = state.choice("f", /** @type {Name} */ ("sigmoid"), NAMES);
  let x = state.number("x", 1, -EDGE, EDGE);
  let scores = [3, 2, 1].map((score, i) => state.number(`a${i + 1}`, score, -10, 10));
  let added = state.number("c", 0, 0, 1000);
  let bits = state.choice("bits", "64", ["64", "32"]);

  // The curve
  const curve = svg("path", { fill: "none", stroke: "var(--n-blue)", "stroke-width": 3 });
  const slopes = svg("path", {
    fill: "none", stroke: "var(--n-orange)", "stroke-width": 2.5, "stroke-dasharray": "6 5",
  });
  const tangent = svg("line", { stroke: "var(--n-ink)", "stroke-width": 1.5 });
  const cursor = svg("line", { stroke: "var(--n-dim)", "stroke-dasharray": "2 3", y1: 0, y2: HEIGHT });
  const point = svg("circle", { r: 8, fill: "var(--n-blue)", stroke: "var(--n-paper)", "stroke-width": 2 });
  const below = svg("circle", { r: 6, fill: "var(--n-orange)", stroke: "var(--n-paper)", "stroke-width": 2 });
  const grid = [
    ...[-4, -2, 0, 2, 4].flatMap((at) => [
      svg("line", { class: "n-axis", x1: px(at), x2: px(at), y1: 0, y2: HEIGHT, opacity: at ? 0.5 : 1 }),
      svg("text", { class: "n-mute", x: px(at) + 3, y: HEIGHT - 5 }, short(at)),
    ]),
    ...[-1, 0, 1, 2, 3].flatMap((at) => [
      svg("line", { class: "n-axis", x1: 0, x2: WIDTH, y1: py(at), y2: py(at), opacity: at ? 0.5 : 1 }),
      svg("text", { class: "n-mute", x: 4, y: py(at) - 4 }, short(at)),
    ]),
  ];
  const legend = [["--n-blue", say("curve"), ""], ["--n-orange", say("dashed"), "6 5"]].flatMap(
    ([colour, label, dashes], i) => [
      svg("line", {
        x1: 40, x2: 68, y1: 20 + 20 * i, y2: 20 + 20 * i, stroke: `var(${colour})`,
        "stroke-width": 3, "stroke-dasharray": dashes || null,
      }),
      svg("text", { x: 76, y: 25 + 20 * i }, label),
    ]);
  const plot = svg(
    "svg", { class: "n-plot n-drag", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img" },
    ...grid, cursor, slopes, curve, tangent, below, point, ...legend,
  );
  plot.style.touchAction = "pan-y"; // a page can still be scrolled with a finger on it
  const follow = (/** @type {number} */ share) => {
    x = Math.min(EDGE, Math.max(-EDGE, Math.round((2 * share - 1) * EDGE * 20) / 20));
    draw();
  };
  dragging(plot, { start: follow, move: follow });

  const sliderX = slider({
    label: "x", min: -EDGE, max: EDGE, step: 0.05, value: x,
    on: (value) => {
      x = value;
      draw();
    },
  });
  const chosen = choice({
    label: say("functions"), options: NAMES.map((one) => ({ value: one, label: say(one) })),
    value: name,
    on: (value) => {
      name = value;
      draw();
    },
  });
  const lines = NAMES.map((one) => {
    const cells = [html("td"), html("td"), html("td")];
    return { cells, line: html("tr", {}, html("th", { scope: "row" }, say(one)), ...cells) };
  });
  const table = html("table", { class: "n-table" },
    html("thead", {}, html("tr", {}, html("th", { scope: "col" }, `x`),
      ...[say("value"), say("slope"), say("deep")].map((title) => html("th", { scope: "col" }, title)))),
    html("tbody", {}, ...lines.map((line) => line.line)));
  const first = table.querySelector("th");
  const note = html("p", { class: "n-note" });
  const heard = said("n-unseen");

  // Softmax
  const scoreSliders = scores.map((score, i) => slider({
    label: `a${i + 1}`, min: -10, max: 10, step: 0.5, value: score, digits: 1,
    on: (value) => {
      scores = scores.map((old, at) => (at === i ? value : old));
      draw();
    },
  }));
  const sliderAdded = slider({
    label: say("added"), min: 0, max: 1000, step: 10, value: added, digits: 0,
    on: (value) => {
      added = value;
      draw();
    },
  });
  /** @type {Record<string, [number[], number]>} */
  const given = { small: [[3, 2, 1], 0], article: [[10, 0, -10], 1000] };
  const presets = choice({
    label: say("presets"),
    options: /** @type {("small" | "article")[]} */ (["small", "article"])
      .map((one) => ({ value: one, label: say(one) })),
    value: null,
    on: (one) => {
      [scores, added] = given[one];
      draw();
    },
  });
  const precision = choice({
    label: say("bits"),
    options: [{ value: /** @type {"64" | "32"} */ ("64"), label: say("b64") },
      { value: /** @type {"64" | "32"} */ ("32"), label: say("b32") }],
    value: /** @type {"64" | "32"} */ (bits),
    on: (value) => {
      bits = value;
      draw();
    },
  });
  const panels = [false, true].map((stable) => {
    const body = html("tbody");
    const power = stable ? "eᵃ⁻ᵐ" : "eᵃ";
    const node = html("div", { class: "n-softmax" },
      html("p", { class: "n-head" }, say(stable ? "stable" : "naive")),
      html("table", { class: "n-table" },
        html("thead", {}, html("tr", {}, ...[say("score"), power, "softmax"]
          .map((title) => html("th", { scope: "col" }, title)))), body));
    return { node, body, stable };
  });
  const verdict = said("n-sum");

  /** @type {Name | null} */
  let drawn = null;
  function drawCurves() {
    const path = (/** @type {(x: number) => number} */ height) => {
      const points = [];
      for (let i = 0; i <= 480; i += 1) {
        const at = -EDGE + (2 * EDGE * i) / 480;
        points.push(`${px(at).toFixed(1)},${py(height(at)).toFixed(1)}`);
      }
      return `M${points.join("L")}`;
    };
    set(curve, { d: path(functions[name].value) });
    set(slopes, { d: path(functions[name].slope) });
    drawn = name;
  }

  function draw() {
    const { value, slope } = functions[name];
    if (drawn !== name) drawCurves();
    const [height, rise] = [value(x), slope(x)];
    set(tangent, {
      x1: px(x - 1.6), x2: px(x + 1.6), y1: py(height - 1.6 * rise), y2: py(height + 1.6 * rise),
    });
    set(cursor, { x1: px(x), x2: px(x) });
    set(point, { cx: px(x), cy: py(height) });
    set(below, { cx: px(x), cy: py(rise) });
    set(plot, { "aria-label": say("plot").replace("{f}", say(name)) });
    if (first) first.textContent = `x = ${short(x, 2)}`;
    lines.forEach(({ cells, line }, i) => {
      const one = functions[NAMES[i]];
      const found = one.slope(x);
      cells[0].textContent = fixed(one.value(x), 4);
      cells[1].textContent = fixed(found, 4);
      cells[2].textContent = brief(found ** 10);
      cells[1].style.setProperty("--share", `${100 * Math.min(1, found)}%`);
      cells[1].className = "n-bar";
      line.className = NAMES[i] === name ? "n-on" : "";
    });
    const corner = x === 0 && { relu: say("corner"), step: say("jump") }[/** @type {string} */ (name)];
    note.textContent = corner || say("deepNote");
    heard.say(`${say(name)}: ${say("value")} ${fixed(height, 4)}, ${say("slope")} ${fixed(rise, 4)}`);
    sliderX.set(x);
    chosen.set(name);

    scores.forEach((score, i) => scoreSliders[i].set(score));
    sliderAdded.set(added);
    const all = scores.map((score) => score + added);
    const same = Object.keys(given).find(
      (one) => String(given[one]) === String([scores, added]));
    presets.set(/** @type {any} */ (same ?? null));
    for (const { body, stable } of panels) {
      const { powers, shares } = softmax(all, Number(bits), stable);
      body.replaceChildren(...all.map((score, i) => html("tr", {},
        html("td", {}, short(score, 1)),
        html("td", { class: Number.isFinite(powers[i]) ? "" : "n-wrong" }, brief(powers[i])),
        html("td", {
          class: Number.isNaN(shares[i]) ? "n-bar n-wrong" : "n-bar", style: `--share: ${percent(shares[i])}%`,
        }, Number.isNaN(shares[i]) ? "NaN" : fixed(shares[i], 5)))));
    }
    const { powers } = softmax(all, Number(bits), false);
    const infinite = powers.filter((power) => power === Infinity).length;
    verdict.say(!infinite ? say("agree") : infinite < 3 ? say("partly")
      : say("overflow").replace("{bits}", bits));
    save({
      f: name === "sigmoid" ? undefined : name, x,
      ...Object.fromEntries(scores.map((score, i) =>
        [`a${i + 1}`, score === 3 - i ? undefined : score])),
      c: added || undefined, bits: bits === "64" ? undefined : bits,
    });
  }

  root.append(
    html("div", { class: "n-side" }, plot, sliderX.node),
    html("div", { class: "n-side" }, chosen.node, table, note, heard.node),
    html("hr", { class: "n-wide" }),
    html("div", { class: "n-side" }, html("p", { class: "n-head" }, say("softmax")), presets.node,
      html("div", {}, ...scoreSliders.map((one) => one.node), sliderAdded.node),
      html("p", { class: "n-note" }, say("addedNote")), precision.node),
    html("div", { class: "n-side" }, html("div", { class: "n-pair" }, ...panels.map((one) => one.node)),
      verdict.node),
  );
  draw();
}
