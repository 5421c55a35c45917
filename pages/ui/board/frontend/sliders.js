// The live settings: one slider each, over the values on offer.

import { element, fill } from "./dom.js";
import { Hint } from "./hint.js";
import { typeset } from "./symbols.js";

const HELD = 1500; // ms: frames that were on their way when the visitor moved a slider do not move it back

/** As Python writes it with "g", and so the marks in the charts: 0.001, 2e-05. */
export function number(value) {
  if (value !== 0 && Math.abs(value) < 1e-4)
    return value.toExponential().replace(/e-(\d)$/, "e-0$1");
  return String(Number(value.toPrecision(6)));
}

export class Sliders {
  // change(values): the visitor moved these
  constructor(change) {
    this.change = change;
    this.moved = {}; // field -> value, not yet sent
    this.held = new Map(); // field -> until when frames do not move it
    this.element = element("div", "lb-settings");
  }

  /** `owner`: whose they are; another one's are not held where those of the last were moved to. */
  set(specs, owner = false) {
    if (owner !== this.owner) this.held.clear();
    this.owner = owner;
    fill(this.element, specs, () => this.make(), (row, spec) => this.show(row, spec));
  }

  make() {
    const row = element("div", "lb-setting");
    const name = element("span", "lb-setting-name");
    const hint = new Hint();
    const value = element("output");
    const range = element("input", "", { type: "range", min: 0, step: 1 });
    const head = element("div", "lb-setting-head");
    head.append(name, hint.element, value);
    row.append(head, range);
    Object.assign(row, { name, hint, value, range });
    range.addEventListener("input", () => this.move(row));
    range.addEventListener("pointerdown", () => { row.pressed = true; });
    for (const end of ["pointerup", "pointercancel", "blur"])
      range.addEventListener(end, () => { row.pressed = false; });
    return row;
  }

  show(row, spec) {
    row.spec = spec;
    row.dataset.testid = `setting-${spec.field}`;
    typeset(row.name, spec.label);
    row.hint.set(spec.label, spec.help);
    row.range.setAttribute("aria-label", spec.label);
    row.range.disabled = !spec.enabled;
    row.classList.toggle("lb-off", !spec.enabled);
    const held = this.held.get(spec.field);
    const moving = row.pressed || (held && performance.now() < held.until && held.value !== spec.value);
    if (moving) return;
    this.held.delete(spec.field);
    const last = spec.options.length - 1;
    if (Number(row.range.max) !== last) row.range.max = last;
    const at = spec.options.indexOf(spec.value);
    if (Number(row.range.value) !== at) row.range.value = at;
    this.tell(row, spec.value);
  }

  tell(row, value) {
    const text = number(value);
    if (row.value.textContent !== text) row.value.textContent = text;
    row.range.setAttribute("aria-valuetext", text);
    const last = Math.max(row.spec.options.length - 1, 1);
    row.range.style.setProperty("--lb-at", `${(100 * Number(row.range.value)) / last}%`);
  }

  // at most one message per frame of the screen, and the last value always
  move(row) {
    const { field, options } = row.spec;
    const value = options[Number(row.range.value)];
    this.tell(row, value);
    this.held.set(field, { value, until: performance.now() + HELD });
    const waiting = Object.keys(this.moved).length > 0;
    this.moved[field] = value;
    if (waiting) return;
    requestAnimationFrame(() => {
      this.change(this.moved);
      this.moved = {};
    });
  }

  /** Move the slider that has the focus, or else the first that can be moved, by so many values. */
  nudge(by) {
    const rows = [...this.element.children].filter((row) => !row.range.disabled);
    const row = rows.find((r) => r.contains(document.activeElement)) ?? rows[0];
    if (!row) return;
    const at = Number(row.range.value) + by;
    if (at < 0 || at >= row.spec.options.length) return;
    row.range.value = at;
    this.move(row);
  }

  /** What the sliders say, in one line. */
  get summary() {
    return [...this.element.children].slice(0, 2).map((row) => `${row.spec.label} ${row.value.textContent}`).join(" · ");
  }
}
