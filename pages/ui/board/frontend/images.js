// Grey images on a canvas, ink on paper in the colours of the theme: a grid of them, whose opinions stand as bars below
// and which can be picked, and a film. Sizes are in pixels of the device, so that a pixel of an image is a square of them.

import { rgba } from "./field.js";

// Whole pixels may shrink a grid to this share of its room, else their edges are blended; on a fine screen nobody sees that
const LEAST = (ratio) => (ratio >= 2 ? 0.92 : 0.75);

// A sheet of images beside each other, 0 in the colour of the paper and 255 in that of the ink
class Sheet {
  constructor() {
    this.canvas = document.createElement("canvas");
    this.large = document.createElement("canvas");
  }

  // pixels: n * side * side; `across` images per row
  set(pixels, side, across, theme) {
    const n = Math.floor(pixels.length / side ** 2);
    this.side = side;
    this.across = across;
    resize(this.canvas, across * side, Math.ceil(n / across) * side);
    const c = this.canvas.getContext("2d");
    const image = c.createImageData(this.canvas.width, this.canvas.height);
    const out = new Uint32Array(image.data.buffer);
    const inks = this.inks(theme);
    for (let k = 0, at = 0; k < n; k++) {
      let to = (Math.floor(k / across) * side * across + (k % across)) * side;
      for (let i = 0; i < side; i++, to += across * side - side)
        for (let j = 0; j < side; j++) out[to++] = inks[pixels[at++]];
    }
    c.putImageData(image, 0, 0);
    this.enlarged = 0;
  }

  inks(theme) {
    const key = `${theme.background} ${theme.text}`;
    if (this.key === key) return this.table;
    this.key = key;
    const [paper, ink] = [rgba(theme.background), rgba(theme.text)];
    const bytes = new Uint8ClampedArray(4 * 256);
    for (let v = 0; v < 256; v++)
      for (let k = 0; k < 4; k++) bytes[4 * v + k] = k < 3 ? paper[k] + (ink[k] - paper[k]) * (v / 255) : 255;
    return (this.table = new Uint32Array(bytes.buffer));
  }

  // image k as a square of `size` pixels: sharp where that is a multiple, else enlarged sharply and then made smaller
  draw(c, k, x, y, size) {
    const { side, across } = this;
    const times = Math.ceil(size / side);
    const whole = size === times * side;
    if (!whole && this.enlarged !== times) {
      resize(this.large, this.canvas.width * times, this.canvas.height * times);
      const l = this.large.getContext("2d");
      l.imageSmoothingEnabled = false;
      l.drawImage(this.canvas, 0, 0, this.large.width, this.large.height);
      this.enlarged = times;
    }
    const cut = whole ? side : side * times;
    c.imageSmoothingEnabled = !whole;
    c.drawImage(whole ? this.canvas : this.large, (k % across) * cut, Math.floor(k / across) * cut, cut, cut, x, y, size, size);
  }
}

function resize(canvas, width, height) {
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
}

function color(value, theme) {
  return theme[value?.slice(1)] ?? theme.text;
}

export class Images {
  // send: tells Python of the picks
  constructor(parent, redraw, send) {
    this.redraw = redraw;
    this.send = send;
    this.picks = [];
    this.sent = []; // picks on their way to Python and back
    this.cursor = null; // of the keyboard
    this.sheet = new Sheet();
    this.canvas = document.createElement("canvas");
    this.canvas.className = "lb-images";
    this.tip = document.createElement("div");
    this.tip.className = "lb-tip";
    this.tip.hidden = true;
    this.said = document.createElement("div");
    this.said.className = "lb-said";
    this.said.setAttribute("role", "status");
    parent.classList.add("lb-images-box");
    parent.append(this.canvas, this.tip, this.said);
    this.canvas.addEventListener("pointermove", (e) => this.hover(this.imageAt(e)));
    this.canvas.addEventListener("pointerleave", () => this.hover(null));
    this.canvas.addEventListener("click", (e) => {
      this.cursor = this.imageAt(e) ?? this.cursor;
      this.pick(this.imageAt(e));
    });
    this.canvas.addEventListener("keydown", (e) => this.key(e));
    for (const name of ["focus", "blur"]) this.canvas.addEventListener(name, () => this.redraw());
  }

  set(spec) {
    const before = this.spec;
    this.spec = spec;
    this.n = Math.floor(spec.pixels.length / spec.side ** 2);
    const label = `${spec.title}. ${spec.help || ""}`;
    if (spec.pick) {
      this.canvas.tabIndex = 0;
      this.canvas.setAttribute("role", "application");
      this.canvas.setAttribute("aria-label", spec.pick.label);
    } else {
      this.canvas.removeAttribute("tabindex");
      this.canvas.setAttribute("role", "img");
      this.canvas.setAttribute("aria-label", label);
    }
    this.canvas.dataset.pickable = Boolean(spec.pick);
    this.follow(before?.picked ?? [], spec.picked ?? []);
  }

  // The visitor's picks count at once. Python tells them back a moment later, which says nothing new; any other change
  // is Python's own.
  follow(before, now) {
    const known = this.sent.findIndex((s) => alike(s, now));
    if (known >= 0) this.sent.splice(0, known + 1);
    else if (!alike(before, now)) {
      this.picks = [...now];
      this.sent = [];
    }
    this.picks = this.picks.filter((k) => k < this.n);
    this.canvas.dataset.picked = this.picks.join(" ");
  }

  pick(k) {
    if (k === null || !this.spec.pick) return;
    this.picks = this.picks.includes(k) ? this.picks.filter((p) => p !== k) : [...this.picks, k].slice(-2);
    this.canvas.dataset.picked = this.picks.join(" ");
    this.sent.push(this.picks);
    this.send(this.picks);
    this.say(k);
    this.redraw();
  }

  key(e) {
    if (!this.spec.pick || e.ctrlKey || e.metaKey || e.altKey) return;
    const { across } = this.spec;
    const move = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -across, ArrowDown: across }[e.key];
    if (!move && e.key !== "Enter" && e.key !== " ") return;
    e.preventDefault();
    e.stopPropagation(); // the space bar picks here, and does not work Play as well
    if (this.cursor === null) this.cursor = 0;
    else if (move && this.cursor + move >= 0 && this.cursor + move < this.n) this.cursor += move;
    if (!move) return this.pick(this.cursor);
    this.say(this.cursor);
    this.redraw();
  }

  say(k) {
    const badge = this.picks.indexOf(k);
    this.said.textContent = [`${k + 1} / ${this.n}`, this.words(k), badge < 0 ? "" : `✓ ${badge + 1}`].filter(Boolean).join(" · ");
  }

  words(k) {
    if (this.spec.captions) return this.spec.captions[k];
    const d = this.spec.opinions?.[k];
    return Number.isFinite(d) ? `D = ${d.toFixed(2)}` : "";
  }

  imageAt(e) {
    if (!this.place) return null;
    const { left, size, stepX, stepY, ratio } = this.place;
    const box = this.canvas.getBoundingClientRect();
    const i = Math.floor(((e.clientX - box.left) * ratio - left + (stepX - size) / 2) / stepX);
    const j = Math.floor(((e.clientY - box.top) * ratio) / stepY);
    const k = j * this.spec.across + i;
    return i >= 0 && i < this.spec.across && j >= 0 && k < this.n ? k : null;
  }

  hover(k) {
    if (this.spec.pick && k !== this.under) this.redraw();
    this.under = k;
    this.canvas.style.cursor = this.spec.pick && k !== null ? "pointer" : "";
    const text = k === null || this.spec.captions ? "" : this.words(k);
    this.tip.hidden = !text;
    if (!text) return;
    this.tip.textContent = text;
    const { size, ratio } = this.place;
    const [x, y] = this.corner(k);
    const half = this.tip.offsetWidth / 2;
    const middle = this.canvas.offsetLeft + (x + size / 2) / ratio;
    this.tip.style.left = `${Math.max(half, Math.min(this.canvas.offsetLeft + this.canvas.clientWidth - half, middle))}px`;
    const above = y / ratio - this.tip.offsetHeight - 3;
    this.tip.style.top = `${this.canvas.offsetTop + (above >= 0 ? above : (y + size) / ratio + 14)}px`;
  }

  corner(k) {
    const { left, stepX, stepY, across, pad } = this.place;
    return [left + (k % across) * stepX, pad + Math.floor(k / across) * stepY];
  }

  draw(theme, width) {
    const { spec, canvas, sheet, n } = this;
    const ratio = window.devicePixelRatio || 1;
    const px = (v) => Math.round(v * ratio);
    const across = Math.min(spec.across, n) || 1;
    const rows = Math.ceil(n / across);
    const c = canvas.getContext("2d");
    const pad = px(4); // room for the outline of a pick
    const gap = px(6);
    const below = spec.captions ? px(20) : spec.opinions ? px(11) : 0;
    const room = Math.min(
      (px(width) - 2 * pad - (across - 1) * gap) / across,
      (px(spec.height) - 2 * pad - (rows - 1) * gap) / rows - below,
    );
    const whole = spec.side * Math.floor(room / spec.side);
    const size = Math.max(1, whole >= LEAST(ratio) * room ? whole : Math.floor(room));
    const slack = Math.max(0, Math.min(room - size, 0.12 * size)); // what whole pixels leave goes into the gaps
    const free = Math.floor((px(width) - 2 * pad - size) / Math.max(1, across - 1));
    const wanted = spec.captions ? this.widest(c, theme, 14 * ratio) + px(12) : 0;
    const stepX = Math.min(Math.max(size + gap + Math.floor(slack), Math.ceil(wanted)), Math.max(free, size));
    const stepY = size + below + gap + Math.floor(slack / 2);
    const left = Math.max(pad, Math.floor((px(width) - (across - 1) * stepX - size) / 2));
    const height = 2 * pad + (rows - 1) * stepY + size + below;
    this.place = { left, size, stepX, stepY, ratio, across, pad };
    if (canvas.width !== px(width) || canvas.height !== height) {
      resize(canvas, px(width), height);
      canvas.style.width = `${width}px`;
      canvas.style.height = `${height / ratio}px`;
    } else c.clearRect(0, 0, canvas.width, canvas.height);
    sheet.set(spec.pixels, spec.side, across, theme);
    for (let k = 0; k < n; k++) sheet.draw(c, k, ...this.corner(k), size);
    if (spec.captions) this.drawCaptions(c, theme);
    else if (spec.opinions) this.drawOpinions(c, theme);
    this.drawPicks(c, theme);
    if (this.under != null) this.hover(this.under < n ? this.under : null);
  }

  drawOpinions(c, theme) {
    const { size, ratio } = this.place;
    const px = (v) => Math.round(v * ratio);
    const [tall, tick] = [px(5), Math.max(1, px(1.6))];
    const bars = (color, length) => {
      c.fillStyle = color;
      for (let k = 0; k < this.n; k++) {
        const [x, y] = this.corner(k);
        c.fillRect(x, y + size + px(4), Math.round(size * length(k)), tall);
      }
    };
    bars(theme.track, () => 1);
    bars(theme.discriminator, (k) => Math.max(0, Math.min(1, this.spec.opinions[k])) || 0);
    c.fillStyle = theme.text;
    for (let k = 0; k < this.n; k++) {
      const [x, y] = this.corner(k);
      c.fillRect(x + Math.round((size - tick) / 2), y + size + px(2), tick, tall + px(4));
    }
  }

  widest(c, theme, font) {
    c.font = `${font}px ${theme.font}`;
    return Math.max(1, ...this.spec.captions.map((t) => c.measureText(t).width));
  }

  drawCaptions(c, theme) {
    const { size, stepX, ratio } = this.place;
    const largest = 14 * ratio;
    const fitting = (largest * (stepX - 8 * ratio)) / this.widest(c, theme, largest);
    c.font = `${Math.max(8 * ratio, Math.min(largest, fitting))}px ${theme.font}`;
    c.fillStyle = theme.text;
    c.textAlign = "center";
    c.textBaseline = "top";
    this.spec.captions.forEach((text, k) => {
      const [x, y] = this.corner(k);
      c.fillText(text, x + size / 2, y + size + 4 * ratio);
    });
  }

  drawPicks(c, theme) {
    const { size, ratio } = this.place;
    const accent = color(this.spec.frame, theme);
    const wide = Math.round(3.5 * ratio);
    const outline = (k, thick) => {
      const [x, y] = this.corner(k);
      c.strokeStyle = accent;
      c.lineWidth = thick;
      c.strokeRect(x - thick / 2, y - thick / 2, size + thick, size + thick);
    };
    if (this.spec.pick && this.under != null && this.under < this.n) outline(this.under, Math.round(1.5 * ratio));
    this.picks.forEach((k, i) => {
      const [x, y] = this.corner(k);
      outline(k, wide);
      const badge = Math.round(Math.max(16, Math.min(26, size / ratio / 3)) * ratio);
      c.fillStyle = accent;
      c.fillRect(x - wide, y - wide, badge, badge);
      c.fillStyle = theme.background;
      c.font = `700 ${Math.round(0.78 * badge)}px ${theme.font}`;
      c.textAlign = "center";
      c.textBaseline = "middle";
      c.fillText(String(i + 1), x - wide + badge / 2, y - wide + 0.56 * badge);
    });
    if (this.cursor === null || this.cursor >= this.n || !this.canvas.matches(":focus-visible")) return;
    const [x, y] = this.corner(this.cursor);
    c.strokeStyle = theme.text;
    c.lineWidth = Math.round(2 * ratio);
    c.setLineDash([4 * ratio, 3 * ratio]);
    c.strokeRect(x, y, size, size);
    c.setLineDash([]);
  }
}

function alike(a, b) {
  return a.length === b.length && a.every((v, i) => v === b[i]);
}

const WAITING = 3; // reels of a film, at most
const STRIP = 16; // images of a film that stands still as a strip

export class Film {
  // visible: asked at every frame, for it runs only while it can be seen
  constructor(parent, visible) {
    this.visible = visible;
    this.reels = []; // { serial, frames, n }: the one that runs, then those that wait
    this.at = 0;
    this.way = 1;
    this.playing = true;
    this.still = window.matchMedia("(prefers-reduced-motion: reduce)");
    this.sheet = new Sheet();
    this.canvas = document.createElement("canvas");
    this.canvas.className = "lb-images lb-frame";
    this.canvas.setAttribute("role", "img");
    this.empty = document.createElement("div");
    this.empty.className = "lb-empty";
    this.button = document.createElement("button");
    this.button.type = "button";
    this.button.addEventListener("click", () => {
      this.playing = !this.playing;
      this.label();
      this.wake();
    });
    this.row = document.createElement("div");
    this.row.className = "lb-chips lb-film";
    this.row.append(this.button);
    this.row.addEventListener("keydown", (e) => e.stopPropagation());
    parent.append(this.canvas, this.empty, this.row);
  }

  label() {
    const { texts = {} } = this.spec;
    this.button.textContent = this.playing ? "❚❚" : "▶";
    this.button.setAttribute("aria-label", (this.playing ? texts.pause : texts.play) ?? "");
    this.button.title = this.button.getAttribute("aria-label");
  }

  set(spec) {
    this.spec = spec;
    this.canvas.setAttribute("aria-label", `${spec.title}. ${spec.help || ""}`);
    const reel = { serial: spec.serial, frames: spec.frames, n: Math.floor(spec.frames.length / spec.side ** 2) };
    const same = this.reels.findIndex((r) => r.serial === reel.serial);
    if (!reel.n) this.reels = [];
    else if (same >= 0) {
      this.reels[same] = reel;
      this.at = Math.min(this.at, this.reels[0].n - 1);
    } else {
      if (spec.cut) this.reels = [];
      this.reels.push(reel);
      if (this.reels.length > WAITING + 1) this.reels.splice(1, 1); // nobody has looked for a while
      if (this.reels.length === 1) [this.at, this.way] = [0, 1];
      else this.way = 1; // to the end, where the next begins
    }
    this.label();
    const none = !this.reels.length;
    this.empty.textContent = none ? (spec.texts?.empty ?? "") : "";
    this.empty.hidden = !none;
    this.canvas.hidden = none;
    this.row.hidden = none || this.still.matches;
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
    this.at = Math.max(0, Math.min(last, this.at + this.way));
  }

  wake() {
    if (this.running || !this.runs()) return;
    this.running = true;
    this.due = null;
    const tick = (now) => {
      this.running = this.runs();
      if (!this.running) return;
      requestAnimationFrame(tick);
      const pause = 1000 / this.spec.fps;
      this.due ??= now + pause;
      if (now < this.due - 4) return;
      this.due = Math.max(this.due + pause, now);
      this.step();
      this.paint();
    };
    requestAnimationFrame(tick);
  }

  runs() {
    return Boolean(this.playing && !this.still.matches && this.reels.length && this.canvas.isConnected && this.visible());
  }

  draw(theme, width) {
    [this.theme, this.width] = [theme, width];
    this.empty.style.height = `${Math.min(width, this.spec.height)}px`;
    if (this.reels.length) this.paint();
    this.wake();
  }

  paint() {
    const { spec, canvas, theme } = this;
    const [{ frames, n }] = this.reels;
    const ratio = window.devicePixelRatio || 1;
    const c = canvas.getContext("2d");
    const strip = this.still.matches;
    const shown = strip ? Math.min(n, STRIP) : 1;
    const across = Math.ceil(Math.sqrt(shown));
    const rows = Math.ceil(shown / across);
    const room = Math.round(Math.min(this.width / across, spec.height / rows) * ratio);
    const size = Math.max(1, room < spec.side ? room : spec.side * Math.floor(room / spec.side));
    resize(canvas, size * across, size * rows);
    canvas.style.width = `${(size * across) / ratio}px`;
    canvas.style.height = `${(size * rows) / ratio}px`;
    const area = spec.side ** 2;
    for (let i = 0; i < shown; i++) {
      const k = strip ? Math.round((i * (n - 1)) / Math.max(1, shown - 1)) : this.at;
      this.sheet.set(frames.subarray(k * area, (k + 1) * area), spec.side, 1, theme);
      this.sheet.draw(c, 0, (i % across) * size, Math.floor(i / across) * size, size);
    }
    canvas.dataset.frame = `${this.reels[0].serial}:${this.at}`;
  }
}
