// One widget in a page of its own: alone.html?show=neuron&lang=zh

const asked = new URLSearchParams(location.search);
const lang = asked.get("lang") ?? navigator.language;
document.documentElement.lang = lang.startsWith("zh") ? "zh" : "en";
const figure = document.querySelector("figure");
const name = asked.get("show") ?? "";
if (figure && /^[a-z]+$/.test(name)) {
  figure.dataset.network = name;
  const { texts } = await import(`./widgets/${name}.js`).catch(() => ({}));
  document.title = texts?.title[document.documentElement.lang] ?? name;
}
await import("./start.js");

export {};
