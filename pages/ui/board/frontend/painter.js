// A square of cells to paint on with mouse, finger or keyboard. It sends its cells when the visitor is done.

const painters = new Map();

class Painter {
  constructor() {
    this.root = document.createElement("div");
    this.root.className = "lb-painter";
    this.canvas = document.createElement("canvas");
    this.canvas.tabIndex = 0;
    this.canvas.dataset.testid = "painter";
    this.done = document.createElement("button");
    this.clear = document.createElement("button");
    const row = document.createElement("div");
    row.className = "lb-chips";
    for (const button of [this.done, this.clear]) { button.type = "button"; row.append(button); }
    this.root.append(this.canvas, row);
    this.cursor = [0, 0];
    this.canvas.addEventListener("pointerdown", (e) => {
      this.canvas.setPointerCapture(e.pointerId);
      const cell = this.cellAt(e);
      this.ink = !this.cells[cell];
      this.last = null;
      this.paint(e);
    });
    this.canvas.addEventListener("pointermove", (e) => { if (e.buttons) this.paint(e); });
    this.canvas.addEventListener("keydown", (e) => this.key(e));
    this.clear.addEventListener("click", () => { this.cells.fill(false); this.draw(); });
    this.done.addEventListener("click", () => this.send([...this.cells].map((c) => (c ? "1" : "0")).join("")));
    new ResizeObserver(() => this.draw()).observe(this.root);
  }

  set({ n, bits, texts }, send) {
    this.send = send;
    this.done.textContent = `▶ ${texts.done}`;
    this.done.setAttribute("aria-pressed", true);
    this.clear.textContent = texts.clear;
    this.canvas.setAttribute("aria-label", texts.label);
    if (bits === this.bits) return;
    this.bits = bits;
    this.n = n;
    this.cells = [...bits].map((b) => b === "1");
    this.draw();
  }

  place(e) {
    const box = this.canvas.getBoundingClientRect();
    const at = (v) => Math.max(0, Math.min(this.n - 1, Math.floor(v * this.n)));
    return [at((e.clientX - box.left) / box.width), at(1 - (e.clientY - box.top) / box.height)];
  }

  cellAt(e) {
    const [i, j] = this.place(e);
    return i * this.n + j;
  }

  // all cells on the way from the last place: a fast finger leaves no holes
  paint(e) {
    const [i, j] = this.place(e);
    const [a, b] = this.last ?? [i, j];
    const steps = Math.max(Math.abs(i - a), Math.abs(j - b), 1);
    for (let s = 0; s <= steps; s++)
      this.cells[Math.round(a + ((i - a) * s) / steps) * this.n + Math.round(b + ((j - b) * s) / steps)] = this.ink;
    this.last = [i, j];
    this.draw();
  }

  key(e) {
    const move = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[e.key];
    if (!move && e.key !== " ") return;
    e.preventDefault();
    e.stopPropagation();
    if (move) this.cursor = this.cursor.map((v, k) => Math.max(0, Math.min(this.n - 1, v + move[k])));
    else { const at = this.cursor[0] * this.n + this.cursor[1]; this.cells[at] = !this.cells[at]; }
    this.draw(true);
  }

  draw(showCursor = false) {
    const side = Math.min(this.root.clientWidth, 340);
    if (!side || !this.cells) return;
    const ratio = window.devicePixelRatio || 1;
    this.canvas.width = this.canvas.height = Math.round(side * ratio);
    this.canvas.style.width = this.canvas.style.height = `${side}px`;
    const style = getComputedStyle(this.root);
    const color = style.getPropertyValue("--st-chart-categorical-colors").split(",")[0].trim() || "#0072B2";
    const c = this.canvas.getContext("2d");
    c.setTransform(ratio, 0, 0, ratio, 0, 0);
    const d = side / this.n;
    c.fillStyle = color;
    this.cells.forEach((on, k) => { if (on) c.fillRect(Math.floor(k / this.n) * d, side - ((k % this.n) + 1) * d, d + 0.5, d + 0.5); });
    c.strokeStyle = style.getPropertyValue("color");
    c.globalAlpha = 0.15;
    c.lineWidth = 1;
    c.beginPath();
    for (let k = 0; k <= this.n; k++) { c.moveTo(k * d, 0); c.lineTo(k * d, side); c.moveTo(0, k * d); c.lineTo(side, k * d); }
    c.stroke();
    c.globalAlpha = 1;
    if (showCursor) { c.lineWidth = 2; c.strokeRect(this.cursor[0] * d, side - (this.cursor[1] + 1) * d, d, d); }
    this.canvas.dataset.painted = this.cells.filter(Boolean).length;
  }
}

export default function ({ data, parentElement, key, setTriggerValue }) {
  if (!painters.has(key)) painters.set(key, new Painter());
  const painter = painters.get(key);
  if (painter.root.parentElement !== parentElement) parentElement.append(painter.root);
  painter.set(data, (cells) => setTriggerValue("done", cells));
  return () => {};
}
