// One panel of the board: a title, and below it what its kind draws.

import { Chart } from "./chart.js";
import { element } from "./dom.js";
import { Field } from "./field.js";
import { Film } from "./film.js";
import { Images } from "./images.js";
import { typeset } from "./symbols.js";

/**
 * The kinds of panels; a panel without a kind is a chart. To add one, add it here.
 *
 * A kind is a class. It is made with the element to fill and { redraw(): ask to be drawn, send(name, value): tell
 * Python, isVisible(): whether it is on screen or nearly so }, and has
 *
 *     set(spec)                    take in what Python sent; `live_board` says what every spec has
 *     draw(theme, width, height)   draw that with these colours in this room, px
 *
 * and, where it needs them, wake(), called when it comes into sight or leaves it, and destroy().
 */
export const KINDS = { chart: Chart, field: Field, images: Images, film: Film };

export class Panel {
  constructor({ id, kind = "chart" }, { redraw, send }) {
    this.element = element("div", "lb-panel", { "data-panel": id });
    this.title = element("div", "lb-title");
    this.title.append(element("span"), element("span", "lb-help"));
    this.room = element("div");
    this.element.append(this.title, this.room);
    this.visible = true;
    this.dirty = true;
    this.drawn = 0; // when, ms
    this.view = new KINDS[kind](this.room, {
      redraw: () => { this.dirty = true; redraw(); },
      send,
      isVisible: () => this.visible,
    });
  }

  set(spec) {
    this.spec = spec;
    this.dirty = true;
    this.element.style.gridColumn = `span ${spec.columns}`;
    this.element.style.gridRow = spec.rows ? `span ${spec.rows}` : "";
    this.title.dataset.role = spec.role || "";
    this.title.title = `${spec.title}: ${spec.tip || spec.help || ""}`;
    typeset(this.title.firstChild, spec.title);
    typeset(this.title.lastChild, spec.help || "");
    this.view.set(spec);
  }

  get isDue() {
    return this.dirty && this.visible && this.room.clientWidth > 0;
  }

  get isSlow() {
    return this.spec.pace === "slow";
  }

  see(visible) {
    this.visible = visible;
    this.view.wake?.();
  }

  /** Draw it again if its room has another width now. */
  measure() {
    if (this.room.clientWidth === this.width) return;
    this.width = this.room.clientWidth;
    this.dirty = true;
  }

  draw(theme) {
    this.view.draw(theme, this.room.clientWidth, this.spec.height);
    this.dirty = false;
    this.drawn = performance.now();
  }

  remove() {
    this.view.destroy?.();
    this.element.remove();
  }
}
