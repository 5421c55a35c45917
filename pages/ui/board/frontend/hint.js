// What something means, behind a tap: a small button whose text appears above everything else.

import { button, element, keepKeys } from "./dom.js";
import { clamp } from "./geometry.js";
import { icon } from "./icons.js";
import { typeset } from "./symbols.js";

const MARGIN = 8; // px to the edges of the window

export class Hint {
  constructor() {
    this.element = element("span", "lb-hint");
    this.button = button(() => this.box.togglePopover?.());
    this.button.append(icon("info"));
    this.box = element("div", "lb-hint-box", { popover: "auto", role: "tooltip" });
    this.box.addEventListener("toggle", () => this.place());
    this.element.append(this.button, this.box);
    keepKeys(this.element);
  }

  set(label, text) {
    this.element.hidden = !text;
    this.button.setAttribute("aria-label", `${label}: ${text}`);
    this.button.title = text;
    typeset(this.box, text);
  }

  place() {
    if (!this.box.matches(":popover-open")) return;
    const at = this.button.getBoundingClientRect();
    const { offsetWidth: width, offsetHeight: height } = this.box;
    const below = at.bottom + MARGIN + height < window.innerHeight;
    this.box.style.left = `${clamp(at.left - width / 2, MARGIN, Math.max(MARGIN, window.innerWidth - width - MARGIN))}px`;
    this.box.style.top = `${Math.max(MARGIN, below ? at.bottom + 4 : at.top - height - 4)}px`;
  }
}
