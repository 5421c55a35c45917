// A square of cells to paint on with mouse, finger or keyboard. It sends its cells when the visitor is done.

import { pageContext } from "./canvas.js";
import { arrow, button, element } from "./dom.js";
import { clamp } from "./geometry.js";
import { readTheme, translucent } from "./theme.js";

const LARGEST = 340; // px
const painters = new Map();

class Painter {
  constructor() {
    this.root = element("div", "lb-painter");
    this.canvas = element("canvas", "", { tabindex: 0, "data-testid": "painter" });
    this.done = button(() => this.send(this.cells.map(Number).join("")));
    this.done.setAttribute("aria-pressed", true); // looks like the one to press
    this.clear = button(() => { this.cells.fill(false); this.draw(); });
    const row = element("div", "lb-chips");
    row.append(this.done, this.clear);
    this.root.append(this.canvas, row);
    this.cursor = [0, 0];
    this.canvas.addEventListener("pointerdown", (e) => this.begin(e));
    this.canvas.addEventListener("pointermove", (e) => { if (e.buttons) this.paint(e); });
    this.canvas.addEventListener("keydown", (e) => this.key(e));
    new ResizeObserver(() => this.draw()).observe(this.root);
  }

  set({ n, bits, texts }, send) {
    this.send = send;
    this.done.textContent = `▶ ${texts.done}`;
    this.clear.textContent = texts.clear;
    this.canvas.setAttribute("aria-label", texts.label);
    if (bits === this.bits) return;
    this.bits = bits;
    this.n = n;
    this.cells = [...bits].map((bit) => bit === "1");
    this.draw();
  }

  // the cell under the pointer: first from the left, second from the bottom
  place(e) {
    const box = this.canvas.getBoundingClientRect();
    const at = (share) => clamp(Math.floor(share * this.n), 0, this.n - 1);
    return [at((e.clientX - box.left) / box.width), at(1 - (e.clientY - box.top) / box.height)];
  }

  index([i, j]) {
    return i * this.n + j;
  }

  // a stroke that begins on a painted cell erases
  begin(e) {
    this.canvas.setPointerCapture(e.pointerId);
    this.ink = !this.cells[this.index(this.place(e))];
    this.last = null;
    this.paint(e);
  }

  // all cells on the way from the last place: a fast finger leaves no holes
  paint(e) {
    const [i, j] = this.place(e);
    const [a, b] = this.last ?? [i, j];
    const steps = Math.max(Math.abs(i - a), Math.abs(j - b), 1);
    for (let s = 0; s <= steps; s++) {
      const between = [a + ((i - a) * s) / steps, b + ((j - b) * s) / steps].map(Math.round);
      this.cells[this.index(between)] = this.ink;
    }
    this.last = [i, j];
    this.draw();
  }

  key(e) {
    const move = arrow(e);
    if (!move && e.key !== " ") return;
    e.preventDefault();
    e.stopPropagation(); // the space bar paints here, and does not work Play as well
    const [i, j] = this.cursor;
    if (move) this.cursor = [i + move[0], j - move[1]].map((v) => clamp(v, 0, this.n - 1));
    else this.cells[this.index(this.cursor)] = !this.cells[this.index(this.cursor)];
    this.draw(true);
  }

  draw(showCursor = false) {
    const side = Math.min(this.root.clientWidth, LARGEST);
    if (!side || !this.cells) return;
    const theme = readTheme(this.root);
    const c = pageContext(this.canvas, side, side);
    const cell = side / this.n;
    c.fillStyle = theme.data;
    this.cells.forEach((on, k) => {
      const [i, j] = [Math.floor(k / this.n), k % this.n];
      if (on) c.fillRect(i * cell, side - (j + 1) * cell, cell + 0.5, cell + 0.5); // no seams between neighbours
    });
    drawLines(c, this.n, cell, translucent(theme.text, 0.15));
    if (showCursor) {
      c.strokeStyle = theme.text;
      c.lineWidth = 2;
      c.strokeRect(this.cursor[0] * cell, side - (this.cursor[1] + 1) * cell, cell, cell);
    }
    this.canvas.dataset.painted = this.cells.filter(Boolean).length;
  }
}

// the edges of n x n cells
function drawLines(c, n, cell, color) {
  c.strokeStyle = color;
  c.lineWidth = 1;
  c.beginPath();
  for (let k = 0; k <= n; k++) {
    c.moveTo(k * cell, 0);
    c.lineTo(k * cell, n * cell);
    c.moveTo(0, k * cell);
    c.lineTo(n * cell, k * cell);
  }
  c.stroke();
}

export default function ({ data, parentElement, key, setTriggerValue }) {
  if (!painters.has(key)) painters.set(key, new Painter());
  const painter = painters.get(key);
  if (painter.root.parentElement !== parentElement) parentElement.append(painter.root);
  painter.set(data, (cells) => setTriggerValue("done", cells));
  return () => {};
}
