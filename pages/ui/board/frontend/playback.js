// The film of a training: from moment to moment through the recording, as fast as one likes, and again if one likes.

import { button, element, entitle } from "./dom.js";
import { icon } from "./icons.js";

const WHOLE = 12_000; // ms for the whole film at the usual speed
const SPEEDS = [0.5, 1, 2, 4, 8];
const STALL = 250; // ms between two pictures that count as passed, however long the tab was hidden

export class Playback {
  /**
   * `track`: the moments. `go(at)`: show this one, null: now. `waits()`: whether the last one is still on its way.
   */
  constructor({ track, go, waits }) {
    Object.assign(this, { track, go, waits, playing: false, speed: 1, loops: false });
    this.element = element("div", "lb-playback");
    this.play = button(() => this.toggle());
    this.play.dataset.testid = "film";
    this.speeds = element("select", "lb-film-speed");
    for (const speed of SPEEDS) {
      const option = element("option", "", { value: speed });
      option.textContent = `${speed}×`;
      this.speeds.append(option);
    }
    this.speeds.value = this.speed;
    this.speeds.addEventListener("change", () => { this.speed = Number(this.speeds.value); });
    this.again = button(() => this.loop());
    this.again.append(icon("loop"));
    this.element.append(this.play, this.speeds, this.again);
  }

  /** Words of the buttons, and whether there is anything to play. */
  set(texts) {
    this.texts = texts;
    const empty = !this.track.steps.length;
    for (const control of this.element.children) control.disabled = empty;
    entitle(this.play, this.playing ? texts.stop_film : texts.play_film);
    entitle(this.speeds, texts.film_speed);
    entitle(this.again, texts.loop_film);
    this.again.setAttribute("aria-pressed", this.loops);
    const name = this.playing ? "pause" : "film";
    if (this.play.dataset.icon !== name) this.play.replaceChildren(icon(name));
    this.play.dataset.icon = name;
    this.play.setAttribute("aria-pressed", this.playing);
    if (empty) this.stop();
  }

  loop() {
    this.loops = !this.loops;
    this.set(this.texts);
  }

  toggle() {
    if (this.playing) return this.stop();
    this.playing = true;
    this.step = this.track.at ?? this.track.first; // from now: from the beginning
    this.before = null;
    this.set(this.texts);
    requestAnimationFrame((now) => this.tick(now));
  }

  stop() {
    if (!this.playing) return;
    this.playing = false;
    this.set(this.texts);
  }

  tick(now) {
    if (!this.playing || !this.element.isConnected) return this.stop();
    requestAnimationFrame((next) => this.tick(next));
    const { first, told } = this.track;
    this.before ??= now;
    if (this.waits()) return; // it leaves moments out rather than run ahead of its pictures
    const passed = Math.min(now - this.before, STALL);
    this.before = now;
    this.step += (passed * this.speed * (told.now - first)) / WHOLE;
    if (this.step >= told.now) this.end();
    else this.show(this.track.nearest(this.step));
  }

  end() {
    if (this.loops) this.step = this.track.first;
    else this.stop();
    this.show(this.loops ? this.track.first : null);
  }

  show(at) {
    if (at !== this.track.at) this.go(at);
  }
}
