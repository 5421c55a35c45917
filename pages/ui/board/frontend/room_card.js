// What a member has in hand: the card of a question, and a slider of the lecturer's.

import { element } from "./dom.js";
import { drawBars } from "./room_bars.js";
import { float, FLOATS, pressable, worded } from "./room_parts.js";
import { number } from "./sliders.js";

const PAUSE = 120; // ms between two values of a slider that are sent

export class PollCard {
  // vote(poll, answer): send it
  constructor(vote) {
    this.vote = vote;
    this.element = element("section", "rm-card", { "data-testid": "room-card", role: "region", ...FLOATS });
    this.mine = null;
  }

  show(poll, mine, texts) {
    this.mine = mine;
    const away = !poll || this.hidden === `${poll.id} ${poll.state}`;
    const key = JSON.stringify([poll, poll?.state === "revealed" ? mine : null, texts.vote]);
    if (!away && key !== this.key) {
      this.key = key;
      this.fill(poll, texts);
    }
    if (!away) this.mark();
    float(this.element, !away);
  }

  fill(poll, texts) {
    const { element: card } = this;
    card.setAttribute("aria-label", texts.question);
    card.lang = "";
    this.answers = [];
    this.status = worded("p", "", "rm-small", { role: "status" });
    const parts = poll.state === "revealed" ? this.result(poll, texts) : this.form(poll, texts);
    card.replaceChildren(worded("h2", poll.question), ...parts, this.status);
    this.said = poll.state === "open" ? texts.voted : "";
  }

  form(poll, texts) {
    if (poll.kind === "number") return this.numberForm(poll, texts);
    this.answers = poll.options.map((option, i) => pressable(option, () => this.choose(poll.id, i), "rm-option"));
    return this.answers;
  }

  numberForm(poll, texts) {
    const at = (i) => number(poll.low + i * poll.step);
    const start = this.mine ?? Math.floor(poll.size / 2);
    const value = worded("output", at(start));
    const range = element("input", "rm-range", { type: "range", min: 0, max: poll.size - 1, step: 1, "aria-label": poll.question });
    range.value = start;
    range.addEventListener("input", () => { value.textContent = at(Number(range.value)); });
    return [value, range, pressable(texts.vote, () => this.choose(poll.id, Number(range.value)), "rm-first")];
  }

  result(poll, texts) {
    const bars = element("div");
    drawBars(bars, poll, this.mine);
    const hide = pressable(texts.hide, () => { this.hidden = `${poll.id} ${poll.state}`; float(this.element, false); });
    return [bars, ...(poll.reason ? [worded("p", poll.reason)] : []), hide];
  }

  choose(poll, answer) {
    this.mine = answer;
    this.vote(poll, answer);
    this.mark();
  }

  mark() {
    this.answers.forEach((option, i) => option.setAttribute("aria-pressed", i === this.mine));
    this.status.textContent = this.mine === null ? "" : this.said;
  }
}

export class HeldSlider {
  // move(value): send it
  constructor(move) {
    this.move = move;
    this.element = element("section", "rm-card rm-held", { "data-testid": "room-slider", ...FLOATS });
    this.title = worded("h2", "");
    this.value = element("output");
    this.range = element("input", "rm-range", { type: "range", min: 0, step: 1 });
    this.help = worded("p", "", "rm-small");
    this.element.append(this.title, this.value, this.range, this.help);
    this.range.addEventListener("input", () => this.moved());
  }

  show(spec, texts) {
    this.spec = spec;
    if (spec) {
      this.title.textContent = `${texts.your_slider}: ${spec.label}`;
      this.help.textContent = texts.help_slider;
      this.range.setAttribute("aria-label", spec.label);
      this.range.max = spec.options.length - 1;
      if (!this.waiting && document.activeElement !== this.range) this.range.value = spec.options.indexOf(spec.value);
      this.value.textContent = number(spec.options[Number(this.range.value)]);
    }
    float(this.element, Boolean(spec));
  }

  // the last value always
  moved() {
    this.value.textContent = number(this.spec.options[Number(this.range.value)]);
    if (this.waiting) return;
    this.waiting = setTimeout(() => {
      this.waiting = null;
      if (this.spec) this.move(this.spec.options[Number(this.range.value)]);
    }, PAUSE);
  }
}
