// A map of cells, each with its colour and a small picture of a density inside, on two axes of named values. A cell can be
// picked, with mouse, finger or keyboard.

import { pageContext, resize } from "./canvas.js";
import { arrow, element } from "./dom.js";
import { clamp } from "./geometry.js";
import { channels, colored, scaleOf } from "./theme.js";

const GAP = 6; // px between the cells and what stands beside them
const BETWEEN = 2; // px between two cells
const SMALLEST = 10; // px of a cell with a picture inside
const TALLEST = 255; // the fullest that a cell of a picture can be: as high as its place
const TIP = { above: 4 };

export class Cells {
  constructor(parent, { redraw, send }) {
    this.redraw = redraw;
    this.send = send;
    this.under = this.cursor = null; // the pointer, the keyboard
    this.canvas = element("canvas", "lb-images lb-cells", { tabindex: 0, role: "application" });
    this.tip = element("div", "lb-tip");
    this.tip.hidden = true;
    this.said = element("div", "lb-said", { role: "status" });
    this.raster = document.createElement("canvas");
    parent.classList.add("lb-images-box");
    parent.append(this.canvas, this.tip, this.said);
    this.canvas.addEventListener("pointermove", (e) => this.hover(this.cellAt(e)));
    this.canvas.addEventListener("pointerleave", () => this.hover(null));
    this.canvas.addEventListener("click", (e) => this.pick(this.cellAt(e)));
    this.canvas.addEventListener("keydown", (e) => this.key(e));
    for (const name of ["focus", "blur"]) this.canvas.addEventListener(name, () => this.redraw());
  }

  set(spec) {
    if (spec.picked !== this.told) this.picked = this.told = spec.picked; // what Python says anew; else what was just picked
    this.spec = spec;
    this.canvas.setAttribute("aria-label", spec.pick);
    this.canvas.dataset.picked = this.picked;
  }

  pick(k) {
    if (k === null) return;
    this.cursor = this.picked = k;
    this.canvas.dataset.picked = k;
    this.said.textContent = this.spec.words[k];
    this.send("picked", k);
    this.redraw();
  }

  key(e) {
    if (e.ctrlKey || e.metaKey || e.altKey) return;
    const move = arrow(e);
    if (!move && e.key !== "Enter" && e.key !== " ") return;
    e.preventDefault();
    e.stopPropagation();
    const { across, up } = this.spec;
    const now = this.cursor ?? (this.picked >= 0 ? this.picked : 0);
    if (!move) return this.pick(now);
    const [i, j] = [(now % across) + move[0], Math.floor(now / across) - move[1]];
    if (i >= 0 && i < across && j >= 0 && j < up) this.cursor = j * across + i;
    this.said.textContent = this.spec.words[this.cursor];
    this.redraw();
  }

  cellAt(e) {
    if (!this.place) return null;
    const box = this.canvas.getBoundingClientRect();
    const { left, top, width, height } = this.place;
    const { across, up } = this.spec;
    const i = Math.floor(((e.clientX - box.left - left) / width) * across);
    const j = up - 1 - Math.floor(((e.clientY - box.top - top) / height) * up);
    return i >= 0 && i < across && j >= 0 && j < up ? j * across + i : null;
  }

  hover(k) {
    if (k !== this.under) this.redraw();
    this.under = k;
    this.canvas.style.cursor = k === null ? "" : "pointer";
    this.tip.hidden = k === null;
    if (k !== null) this.showTip(k);
  }

  showTip(k) {
    const { canvas, tip } = this;
    tip.textContent = this.spec.words[k];
    const [x, y, width, height] = this.corner(k);
    const half = tip.offsetWidth / 2;
    const above = y - tip.offsetHeight - TIP.above;
    tip.style.left = `${canvas.offsetLeft + clamp(x + width / 2, half, Math.max(half, canvas.clientWidth - half))}px`;
    tip.style.top = `${canvas.offsetTop + (above >= 0 ? above : y + height + TIP.above)}px`;
  }

  /** [x, y, width, height] of a cell, px. */
  corner(k) {
    const { left, top, width, height } = this.place;
    const { across, up } = this.spec;
    const [w, h] = [width / across, height / up];
    return [left + (k % across) * w + BETWEEN / 2, top + (up - 1 - Math.floor(k / across)) * h + BETWEEN / 2, w - BETWEEN, h - BETWEEN];
  }

  draw(theme, width, height) {
    const { spec } = this;
    const c = pageContext(this.canvas, width, height);
    const font = `${theme.type}px ${theme.font}`;
    c.font = font;
    const numbers = Math.max(...spec.yticks.map((text) => c.measureText(text).width));
    const row = 1.35 * theme.type;
    const [left, top] = [numbers + GAP + 2, row + GAP];
    this.place = { left, top, width: width - left - 4, height: height - top - 2 * row - GAP };
    const fills = colored(spec.fills, theme);
    for (let k = 0; k < spec.across * spec.up; k++) this.drawCell(c, k, fills[k], theme);
    this.drawLines(c, theme, font);
    this.drawAxes(c, theme, font, row);
    if (this.picked >= 0) this.outline(c, this.picked, theme.text, 3 * scaleOf(theme));
    if (this.under !== null) this.outline(c, this.under, theme.text, 1.5);
    if (this.cursor !== null && this.canvas.matches(":focus-visible")) this.outline(c, this.cursor, theme.accent, 3);
    if (this.under !== null) this.showTip(this.under); // it may say something else now
  }

  drawCell(c, k, fill, theme) {
    const [x, y, w, h] = this.corner(k);
    c.fillStyle = fill || theme.grid;
    c.fillRect(x, y, w, h);
    if (!fill || Math.min(w, h) < SMALLEST) return; // nothing is known of it, or nothing would be seen
    const [n, m] = this.spec.shape;
    const picture = this.spec.pictures.subarray(k * n * m, (k + 1) * n * m);
    const inside = { x: x + 3, y: y + 3, w: w - 6, h: h - 5 };
    if (m === 1) {
      steps(c, this.spec.truth, inside, true);
      c.strokeStyle = theme.muted;
      c.lineWidth = 1;
      c.stroke();
      steps(c, picture, inside);
      c.fillStyle = theme.text;
      c.globalAlpha = 0.78;
      c.fill();
      c.globalAlpha = 1;
    } else {
      this.drawPlane(c, this.spec.truth, inside, theme.muted, 0.75);
      this.drawPlane(c, picture, inside, theme.text, 1);
    }
    if (this.spec.marked[k]) this.mark(c, x, y, w, theme);
  }

  // a square in the middle, the first index from the left, the second from below
  drawPlane(c, picture, { x, y, w, h }, color, opacity) {
    const [n, m] = this.spec.shape;
    resize(this.raster, n, m);
    const context = this.raster.getContext("2d");
    const image = context.createImageData(n, m);
    const ink = channels(color);
    for (let i = 0; i < n; i++)
      for (let j = 0; j < m; j++) {
        const alpha = Math.round(255 * opacity * Math.min(Math.sqrt(picture[i * m + j] / this.spec.level), 1));
        image.data.set([ink[0], ink[1], ink[2], alpha], 4 * ((m - 1 - j) * n + i));
      }
    context.putImageData(image, 0, 0);
    const side = Math.min(w, h);
    c.imageSmoothingEnabled = false;
    c.drawImage(this.raster, x + (w - side) / 2, y + (h - side) / 2, side, side);
  }

  // a tick in the corner: it counts as converged
  mark(c, x, y, w, theme) {
    const s = clamp(w / 6, 6, 11);
    c.strokeStyle = theme.text;
    c.lineWidth = Math.max(1.8, s / 4.5);
    c.beginPath();
    c.moveTo(x + w - 1.55 * s, y + 0.85 * s);
    c.lineTo(x + w - 1.15 * s, y + 1.3 * s);
    c.lineTo(x + w - 0.45 * s, y + 0.45 * s);
    c.stroke();
  }

  // named lines from cell corner to cell corner; the name stands above the upper end
  drawLines(c, theme, font) {
    const { left, top, width, height } = this.place;
    const { across, up } = this.spec;
    const px = ([i, j]) => [left + (i / across) * width, top + height - (j / up) * height];
    c.font = `600 ${font}`;
    c.textBaseline = "bottom";
    let free = Infinity; // names must not touch: those further left give way
    for (const { label, from, to, dash } of this.spec.lines.toSorted((a, b) => b.to[0] - a.to[0])) {
      const [start, end] = [px(from), px(to)];
      c.strokeStyle = theme.text;
      c.lineWidth = 1.6;
      c.setLineDash(dash);
      c.beginPath();
      c.moveTo(...start);
      c.lineTo(...end);
      c.stroke();
      const wide = c.measureText(label).width;
      const right = Math.min(end[0] + wide / 2, left + width, free - 10);
      if (right - wide < left + wide) continue;
      c.fillStyle = theme.text;
      c.textAlign = "right";
      c.fillText(label, right, top - GAP / 2);
      free = right - wide;
    }
    c.setLineDash([]);
  }

  drawAxes(c, theme, font, row) {
    const { left, top, width, height } = this.place;
    const { xticks, yticks, xlabel, ylabel, across, up } = this.spec;
    c.font = font;
    c.fillStyle = theme.text;
    c.textBaseline = "middle";
    c.textAlign = "right";
    const everyRow = Math.ceil(theme.type / (height / up));
    yticks.forEach((text, j) => {
      if (j % everyRow === 0) c.fillText(text, left - GAP, top + height - ((j + 0.5) / up) * height);
    });
    c.textBaseline = "top";
    c.textAlign = "center";
    const wide = Math.max(...xticks.map((text) => c.measureText(text).width)) + 6;
    const every = Math.ceil(wide / (width / across));
    xticks.forEach((text, i) => {
      if (i % every === 0) c.fillText(text, left + ((i + 0.5) / across) * width, top + height + GAP);
    });
    c.font = `600 ${font}`;
    c.textAlign = "right";
    c.fillText(`${xlabel} →`, left + width, top + height + GAP + row);
    c.textAlign = "left";
    c.textBaseline = "bottom";
    c.fillText(`↑ ${ylabel}`, 2, top - GAP / 2);
  }

  outline(c, k, color, width) {
    const [x, y, w, h] = this.corner(k);
    c.strokeStyle = color;
    c.lineWidth = width;
    c.strokeRect(x - 0.5, y - 0.5, w + 1, h + 1);
  }
}

// the path of a density in steps, closed along the base unless it is an outline only
function steps(c, levels, { x, y, w, h }, open = false) {
  const n = levels.length;
  c.beginPath();
  if (!open) c.moveTo(x, y + h);
  for (let i = 0; i < n; i++) {
    const level = y + h - (levels[i] / TALLEST) * h;
    c.lineTo(x + (i / n) * w, level);
    c.lineTo(x + ((i + 1) / n) * w, level);
  }
  if (!open) c.lineTo(x + w, y + h);
}
