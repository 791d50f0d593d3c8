// One neuron with a threshold: a straight line in the plane, set by hand or by Rosenblatt's rule.

import {
  button, choice, dragging, factor, fixed, html, listed, player, random, row, said, set, short, slider,
  still, svg,
} from "../kit.js";

/** @typedef {import("../kit.js").Context} Context */
/** @typedef {{ w1: number, w2: number, theta: number }} Neuron */

export const texts = {
  title: { en: "One neuron, one straight line", zh: "一个神经元，一条直线" },
  try: {
    en: "Drag the line or the arrow until all four points are right. Then choose XOR and let it learn.",
    zh: "拖动直线或箭头，直到四个点都答对；再选“异或”，让它自己学。",
  },
  gate: { en: "What it should compute", zh: "要它计算什么" },
  and: { en: "AND", zh: "与" },
  or: { en: "OR", zh: "或" },
  not: { en: "NOT x1", zh: "非 x1" },
  xor: { en: "XOR", zh: "异或" },
  theta: { en: "θ", zh: "θ" },
  plane: {
    en: "The plane of x1 and x2 with the neuron's line. Drag the line, or the arrow, which is w.",
    zh: "x1、x2 平面与神经元的直线。可以拖动直线，也可以拖动箭头 w。",
  },
  fires: { en: "fires here", zh: "此侧激活" },
  flip: { en: "wanted at", zh: "期望输出，输入" },
  sum: { en: "w1·x1 + w2·x2", zh: "w1·x1 + w2·x2" },
  output: { en: "output", zh: "输出" },
  wanted: { en: "wanted", zh: "期望" },
  right: { en: "{n} of 4 right.", zh: "4 个中答对 {n} 个。" },
  all: { en: "All 4 right.", zh: "4 个全对。" },
  noLine: { en: "w1 = w2 = 0: there is no line.", zh: "w1 = w2 = 0：没有直线。" },
  step: { en: "One step", zh: "学一步" },
  epoch: { en: "One epoch", zh: "学一轮" },
  play: { en: "Learn", zh: "开始学习" },
  pause: { en: "Pause", zh: "暂停" },
  zero: { en: "From 0", zh: "归零" },
  eta: { en: "Learning rate η", zh: "学习率 η" },
  rule: { en: "Rosenblatt's rule", zh: "罗森布拉特规则" },
  ready: {
    en: "After each point: w ← w + η (y − ŷ) x, and θ ← θ − η (y − ŷ). Take a step.",
    zh: "每看一个点：w ← w + η (y − ŷ) x，θ ← θ − η (y − ŷ)。点“学一步”试试。",
  },
  correct: { en: "right, so nothing changes.", zh: "答对了，什么也不改。" },
  mistakes: { en: "Mistakes in each epoch:", zh: "每一轮的错误数：" },
  learned: {
    en: "A whole epoch without a mistake: it has learned.",
    zh: "整整一轮没有错误：学会了。",
  },
  endless: {
    en: "No line divides these points, so this never ends.",
    zh: "没有一条直线能分开这些点，所以永远学不完。",
  },
};

// ---- Arithmetic

export const INPUTS = [[0, 0], [0, 1], [1, 0], [1, 1]];
/** @type {Record<string, number[]>} */
export const GATES = { and: [0, 0, 0, 1], or: [0, 1, 1, 1], not: [1, 1, 0, 0], xor: [0, 1, 1, 0] };
/** The article's, and for XOR what it must fail with. @type {Record<string, Neuron>} */
export const ARTICLE = {
  and: { w1: 1, w2: 1, theta: 2 },
  or: { w1: 1, w2: 1, theta: 0.5 },
  not: { w1: -0.6, w2: 0, theta: -0.5 },
  xor: { w1: 1, w2: 1, theta: 0.5 },
};

/** @param {Neuron} neuron @param {number[]} x @returns {number} */
export const sum = ({ w1, w2 }, [x1, x2]) => w1 * x1 + w2 * x2;

/**
 * @param {Neuron} neuron @param {number[]} x
 * @returns {number} 1 at the threshold, too, where 0.7 + 0.1 must not fall short of 0.8.
 */
export const fire = (neuron, x) => (sum(neuron, x) - neuron.theta >= -1e-9 ? 1 : 0);

/** @param {Neuron} neuron @param {number[]} wanted @returns {number} */
export const countRight = (neuron, wanted) =>
  INPUTS.filter((x, i) => fire(neuron, x) === wanted[i]).length;

/**
 * @param {Neuron} neuron @param {number[]} x @param {number} y @param {number} eta
 * @returns {Neuron} What Rosenblatt's rule makes of it after one point.
 */
export function learn(neuron, x, y, eta) {
  const error = eta * (y - fire(neuron, x));
  return {
    w1: neuron.w1 + error * x[0],
    w2: neuron.w2 + error * x[1],
    theta: neuron.theta - error, // the weight of a constant input of −1
  };
}

/**
 * @param {number} epoch
 * @returns {number[]} Which points follow each other: in one order, XOR would get stuck at 4 mistakes.
 */
export function orderOf(epoch) {
  const draw = random(epoch);
  const keys = INPUTS.map(() => draw());
  return [0, 1, 2, 3].sort((one, other) => keys[one] - keys[other]);
}

/** @param {number[]} wanted @returns {boolean} XOR and its opposite are the two that are not. */
export const separable = (wanted) => wanted[0] !== wanted[3] || wanted[1] !== wanted[2]
  || wanted[0] === wanted[1];

/**
 * @param {Neuron} neuron @param {number} low @param {number} high Bounds of both coordinates.
 * @returns {number[][]} Corners of the part of the square where the neuron fires, in order.
 */
export function firingPart(neuron, low, high) {
  const corners = [[low, low], [high, low], [high, high], [low, high]];
  const height = (/** @type {number[]} */ x) => sum(neuron, x) - neuron.theta;
  return corners.flatMap((corner, i) => {
    const next = corners[(i + 1) % 4];
    const [here, there] = [height(corner), height(next)];
    const found = here >= 0 ? [corner] : [];
    if (here < 0 !== there < 0) {
      const share = here / (here - there);
      found.push(corner.map((from, axis) => from + share * (next[axis] - from)));
    }
    return found;
  });
}

// ---- Drawing

const LOW = -0.7;
const HIGH = 1.7;
const SIZE = 360;
const ARROW = 0.4; // of the plane for each 1 of a weight
const MOST = 3;
/** @param {number} value */
const px = (value) => ((value - LOW) / (HIGH - LOW)) * SIZE;
/** @param {number} value */
const py = (value) => SIZE - px(value);
/** @param {number} value */
const bounded = (value) => Math.min(MOST, Math.max(-MOST, Math.round(value * 20) / 20));

/** @param {HTMLElement} root @param {Context} context */
export async function mount(root, { lang, state, save }) {
  const say = (/** @type {keyof typeof texts} */ name) => texts[name][lang];
  let wanted = state.numbers("y", 4, 0, 1)?.map(Math.round) ?? GATES.and;
  /** @type {Neuron} */
  let neuron = {
    w1: state.number("w1", 0.5, -MOST, MOST),
    w2: state.number("w2", 1, -MOST, MOST),
    theta: state.number("t", 0.3, -MOST, MOST),
  };
  let eta = state.choice("eta", "1", ["0.25", "1", "4"]);
  let next = 0; // of the epoch's four
  let epochs = 0;
  let made = 0;
  /** @type {number[]} */
  let mistakes = [];
  /** @type {number | null} */
  let looked = null;

  // The plane
  const area = svg("polygon", { fill: "var(--n-soft-blue)" });
  const line = svg("line", { stroke: "var(--n-blue)", "stroke-width": 3, "stroke-linecap": "round" });
  const grip = svg("line", { stroke: "transparent", "stroke-width": 34, class: "n-drag" });
  const shaft = svg("line", { stroke: "var(--n-ink)", "stroke-width": 2 });
  const head = svg("polygon", { fill: "var(--n-ink)" });
  const tip = svg("circle", { r: 20, fill: "transparent", class: "n-drag" });
  const name = svg("text", { "font-style": "italic", "font-weight": 600 }, "w");
  const fires = svg("text", { class: "n-mute", "text-anchor": "middle" }, say("fires"));
  const ring = svg("circle", {
    r: 19, fill: "none", stroke: "var(--n-ink)", "stroke-width": 2, "stroke-dasharray": "4 3",
  });
  const dots = INPUTS.map(([x1, x2], i) => {
    const dot = svg("circle", { cx: px(x1), cy: py(x2), r: 12, "stroke-width": 2.5 });
    const label = svg("text", {
      x: px(x1), y: py(x2) + 5, "text-anchor": "middle", "font-weight": 700, "pointer-events": "none",
    });
    const group = svg("g", {}, dot, label);
    set(group, { style: "cursor: pointer", "data-point": i });
    group.addEventListener("click", () => flip(i));
    return { dot, label, group };
  });
  const ticks = [0, 1].flatMap((at) => [
    svg("line", { class: "n-axis", x1: px(at), x2: px(at), y1: 0, y2: SIZE }),
    svg("line", { class: "n-axis", y1: py(at), y2: py(at), x1: 0, x2: SIZE }),
    svg("text", { class: "n-mute", x: px(at) + 4, y: SIZE - 6 }, String(at)),
    svg("text", { class: "n-mute", x: 6, y: py(at) - 4 }, String(at)),
  ]);
  const names = [
    svg("text", { class: "n-mute", x: SIZE - 20, y: SIZE - 6 }, "x1"),
    svg("text", { class: "n-mute", x: 6, y: 16 }, "x2"),
  ];
  const plane = svg(
    "svg", { class: "n-plot", viewBox: `0 0 ${SIZE} ${SIZE}`, role: "img", "aria-label": say("plane") },
    area, ...ticks, ...names, fires, line, grip,
    svg("g", { "pointer-events": "none" }, shaft, head, name, ring),
    ...dots.map((dot) => dot.group), tip,
  );

  /** The point of the line that the arrow stands on: the one nearest to the middle. */
  const foot = () => {
    const { w1, w2, theta } = neuron;
    const away = (theta - sum(neuron, [0.5, 0.5])) / (w1 * w1 + w2 * w2 || 1);
    return [0.5 + away * w1, 0.5 + away * w2];
  };
  const inPlane = (/** @type {number} */ x, /** @type {number} */ y) =>
    [LOW + x * (HIGH - LOW), HIGH - y * (HIGH - LOW)];
  // Coordinates have to be those of the whole plane, so that it, not its parts, is listened to.
  /** @type {"line" | "tip" | null} */
  let held = null;
  let offset = 0;
  let base = [0.5, 0.5];
  dragging(plane, {
    hold: true,
    start: (x, y, event) => {
      held = event.target === tip ? "tip" : event.target === grip ? "line" : null;
      if (!held) return false;
      learning.play(false);
      offset = neuron.theta - sum(neuron, inPlane(x, y));
      base = foot();
      return true;
    },
    move: (x, y) => {
      const place = inPlane(x, y);
      if (held === "line") {
        neuron = { ...neuron, theta: bounded(sum(neuron, place) + offset) };
      } else {
        const [w1, w2] = place.map((value, axis) => bounded((value - base[axis]) / ARROW));
        neuron = { w1, w2, theta: bounded(w1 * base[0] + w2 * base[1]) };
      }
      byHand();
    },
  });

  // Controls
  const sliders = /** @type {const} */ (["w1", "w2", "theta"]).map((part) => slider({
    label: part === "theta" ? say("theta") : part,
    min: -MOST, max: MOST, step: 0.05, value: neuron[part],
    on: (value) => {
      learning.play(false);
      neuron = { ...neuron, [part]: value };
      byHand();
    },
  }));
  /** @typedef {"and" | "or" | "not" | "xor"} Gate */
  const gates = choice({
    label: say("gate"),
    options: /** @type {Gate[]} */ (["and", "or", "not", "xor"])
      .map((gate) => ({ value: gate, label: say(gate) })),
    value: null,
    on: (gate) => {
      wanted = GATES[gate];
      restart();
    },
  });
  const cells = INPUTS.map(([x1, x2], i) => {
    const total = html("td");
    const output = html("td");
    const toggle = html("button", {
      type: "button", class: "n-flip", "aria-label": `${say("flip")} (${x1}, ${x2})`,
      onclick: () => flip(i),
    });
    const line = html("tr", {}, html("th", { scope: "row" }, `(${x1}, ${x2})`), total, output,
      html("td", {}, toggle));
    return { line, total, output, toggle };
  });
  const table = html("table", { class: "n-table" },
    html("thead", {}, html("tr", {}, ...["(x1, x2)", say("sum"), say("output"), say("wanted")]
      .map((title) => html("th", { scope: "col" }, title)))),
    html("tbody", {}, ...cells.map((cell) => cell.line)));
  const verdict = said();

  // Learning
  const told = said("n-sum");
  const tally = html("p", { class: "n-note" });
  const playing = button(say("play"), () => learning.play(!learning.playing()), { primary: true });
  let rested = 0;
  const learning = player(root, () => {
    rested += 1;
    if (rested % 30) return; // two steps a second can be followed
    step();
    draw();
  }, (on) => (playing.textContent = say(on ? "pause" : "play")));
  const oneStep = button(say("step"), () => (learning.play(false), step(), draw()));
  const oneEpoch = button(say("epoch"), () => {
    learning.play(false);
    do step(); while (next);
    draw();
  });
  const zero = button(say("zero"), () => {
    neuron = { w1: 0, w2: 0, theta: 0 };
    restart();
  });
  const rates = choice({
    label: say("eta"),
    options: /** @type {const} */ (["0.25", "1", "4"]).map((rate) => ({ value: rate, label: rate })),
    value: eta,
    on: (rate) => {
      eta = rate;
      draw();
    },
  });

  function step() {
    const point = orderOf(epochs)[next];
    const [x, y] = [INPUTS[point], wanted[point]];
    const output = fire(neuron, x);
    const after = learn(neuron, x, y, Number(eta));
    const compared = output ? "≥" : "<";
    const seen = `x = (${x.join(", ")}): ${short(sum(neuron, x))} ${compared} θ = ${short(neuron.theta)}, `
      + `ŷ = ${output}, y = ${y}`;
    const change = Number(eta) * (y - output);
    const changes = /** @type {const} */ ([["w1", x[0]], ["w2", x[1]], ["theta", -1]]).map(
      ([part, input]) => {
        const sign = part === "theta" ? "θ" : part;
        return `${sign} ← ${short(neuron[part])} + ${factor(change)}·${factor(input)} = ${short(after[part])}`;
      });
    told.say(`${seen}${output === y ? `: ${say("correct")}` : `\n${changes.join(",  ")}`}`);
    neuron = after;
    looked = point;
    made += output === y ? 0 : 1;
    next = (next + 1) % 4;
    if (next) return;
    epochs += 1;
    mistakes = [...mistakes, made].slice(-24);
    if (!made) {
      learning.play(false);
      told.say(say("learned"));
    }
    made = 0;
  }
  const restart = () => {
    learning.play(false);
    [next, epochs, made, mistakes, looked] = [0, 0, 0, [], null];
    told.say(say("ready"));
    draw();
  };
  const byHand = () => {
    if (next || mistakes.length) restart();
    else draw();
  };
  const flip = (/** @type {number} */ i) => {
    wanted = wanted.map((y, at) => (at === i ? 1 - y : y));
    restart();
  };

  function draw() {
    const { w1, w2, theta } = neuron;
    const length = Math.hypot(w1, w2);
    const part = firingPart(neuron, LOW, HIGH);
    set(area, { points: part.map(([x1, x2]) => `${px(x1)},${py(x2)}`).join(" ") });
    for (const node of [line, grip, shaft, head, name]) set(node, { visibility: length ? null : "hidden" });
    const [x, y] = foot();
    const [ux, uy] = length ? [w1 / length, w2 / length] : [0, 0];
    for (const node of [line, grip]) {
      set(node, {
        x1: px(x - 4 * uy), y1: py(y + 4 * ux), x2: px(x + 4 * uy), y2: py(y - 4 * ux),
      });
    }
    const [tx, ty] = [px(x + ARROW * w1), py(y + ARROW * w2)];
    set(shaft, { x1: px(x), y1: py(y), x2: tx - 8 * ux, y2: ty + 8 * uy });
    set(head, {
      points: [[0, 0], [-13, 6], [-13, -6]]
        .map(([along, aside]) => `${tx + along * ux + aside * uy},${ty - along * uy + aside * ux}`)
        .join(" "),
    });
    set(tip, { cx: tx, cy: ty });
    set(name, { x: tx + 8 * ux - 12 * uy - 4, y: ty - 8 * uy - 12 * ux + 4 });
    const middle = part.length
      ? [0, 1].map((axis) => part.reduce((total, at) => total + at[axis], 0) / part.length) : [0, 0];
    // Where there is room for the words, and off the arrow.
    set(fires, {
      x: Math.min(SIZE - 50, Math.max(50, px(middle[0] + 0.35 * uy))),
      y: Math.min(SIZE - 24, Math.max(30, py(middle[1] - 0.35 * ux))),
      visibility: part.length > 2 ? null : "hidden",
    });
    set(ring, looked === null ? { visibility: "hidden" }
      : { visibility: null, cx: px(INPUTS[looked][0]), cy: py(INPUTS[looked][1]) });
    INPUTS.forEach((input, i) => {
      const output = fire(neuron, input);
      const right = output === wanted[i];
      set(dots[i].dot, {
        fill: wanted[i] ? "var(--n-orange)" : "var(--n-paper)",
        stroke: right ? "var(--n-ink)" : "var(--n-red)",
      });
      dots[i].label.textContent = String(wanted[i]);
      set(dots[i].label, { style: wanted[i] ? "fill: #1d2733" : null });
      const total = sum(neuron, input);
      cells[i].total.textContent = `${fixed(total)} ${output ? "≥" : "<"} ${fixed(theta)}`;
      cells[i].output.textContent = `${output} ${right ? "✓" : "✗"}`;
      cells[i].output.className = right ? "n-right" : "n-wrong";
      cells[i].toggle.textContent = String(wanted[i]);
      cells[i].line.className = looked === i ? "n-on" : "";
    });
    sliders[0].set(w1);
    sliders[1].set(w2);
    sliders[2].set(theta);
    const gate = Object.keys(GATES).find((one) => String(GATES[one]) === String(wanted));
    gates.set(/** @type {Gate | null} */ (gate ?? null));
    const count = countRight(neuron, wanted);
    verdict.say((count === 4 ? say("all") : say("right").replace("{n}", String(count)))
      + (length ? "" : ` ${say("noLine")}`));
    tally.textContent = mistakes.length
      ? `${say("mistakes")} ${mistakes.join(" ")}${separable(wanted) || mistakes.length < 6 ? "" : `. ${say("endless")}`}`
      : "";
    playing.hidden = still();
    save({
      y: String(wanted) === String(GATES.and) ? undefined : listed(wanted),
      w1: short(w1, 4).replace("−", "-"),
      w2: short(w2, 4).replace("−", "-"),
      t: short(theta, 4).replace("−", "-"),
      eta: eta === "1" ? undefined : eta,
    });
  }

  root.append(
    html("div", { class: "n-side" }, plane),
    html("div", { class: "n-side" }, gates.node, html("div", {}, ...sliders.map((one) => one.node)),
      table, verdict.node),
    html("div", { class: "n-side n-wide" }, html("p", { class: "n-head" }, say("rule")),
      row(playing, oneStep, oneEpoch, zero, rates.node), told.node, tally),
  );
  told.say(say("ready"));
  draw();
}
