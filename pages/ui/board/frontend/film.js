// One large image after the other, to and fro. Where the visitor prefers reduced motion it stands still, as a strip.

import { deviceContext, deviceRatio } from "./canvas.js";
import { button, element, keepKeys } from "./dom.js";
import { clamp } from "./geometry.js";
import { Sheet } from "./sheet.js";

const WAITING = 3; // reels, at most
const STRIP = 16; // images, at most
const EARLY = 4; // ms: a frame of the screen that comes so much too early is the one that is meant

export class Film {
  // isVisible: asked at every frame, for it runs only while it can be seen
  constructor(parent, { isVisible }) {
    this.isVisible = isVisible;
    this.reels = []; // { serial, frames, n }: the one that runs, then those that wait
    this.at = 0;
    this.way = 1;
    this.playing = true;
    this.still = window.matchMedia("(prefers-reduced-motion: reduce)");
    this.sheet = new Sheet();
    this.canvas = element("canvas", "lb-images lb-frame", { role: "img" });
    this.empty = element("div", "lb-empty");
    this.button = button(() => this.toggle());
    this.row = element("div", "lb-chips lb-film");
    this.row.append(this.button);
    keepKeys(this.row);
    parent.append(this.canvas, this.empty, this.row);
  }

  toggle() {
    this.playing = !this.playing;
    this.label();
    this.wake();
  }

  label() {
    const { texts = {} } = this.spec;
    const says = (this.playing ? texts.pause : texts.play) ?? "";
    this.button.textContent = this.playing ? "❚❚" : "▶";
    this.button.setAttribute("aria-label", says);
    this.button.title = says;
  }

  set(spec) {
    this.spec = spec;
    this.canvas.setAttribute("aria-label", `${spec.title}. ${spec.help || ""}`);
    this.load({ serial: spec.serial, frames: spec.frames, n: Math.floor(spec.frames.length / spec.side ** 2) });
    this.label();
    const none = !this.reels.length;
    this.empty.textContent = none ? (spec.texts?.empty ?? "") : "";
    this.empty.hidden = !none;
    this.canvas.hidden = none;
    this.row.hidden = none || this.still.matches;
  }

  // a reel of the same serial takes the place of the one that is there; another follows, or cuts in
  load(reel) {
    const same = this.reels.findIndex((r) => r.serial === reel.serial);
    if (!reel.n) this.reels = [];
    else if (same >= 0) {
      this.reels[same] = reel;
      this.at = Math.min(this.at, this.reels[0].n - 1);
    } else {
      if (this.spec.cut) this.reels = [];
      this.reels.push(reel);
      if (this.reels.length > WAITING + 1) this.reels.splice(1, 1); // nobody has looked for a while
      if (this.reels.length === 1) this.at = 0;
      this.way = 1; // to the end, where the next begins
    }
  }

  step() {
    const last = this.reels[0].n - 1;
    if (this.at >= last && this.way > 0 && this.reels.length > 1) {
      this.reels.shift();
      this.at = 0;
      return;
    }
    if (this.at >= last) this.way = -1;
    if (this.at <= 0) this.way = 1;
    this.at = clamp(this.at + this.way, 0, last);
  }

  /** Run on, if it rests and may run. */
  wake() {
    if (this.running || !this.mayRun()) return;
    this.running = true;
    this.due = null;
    requestAnimationFrame((now) => this.tick(now));
  }

  tick(now) {
    this.running = this.mayRun();
    if (!this.running) return;
    requestAnimationFrame((next) => this.tick(next));
    const pause = 1000 / this.spec.fps;
    this.due ??= now + pause;
    if (now < this.due - EARLY) return;
    this.due = Math.max(this.due + pause, now);
    this.step();
    this.paint();
  }

  mayRun() {
    const shown = this.reels.length && this.canvas.isConnected && this.isVisible();
    return Boolean(this.playing && !this.still.matches && shown);
  }

  draw(theme, width, height) {
    Object.assign(this, { theme, width, height });
    this.empty.style.height = `${Math.min(width, height)}px`;
    if (this.reels.length) this.paint();
    this.wake();
  }

  paint() {
    const { side } = this.spec;
    const [{ serial, frames }] = this.reels;
    const shown = this.still.matches ? this.strip() : [this.at];
    const across = Math.ceil(Math.sqrt(shown.length));
    const rows = Math.ceil(shown.length / across);
    const room = Math.round(Math.min(this.width / across, this.height / rows) * deviceRatio());
    const size = Math.max(1, room < side ? room : side * Math.floor(room / side));
    const c = deviceContext(this.canvas, size * across, size * rows);
    shown.forEach((k, i) => {
      this.sheet.set(frames.subarray(k * side ** 2, (k + 1) * side ** 2), side, 1, this.theme);
      this.sheet.draw(c, 0, (i % across) * size, Math.floor(i / across) * size, size);
    });
    this.canvas.dataset.frame = `${serial}:${this.at}`;
  }

  // images at even distances from the first to the last
  strip() {
    const { n } = this.reels[0];
    const shown = Math.min(n, STRIP);
    return Array.from({ length: shown }, (_, i) => Math.round((i * (n - 1)) / Math.max(1, shown - 1)));
  }
}
