// Finds every [data-network] of a page and puts its widget in when it comes near the window.

import { html, searchWith, State, stateIn, written } from "./kit.js";

/** @typedef {import("./kit.js").Text} Text */
/** @typedef {import("./kit.js").Context} Context */
/**
 * @typedef {object} Widget
 * @property {Record<string, Text>} texts
 * @property {(root: HTMLElement, context: Context) => Promise<void>} mount
 */

const lang = document.documentElement.lang.startsWith("zh") ? "zh" : "en";
const words = {
  reset: { en: "Reset", zh: "重置" },
  link: { en: "Copy link", zh: "复制链接" },
  why: {
    en: "An address that opens this page with what you see now",
    zh: "打开这个网址，看到的就是现在的样子",
  },
  copied: { en: "Copied", zh: "已复制" },
  inTheBar: { en: "See the address bar", zh: "请从地址栏复制" },
  alone: { en: "Open alone", zh: "单独打开" },
  failed: {
    en: "This figure does not run here, so you see a picture of it. The reason: ",
    zh: "这张图在这里无法运行，只能显示截图。原因：",
  },
};

/** @type {Map<string, Promise<any>>} */
const networks = new Map();

/** @param {string} name @returns {Promise<any>} The network with its published weights. */
function network(name) {
  let asked = networks.get(name);
  if (!asked) {
    const engine = "./network.js"; // many pages have no use for it
    const weights = new URL(`weights/${name}.json`, import.meta.url).href;
    asked = import(engine).then((module) => module.load(weights));
    networks.set(name, asked);
    asked.catch(() => networks.delete(name)); // the next try asks again
  }
  return asked;
}

/** @param {string} name */
function keeper(name) {
  let waiting = 0;
  let latest = "";
  const now = () => {
    clearTimeout(waiting);
    if (!waiting) return;
    waiting = 0;
    const search = searchWith(location.search, name, latest);
    history.replaceState(history.state, "", location.pathname + search + location.hash);
  };
  const save = (/** @type {import("./kit.js").Values} */ state) => {
    latest = written(state);
    clearTimeout(waiting);
    waiting = setTimeout(now, 200);
  };
  return { save, now };
}

/** @param {HTMLElement} root @param {string} message */
function fail(root, message) {
  root.querySelector(".n-frame")?.remove();
  root.querySelector(".n-failed")?.remove();
  root.append(html("p", { class: "n-failed", role: "status" }, words.failed[lang] + message));
  root.querySelector("img")?.removeAttribute("hidden");
}

/** @param {HTMLElement} root */
async function show(root) {
  const name = root.dataset.network ?? "";
  try {
    /** @type {Widget} */
    const { texts, mount } = await import(`./widgets/${name}.js`);
    const { save, now } = keeper(name);
    const body = html("div", { class: "n-body" });
    const start = async (/** @type {State} */ state) => {
      const fresh = html("div", { class: `n-stage n-${name}` });
      body.replaceChildren(fresh);
      let mounted = false; // what an address says is not changed by reading it
      await mount(fresh, { lang, state, save: (values) => mounted && save(values), network });
      mounted = true;
    };
    const reset = html("button", { type: "button" }, words.reset[lang]);
    reset.addEventListener("click", () => {
      save({});
      start(new State()).catch((error) => fail(root, error.message));
    });
    const link = html("button", { type: "button", title: words.why[lang] }, words.link[lang]);
    link.addEventListener("click", async () => {
      now();
      root.id ||= `network-${name}`;
      const address = `${location.href.replace(/#.*/, "")}#${root.id}`;
      const copied = await navigator.clipboard?.writeText(address).then(() => true, () => false);
      link.textContent = (copied ? words.copied : words.inTheBar)[lang];
      setTimeout(() => (link.textContent = words.link[lang]), 2000);
    });
    const alone = root.hasAttribute("data-alone")
      ? null
      : html("a", { target: "_blank", rel: "noopener" }, words.alone[lang]);
    alone?.addEventListener("click", () => {
      now();
      const state = location.search.slice(1).split("&").find((part) => part.startsWith(`${name}=`));
      const page = new URL(`alone.html?show=${name}&lang=${lang}`, import.meta.url);
      alone.href = page.href + (state ? `&${state}` : "");
    });
    alone?.setAttribute("href", new URL(`alone.html?show=${name}&lang=${lang}`, import.meta.url).href);
    const title = html("h4", { class: "n-title" }, texts.title[lang]);
    const head = html("header", {}, title, html("div", { class: "n-tools" }, reset, link, alone));
    const task = root.hasAttribute("data-alone")
      ? html("p", { class: "n-try" }, texts.try[lang])
      : null;
    const frame = html("div", { class: "n-frame" }, head, task, body);
    root.setAttribute("aria-label", texts.title[lang]);
    // The picture stays until the widget is there; until then it takes no room.
    frame.hidden = true;
    root.append(frame);
    await start(stateIn(location.search, name));
    root.querySelector(":scope > img")?.setAttribute("hidden", "");
    frame.hidden = false;
    root.dataset.ready = "";
  } catch (error) {
    fail(root, error instanceof Error ? error.message : String(error));
  }
}

/** Shows what there is in a page, now or when the reader comes near it. */
function begin() {
  /** @type {NodeListOf<HTMLElement>} */
  const roots = document.querySelectorAll("[data-network]");
  const near = new IntersectionObserver((entries) => {
    for (const { isIntersecting, target } of entries) {
      if (!isIntersecting) continue;
      near.unobserve(target);
      show(/** @type {HTMLElement} */ (target));
    }
  }, { rootMargin: "600px" });
  for (const root of roots) near.observe(root);
}

begin();
