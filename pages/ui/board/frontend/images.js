// A grid of grey images, whose opinions stand as bars below and which can be picked.

import { deviceContext, deviceRatio } from "./canvas.js";
import { arrow, element } from "./dom.js";
import { clamp } from "./geometry.js";
import { Grid } from "./grid.js";
import { CAPTION, drawCaptions, drawCursor, drawOpinions, drawOutline, drawPick, widest } from "./marks.js";
import { Picks } from "./picks.js";
import { Sheet } from "./sheet.js";
import { colored } from "./theme.js";

const BELOW = { captions: 20, opinions: 11 }; // px under an image
const SMALL = { room: 400, least: 0.45, none: 130 }; // px: in a smaller one bars are thinner, down to this share, or none
const TIP = { above: 3, below: 14 }; // px between an image and what is said of it; below, the bar lies between

export class Images {
  constructor(parent, { redraw, send }) {
    this.redraw = redraw;
    this.picks = new Picks((picks) => send("picked", picks));
    this.cursor = null; // of the keyboard
    this.under = null; // the pointer
    this.sheet = new Sheet();
    this.canvas = element("canvas", "lb-images");
    this.tip = element("div", "lb-tip");
    this.tip.hidden = true;
    this.said = element("div", "lb-said", { role: "status" });
    parent.classList.add("lb-images-box");
    parent.append(this.canvas, this.tip, this.said);
    this.canvas.addEventListener("pointermove", (e) => this.hover(this.imageAt(e)));
    this.canvas.addEventListener("pointerleave", () => this.hover(null));
    this.canvas.addEventListener("click", (e) => this.click(this.imageAt(e)));
    this.canvas.addEventListener("keydown", (e) => this.key(e));
    for (const name of ["focus", "blur"]) this.canvas.addEventListener(name, () => this.redraw());
  }

  set(spec) {
    this.spec = spec;
    this.n = Math.floor(spec.pixels.length / spec.side ** 2);
    if (spec.pick) this.canvas.tabIndex = 0;
    else this.canvas.removeAttribute("tabindex");
    this.canvas.setAttribute("role", spec.pick ? "application" : "img");
    this.canvas.setAttribute("aria-label", spec.pick ? spec.pick.label : `${spec.title}. ${spec.help || ""}`);
    this.canvas.dataset.pickable = Boolean(spec.pick);
    this.picks.follow(spec.picked ?? [], this.n);
    this.showPicks();
  }

  showPicks() {
    this.canvas.dataset.picked = this.picks.all.join(" ");
  }

  click(k) {
    this.cursor = k ?? this.cursor;
    this.pick(k);
  }

  pick(k) {
    if (k === null || !this.spec.pick) return;
    this.picks.toggle(k);
    this.showPicks();
    this.say(k);
    this.redraw();
  }

  key(e) {
    if (!this.spec.pick || e.ctrlKey || e.metaKey || e.altKey) return;
    const move = arrow(e);
    if (!move && e.key !== "Enter" && e.key !== " ") return;
    e.preventDefault();
    e.stopPropagation(); // the space bar picks here, and does not work Play as well
    const to = move && this.cursor !== null ? this.cursor + move[0] + move[1] * this.spec.across : this.cursor ?? 0;
    if (to >= 0 && to < this.n) this.cursor = to;
    if (!move) return this.pick(this.cursor);
    this.say(this.cursor);
    this.redraw();
  }

  // for a screen reader
  say(k) {
    const badge = this.picks.all.indexOf(k);
    const parts = [`${k + 1} / ${this.n}`, this.words(k), badge < 0 ? "" : `✓ ${badge + 1}`];
    this.said.textContent = parts.filter(Boolean).join(" · ");
  }

  words(k) {
    if (this.spec.captions) return this.spec.captions[k];
    const d = this.spec.opinions?.[k];
    return Number.isFinite(d) ? `D = ${d.toFixed(2)}` : "";
  }

  imageAt(e) {
    if (!this.grid) return null;
    const box = this.canvas.getBoundingClientRect();
    return this.grid.imageAt((e.clientX - box.left) * this.grid.ratio, (e.clientY - box.top) * this.grid.ratio);
  }

  hover(k) {
    if (this.spec.pick && k !== this.under) this.redraw();
    this.under = k;
    this.canvas.style.cursor = this.spec.pick && k !== null ? "pointer" : "";
    const text = k === null || this.spec.captions ? "" : this.words(k); // a caption is read without it
    this.tip.hidden = !text;
    if (text) this.showTip(k, text);
  }

  showTip(k, text) {
    const { canvas, tip, grid } = this;
    tip.textContent = text;
    const [x, y, size] = [...grid.corner(k), grid.size].map((v) => v / grid.ratio);
    const half = tip.offsetWidth / 2;
    const above = y - tip.offsetHeight - TIP.above;
    const middle = clamp(x + size / 2, half - canvas.offsetLeft, canvas.clientWidth - half);
    tip.style.left = `${canvas.offsetLeft + middle}px`;
    tip.style.top = `${canvas.offsetTop + (above >= 0 ? above : y + size + TIP.below)}px`;
  }

  draw(theme, width, height, fits) {
    const { spec, n, sheet } = this;
    const ratio = deviceRatio();
    const room = fits ? Math.min(width, height) : SMALL.room;
    const scale = clamp(room / SMALL.room, SMALL.least, 1);
    const bars = spec.opinions && room >= SMALL.none;
    const below = spec.captions ? BELOW.captions : bars ? BELOW.opinions * scale : 0;
    const step = spec.captions ? widest(spec.captions, theme, CAPTION.largest * ratio) + CAPTION.apart * ratio : 0;
    const grid = new Grid({ n, side: spec.side, across: spec.across, width, height, below, step }, ratio);
    this.grid = grid;
    const c = deviceContext(this.canvas, grid.width, grid.height, width);
    sheet.set(spec.pixels, spec.side, grid.across, theme);
    for (let k = 0; k < n; k++) sheet.draw(c, k, ...grid.corner(k), grid.size);
    if (spec.captions) drawCaptions(c, grid, theme, spec.captions);
    else if (bars) drawOpinions(c, grid, theme, spec.opinions, scale);
    this.drawPicks(c, grid, theme);
    if (this.under !== null) this.hover(this.under < n ? this.under : null); // its opinion may have changed
  }

  drawPicks(c, grid, theme) {
    const color = colored(this.spec.frame, theme) ?? theme.text;
    if (this.spec.pick && this.under !== null && this.under < this.n) drawOutline(c, grid, this.under, color);
    this.picks.all.forEach((k, i) => drawPick(c, grid, theme, { k, number: i + 1, color }));
    const seen = this.cursor !== null && this.cursor < this.n && this.canvas.matches(":focus-visible");
    if (seen) drawCursor(c, grid, theme, this.cursor);
  }
}
