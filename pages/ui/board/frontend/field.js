// A window of the plane on a canvas: heat-maps, contours, points, arrows and a mesh, each a layer that the visitor can
// switch on and off. Plotly needs ten times as long for the same picture.

import { pageContext } from "./canvas.js";
import { button, element, fill, keepKeys } from "./dom.js";
import { tickLabel, ticks, viewport } from "./geometry.js";
import { LAYERS } from "./layers.js";
import { Morph } from "./morph.js";
import { typeset } from "./symbols.js";
import { colored } from "./theme.js";
import { Tween } from "./tween.js";

export class Field {
  constructor(parent, { redraw }) {
    this.redraw = redraw;
    this.chosen = new Map(); // layer id -> whether it is on, once the visitor has chosen
    this.chips = element("div", "lb-chips");
    keepKeys(this.chips);
    this.morph = new Morph(redraw);
    this.tween = new Tween();
    this.canvas = element("canvas", "", { role: "img" });
    parent.append(this.chips, this.morph.element, this.canvas);
  }

  set(spec, { jump = false } = {}) {
    const elsewhere = String([spec.x, spec.y]) !== String([this.spec?.x, this.spec?.y]);
    this.spec = spec;
    this.tween.set(spec.layers, { jump: jump || elsewhere });
    this.canvas.setAttribute("aria-label", `${spec.title}. ${spec.help || ""}`);
    this.offer();
  }

  // the layers that can be switched, and the way of the mesh
  offer() {
    const { spec } = this;
    const switchable = spec.layers.filter((layer) => layer.label);
    const chip = () => { const made = button(() => this.toggle(made.dataset.layer)); return made; };
    fill(this.chips, switchable, chip, (made, layer) => this.setChip(made, layer));
    const moves = spec.layers.find((layer) => layer.type === "mesh" && layer.from);
    this.morph.set(Boolean(moves && this.isOn(moves)), spec.morph);
  }

  setChip(chip, layer) {
    chip.dataset.layer = layer.id;
    chip.dataset.role = /^\$(\w+)/.exec(layer.color)?.[1] ?? "";
    chip.title = layer.help || "";
    chip.setAttribute("aria-pressed", this.isOn(layer));
    typeset(chip, layer.label);
  }

  isOn(layer) {
    return this.chosen.get(layer.id) ?? layer.on !== false;
  }

  toggle(id) {
    const layer = this.spec.layers.find((l) => l.id === id);
    this.chosen.set(id, !this.isOn(layer));
    this.offer();
    this.redraw();
  }

  draw(theme, width, height, fits) {
    const start = performance.now();
    const { spec } = this;
    const room = fits ? height - this.chips.offsetHeight - this.morph.element.offsetHeight : height;
    const numbers = widest(this.canvas.getContext("2d"), ticks(spec.y), theme) + GAP + 4;
    const view = viewport(spec.x, spec.y, width, room, { square: spec.square, numbers, type: theme.type });
    const c = pageContext(this.canvas, width, view.below);
    c.save();
    c.beginPath();
    c.rect(view.left, view.top, view.width, view.height);
    c.clip();
    for (const layer of this.tween.now())
      if (this.isOn(layer)) LAYERS[layer.type](c, colored(layer, theme), view, { theme, morph: this.morph.value });
    c.restore();
    drawAxes(c, spec, view, theme);
    this.tween.goOn(this.redraw, performance.now() - start);
  }
}

const GAP = 5; // px between an axis and its numbers
const fonts = (theme) => ({ number: `${theme.type}px ${theme.font}`, name: `italic ${theme.type + 2}px ${theme.font}` });

function widest(c, numbers, theme) {
  c.font = fonts(theme).number;
  return Math.max(0, ...numbers.map((v, _, all) => c.measureText(tickLabel(v, all)).width));
}

// the name of an axis stands where its last number would be, which gives way; a long one stands inside the frame
function drawAxes(c, spec, view, theme) {
  const { number, name } = fonts(theme);
  c.strokeStyle = theme.muted;
  c.lineWidth = 1;
  c.strokeRect(view.left, view.top, view.width, view.height);
  c.fillStyle = theme.text;
  c.textBaseline = "top";
  c.font = name;
  const wide = c.measureText(spec.xlabel).width;
  const inside = c.measureText(spec.ylabel).width > view.left - GAP;
  c.textAlign = "right";
  c.fillText(spec.xlabel, view.right, view.bottom + GAP - 1);
  c.textAlign = inside ? "left" : "right";
  c.fillText(spec.ylabel, inside ? view.left + 6 : view.left - GAP, inside ? view.top + GAP : view.top);
  c.font = number;
  c.textAlign = "center";
  for (const [v, text] of labels(spec.x, (one) => (c.measureText(one).width + 8) / view.scaleX)) {
    if (view.x(v) + c.measureText(text).width / 2 < view.right - wide - 8) c.fillText(text, view.x(v), view.bottom + GAP);
  }
  c.textAlign = "right";
  c.textBaseline = "middle";
  for (const [v, text] of labels(spec.y, () => (1.3 * theme.type) / view.scaleY))
    if (inside || view.y(v) > view.top + 1.6 * theme.type) c.fillText(text, view.left - GAP, view.y(v));
}

// [value, text] of every tick, or of each second, ... one where they had no room
function labels(range, roomFor) {
  const all = ticks(range);
  const texts = all.map((v) => tickLabel(v, all));
  const step = all.length > 1 ? all[1] - all[0] : 1;
  const every = Math.max(1, Math.ceil(Math.max(0, ...texts.map(roomFor)) / step));
  return all.map((v, k) => [v, texts[k]]).filter(([v]) => Math.round(v / step) % every === 0);
}
