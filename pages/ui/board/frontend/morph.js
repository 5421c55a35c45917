// A slider from 0 to 1 with a button that runs it: how far a mesh has come on its way.

import { button, element, keepKeys } from "./dom.js";
import { clamp } from "./geometry.js";
import { typeset } from "./symbols.js";

const WAIT = 500; // ms at the start, so that one sees where it begins
const RUN = 2000; // ms from 0 to 1

export class Morph {
  constructor(redraw) {
    this.redraw = redraw;
    this.value = 1;
    this.play = button(() => this.run());
    this.range = element("input", "", { type: "range", min: 0, max: 1, step: 0.01 });
    this.range.value = this.value;
    this.range.addEventListener("input", () => this.go(Number(this.range.value)));
    this.element = element("div", "lb-morph");
    this.element.append(this.play, this.range);
    this.element.hidden = true;
    keepKeys(this.element);
  }

  /** Shown under this name, or hidden. */
  set(shown, text) {
    this.element.hidden = !shown;
    if (!shown) return;
    typeset(this.play, `▶ ${text}`);
    this.range.setAttribute("aria-label", text);
  }

  go(value) {
    this.value = value;
    this.redraw();
  }

  run() {
    const start = performance.now();
    const move = (now) => {
      this.go(clamp((now - start - WAIT) / RUN, 0, 1));
      this.range.value = this.value;
      if (this.value < 1) requestAnimationFrame(move);
    };
    requestAnimationFrame(move);
  }
}
