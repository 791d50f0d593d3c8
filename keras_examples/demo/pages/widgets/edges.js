// A 3×3 kernel that slides over an image: each number of the result is nine products.

import {
  between, board, button, choice, factor, field, html, listed, row, said, short, toggle,
} from "../kit.js";

/** @typedef {import("../kit.js").Context} Context */
/** @typedef {{ rows: number, columns: number, data: ArrayLike<number> }} Picture Row by row. */

export const texts = {
  title: { en: "A kernel that finds edges", zh: "会找边缘的卷积核" },
  try: {
    en: "Point at a number of the result to see its window and nine products. Switch on the padding "
      + "and look at the rim. Then take a picture of your own.",
    zh: "指着结果里的一个数，看它对应的窗口和九个乘积。打开填充，看边缘一圈的变化；再换一张自己的图片。",
  },
  image: { en: "Image", zh: "图像" },
  kernel: { en: "Kernel", zh: "卷积核" },
  result: { en: "Result", zh: "结果" },
  of: { en: "the article's, 6×6", zh: "文章的 6×6 图像" },
  own: { en: "a picture of your own", zh: "自己的图片" },
  file: { en: "Choose a picture…", zh: "选择图片…" },
  local: {
    en: "Or drop one here. It stays in your browser: it is made grey, at most 96×96, and sent nowhere.",
    zh: "也可以把图片拖到这里。图片不会离开你的浏览器：只转成灰度图，最大 96×96，不会上传。",
  },
  flip: { en: "A click on a pixel of the image changes it.", zh: "点击图像中的像素可以改变它。" },
  unreadable: {
    en: "The browser cannot read {file} as a picture. JPEG, PNG, WebP and GIF work.",
    zh: "浏览器无法把 {file} 当作图片读取。可以用 JPEG、PNG、WebP 或 GIF。",
  },
  large: { en: "{file} is larger than 30 MB. Take a smaller picture.", zh: "{file} 超过 30 MB，请换一张小一些的图片。" },
  small: { en: "{file} is less than 3 pixels wide or high when made small enough.", zh: "{file} 缩小后宽或高不足 3 个像素。" },
  presets: { en: "Kernels", zh: "常用卷积核" },
  vertical: { en: "vertical", zh: "竖直边缘" },
  horizontal: { en: "horizontal", zh: "水平边缘" },
  sobel: { en: "Sobel", zh: "Sobel" },
  line: { en: "line", zh: "细线" },
  mean: { en: "mean", zh: "平均" },
  weight: { en: "Kernel, row {r}, column {c}", zh: "卷积核第 {r} 行第 {c} 列" },
  padding: { en: "Padding with zeros", zh: "用零填充" },
  relu: { en: "ReLU after it", zh: "后接 ReLU" },
  window: { en: "The window and its nine products", zh: "窗口与九个乘积" },
  place: { en: "row {r}, column {c}", zh: "第 {r} 行第 {c} 列" },
  resultLabel: { en: "The result. Arrow keys move the window.", zh: "结果。方向键移动窗口。" },
  imageKeys: {
    en: "The image. Arrow keys move, Enter changes a pixel.", zh: "图像。方向键移动，回车改变像素。",
  },
  legend: { en: "In the result, blue is positive and orange is negative.", zh: "结果中，蓝色为正，橙色为负。" },
};

// ---- Arithmetic

/** @type {Record<string, number[]>} */
export const KERNELS = {
  vertical: [1, 0, -1, 1, 0, -1, 1, 0, -1],
  horizontal: [1, 1, 1, 0, 0, 0, -1, -1, -1],
  sobel: [1, 0, -1, 2, 0, -2, 1, 0, -1],
  line: [-1, 2, -1, -1, 2, -1, -1, 2, -1],
  mean: Array(9).fill(1 / 9),
};

/** @type {Picture} */
export const HALF_BRIGHT = {
  rows: 6, columns: 6, data: Array(6).fill([10, 10, 10, 0, 0, 0]).flat(),
};

/**
 * @param {Picture} picture @param {number} row @param {number} column Of the window's first pixel.
 * @returns {number[]} Nine pixels; what lies outside is 0.
 */
export function windowAt({ rows, columns, data }, row, column) {
  return Array.from({ length: 9 }, (_, i) => {
    const [r, c] = [row + Math.floor(i / 3), column + (i % 3)];
    return r < 0 || c < 0 || r >= rows || c >= columns ? 0 : data[r * columns + c];
  });
}

/** @param {number[]} pixels @param {number[]} kernel @returns {number} */
export const respond = (pixels, kernel) =>
  pixels.reduce((sum, pixel, i) => sum + pixel * kernel[i], 0);

/**
 * @param {Picture} picture @param {number[]} kernel @param {boolean} padding
 * @param {boolean} [relu] Whether what is negative becomes 0.
 * @returns {Picture}
 */
export function convolve(picture, kernel, padding, relu = false) {
  const out = padding ? 0 : 2;
  const [rows, columns] = [picture.rows - out, picture.columns - out];
  const first = padding ? -1 : 0;
  const data = new Float64Array(rows * columns);
  for (let r = 0; r < rows; r += 1) {
    for (let c = 0; c < columns; c += 1) {
      const found = respond(windowAt(picture, r + first, c + first), kernel);
      data[r * columns + c] = relu ? Math.max(0, found) : found;
    }
  }
  return { rows, columns, data };
}

/**
 * @param {Uint8ClampedArray} pixels Red, green, blue, opacity.
 * @param {number} rows @param {number} columns
 * @returns {Picture} Grey, 0 to 255, on white where one can see through.
 */
export function grey(pixels, rows, columns) {
  const data = Array.from({ length: rows * columns }, (_, i) => {
    const [red, green, blue, opacity] = pixels.slice(4 * i, 4 * i + 4);
    const light = 0.299 * red + 0.587 * green + 0.114 * blue;
    return Math.round((light * opacity) / 255 + 255 - opacity);
  });
  return { rows, columns, data };
}

const MOST = 96;

/** @param {number} width @param {number} height @returns {number[]} So that neither is above 96. */
export function fitted(width, height) {
  const scale = Math.min(1, MOST / Math.max(width, height));
  return [Math.round(width * scale), Math.round(height * scale)];
}

/** @param {Picture} picture @returns {string} Which of the article's pixels are bright, in hex. */
export const bits = ({ data }) => {
  const all = Array.from(data, (pixel) => (pixel ? "1" : "0")).join("");
  return (all.match(/.{4}/g) ?? []).map((four) => parseInt(four, 2).toString(16)).join("");
};

/** @param {string} text @returns {Picture | null} The reverse of `bits`. */
export function fromBits(text) {
  if (!/^[0-9a-f]{9}$/.test(text)) return null;
  const data = [...text].flatMap((digit) =>
    [...parseInt(digit, 16).toString(2).padStart(4, "0")].map((bit) => 10 * Number(bit)));
  return { rows: 6, columns: 6, data };
}

// ---- Drawing

/** @param {HTMLElement} root @param {Context} context */
export async function mount(root, { lang, state, save }) {
  const say = (/** @type {keyof typeof texts} */ name) => texts[name][lang];
  let kernel = state.numbers("k", 9, -99, 99) ?? KERNELS.vertical;
  let padding = state.get("pad") === "1";
  let relu = state.get("relu") === "1";
  let article = fromBits(state.get("img") ?? "") ?? HALF_BRIGHT;
  /** @type {Picture | null} */
  let own = null;
  let isOwn = false;
  let chosen = state.numbers("at", 2, 0, 5)?.map(Math.round) ?? [1, 1];
  const now = () => (isOwn && own ? own : article);

  const input = board({
    label: say("imageKeys"),
    point: (r, c) => {
      const first = padding ? 0 : 1;
      if (isOwn) chosen = [r - first, c - first];
      cursor = [r, c];
      draw();
    },
    press: (r, c) => {
      if (isOwn) return;
      const at = r * article.columns + c;
      article = { ...article, data: Array.from(article.data, (old, i) => (i === at ? 10 - old : old)) };
      draw();
    },
  });
  let cursor = [0, 0];
  for (const name of ["focus", "blur"]) input.node.addEventListener(name, () => draw());
  const output = board({
    label: say("resultLabel"),
    point: (r, c) => {
      chosen = [r, c];
      draw();
    },
  });

  // Controls
  const cells = kernel.map((value, i) => field({
    label: say("weight").replace("{r}", String(Math.floor(i / 3) + 1)).replace("{c}", String(i % 3 + 1)),
    value, min: -99, max: 99, step: 1,
    on: (number) => {
      kernel = kernel.map((old, at) => (at === i ? number : old));
      draw();
    },
  }));
  const presets = choice({
    label: say("presets"),
    options: /** @type {("vertical" | "horizontal" | "sobel" | "line" | "mean")[]} */ (
      Object.keys(KERNELS)).map((name) => ({ value: name, label: say(name) })),
    value: null,
    on: (name) => {
      kernel = KERNELS[name];
      draw();
    },
  });
  const padded = toggle({
    label: say("padding"), value: padding,
    on: (on) => {
      padding = on;
      chosen = chosen.map((at) => at + (on ? 1 : -1)); // the same window as before
      draw();
    },
  });
  const rectified = toggle({
    label: say("relu"), value: relu,
    on: (on) => {
      relu = on;
      draw();
    },
  });
  const whose = choice({
    label: say("image"), hidden: true,
    options: [{ value: "article", label: say("of") }, { value: "own", label: say("own") }],
    value: "article",
    on: (value) => {
      isOwn = value === "own";
      if (isOwn && !own) picker.click();
      else centre();
      draw();
    },
  });
  const picker = html("input", {
    type: "file", accept: "image/*", class: "n-unseen", tabindex: -1, "aria-hidden": "true",
  });
  picker.addEventListener("change", () => {
    if (picker.files?.[0]) take(picker.files[0]);
    picker.value = "";
  });
  const problem = said("n-problem");
  const choose = button(say("file"), () => picker.click());
  const hint = html("p", { class: "n-note" });

  const centre = () => {
    const { rows, columns } = now();
    chosen = isOwn ? [rows >> 1, columns >> 1] : [1, 1];
  };
  /** @param {File} file */
  const take = async (file) => {
    const name = file.name.length > 40 ? `${file.name.slice(0, 37)}…` : file.name;
    problem.say("");
    try {
      if (file.size > 30e6) throw new Error(say("large"));
      const bitmap = await createImageBitmap(file).catch(() => {
        throw new Error(say("unreadable"));
      });
      const [width, height] = fitted(bitmap.width, bitmap.height);
      if (width < 3 || height < 3) throw new Error(say("small"));
      const shrunk = html("canvas", { width, height });
      const pen = shrunk.getContext("2d", { willReadFrequently: true });
      if (!pen) throw new Error(say("unreadable"));
      pen.imageSmoothingQuality = "high";
      pen.drawImage(bitmap, 0, 0, width, height);
      bitmap.close();
      own = grey(pen.getImageData(0, 0, width, height).data, height, width);
      isOwn = true;
      centre();
    } catch (error) {
      problem.say((error instanceof Error ? error.message : say("unreadable")).replace("{file}", name));
      isOwn = own !== null && isOwn;
    }
    draw();
  };
  root.addEventListener("dragover", (event) => {
    event.preventDefault();
    root.classList.add("n-over");
  });
  root.addEventListener("dragleave", () => root.classList.remove("n-over"));
  root.addEventListener("drop", (event) => {
    event.preventDefault();
    root.classList.remove("n-over");
    if (event.dataTransfer?.files[0]) take(event.dataTransfer.files[0]);
  });

  const imageHead = html("p", { class: "n-head" });
  const resultHead = html("p", { class: "n-head" });
  const sumHead = html("p", { class: "n-head" });
  const products = html("div", { class: "n-products" });
  const total = said("n-said");

  function draw() {
    const picture = now();
    const found = convolve(picture, kernel, padding, relu);
    chosen = [Math.min(found.rows - 1, Math.max(0, chosen[0])),
      Math.min(found.columns - 1, Math.max(0, chosen[1]))];
    const [r, c] = chosen;
    const first = padding ? -1 : 0;
    const brightest = isOwn ? 255 : 10;
    const size = (/** @type {Picture} */ one) => `${one.rows}×${one.columns}`;
    const focused = document.activeElement === input.node && !isOwn;
    input.show({
      rows: picture.rows, columns: picture.columns,
      paint: (cell) => between([22, 27, 34], [250, 250, 250], picture.data[cell] / brightest),
      text: isOwn ? undefined : (cell) => short(picture.data[cell], 0),
      frames: [
        { row: r + first, column: c + first, rows: 3, columns: 3, colour: "green" },
        ...(focused ? [{ row: cursor[0], column: cursor[1], rows: 1, columns: 1, colour: "ink" }] : []),
      ],
    });
    const largest = Math.max(1e-9, ...Array.from(found.data, Math.abs));
    output.show({
      rows: found.rows, columns: found.columns,
      paint: (cell, colour) => between(colour("paper"), colour(found.data[cell] < 0 ? "orange" : "blue"),
        Math.abs(found.data[cell]) / largest),
      text: isOwn ? undefined : (cell) => short(found.data[cell], 1),
      frames: [{ row: r, column: c, rows: 1, columns: 1, colour: "green" }],
    });
    imageHead.textContent = `${say("image")}, ${size(picture)}`;
    resultHead.textContent = `${say("result")}, ${size(found)}`;
    sumHead.textContent = say("window");
    const pixels = windowAt(picture, r + first, c + first);
    products.replaceChildren(...pixels.map((pixel, i) => {
      const [row, column] = [r + first + Math.floor(i / 3), c + first + (i % 3)];
      const outside = row < 0 || column < 0 || row >= picture.rows || column >= picture.columns;
      return html("span", { class: outside ? "n-outside" : "" }, `${short(pixel)} · ${factor(kernel[i], 3)}`);
    }));
    const sum = respond(pixels, kernel);
    const place = say("place").replace("{r}", String(r + 1)).replace("{c}", String(c + 1));
    const result = relu && sum < 0 ? `ReLU(${short(sum, 3)}) = 0` : short(sum, 3);
    total.say(`${place}: ${result}`);
    cells.forEach((cell, i) => cell.set(kernel[i]));
    const preset = Object.keys(KERNELS).find((name) => listed(KERNELS[name], 3) === listed(kernel, 3));
    presets.set(/** @type {any} */ (preset ?? null));
    padded.set(padding);
    rectified.set(relu);
    whose.set(isOwn ? "own" : "article");
    hint.textContent = say(isOwn ? "local" : "flip");
    choose.hidden = !isOwn;
    save({
      k: preset === "vertical" ? undefined : listed(kernel, 4), pad: padding ? 1 : undefined,
      relu: relu ? 1 : undefined, at: isOwn ? undefined : `${r}_${c}`,
      img: String(article.data) === String(HALF_BRIGHT.data) ? undefined : bits(article),
    });
  }

  root.append(
    html("div", { class: "n-wide n-tight" }, row(whose.node, choose, picker), hint, problem.node),
    html("div", { class: "n-wide n-convolution" },
      html("div", {}, imageHead, input.node),
      html("div", { class: "n-kernel" }, html("p", { class: "n-head" }, say("kernel")),
        html("div", { class: "n-nine" }, ...cells.map((cell) => cell.node))),
      html("div", {}, resultHead, output.node)),
    html("div", { class: "n-side" }, presets.node, row(padded.node, rectified.node),
      html("p", { class: "n-note" }, say("legend"))),
    html("div", { class: "n-side" }, sumHead, products, total.node),
  );
  draw();
}
