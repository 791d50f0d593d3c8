// A click on a figure shows it as large as it can be read; another click, or Escape, closes it.
const dialog = document.createElement("dialog");
dialog.className = "zoom";
dialog.addEventListener("click", () => dialog.close());
document.body.append(dialog);

for (const figure of document.querySelectorAll('.md-typeset img[src*="plots/"]')) {
  const show = () => {
    dialog.replaceChildren(figure.cloneNode());
    dialog.showModal();
  };
  figure.tabIndex = 0;
  figure.addEventListener("click", show);
  figure.addEventListener("keydown", (event) => event.key === "Enter" && show());
}
