// The live settings, and which of two twins they move. On a phone they lie in a tray at the bottom, of which a line is left
// when it is shut.

import { button, element } from "./dom.js";
import { Sliders } from "./sliders.js";
import { typeset } from "./symbols.js";
import { Twins } from "./twins.js";

export class Tray {
  /** `send(command)`: to the run. `opened()`: the tray covers more of the window now. */
  constructor({ send, opened }) {
    this.opened = opened;
    this.twins = new Twins(() => this.show());
    this.sliders = new Sliders((values) => send({ do: "set", ...this.twins.which, values }));
    this.handle = button(() => this.open(!this.element.classList.contains("lb-open")));
    this.handle.className = "lb-handle";
    this.handle.setAttribute("aria-expanded", false);
    this.element = element("div", "lb-tray");
    this.element.append(this.handle, this.twins.element, this.sliders.element);
  }

  open(open) {
    this.element.classList.toggle("lb-open", open);
    this.handle.setAttribute("aria-expanded", open);
    if (open) this.opened();
  }

  /** `content` as in a frame; `hidden` by the link. */
  set(content, texts, hidden) {
    Object.assign(this, { content, texts, hidden });
    this.twins.set(content.twins, texts);
    this.show();
  }

  show() {
    const { content, hidden, twins } = this;
    const specs = twins.second ? content.twins.sliders : content.sliders;
    this.sliders.set(specs.filter((spec) => !hidden.has(spec.field)), twins.second);
    const { summary } = this.sliders;
    if (this.handle.dataset.text !== summary) typeset(this.handle, summary);
    this.handle.hidden = !summary;
  }

  get isEmpty() {
    return this.handle.hidden;
  }
}
