// What the sentence advises, and a button that does it.

import { button, element } from "./dom.js";
import { typeset } from "./symbols.js";

export class Advice {
  // send(command): to the run
  constructor(send) {
    this.element = element("span", "lb-advice");
    this.element.hidden = true;
    this.words = element("span");
    this.taker = button(() => send({ do: "set", values: this.advice.set }));
    this.element.append(this.words, this.taker);
  }

  /** `may`: whether the visitor may do it. */
  set(advice, may) {
    this.advice = advice;
    this.element.hidden = !advice;
    if (!advice) return;
    typeset(this.words, advice.text);
    typeset(this.taker, advice.label);
    this.taker.hidden = !advice.label || !may;
  }
}
