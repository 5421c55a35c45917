// The title of a panel and, beside it or behind a tap, what helps to read the panel. Nothing is cut.

import { element } from "./dom.js";
import { Hint } from "./hint.js";
import { typeset } from "./symbols.js";

const TWO_LINES = 2.7; // sizes of the type, at most

export class Title {
  constructor() {
    this.element = element("div", "lb-title");
    this.name = element("span", "lb-name");
    this.help = element("span", "lb-help");
    this.hint = new Hint();
    this.element.append(this.name, this.help, this.hint.element);
  }

  set({ title, help = "", tip = "", role = "" }) {
    Object.assign(this, { texts: [title, help, tip] });
    this.element.dataset.role = role;
    typeset(this.name, title);
    typeset(this.help, help);
  }

  /** Arrange it for its width: one line with the help, without it, in smaller type, or two lines; what fits first. */
  fit() {
    const { element: line, texts } = this;
    const now = [...texts, line.clientWidth, getComputedStyle(line).fontSize].join("\n");
    if (now === this.before) return;
    const [title, help, tip] = texts;
    const fits = (look, hidden) => {
      line.dataset.look = look;
      this.help.hidden = hidden || !help;
      const behind = [hidden ? help : "", tip].filter(Boolean).join(" · ");
      this.hint.set(title, behind);
      return line.scrollWidth <= line.clientWidth;
    };
    const found = fits("line", false) || fits("line", true) || fits("small", true);
    if (!found) fits("lines", true);
    if (!found && line.clientHeight > TWO_LINES * parseFloat(getComputedStyle(line).fontSize)) line.dataset.look = "dense";
    this.before = [...texts, line.clientWidth, getComputedStyle(line).fontSize].join("\n");
  }
}
