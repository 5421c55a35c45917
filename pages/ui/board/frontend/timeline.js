// The row below the stage: the whole training as a slider and as a film, and what one can do at an earlier moment of it.

import { button, element, entitle, keepFocus } from "./dom.js";
import { Hint } from "./hint.js";
import { icon } from "./icons.js";
import { Playback } from "./playback.js";
import { stepText, Track } from "./track.js";

export class Timeline {
  /** `look`: what one sees, see Look. `branch(at)`: go on differently from there. `keep()`: this training as the ghost. */
  constructor({ look, branch, keep }) {
    this.look = look;
    this.element = element("div", "lb-timeline", { role: "group", "data-testid": "timeline" });
    this.track = new Track((at) => this.seek(at));
    this.playback = new Playback({ track: this.track, go: (at) => this.go(at), waits: () => look.waits });
    this.badge = element("span", "lb-badge", { "data-testid": "past" });
    this.now = button(() => this.seek(null));
    this.branch = button(() => branch(look.wish.at));
    this.keep = button(() => keep());
    this.keep.append(icon("ghost"), element("span"));
    this.branch.append(icon("branch"), element("span"));
    this.tip = element("span", "lb-tip-text");
    this.since = new Hint();
    const state = element("div", "lb-state");
    state.append(this.badge, this.tip, this.since.element, this.now, this.branch, this.keep);
    this.element.append(this.playback.element, this.track.element, state);
    keepFocus(this.element);
  }

  /** `told` as in a frame, null without a run; `may`: branch, and keep a ghost; `hidden` by the link. */
  set(told, texts, { may, ghosts, hidden }) {
    Object.assign(this, { told, texts, may, ghosts });
    this.element.hidden = !told || hidden;
    if (told) this.show();
  }

  show() {
    const { told, texts, look, track } = this;
    const { at } = look.wish;
    const past = at !== null;
    track.set(told, at, texts);
    this.playback.set(texts);
    this.element.setAttribute("aria-label", texts.timeline);
    this.element.classList.toggle("lb-past", past);
    const start = told.starts.findLast((step) => step <= at) ?? told.starts[0];
    this.badge.hidden = this.now.hidden = !past;
    this.branch.hidden = !past || !this.may;
    this.keep.hidden = past || !this.may || !this.ghosts || !told.now;
    write(this.badge, texts.looking_back.replace("{step}", stepText(at ?? 0)));
    write(this.now, texts.now);
    entitle(this.now, texts.help_now);
    write(this.branch.lastChild, texts.branch.replace("{step}", stepText(start)));
    this.branch.title = texts.help_branch;
    write(this.keep.lastChild, texts.keep_ghost);
    this.keep.title = texts.help_keep_ghost;
    this.showTip(past);
  }

  showTip(past) {
    const { told, texts } = this;
    const branched = told.branched !== null;
    this.tip.hidden = past || !this.track.steps.length;
    write(this.tip, branched ? texts.branched.replace("{step}", stepText(told.branched)) : texts.drag);
    this.since.set(texts.branched.replace("{step}", stepText(told.branched ?? 0)), branched && !past ? texts.branched_link : "");
  }

  /** To this moment at once; null: now. */
  seek(at) {
    this.playback.stop();
    this.go(at);
  }

  /** So many moments on; false: there is no timeline. */
  move(by) {
    if (!this.told || this.element.hidden) return false;
    this.seek(this.track.neighbour(by));
    return true;
  }

  go(at) {
    this.look.change({ at });
    if (this.told) this.show();
  }
}

function write(node, text) {
  if (node.textContent !== text) node.textContent = text;
}
