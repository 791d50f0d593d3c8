// The network of keras_examples/decision_boundary.py, trained while one watches.

import {
  button, canvas, choice, fixed, html, player, random, row, said, slider, still, toggle,
} from "../kit.js";

/** @typedef {import("../kit.js").Context} Context */
/** @typedef {{ x: number[][], y: number[] }} Points */
/**
 * @typedef {object} Network Two layers; `units` hidden neurons and one output with a sigmoid.
 * @property {boolean} relu Whether there is an activation between the layers.
 * @property {number} units
 * @property {Float64Array} w All parameters: x1's weights, x2's, biases, output weights, its bias.
 * @property {Float64Array} m Adam's means of the gradient,
 * @property {Float64Array} v and of its square.
 * @property {number} steps
 */

export const texts = {
  title: { en: "A boundary that bends", zh: "会弯的决策边界" },
  try: {
    en: "Press play, then try with 2, 3 and 4 neurons. Or choose none and place points of your own.",
    zh: "点“播放”，再换成 2、3、4 个神经元试试；也可以选“空白”，自己点出数据。",
  },
  linear: { en: "Without an activation", zh: "没有激活函数" },
  relu: { en: "With ReLU", zh: "有 ReLU" },
  points: { en: "Points", zh: "数据点" },
  ring: { en: "disc and ring", zh: "圆盘与圆环" },
  xor: { en: "XOR", zh: "异或" },
  spiral: { en: "two spirals", zh: "双螺旋" },
  none: { en: "none", zh: "空白" },
  play: { en: "Play", zh: "播放" },
  pause: { en: "Pause", zh: "暂停" },
  step: { en: "One step", zh: "走一步" },
  many: { en: "100 steps", zh: "走 100 步" },
  again: { en: "New weights", zh: "换一组初始权重" },
  units: { en: "Neurons", zh: "神经元" },
  rate: { en: "Learning rate", zh: "学习率" },
  speed: { en: "Steps a frame", zh: "每帧步数" },
  lines: { en: "Lines of the neurons", zh: "显示神经元的直线" },
  add: { en: "A click adds", zh: "点击添加" },
  class0: { en: "blue", zh: "蓝点" },
  class1: { en: "orange", zh: "橙点" },
  undo: { en: "Take back", zh: "撤销" },
  picture: {
    en: "{which}: the plane of points, coloured by the network's answer. Arrow keys move a cross, "
      + "Enter adds a point.",
    zh: "{which}：平面上的点，底色是网络的回答。方向键移动十字，回车添加一个点。",
  },
  steps: { en: "{n} steps", zh: "已走 {n} 步" },
  heard: {
    en: "{n} steps. Right: {a} without an activation, {b} with ReLU.",
    zh: "已走 {n} 步。答对：没有激活函数 {a}，有 ReLU {b}。",
  },
  empty: { en: "Add points of both classes.", zh: "请添加两类的点。" },
  loss: { en: "loss", zh: "损失" },
  cost: { en: "Loss", zh: "损失" },
  right: { en: "right", zh: "答对" },
  curve: { en: "Loss of both networks over the steps", zh: "两个网络的损失随步数的变化" },
};

// ---- Arithmetic

/** @param {string} kind @param {number} [seed] @returns {Points} */
export function makePoints(kind, seed = 0) {
  const draw = random(1 + seed);
  /** @type {Points} */
  const points = { x: [], y: [] };
  const add = (/** @type {number} */ x1, /** @type {number} */ x2, /** @type {number} */ y) => {
    points.x.push([x1, x2]);
    points.y.push(y);
  };
  if (kind === "ring") {
    for (const [y, from, to] of [[0, 0, 1], [1, 1.5, 2.5]]) {
      for (let i = 0; i < 150; i += 1) {
        // Area grows with the square of the radius, so it is the square that is spread evenly.
        const radius = Math.sqrt(from * from + draw() * (to * to - from * from));
        const angle = 2 * Math.PI * draw();
        add(radius * Math.cos(angle), radius * Math.sin(angle), y);
      }
    }
  } else if (kind === "xor") {
    for (const [cx, cy, y] of [[-1.3, -1.3, 0], [1.3, 1.3, 0], [-1.3, 1.3, 1], [1.3, -1.3, 1]]) {
      for (let i = 0; i < 60; i += 1) {
        const [radius, angle] = [0.95 * Math.sqrt(draw()), 2 * Math.PI * draw()];
        add(cx + radius * Math.cos(angle), cy + radius * Math.sin(angle), y);
      }
    }
  } else if (kind === "spiral") {
    for (let i = 0; i < 240; i += 1) {
      const y = i % 2;
      const along = 0.15 + 0.85 * draw();
      const angle = 4.2 * along + Math.PI * y;
      const aside = 0.15 * (draw() - 0.5);
      add(2.5 * along * Math.cos(angle) + aside, 2.5 * along * Math.sin(angle) + aside, y);
    }
  }
  return points;
}

/**
 * @param {number} units @param {boolean} relu @param {number} seed
 * @returns {Network} With Glorot's uniform weights and biases of 0, as Keras's Dense begins.
 */
export function build(units, relu, seed) {
  const draw = random(1000 + seed);
  const size = 4 * units + 1;
  const w = new Float64Array(size);
  const [first, second] = [Math.sqrt(6 / (2 + units)), Math.sqrt(6 / (units + 1))];
  for (let i = 0; i < 2 * units; i += 1) w[i] = first * (2 * draw() - 1);
  for (let i = 3 * units; i < 4 * units; i += 1) w[i] = second * (2 * draw() - 1);
  return { relu, units, w, m: new Float64Array(size), v: new Float64Array(size), steps: 0 };
}

/** @param {Network} network @param {number} x1 @param {number} x2 @returns {number} Of class 1. */
export function probability({ relu, units, w }, x1, x2) {
  let total = w[4 * units];
  for (let i = 0; i < units; i += 1) {
    const sum = w[i] * x1 + w[units + i] * x2 + w[2 * units + i];
    total += w[3 * units + i] * (relu && sum < 0 ? 0 : sum);
  }
  return 1 / (1 + Math.exp(-total));
}

/**
 * @param {Network} network @param {Points} points @param {number[]} batch Which of the points.
 * @returns {Float64Array} Of the mean cross-entropy, with respect to each parameter.
 */
export function gradient({ relu, units, w }, { x, y }, batch) {
  const found = new Float64Array(w.length);
  const sums = new Float64Array(units);
  for (const one of batch) {
    const [x1, x2] = x[one];
    let total = w[4 * units];
    for (let i = 0; i < units; i += 1) {
      sums[i] = w[i] * x1 + w[units + i] * x2 + w[2 * units + i];
      total += w[3 * units + i] * (relu && sums[i] < 0 ? 0 : sums[i]);
    }
    // Cross-entropy's slope and the sigmoid's cancel: what comes back is the error.
    const error = (1 / (1 + Math.exp(-total)) - y[one]) / batch.length;
    for (let i = 0; i < units; i += 1) {
      const fires = !relu || sums[i] > 0;
      if (fires) {
        const back = error * w[3 * units + i];
        found[i] += back * x1;
        found[units + i] += back * x2;
        found[2 * units + i] += back;
        found[3 * units + i] += error * sums[i];
      }
    }
    found[4 * units] += error;
  }
  return found;
}

/**
 * One step of Adam, with Keras's numbers.
 * @param {Network} network Is changed. @param {Float64Array} slope @param {number} rate
 */
export function adam(network, slope, rate) {
  network.steps += 1;
  const { w, m, v, steps } = network;
  const size = (rate * Math.sqrt(1 - 0.999 ** steps)) / (1 - 0.9 ** steps);
  for (let i = 0; i < w.length; i += 1) {
    m[i] += (1 - 0.9) * (slope[i] - m[i]);
    v[i] += (1 - 0.999) * (slope[i] ** 2 - v[i]);
    w[i] -= (size * m[i]) / (Math.sqrt(v[i]) + 1e-7);
  }
}

/** @param {Network} network @param {Points} points @returns {{ loss: number, right: number }} */
export function measure(network, { x, y }) {
  let loss = 0;
  let right = 0;
  x.forEach(([x1, x2], i) => {
    const p = Math.min(1 - 1e-7, Math.max(1e-7, probability(network, x1, x2)));
    loss -= Math.log(y[i] ? p : 1 - p);
    right += p > 0.5 === (y[i] === 1) ? 1 : 0;
  });
  return { loss: loss / (x.length || 1), right: right / (x.length || 1) };
}

const BATCH = 32;

/**
 * Batches of an order that is new in each epoch, the same for the same seed.
 * @param {number} seed
 */
export function batches(seed) {
  const draw = random(2000 + seed);
  /** @type {number[]} */
  let order = [];
  return (/** @type {number} */ count) => {
    if (!order.length) {
      order = Array.from({ length: count }, (_, i) => i);
      for (let i = count - 1; i > 0; i -= 1) {
        const other = Math.floor(draw() * (i + 1));
        [order[i], order[other]] = [order[other], order[i]];
      }
    }
    return order.splice(0, BATCH);
  };
}

// ---- Drawing

const EDGE = 3; // both coordinates go from −3 to 3
const CELLS = 64;

/** @param {string} colour `#rrggbb` @returns {number[]} */
const parts = (colour) =>
  [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16) || 0);

/** @param {HTMLElement} root @param {Context} context */
export async function mount(root, { lang, state, save }) {
  const say = (/** @type {keyof typeof texts} */ name) => texts[name][lang];
  const kinds = /** @type {const} */ (["ring", "xor", "spiral", "none"]);
  /** @type {string} */
  let kind = state.choice("data", "ring", kinds);
  let units = Math.round(state.number("n", 8, 1, 16));
  /** @type {string} */
  let rate = state.choice("lr", "0.01", ["0.001", "0.01", "0.1"]);
  let seed = Math.round(state.number("seed", 0, 0, 999));
  let lines = state.get("lines") === "1";
  let speed = 4;
  let adding = "1";
  /** @type {number[][]} Added by hand: x1, x2, class. */
  let added = [];
  const given = (state.get("pts") ?? "").split("_").map(Number).slice(0, 600);
  if (given.length >= 3 && given.every(Number.isFinite)) {
    for (let i = 0; i + 2 < given.length; i += 3) {
      const [x1, x2] = given.slice(i, i + 2).map((at) => Math.min(EDGE, Math.max(-EDGE, at)));
      added.push([x1, x2, given[i + 2] ? 1 : 0]);
    }
  }
  let points = makePoints(kind);
  let networks = [build(units, false, seed), build(units, true, seed)];
  let next = batches(seed);
  /** @type {number[][]} */
  let history = [];
  let cursor = [0, 0];

  const all = () => ({
    x: [...points.x, ...added.map(([x1, x2]) => [x1, x2])],
    y: [...points.y, ...added.map(([, , y]) => y)],
  });
  const train = (/** @type {number} */ count) => {
    const training = all();
    if (!training.x.length) return;
    for (let i = 0; i < count; i += 1) {
      const batch = next(training.x.length).filter((one) => one < training.x.length);
      for (const network of networks) adam(network, gradient(network, training, batch), Number(rate));
      if (networks[0].steps % 10 === 0) history.push(networks.map((one) => measure(one, training).loss));
    }
  };

  // Two planes, side by side
  const small = document.createElement("canvas");
  small.width = CELLS + 1;
  small.height = CELLS + 1;
  const smallPen = small.getContext("2d");
  const planes = networks.map((_, which) => {
    const title = say(which ? "relu" : "linear");
    const plane = canvas({
      label: say("picture").replace("{which}", title),
      draw: (pen, width, height, colour) => drawPlane(which, pen, width, height, colour),
    });
    plane.node.tabIndex = 0;
    plane.node.classList.add("n-target");
    plane.node.addEventListener("click", (event) => {
      const box = plane.node.getBoundingClientRect();
      addPoint((2 * (event.clientX - box.left) / box.width - 1) * EDGE,
        (1 - 2 * (event.clientY - box.top) / box.height) * EDGE);
    });
    plane.node.addEventListener("keydown", (event) => {
      /** @type {Record<string, number[]>} */
      const moves = {
        ArrowLeft: [-0.2, 0], ArrowRight: [0.2, 0], ArrowUp: [0, 0.2], ArrowDown: [0, -0.2],
      };
      const move = moves[event.key];
      if (move) {
        cursor = cursor.map((at, axis) => Math.min(2.8, Math.max(-2.8, at + move[axis])));
        planes.forEach((one) => one.plane.redraw());
      } else if (event.key === "Enter" || event.key === " ") addPoint(cursor[0], cursor[1]);
      else return;
      event.preventDefault();
    });
    for (const name of ["focus", "blur"]) plane.node.addEventListener(name, plane.redraw);
    const numbers = html("span", { class: "n-note" });
    return { plane, numbers, node: html("div", { class: "n-plane" }, html("p", { class: "n-head" }, title),
      plane.node, numbers) };
  });

  /**
   * @param {number} which @param {CanvasRenderingContext2D} pen @param {number} width
   * @param {number} height @param {(name: string) => string} colour
   */
  function drawPlane(which, pen, width, height, colour) {
    const network = networks[which];
    const [paper, zero, one] = [parts(colour("paper")), parts(colour("blue")), parts(colour("orange"))];
    if (!smallPen) return;
    const chances = grid(network);
    const image = smallPen.createImageData(CELLS + 1, CELLS + 1);
    chances.forEach((p, i) => {
      const share = 0.5 * Math.abs(2 * p - 1);
      const side = p > 0.5 ? one : zero;
      for (let c = 0; c < 3; c += 1) image.data[4 * i + c] = paper[c] + share * (side[c] - paper[c]);
      image.data[4 * i + 3] = 255;
    });
    smallPen.putImageData(image, 0, 0);
    pen.imageSmoothingEnabled = true;
    pen.imageSmoothingQuality = "high";
    // Pixels are points of the grid: half of those at its rim lies outside.
    const over = width / CELLS / 2;
    pen.drawImage(small, -over, -over, width + 2 * over, height + 2 * over);
    const px = (/** @type {number} */ x) => (x / EDGE + 1) * width / 2;
    const py = (/** @type {number} */ y) => (1 - y / EDGE) * height / 2;
    drawBoundary(chances, pen, px, py, colour("ink"));
    if (lines && which) drawLines(network, pen, px, py, colour("dim"));
    const dot = Math.max(1.7, width / 150);
    pen.lineWidth = 0.8;
    pen.strokeStyle = colour("paper");
    for (const y of [0, 1]) {
      pen.beginPath();
      points.x.forEach(([x1, x2], i) => {
        if (points.y[i] !== y) return;
        pen.moveTo(px(x1) + dot, py(x2));
        pen.arc(px(x1), py(x2), dot, 0, 7);
      });
      pen.fillStyle = colour(y ? "orange" : "blue");
      pen.stroke();
      pen.fill();
    }
    for (const [x1, x2, y] of added) {
      pen.beginPath();
      pen.arc(px(x1), py(x2), 2.2 * dot, 0, 7);
      pen.fillStyle = colour(y ? "orange" : "blue");
      pen.fill();
      pen.lineWidth = 2;
      pen.strokeStyle = colour("ink");
      pen.stroke();
    }
    if (document.activeElement === planes[which].plane.node) {
      const [x, y] = [px(cursor[0]), py(cursor[1])];
      pen.lineWidth = 2;
      pen.strokeStyle = colour("ink");
      pen.beginPath();
      for (const [dx, dy] of [[9, 0], [0, 9]]) {
        pen.moveTo(x - dx, y - dy);
        pen.lineTo(x + dx, y + dy);
      }
      pen.stroke();
    }
  }

  // Controls
  const playing = button(say("play"), () => playback.play(!playback.playing()), { primary: true });
  const playback = player(root, () => {
    train(speed);
    draw(false);
  }, (on) => {
    playing.textContent = say(on ? "pause" : "play");
    draw();
  });
  const run = (/** @type {number} */ count) => () => {
    playback.play(false);
    train(count);
    draw();
  };
  const restart = () => {
    networks = [build(units, false, seed), build(units, true, seed)];
    next = batches(seed);
    history = [];
    draw();
  };
  const addPoint = (/** @type {number} */ x1, /** @type {number} */ x2) => {
    added = [...added, [x1, x2].map((at) => Number(at.toFixed(2))).concat(Number(adding))].slice(-200);
    next = batches(seed + networks[0].steps);
    draw();
  };
  const undo = button(say("undo"), () => {
    added = added.slice(0, -1);
    next = batches(seed + networks[0].steps);
    draw();
  });
  const data = choice({
    label: say("points"), options: kinds.map((one) => ({ value: one, label: say(one) })), value: kind,
    on: (one) => {
      kind = one;
      points = makePoints(kind);
      added = [];
      restart();
    },
  });
  const count = slider({
    label: say("units"), min: 1, max: 16, step: 1, value: units, digits: 0,
    on: (value) => {
      units = value;
      restart();
    },
  });
  const pace = slider({
    label: say("speed"), min: 1, max: 20, step: 1, value: speed, digits: 0,
    on: (value) => (speed = value),
  });
  const rates = choice({
    label: say("rate"), options: ["0.001", "0.01", "0.1"].map((one) => ({ value: one, label: one })),
    value: rate,
    on: (one) => {
      rate = one;
      draw();
    },
  });
  const kindOfPoint = choice({
    label: say("add"),
    options: [{ value: "0", label: say("class0") }, { value: "1", label: say("class1") }],
    value: adding, on: (one) => (adding = one),
  });
  kindOfPoint.node.classList.add("n-classes");
  const shown = toggle({
    label: say("lines"), value: lines,
    on: (on) => {
      lines = on;
      draw();
    },
  });
  const again = button(say("again"), () => {
    seed = (seed + 1) % 1000;
    restart();
  });
  const status = said();
  const curve = canvas({
    label: say("curve"), ratio: 0.28,
    draw: (pen, width, height, colour) => {
      const top = Math.max(0.75, ...history.flat());
      const y = (/** @type {number} */ loss) => height - 3 - (loss / top) * (height - 8);
      pen.strokeStyle = colour("line");
      pen.lineWidth = 1;
      pen.strokeRect(0.5, 0.5, width - 1, height - 1);
      pen.font = "11px system-ui, sans-serif";
      pen.textAlign = "right";
      [0, 1].forEach((which) => {
        pen.strokeStyle = colour(which ? "green" : "red");
        pen.lineWidth = 2;
        pen.beginPath();
        history.forEach((pair, i) =>
          pen.lineTo((i / Math.max(1, history.length - 1)) * (width - 2) + 1, y(pair[which])));
        pen.stroke();
        const last = history[history.length - 1];
        if (!last) return;
        pen.fillStyle = colour(which ? "green" : "red");
        const side = last[which] > last[1 - which] ? 14 : -6;
        pen.fillText(say(which ? "relu" : "linear"), width - 7, y(last[which]) + side);
      });
    },
  });

  function draw(settled = true) {
    const training = all();
    const found = networks.map((network) => measure(network, training));
    planes.forEach(({ plane, numbers }, which) => {
      plane.redraw();
      numbers.textContent = training.x.length
        ? `${say("loss")} ${fixed(found[which].loss, 3)} · ${say("right")} ${fixed(100 * found[which].right, 1)} %`
        : say("empty");
    });
    curve.redraw();
    undo.disabled = !added.length;
    const share = (/** @type {number} */ i) => `${fixed(100 * found[i].right, 1)} %`;
    const steps = String(networks[0].steps);
    status.say(say("steps").replace("{n}", steps), training.x.length
      ? say("heard").replace("{n}", steps).replace("{a}", share(0)).replace("{b}", share(1))
      : say("empty"));
    if (!settled) return;
    save({
      data: kind === "ring" ? undefined : kind, n: units === 8 ? undefined : units,
      lr: rate === "0.01" ? undefined : rate, seed: seed || undefined, lines: lines ? 1 : undefined,
      steps: networks[0].steps || undefined, pts: added.flat().join("_") || undefined,
    });
  }

  playing.hidden = still();
  root.append(
    html("div", { class: "n-wide n-planes" }, ...planes.map((one) => one.node)),
    html("div", { class: "n-side" }, row(playing, button(say("step"), run(1)), button(say("many"), run(100)),
      again), status.node,
      html("p", { class: "n-head" }, say("cost")), curve.node),
    html("div", { class: "n-side" }, data.node, count.node, row(rates.node, kindOfPoint.node, undo),
      pace.node, shown.node),
  );
  train(Math.round(state.number("steps", 0, 0, 20000))); // what was trained before is trained again
  draw();
}

/** @param {Network} network @returns {Float64Array} Probabilities on a grid, from the top left. */
function grid(network) {
  const found = new Float64Array((CELLS + 1) ** 2);
  const size = (2 * EDGE) / CELLS;
  for (let i = 0; i < found.length; i += 1) {
    const [row, column] = [Math.floor(i / (CELLS + 1)), i % (CELLS + 1)];
    found[i] = probability(network, column * size - EDGE, EDGE - row * size);
  }
  return found;
}

/**
 * The line where the answer is 0.5, by going round the squares of the grid.
 * @param {Float64Array} chances @param {CanvasRenderingContext2D} pen
 * @param {(x: number) => number} px @param {(y: number) => number} py @param {string} colour
 */
function drawBoundary(chances, pen, px, py, colour) {
  const size = (2 * EDGE) / CELLS;
  pen.beginPath();
  for (let i = 0; i < CELLS; i += 1) {
    for (let j = 0; j < CELLS; j += 1) {
      const at = i * (CELLS + 1) + j;
      const high = chances[at] > 0.5;
      if (chances[at + 1] > 0.5 === high && chances[at + CELLS + 1] > 0.5 === high
        && chances[at + CELLS + 2] > 0.5 === high) continue;
      const corners = [[i, j], [i, j + 1], [i + 1, j + 1], [i + 1, j]];
      const crossed = corners.flatMap(([r, c], k) => {
        const [r2, c2] = corners[(k + 1) % 4];
        const here = chances[r * (CELLS + 1) + c] - 0.5;
        const there = chances[r2 * (CELLS + 1) + c2] - 0.5;
        if (here > 0 === there > 0) return [];
        const share = here / (here - there);
        return [[(c + share * (c2 - c)) * size - EDGE, EDGE - (r + share * (r2 - r)) * size]];
      });
      for (let k = 0; k + 1 < crossed.length; k += 2) {
        pen.moveTo(px(crossed[k][0]), py(crossed[k][1]));
        pen.lineTo(px(crossed[k + 1][0]), py(crossed[k + 1][1]));
      }
    }
  }
  pen.lineWidth = 2.5;
  pen.lineCap = "round";
  pen.strokeStyle = colour;
  pen.stroke();
}

/**
 * Where each neuron begins to fire.
 * @param {Network} network @param {CanvasRenderingContext2D} pen
 * @param {(x: number) => number} px @param {(y: number) => number} py @param {string} colour
 */
function drawLines({ units, w }, pen, px, py, colour) {
  pen.beginPath();
  for (let i = 0; i < units; i += 1) {
    const [a, b, c] = [w[i], w[units + i], w[2 * units + i]];
    const length = a * a + b * b;
    if (length < 1e-12) continue;
    const [x, y] = [(-c * a) / length, (-c * b) / length];
    const far = 10 / Math.sqrt(length);
    pen.moveTo(px(x - far * b), py(y + far * a));
    pen.lineTo(px(x + far * b), py(y - far * a));
  }
  pen.setLineDash([4, 4]);
  pen.lineWidth = 1.2;
  pen.strokeStyle = colour;
  pen.stroke();
  pen.setLineDash([]);
}
