// A question of the host's own: a choice of two to six answers, or a number.

import { element, fill } from "./dom.js";
import { field, filled, pressable } from "./room_parts.js";

const OPTIONS = { first: 2, most: 6 };

export class AskForm {
  // ask(question): as the room takes it
  constructor(ask) {
    this.ask = ask;
    this.kind = "choice";
    this.element = element("form", "rm-form");
    this.element.addEventListener("submit", (event) => { event.preventDefault(); this.submit(); });
  }

  label(texts) {
    this.texts = texts;
    this.question = field(texts.question, { maxlength: 300, name: "question" });
    this.kinds = ["choice", "number"].map((kind) => pressable(texts[kind], () => { this.kind = kind; this.show(); }));
    const kinds = element("div", "rm-row");
    kinds.append(...this.kinds);
    this.options = element("div");
    this.ends = ["low", "high"].map((name) => field(texts[name], { inputmode: "decimal", name }));
    this.numbers = element("div", "rm-row");
    this.numbers.append(...this.ends);
    const send = pressable(texts.ask, () => {}, "rm-first");
    send.type = "submit";
    this.element.replaceChildren(this.question, kinds, this.options, this.numbers, send);
    this.show();
  }

  show() {
    this.kinds.forEach((made, i) => made.setAttribute("aria-pressed", (i === 1) === (this.kind === "number")));
    this.options.hidden = this.kind === "number";
    this.numbers.hidden = this.kind !== "number";
    this.grow();
  }

  // there is always one empty line more
  grow() {
    const written = [...this.options.children].findLastIndex((row) => row.input.value.trim()) + 1;
    const n = Math.min(Math.max(written + 1, OPTIONS.first), OPTIONS.most);
    const rows = Array.from({ length: n }, (_, i) => filled(this.texts.option, { n: i + 1 }));
    fill(this.options, rows, () => this.makeOption(), (row, label) => { row.firstChild.textContent = label; });
  }

  makeOption() {
    const row = field("", { maxlength: 120 });
    row.input.addEventListener("input", () => this.grow());
    return row;
  }

  submit() {
    const question = this.question.input.value;
    if (this.kind === "number") {
      const [low, high] = this.ends.map((end) => Number(end.input.value.replace(",", ".").replace("−", "-") || "x"));
      this.ask({ question, low, high });
    } else this.ask({ question, options: [...this.options.children].map((row) => row.input.value).filter((text) => text.trim()) });
  }
}
