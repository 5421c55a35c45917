// Play, steps, reset, seed and speed. What is pressed shows at once; what the run says then counts.

import { button, element, fill, keepFocus } from "./dom.js";
import { icon } from "./icons.js";

const TRUST = 3000; // ms: so long what was pressed shows, whatever older frames say
const STEPS = [1, 10, 100];

export class Transport {
  // send(command): to the run
  constructor(send) {
    this.send = send;
    this.element = element("div", "lb-buttons");
    this.play = pressed("lb-play", () => this.toggle());
    this.play.dataset.testid = "play";
    this.sign = element("span", "lb-sign");
    this.word = element("span");
    this.play.append(this.sign, this.word);
    this.steps = STEPS.map((n) => pressed("", () => this.step(n)));
    this.reset = pressed("", () => this.again("reset"));
    this.seed = pressed("", () => this.again("seed"));
    this.speeds = group("lb-speeds");
    this.speeds.setAttribute("role", "group");
    const again = group();
    this.stepping = group();
    this.stepping.append(...this.steps);
    again.append(this.reset, this.seed);
    this.element.append(this.play, this.stepping, again, this.speeds);
    keepFocus(this.element);
    this.told = { state: "paused", speed: 0, speeds: [] };
  }

  /** What the run says, `told` as in a frame, and the words of the buttons. */
  set(told, texts) {
    if (told.state === this.expected) this.expected = null;
    if (told.speed === this.asked) this.asked = null;
    this.told = told;
    this.texts = texts;
    this.show();
  }

  /** Take buttons away, see `Hiding`. */
  hide(hidden) {
    this.element.hidden = hidden.hasButton("transport");
    this.stepping.hidden = hidden.hasButton("step");
    for (const name of ["reset", "seed"]) this[name].hidden = hidden.hasButton(name);
    this.speeds.hidden = hidden.hasButton("speed");
  }

  show() {
    const { texts, told, playing } = this;
    if (!texts) return;
    this.element.classList.toggle("lb-playing", playing);
    this.element.classList.toggle("lb-stopped", told.state === "stopped" && !this.expected);
    const name = playing ? "pause" : "play";
    if (this.sign.dataset.icon !== name) this.sign.replaceChildren(icon(name));
    this.sign.dataset.icon = name;
    label(this.word, texts[name]);
    this.play.title = texts.help_play;
    STEPS.forEach((n, i) => {
      label(this.steps[i], n === 1 ? texts.step : `×${n}`);
      this.steps[i].title = texts.help_step;
    });
    label(this.reset, texts.reset);
    label(this.seed, texts.seed);
    this.reset.title = texts.help_reset;
    this.seed.title = texts.help_seed;
    this.speeds.setAttribute("aria-label", texts.speed);
    this.speeds.title = texts.speed;
    const made = () => { const one = pressed("", () => this.race(Number(one.dataset.speed))); return one; };
    fill(this.speeds, told.speeds, made, (one, speed) => {
      one.dataset.speed = speed;
      label(one, speed ? `${speed}/s` : texts.max);
      one.setAttribute("aria-pressed", speed === (this.asked ?? told.speed));
    });
  }

  get playing() {
    return (this.expected ?? this.told.state) === "playing";
  }

  expect(state) {
    this.expected = state;
    clearTimeout(this.doubt);
    this.doubt = setTimeout(() => {
      this.expected = null;
      this.asked = null;
      this.show();
    }, TRUST);
    this.show();
  }

  toggle() {
    const { playing } = this;
    this.send({ do: playing ? "pause" : "play" });
    this.expect(playing ? "paused" : "playing");
  }

  step(n) {
    this.send({ do: "step", n });
    this.expect("paused");
  }

  /** From step 0, with the same seed ("reset") or another one ("seed"); it plays on if it played. */
  again(how) {
    this.send({ do: how });
  }

  race(value) {
    this.send({ do: "speed", value });
    this.asked = value;
    this.expect(this.expected ?? this.told.state);
  }

  /** The k-th speed on offer. */
  raceAt(k) {
    if (k < this.told.speeds.length) this.race(this.told.speeds[k]);
  }
}

function pressed(className, press) {
  const made = button(press);
  made.className = className;
  return made;
}

function group(className = "") {
  return element("div", `lb-group ${className}`);
}

function label(node, text) {
  if (node.textContent !== text) node.textContent = text;
}
