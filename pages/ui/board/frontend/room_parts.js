// What the windows of a room are made of.

import { button, element } from "./dom.js";
import { typeset } from "./symbols.js";

export function worded(tag, text, className = "", attributes = {}) {
  const made = element(tag, className, attributes);
  typeset(made, text);
  return made;
}

export function pressable(text, press, className = "") {
  const made = button(press);
  made.className = `rm-button ${className}`;
  typeset(made, text);
  return made;
}

export function field(label, attributes = {}) {
  const row = element("label", "rm-field");
  const input = element("input", "", { type: "text", autocomplete: "off", ...attributes });
  row.append(worded("span", label), input);
  row.input = input;
  return row;
}

export function choiceBox(label, on, choose) {
  const row = element("label", "rm-switch");
  const box = element("input", "", { type: "checkbox" });
  box.checked = on;
  box.addEventListener("change", () => choose(box.checked));
  row.append(box, worded("span", label));
  return row;
}

/** A text with its places filled: "{n} here", { n: 3 }. */
export function filled(text, values) {
  return text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

/** Attributes of what floats. */
export const FLOATS = { popover: "manual" };

/** Show what floats above all else, whatever it lies in, without taking the focus; or hide it. */
export function float(part, shown) {
  if (!part.isConnected || part.matches(":popover-open") === shown) return;
  if (shown) part.showPopover();
  else part.hidePopover();
}
