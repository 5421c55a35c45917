// What a chart says of the place under the pointer, or under the finger that tapped: a line there, and the values.

import { short } from "./axis.js";
import { element } from "./dom.js";
import { clamp } from "./geometry.js";
import { pointsOf } from "./strokes.js";
import { typeset } from "./symbols.js";

const NEAR = 24; // px
const DIGITS = 4; // of a value

export class Hover {
  constructor(box, canvas) {
    this.box = box;
    this.canvas = canvas;
    this.line = element("div", "lb-crosshair");
    this.tip = element("div", "lb-tip lb-values");
    this.hide();
    box.append(this.line, this.tip);
    canvas.addEventListener("pointermove", (e) => this.at(e));
    canvas.addEventListener("pointerdown", (e) => this.at(e)); // a tap on a phone
    canvas.addEventListener("pointerleave", (e) => { if (e.pointerType === "mouse") this.hide(); });
    canvas.addEventListener("blur", () => this.hide());
  }

  /** This is drawn now. */
  set(traces, frame) {
    Object.assign(this, { traces, frame });
    if (this.place) this.show();
  }

  at(e) {
    const box = this.canvas.getBoundingClientRect();
    this.place = [e.clientX - box.left, e.clientY - box.top];
    if (this.frame) this.show();
    if (e.pointerType !== "mouse") this.leaveWithNextTap();
  }

  leaveWithNextTap() {
    this.leaving?.abort();
    this.leaving = new AbortController();
    const away = (e) => { if (e.target !== this.canvas) this.hide(); };
    document.addEventListener("pointerdown", away, { signal: this.leaving.signal });
  }

  hide() {
    this.place = null;
    this.leaving?.abort();
    this.line.hidden = this.tip.hidden = true;
  }

  show() {
    const { left, right, top, bottom } = this.frame;
    const [x, y] = this.place;
    const found = x >= left - 2 && x <= right + 2 && y >= top && y <= bottom ? this.nearest() : [];
    this.line.hidden = this.tip.hidden = !found.length;
    if (!found.length) return;
    const at = found.toSorted((a, b) => a.far - b.far)[0];
    this.tip.replaceChildren(...rows(at, found, this.frame));
    Object.assign(this.line.style, { left: `${at.px}px`, top: `${top}px`, height: `${bottom - top}px` });
    this.put(at);
  }

  // beside the line, on the side where there is room
  put(at) {
    const { offsetWidth: width, offsetHeight: height } = this.tip;
    const { clientWidth, clientHeight } = this.canvas;
    const left = at.px + 8 + width <= clientWidth ? at.px + 8 : at.px - 8 - width;
    this.tip.style.left = `${clamp(left, 0, Math.max(0, clientWidth - width))}px`;
    this.tip.style.top = `${clamp(this.place[1] - height / 2, 0, Math.max(0, clientHeight - height))}px`;
  }

  // the point of each trace that is the nearest across; curves that turn back may have several above each other
  nearest() {
    const [x, y] = this.place;
    const found = [];
    for (const trace of this.traces) {
      if (trace.hoverinfo === "skip") continue;
      const points = pointsOf(trace, this.frame);
      let best = null;
      for (let i = 0; i < points.n; i++) {
        const far = Math.abs(points.x[i] - x) + 0.01 * Math.abs(points.y[i] - y);
        if (!(far >= (best?.far ?? NEAR))) best = Number.isNaN(far) ? best : { far, i, px: points.x[i] };
      }
      if (best) found.push({ ...best, trace });
    }
    return found.filter(({ px, far }) => Math.abs(px - x) <= NEAR && far < Infinity);
  }
}

function rows(at, found, { x, y }) {
  const xs = element("div");
  xs.textContent = `${number(valueX(at))}${x.given.ticksuffix ?? ""}`;
  if (x.given.title?.text) typeset(xs, `${x.given.title.text} = ${xs.textContent}`);
  const shown = found.map(({ trace, i }) => {
    const { hoverinfo = "x+y+name", name } = trace;
    const says = hoverinfo === "all" ? "x+y+name" : hoverinfo;
    const value = says.includes("y") ? `${number(trace.y[i])}${y.given.ticksuffix ?? ""}` : "";
    const row = element("div");
    const mark = element("i");
    mark.style.background = trace.line?.color ?? trace.marker?.color ?? "";
    const text = element("span");
    typeset(text, says.includes("name") && name ? [name, value].filter(Boolean).join(" = ") : value);
    row.append(mark, text);
    return row;
  });
  return [xs, ...shown];
}

const valueX = ({ trace, i }) => (trace.x ? trace.x[i] : (trace.x0 ?? 0) + i * (trace.dx ?? 1));

function number(v) {
  if (!v || !Number.isFinite(v)) return short(v ?? NaN, 0);
  const digits = DIGITS - 1 - Math.floor(Math.log10(Math.abs(v)));
  return digits > 8 ? v.toExponential(2).replaceAll("-", "−") : short(v, clamp(digits, 0, 8), Infinity);
}
