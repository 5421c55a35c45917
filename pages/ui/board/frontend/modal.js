// A window above all else, which keeps the focus and the keys to itself. Esc and a click beside it close it.

import { button, element, entitle, keepKeys } from "./dom.js";
import { icon } from "./icons.js";

const STOPS = "button, input, textarea, a[href]";

export class Modal {
  constructor(className) {
    this.element = element("dialog", `lb-modal ${className}`, { role: "dialog", "aria-modal": true, tabindex: -1 });
    this.closer = button(() => this.close());
    this.closer.className = "lb-close";
    this.closer.append(icon("close"));
    this.element.append(this.closer);
    this.element.addEventListener("click", (event) => { if (event.target === this.element) this.close(); });
    this.element.addEventListener("keydown", (event) => this.turn(event));
    keepKeys(this.element);
  }

  label(name, close) {
    this.element.setAttribute("aria-label", name);
    entitle(this.closer, close);
  }

  open(first = this.closer) {
    if (!this.isOpen) this.element.showModal();
    first.focus();
  }

  close() {
    this.element.close();
  }

  get isOpen() {
    return this.element.open;
  }

  /** Above all else again, after Streamlit has moved what it lies in. */
  raise() {
    if (!this.isOpen || this.element.matches(":modal")) return;
    this.close();
    this.open();
  }

  // Tab goes round inside
  turn(event) {
    if (event.key !== "Tab") return;
    const stops = [...this.element.querySelectorAll(STOPS)].filter((stop) => !stop.disabled && stop.offsetParent);
    const [first, last] = event.shiftKey ? [stops.at(-1), stops[0]] : [stops[0], stops.at(-1)];
    if (document.activeElement !== last && document.activeElement !== this.element) return;
    event.preventDefault();
    first.focus();
  }
}
