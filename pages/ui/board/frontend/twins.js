// Which of two twins the sliders move.

import { button, element, fill, keepFocus } from "./dom.js";

export class Twins {
  // changed(): the sliders are another twin's now
  constructor(changed) {
    this.changed = changed;
    this.second = false;
    this.element = element("div", "lb-group lb-twins", { role: "group", "data-testid": "twins" });
    this.element.hidden = true;
    keepFocus(this.element);
  }

  /** `told` as in a frame, null without twins. */
  set(told, texts) {
    this.element.hidden = !told;
    this.second &&= Boolean(told);
    this.element.setAttribute("aria-label", texts.which_twin);
    this.element.title = texts.which_twin;
    fill(this.element, told?.names ?? [], () => this.make(), (one, name) => { one.textContent = name; });
    this.show();
  }

  show() {
    for (const one of this.element.children) one.setAttribute("aria-pressed", this.of(one) === this.second);
  }

  make() {
    const one = button(() => this.choose(this.of(one)));
    return one;
  }

  // whether the button is the second twin's
  of(one) {
    return one.previousElementSibling !== null;
  }

  choose(second) {
    if (second === this.second) return;
    this.second = second;
    this.show();
    this.changed();
  }

  /** What to send with new values of the sliders. */
  get which() {
    return this.second ? { which: "b" } : {};
  }
}
