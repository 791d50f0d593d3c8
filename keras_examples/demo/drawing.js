// The value is the drawing as a data URL, or "" for none; it follows the pen, a few times a second.
const canvas = element.querySelector("canvas");
const pen = element.querySelector(".pen");
const context = canvas.getContext("2d");
const side = canvas.width;
const STEP = side / 28;
const SEND_EVERY = 120; // milliseconds
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

let at = [side / 2, side / 4];
let down = false; // the keyboard's pen
let sent = "";
let empty = true;
let timer = null;
const held = new Set();

function clear() {
  context.fillStyle = "black";
  context.fillRect(0, 0, side, side);
  empty = true;
}

function send() {
  timer = null;
  sent = empty ? "" : canvas.toDataURL();
  props.value = sent;
}

function soon() {
  timer ??= setTimeout(send, SEND_EVERY);
}

function lineTo(x, y) {
  context.strokeStyle = "white";
  context.lineWidth = side / 13;
  context.lineCap = context.lineJoin = "round";
  context.beginPath();
  context.moveTo(...at);
  context.lineTo(x, y);
  context.stroke();
  at = [x, y];
  empty = false;
  soon();
}

function showPen() {
  pen.style.left = `${(100 * at[0]) / side}%`;
  pen.style.top = `${(100 * at[1]) / side}%`;
  pen.classList.toggle("down", down);
}

function place(event) {
  const box = canvas.getBoundingClientRect();
  return [
    ((event.clientX - box.left) * side) / box.width,
    ((event.clientY - box.top) * side) / box.height,
  ];
}

canvas.addEventListener("pointerdown", (event) => {
  canvas.setPointerCapture(event.pointerId);
  at = place(event);
  lineTo(...at);
  showPen();
});

canvas.addEventListener("pointermove", (event) => {
  if (!canvas.hasPointerCapture(event.pointerId)) return;
  // A fast finger moves several times between two frames.
  const moves = event.getCoalescedEvents?.() ?? [];
  for (const move of moves.length ? moves : [event]) lineTo(...place(move));
  showPen();
});

canvas.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey) return;
  if (event.key in ARROWS) {
    held.add(event.key); // two at once go diagonally
    const inside = (value) => Math.min(side, Math.max(0, value));
    let [x, y] = at;
    for (const key of held) {
      x = inside(x + STEP * ARROWS[key][0]);
      y = inside(y + STEP * ARROWS[key][1]);
    }
    if (down) lineTo(x, y);
    else at = [x, y];
  } else if (event.key === " ") {
    down = !down;
    if (down) lineTo(...at);
  } else if (event.key === "Delete" || event.key === "Backspace") {
    down = false;
    clear();
    soon();
  } else {
    return;
  }
  event.preventDefault();
  showPen();
});

canvas.addEventListener("keyup", (event) => held.delete(event.key));
canvas.addEventListener("blur", () => {
  held.clear();
  down = false;
  showPen();
});

watch("value", () => {
  if (props.value === sent) return;
  sent = props.value;
  clearTimeout(timer);
  timer = null;
  clear();
  if (!sent) return;
  const image = new Image();
  image.onload = () => {
    context.imageSmoothingEnabled = image.width >= side;
    context.drawImage(image, 0, 0, side, side);
    empty = false;
  };
  image.src = sent;
});

clear();
showPen();
