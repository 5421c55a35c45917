// A chart of curves on a canvas, from the same spec as a Plotly chart: what Plotly needs ten times as long for.

import { pageContext } from "./canvas.js";
import { element } from "./dom.js";
import { drawAxes, drawGrid, layOut } from "./frame.js";
import { Hover } from "./hover.js";
import { drawNotes, drawShapes } from "./notes.js";
import { drawTraces } from "./strokes.js";
import { colored } from "./theme.js";
import { Tween } from "./tween.js";

export class Plot {
  constructor(parent, { redraw }) {
    this.redraw = redraw;
    this.tween = new Tween();
    this.box = element("div", "lb-plot");
    this.canvas = element("canvas", "", { role: "img" });
    this.hover = new Hover(this.box, this.canvas);
    this.box.prepend(this.canvas);
    parent.append(this.box);
  }

  set(spec, { jump = false } = {}) {
    this.spec = spec;
    if (!this.hover.frame) this.canvas.style.height = `${spec.height}px`; // its place, until it is drawn
    this.canvas.setAttribute("aria-label", `${spec.title}. ${spec.tip || spec.help || ""}`);
    this.tween.set(spec.data, { jump: jump || spec.pace === "slow" }); // a curve over the steps grows, it does not move
  }

  draw(theme, width, height, fits) {
    const start = performance.now();
    const { layout } = this.spec;
    const c = pageContext(this.canvas, width, height);
    const frame = layOut(c, layout, { width, height, fits, theme });
    const traces = colored(this.tween.now(), theme);
    drawGrid(c, frame, theme);
    c.save();
    c.beginPath();
    c.rect(frame.left, frame.top - 1, frame.right - frame.left, frame.bottom - frame.top + 2);
    c.clip();
    drawTraces(c, traces, frame);
    drawShapes(c, colored(layout.shapes ?? [], theme), frame);
    c.restore();
    drawNotes(c, colored(layout.annotations ?? [], theme), frame, theme);
    drawAxes(c, frame, theme);
    this.hover.set(traces, frame);
    this.tween.goOn(this.redraw, performance.now() - start);
  }

  destroy() {
    this.box.remove();
  }
}
