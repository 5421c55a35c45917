// The whole training as a slider: what happened when, from where one can go on differently, and which moment is shown.

import { element, fill } from "./dom.js";
import { clamp } from "./geometry.js";

const PAGE = 10; // moments
const SAID = 3; // marks that are named at once
const NEAR = 7; // px between the pointer and a mark that it means
const KEYS = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -PAGE, PageUp: PAGE, Home: -Infinity, End: Infinity };

/** As the numbers above the charts. */
export const stepText = (step) => step.toLocaleString("en-US");

export class Track {
  // seek(at): to this moment; null: now
  constructor(seek) {
    this.seek = seek;
    this.at = null;
    this.pointed = null; // the step under the pointer
    this.steps = []; // of the moments before now
    this.element = element("div", "lb-track", { role: "slider", tabindex: 0, "data-testid": "track" });
    this.rail = element("div", "lb-rail");
    this.seen = element("i", "lb-seen");
    this.starts = element("div", "lb-starts");
    this.marks = element("div", "lb-marks");
    this.knob = element("i", "lb-knob");
    this.bubble = element("span", "lb-bubble");
    this.rail.append(this.seen, this.starts, this.marks, this.knob, this.bubble);
    this.element.append(this.rail);
    this.listen();
  }

  listen() {
    const on = (event, act) => this.element.addEventListener(event, act);
    on("pointerdown", (event) => this.grasp(event));
    on("pointermove", (event) => this.follow(event));
    on("pointerleave", () => this.point(null));
    for (const end of ["pointerup", "pointercancel", "lostpointercapture"]) on(end, () => this.release());
    on("keydown", (event) => this.press(event));
  }

  /** `told` as in a frame; `at`: the moment that one wants to see, null for now. */
  set(told, at, texts) {
    Object.assign(this, { told, at, texts });
    this.steps = told.steps.filter((step) => step < told.now);
    this.first = this.steps[0] ?? told.now;
    const { style } = this.element;
    style.setProperty("--lb-first", this.first);
    style.setProperty("--lb-span", Math.max(1, told.now - this.first));
    style.setProperty("--lb-now", at ?? told.now);
    this.element.classList.toggle("lb-empty-track", !this.steps.length);
    fill(this.starts, told.starts.filter((step) => step < told.now), () => element("i"), place);
    fill(this.marks, told.marks, () => element("i"), (tick, mark) => {
      place(tick, mark.step);
      tick.dataset.kind = mark.kind;
    });
    this.describe();
    this.showBubble();
  }

  describe() {
    const { element: track, at, told, texts } = this;
    const says = at === null ? texts.at_now : texts.looking_back;
    track.setAttribute("aria-label", texts.timeline);
    track.setAttribute("aria-valuemin", this.first);
    track.setAttribute("aria-valuemax", told.now);
    track.setAttribute("aria-valuenow", at ?? told.now);
    track.setAttribute("aria-valuetext", says.replace("{step}", stepText(at ?? told.now)));
  }

  words(mark) {
    return `${this.texts.at_step.replace("{step}", stepText(mark.step))}: ${mark.text}`;
  }

  // ---- moments ----

  /** The moment nearest to a step; null: now. */
  nearest(step) {
    const all = [...this.steps, this.told.now];
    const found = all.reduce((best, one) => (Math.abs(one - step) < Math.abs(best - step) ? one : best));
    return found < this.told.now ? found : null;
  }

  /** The moment so many moments later; null: now. */
  neighbour(by) {
    const here = this.at === null ? this.steps.length : this.steps.findLastIndex((step) => step <= this.at);
    return this.steps[clamp(here + by, 0, this.steps.length)] ?? null;
  }

  // ---- pointer and keys ----

  grasp(event) {
    if (event.button || !this.steps.length) return;
    this.element.setPointerCapture(event.pointerId);
    this.held = true;
    this.element.focus({ preventScroll: true });
    event.preventDefault(); // no text is selected on the way
    this.go(this.nearest(this.stepAt(event)));
  }

  follow(event) {
    this.point(this.stepAt(event));
    if (this.held) this.go(this.nearest(this.pointed));
  }

  release() {
    this.held = false;
  }

  press(event) {
    const by = KEYS[event.key];
    if (by === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    this.go(this.neighbour(by));
  }

  go(at) {
    if (at !== this.at) this.seek(at);
  }

  stepAt({ clientX }) {
    const { left, width } = this.rail.getBoundingClientRect();
    this.pixel = (this.told.now - this.first) / Math.max(1, width); // steps
    return this.first + clamp((clientX - left) / Math.max(1, width), 0, 1) * (this.told.now - this.first);
  }

  // ---- what is said above it ----

  point(step) {
    this.pointed = step;
    this.showBubble();
  }

  // of what the pointer means, or else of what has happened up to the moment that is shown
  showBubble() {
    const { told, pointed, bubble } = this;
    if (!told) return;
    const marks = pointed === null ? this.justHappened() : told.marks.filter((mark) => Math.abs(mark.step - pointed) <= NEAR * this.pixel);
    const step = pointed === null ? this.at : this.nearest(pointed);
    bubble.hidden = !this.steps.length || (!marks.length && (pointed === null || step === this.at));
    const texts = marks.length ? marks.map((mark) => this.words(mark)) : [this.texts.at_step.replace("{step}", stepText(step ?? told.now))];
    bubble.textContent = texts.slice(0, SAID).join(" · ");
    place(bubble, marks[0]?.step ?? step ?? told.now);
  }

  justHappened() {
    if (this.at === null) return [];
    const before = this.steps[this.steps.indexOf(this.at) - 1] ?? -1;
    return this.told.marks.filter((mark) => mark.step > before && mark.step <= this.at);
  }
}

function place(node, step) {
  node.style.setProperty("--lb-step", step);
}
