// One panel of the board: a title, and below it what its kind draws.

import { Cells } from "./cells.js";
import { Chart } from "./chart.js";
import { element } from "./dom.js";
import { Field } from "./field.js";
import { Film } from "./film.js";
import { clamp } from "./geometry.js";
import { Images } from "./images.js";
import { Title } from "./title.js";

// px of a tight room for each px of its type, across and up; and what can still be read
const TYPE = { across: 17, up: 9, least: 12 };

/**
 * The kinds of panels; a panel without a kind is a chart. To add one, add it here.
 *
 * A kind is a class. It is made with the element to fill and { redraw(): ask to be drawn, send(name, value): tell
 * Python, isVisible(): whether it is on screen or nearly so }, and has
 *
 *     set(spec, { jump })               take in what Python sent; `live_board` says what every spec has. With `jump`
 *                                       nothing moves from the last picture to this one
 *     draw(theme, width, height, fits)  draw that with these colours, and type of that size, in this room, px. A room that
 *                                       `fits` is that high and no higher, else a kind may lay its controls around
 *
 * and, where it needs them, wake(), called when it comes into sight or leaves it, and destroy().
 */
export const KINDS = { chart: Chart, field: Field, images: Images, film: Film, cells: Cells };

export class Panel {
  constructor({ id, kind = "chart" }, { redraw, send }) {
    this.element = element("div", "lb-panel", { "data-panel": id });
    this.title = new Title();
    this.room = element("div", "lb-room");
    this.element.append(this.title.element, this.room);
    this.visible = true;
    this.dirty = true;
    this.drawn = 0; // when, ms
    this.pictures = 0;
    this.view = new KINDS[kind](this.room, {
      redraw: () => { this.dirty = true; redraw(); },
      send,
      isVisible: () => this.visible,
    });
  }

  set(spec, { reset = false } = {}) {
    this.spec = spec;
    this.dirty = true;
    this.element.style.gridColumn = `span ${spec.columns}`;
    this.element.style.gridRow = spec.rows ? `span ${spec.rows}` : "";
    this.title.set(spec);
    this.view.set(spec, { jump: reset });
  }

  get isDue() {
    return this.dirty && this.visible && this.room.clientWidth > 0;
  }

  get isSlow() {
    return this.spec.pace === "slow";
  }

  /** Whether CSS says how high it is, and not its spec. */
  get fits() {
    return this.element.classList.contains("lb-fit");
  }

  see(visible) {
    this.visible = visible;
    this.view.wake?.();
  }

  /** Draw it again if its room is another one now. */
  measure() {
    if (this.size() === this.before) return;
    this.dirty = true;
  }

  size() {
    const { clientWidth, clientHeight } = this.room;
    return this.fits ? `${clientWidth} ${clientHeight}` : `${clientWidth}`;
  }

  // what is seen is drawn while this is drawn, thus what asks for another picture meanwhile gets it
  draw(theme) {
    this.dirty = false;
    this.title.fit();
    const { fits, room, spec } = this;
    this.before = this.size();
    const [width, height] = [room.clientWidth, fits ? room.clientHeight : spec.height];
    this.view.draw(fits ? { ...theme, type: this.type(theme, width, height) } : theme, width, height, fits);
    this.drawn = performance.now();
    this.pictures += 1;
    this.element.dataset.pictures = this.pictures;
  }

  // in proportion to the room; on the full stage everything is large
  type(theme, width, height) {
    if (this.element.closest(".lb-full")) return theme.type;
    const fitting = Math.floor(2 * Math.min(width / TYPE.across, height / TYPE.up)) / 2;
    return clamp(fitting, TYPE.least, Math.max(TYPE.least, theme.type));
  }

  remove() {
    this.view.destroy?.();
    this.element.remove();
  }
}
