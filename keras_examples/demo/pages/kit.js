// What all widgets share: language, state in the address, controls, drawing surfaces, colours.

/** @typedef {"en" | "zh"} Lang */
/** @typedef {{ en: string, zh: string }} Text */
/**
 * @typedef {object} Context What a widget is given.
 * @property {Lang} lang
 * @property {State} state What the address says about this widget.
 * @property {(state: Values) => unknown} save Writes into the address what differs from the start.
 * @property {(name: string) => Promise<any>} network Loads published weights.
 */
/** @typedef {Record<string, string | number | undefined>} Values */
/** @typedef {Node | string | null | undefined | false} Child */

// ---- State in the address: ?neuron=w1:0.5,w2:0.5,t:0.75

/** What an address says about one widget; whatever it says badly counts as not said. */
export class State {
  /**
   * @param {string} text As in the address, `w1:0.5,w2:0.5`.
   */
  constructor(text = "") {
    /** @type {Map<string, string>} */
    this.values = new Map();
    for (const part of text.split(",")) {
      const colon = part.indexOf(":");
      if (colon > 0) this.values.set(part.slice(0, colon), part.slice(colon + 1));
    }
  }

  /** @param {string} name @returns {string | null} */
  get(name) {
    return this.values.get(name) ?? null;
  }

  /**
   * @param {string} name @param {number} otherwise @param {number} low @param {number} high
   * @returns {number} The number, within its bounds.
   */
  number(name, otherwise, low = -Infinity, high = Infinity) {
    const text = this.get(name);
    const value = text ? Number(text) : NaN;
    return Number.isFinite(value) ? Math.min(high, Math.max(low, value)) : otherwise;
  }

  /**
   * @template {string} T
   * @param {string} name @param {T} otherwise @param {readonly T[]} choices @returns {T}
   */
  choice(name, otherwise, choices) {
    return choices.find((one) => one === this.get(name)) ?? otherwise;
  }

  /**
   * @param {string} name @param {number} length @param {number} low @param {number} high
   * @returns {number[] | null} As many numbers as asked for, `1_0_-1`, or null.
   */
  numbers(name, length, low = -Infinity, high = Infinity) {
    const parts = (this.get(name) ?? "").split("_");
    const found = parts.map((part) => (part ? Number(part) : NaN));
    const good = found.length === length && found.every(Number.isFinite);
    return good ? found.map((value) => Math.min(high, Math.max(low, value))) : null;
  }
}

/** @param {Values} values @returns {string} The form that `State` reads. */
export function written(values) {
  return Object.entries(values)
    .filter(([, value]) => value !== undefined && value !== "")
    .map(([name, value]) => `${name}:${encodeURIComponent(String(value))}`)
    .join(",");
}

/** @param {string} search @param {string} name @returns {State} */
export function stateIn(search, name) {
  const found = search.slice(1).split("&").find((part) => part.startsWith(`${name}=`));
  try {
    return new State(decodeURIComponent(found?.slice(name.length + 1) ?? ""));
  } catch {
    return new State(); // a percent sign that means nothing
  }
}

/** @param {string} search @param {string} name @param {string} text @returns {string} */
export function searchWith(search, name, text) {
  const others = search.slice(1).split("&").filter((part) => part && !part.startsWith(`${name}=`));
  const all = text ? [...others, `${name}=${text}`] : others;
  return all.length ? `?${all.join("&")}` : "";
}

/**
 * @param {number[]} values @param {number} digits
 * @returns {string} The form that `State.numbers` reads.
 */
export const listed = (values, digits = 6) =>
  values.map((value) => Number(value.toFixed(digits))).join("_");

// ---- Numbers

/**
 * @param {number} value @param {number} digits After the point.
 * @returns {string} With a real minus sign, and no −0.
 */
export function fixed(value, digits = 2) {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : "−∞";
  const text = value.toFixed(digits);
  return Number(text) === 0 ? text.replace("-", "") : text.replace("-", "−");
}

/** @param {number} value @param {number} digits At most. @returns {string} */
export function short(value, digits = 8) {
  const text = fixed(value, digits);
  return text.includes(".") ? text.replace(/\.?0+$/, "") : text;
}

/** @param {number} value @returns {string} In parentheses if it is negative: 2 · (−3). */
export const factor = (value, digits = 8) =>
  value < 0 ? `(${short(value, digits)})` : short(value, digits);

/**
 * @param {number} seed
 * @returns {() => number} Numbers in [0, 1), the same ones for the same seed.
 */
export function random(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

// ---- Elements

/**
 * @param {Element} node @param {Record<string, any>} attributes @param {Child[]} children
 */
function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : String(value));
  }
  node.append(...children.filter((child) => child !== null && child !== undefined && child !== false)
    .map((child) => /** @type {Node | string} */ (child)));
}

/**
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} name @param {Record<string, any>} attributes `onclick` and the like are listeners.
 * @param {...Child} children
 * @returns {HTMLElementTagNameMap[K]}
 */
export function html(name, attributes = {}, ...children) {
  const node = document.createElement(name);
  fill(node, attributes, children);
  return node;
}

/**
 * @template {keyof SVGElementTagNameMap} K
 * @param {K} name @param {Record<string, any>} attributes @param {...Child} children
 * @returns {SVGElementTagNameMap[K]}
 */
export function svg(name, attributes = {}, ...children) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", name);
  fill(node, attributes, children);
  return node;
}

/** @param {Element} node @param {Record<string, any>} attributes */
export function set(node, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) node.removeAttribute(name);
    else node.setAttribute(name, value === true ? "" : String(value));
  }
}

let ids = 0;
/** @returns {string} An id that nothing else has. */
export const newId = () => `network-${(ids += 1)}`;

// ---- Controls: each is a native one, so keyboard and screen readers know it

/**
 * @param {{ label: string, min: number, max: number, step: number, value: number,
 *   digits?: number, show?: (value: number) => string, on: (value: number) => void }} options
 */
export function slider({ label, min, max, step, value, digits = 2, show, on }) {
  const say = show ?? ((/** @type {number} */ number) => fixed(number, digits));
  const id = newId();
  const output = html("output", { for: id });
  const input = html("input", { id, type: "range", min, max, step });
  const node = html("div", { class: "n-slider" }, html("label", { for: id }, label), input, output);
  const update = (/** @type {number} */ number) => {
    input.value = String(number);
    output.textContent = say(number);
    input.setAttribute("aria-valuetext", say(number));
    const share = (Math.min(max, Math.max(min, number)) - min) / (max - min);
    input.style.setProperty("--share", `${100 * share}%`);
  };
  input.addEventListener("input", () => {
    update(Number(input.value));
    on(Number(input.value));
  });
  update(value);
  return { node, input, set: update };
}

/**
 * One of a few, side by side.
 * @template {string} T
 * @param {{ label: string, options: { value: T, label: string }[], value: T | null,
 *   on: (value: T) => void, hidden?: boolean }} options `hidden`: the label is only read aloud.
 */
export function choice({ label, options, value, on, hidden = false }) {
  const name = newId();
  const legend = html("legend", { class: hidden ? "n-unseen" : undefined }, label);
  const inputs = options.map((option) => {
    const input = html("input", { type: "radio", name, value: option.value });
    input.addEventListener("change", () => on(option.value));
    return { input, node: html("label", {}, input, html("span", {}, option.label)) };
  });
  const update = (/** @type {T | null} */ chosen) => {
    for (const { input } of inputs) input.checked = input.value === chosen;
  };
  const row = html("div", { class: "n-segments" }, ...inputs.map((one) => one.node));
  update(value);
  return { node: html("fieldset", { class: "n-choice" }, legend, row), set: update };
}

/**
 * @param {{ label: string, value: boolean, on: (value: boolean) => void }} options
 */
export function toggle({ label, value, on }) {
  const input = html("input", { type: "checkbox", role: "switch" });
  input.checked = value;
  input.addEventListener("change", () => on(input.checked));
  const node = html("label", { class: "n-toggle" }, input, html("span", {}, label));
  const update = (/** @type {boolean} */ checked) => void (input.checked = checked);
  return { node, set: update };
}

/**
 * @param {string} label @param {() => void} on @param {{ primary?: boolean, title?: string }} options
 */
export function button(label, on, { primary = false, title } = {}) {
  const kind = primary ? "n-button n-primary" : "n-button";
  return html("button", { type: "button", class: kind, title, onclick: on }, label);
}

/**
 * A number in a small field; while it is no number, nothing changes.
 * @param {{ label: string, value: number, min?: number, max?: number, step?: number,
 *   on: (value: number) => void }} options
 */
export function field({ label, value, min = -100, max = 100, step = 0.1, on }) {
  const input = html("input", {
    type: "number", class: "n-field", "aria-label": label, min, max, step, inputmode: "decimal",
  });
  const update = (/** @type {number} */ number) => {
    if (document.activeElement !== input || Number(input.value) !== number) {
      input.value = String(Number(number.toFixed(4)));
    }
  };
  input.addEventListener("input", () => {
    if (input.value === "" || !Number.isFinite(input.valueAsNumber)) return;
    on(Math.min(max, Math.max(min, input.valueAsNumber)));
  });
  update(value);
  return { node: input, set: update };
}

/** @param {...Child} children */
export const row = (...children) => html("div", { class: "n-row" }, ...children);

/**
 * A sentence that is read aloud when it has stood still for a while.
 * @param {string} kind A class for its looks.
 */
export function said(kind = "n-said") {
  const seen = html("p", { class: kind });
  const heard = html("p", { class: "n-unseen", "aria-live": "polite" });
  /** @type {number | undefined} */
  let timer;
  const say = (/** @type {string} */ text, /** @type {string} */ aloud = text) => {
    seen.textContent = text;
    clearTimeout(timer);
    timer = setTimeout(() => (heard.textContent = aloud), 700);
  };
  seen.setAttribute("aria-hidden", "true");
  return { node: html("div", { class: "n-live" }, seen, heard), say };
}

// ---- Time

/** Whether the reader wants nothing to move by itself. */
export const still = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

/**
 * Calls once a frame while it plays, and rests while nobody can see it.
 * @param {Element} node What has to be in view. @param {() => void} frame
 * @param {(playing: boolean) => void} changed
 */
export function player(node, frame, changed) {
  let playing = false;
  let seen = true;
  let asked = 0;
  const next = () => {
    asked = 0;
    if (!playing) return;
    if (seen) frame();
    if (playing && seen) asked = requestAnimationFrame(next);
  };
  const ask = () => void (asked ||= requestAnimationFrame(next));
  new IntersectionObserver((entries) => {
    seen = entries[entries.length - 1].isIntersecting;
    if (playing && seen) ask();
  }).observe(node);
  const play = (/** @type {boolean} */ wanted) => {
    if (playing === wanted) return;
    playing = wanted;
    if (playing) ask();
    changed(playing);
  };
  return { play, playing: () => playing };
}

/**
 * Makes many calls within a frame one.
 * @param {() => void} draw
 */
export function onceAFrame(draw) {
  let asked = false;
  return () => {
    if (asked) return;
    asked = true;
    requestAnimationFrame(() => {
      asked = false;
      draw();
    });
  };
}

// ---- Drawing

/**
 * @param {Element} node
 * @returns {(name: string) => string} Looks up a colour of style.css, `"blue"` for `--n-blue`.
 */
export function colours(node) {
  const style = getComputedStyle(node);
  return (name) => style.getPropertyValue(`--n-${name}`).trim();
}

/** @param {() => void} draw Called when the page changes between light and dark. */
export function onScheme(draw) {
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
  const watch = new MutationObserver(draw);
  for (const node of [document.documentElement, document.body]) {
    watch.observe(node, { attributes: true, attributeFilter: ["data-md-color-scheme"] });
  }
}

/**
 * A canvas as wide as its place, sharp on any screen, drawn anew when size or colours change.
 * @param {{ label: string, ratio?: number, draw: (pen: CanvasRenderingContext2D, width: number,
 *   height: number, colour: (name: string) => string) => void }} options `ratio` of height to
 *   width.
 */
export function canvas({ label, ratio = 1, draw }) {
  const node = html("canvas", { class: "n-canvas", role: "img", "aria-label": label });
  const pen = node.getContext("2d");
  if (!pen) throw new Error("no canvas");
  let shape = ratio;
  const now = () => {
    const width = node.clientWidth;
    const height = Math.round(width * shape);
    if (!width) return;
    const sharp = Math.min(3, devicePixelRatio || 1);
    const [columns, rows] = [Math.round(width * sharp), Math.round(height * sharp)];
    if (node.width !== columns || node.height !== rows) {
      node.style.height = `${height}px`;
      [node.width, node.height] = [columns, rows];
    }
    pen.setTransform(sharp, 0, 0, sharp, 0, 0);
    pen.clearRect(0, 0, width, height);
    draw(pen, width, height, colours(node));
  };
  const redraw = onceAFrame(now);
  new ResizeObserver(redraw).observe(node);
  onScheme(redraw);
  const reshape = (/** @type {number} */ other) => {
    shape = other;
    redraw();
  };
  return { node, redraw, reshape };
}

/** @typedef {{ row: number, column: number, rows: number, columns: number, colour: string }} Frame */
/**
 * @typedef {object} Shown What a board shows; cells are counted row by row.
 * @property {number} rows
 * @property {number} columns
 * @property {(cell: number, colour: (name: string) => number[]) => number[]} paint Red, green, blue.
 * @property {((cell: number) => string)} [text] Written where there is room for it.
 * @property {Frame[]} [frames] Drawn around cells, which may lie outside.
 */

/**
 * A matrix as a picture whose cells can be pointed at, with arrow keys, too.
 * @param {{ label: string, point: (row: number, column: number) => void,
 *   press?: (row: number, column: number) => void }} options `point` is called for the cell below
 *   the mouse or a finger, `press` on a click, Enter and the space bar.
 */
export function board({ label, point, press }) {
  /** @type {Shown} */
  let shown = { rows: 1, columns: 1, paint: () => [0, 0, 0] };
  let at = [0, 0];
  const small = document.createElement("canvas");
  const surface = canvas({
    label,
    draw: (pen, width, height, colour) => {
      const { rows, columns, paint, text, frames = [] } = shown;
      const inner = small.getContext("2d");
      if (!inner) return;
      [small.width, small.height] = [columns, rows];
      const image = inner.createImageData(columns, rows);
      /** @type {Map<string, number[]>} */
      const known = new Map();
      const parsed = (/** @type {string} */ name) => {
        const found = known.get(name)
          ?? [1, 3, 5].map((from) => parseInt(colour(name).slice(from, from + 2), 16) || 0);
        known.set(name, found);
        return found;
      };
      for (let cell = 0; cell < rows * columns; cell += 1) {
        image.data.set([...paint(cell, parsed), 255], 4 * cell);
      }
      inner.putImageData(image, 0, 0);
      pen.imageSmoothingEnabled = false;
      pen.drawImage(small, 0, 0, width, height);
      const [w, h] = [width / columns, height / rows];
      if (w > 16) {
        pen.strokeStyle = "rgb(128 128 128 / 35%)";
        pen.lineWidth = 1;
        for (let c = 1; c < columns; c += 1) pen.strokeRect(c * w, -1, 0, height + 2);
        for (let r = 1; r < rows; r += 1) pen.strokeRect(-1, r * h, width + 2, 0);
      }
      if (text && w > 21) {
        pen.font = `${Math.min(15, w / 2.7)}px system-ui, sans-serif`;
        pen.textAlign = "center";
        pen.textBaseline = "middle";
        for (let cell = 0; cell < rows * columns; cell += 1) {
          const [red, green, blue] = image.data.slice(4 * cell, 4 * cell + 3);
          pen.fillStyle = 0.3 * red + 0.59 * green + 0.11 * blue > 135 ? "#1d2733" : "#ffffff";
          pen.fillText(text(cell), (cell % columns + 0.5) * w, (Math.floor(cell / columns) + 0.5) * h + 1);
        }
      }
      for (const frame of frames) {
        // Inside of the canvas, however far out the frame is.
        const [left, top] = [Math.max(1.5, frame.column * w), Math.max(1.5, frame.row * h)];
        const right = Math.min(width - 1.5, (frame.column + frame.columns) * w);
        const bottom = Math.min(height - 1.5, (frame.row + frame.rows) * h);
        pen.strokeStyle = colour("paper");
        pen.lineWidth = 5;
        pen.strokeRect(left, top, right - left, bottom - top);
        pen.strokeStyle = colour(frame.colour);
        pen.lineWidth = 3;
        pen.strokeRect(left, top, right - left, bottom - top);
      }
    },
  });
  const { node, redraw, reshape } = surface;
  node.tabIndex = 0;
  node.classList.add("n-board");
  const go = (/** @type {number} */ row, /** @type {number} */ column) => {
    at = [Math.min(shown.rows - 1, Math.max(0, row)), Math.min(shown.columns - 1, Math.max(0, column))];
    point(at[0], at[1]);
  };
  const under = (/** @type {PointerEvent} */ event) => {
    const box = node.getBoundingClientRect();
    go(Math.floor(((event.clientY - box.top) / box.height) * shown.rows),
      Math.floor(((event.clientX - box.left) / box.width) * shown.columns));
  };
  node.addEventListener("pointermove", (event) => {
    if (event.pointerType === "mouse" || event.buttons) under(event);
  });
  node.addEventListener("pointerdown", under);
  node.addEventListener("click", () => press?.(at[0], at[1]));
  node.addEventListener("keydown", (event) => {
    /** @type {Record<string, number[]>} */
    const moves = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
    const move = moves[event.key];
    if (move) go(at[0] + move[0], at[1] + move[1]);
    else if (press && (event.key === "Enter" || event.key === " ")) press(at[0], at[1]);
    else return;
    event.preventDefault();
  });
  const show = (/** @type {Shown} */ other) => {
    const same = other.rows / other.columns === shown.rows / shown.columns;
    shown = other;
    if (same) redraw();
    else reshape(other.rows / other.columns);
  };
  return { node, show };
}

/**
 * @param {number[]} from @param {number[]} to @param {number} share From 0 to 1.
 * @returns {number[]} A colour between two.
 */
export const between = (from, to, share) =>
  from.map((part, c) => part + Math.min(1, Math.max(0, share)) * (to[c] - part));

/**
 * Follows a finger, a pen or the mouse from where it is put down until it is lifted.
 * @param {Element} node
 * @param {{ start?: (x: number, y: number, event: PointerEvent) => boolean | void,
 *   move?: (x: number, y: number) => void, hold?: boolean }} calls
 *   x and y are shares of the node's width and height; a start that returns false is not followed;
 *   `hold` keeps the page from being scrolled by a finger that is followed.
 */
export function dragging(node, { start, move, hold = false }) {
  const place = (/** @type {PointerEvent} */ event) => {
    const box = node.getBoundingClientRect();
    const x = (event.clientX - box.left) / box.width;
    const y = (event.clientY - box.top) / box.height;
    return /** @type {[number, number]} */ ([x, y]);
  };
  /** @type {number | null} */
  let pointer = null;
  const target = /** @type {HTMLElement} */ (node);
  target.addEventListener("pointerdown", (event) => {
    if (pointer !== null || event.button !== 0) return;
    if (start?.(...place(event), event) === false) return;
    pointer = event.pointerId;
    target.setPointerCapture(pointer);
  });
  target.addEventListener("pointermove", (event) => {
    if (event.pointerId === pointer) move?.(...place(event));
  });
  for (const name of /** @type {const} */ (["pointerup", "pointercancel"])) {
    target.addEventListener(name, (event) => {
      if (event.pointerId === pointer) pointer = null;
    });
  }
  // CSS's touch-action does not do it for a part of an SVG.
  if (hold) {
    target.addEventListener("touchstart", (event) => {
      if (pointer !== null) event.preventDefault();
    }, { passive: false });
  }
}
