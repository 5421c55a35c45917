// What lies between two pictures. Frames come some ten times a second, the screen shows sixty pictures: what has a place
// in both frames (a point by its index, a cell of a grid) moves from where it is seen to where it is now.

import { clamp } from "./geometry.js";
import { alike } from "./packing.js";

const USUAL = { at_first: 100, least: 60, most: 200, pause: 600, weight: 0.3 }; // ms between frames; of the newest one
const LEAD = 16; // ms: the first picture of a move is one step ahead, else it would show what is seen already
const SHARE = 0.25; // of the time that goes into the pictures of a move, at most
const MOVING = ["x", "y", "dx", "dy", "x0", "values", "range", "top"]; // fields of a part that move
const STEADY = new Set(["classes"]); // between two of their values lies another class
const still = window.matchMedia("(prefers-reduced-motion: reduce)");

export class Tween {
  constructor() {
    this.usual = USUAL.at_first;
    this.shown = []; // parts as they are seen
    this.moves = []; // { part, name, from, to }: what is on its way
    this.begun = 0;
  }

  /**
   * These are the parts now: objects with any of the fields that move. `jump`: they have nothing to do with the last.
   */
  set(parts, { jump = false } = {}) {
    const now = performance.now();
    this.measure(now);
    this.begun = now - LEAD;
    const apart = jump || still.matches || parts.length !== this.shown.length;
    this.moves = [];
    this.shown = apart ? parts : parts.map((part, i) => this.follow(this.shown[i], part));
  }

  measure(now) {
    const passed = now - this.last;
    this.last = now;
    if (passed < USUAL.pause) this.usual += USUAL.weight * (passed - this.usual);
  }

  // the part, with what stays as it was in the same array as before
  follow(before, part) {
    if (before.type !== part.type || before.id !== part.id || STEADY.has(part.type)) return part;
    const shown = { ...part };
    for (const name of MOVING) {
      const [from, to] = [before[name], part[name]];
      if (!movable(from, to)) continue;
      if (typeof to !== "number" && alike(from, to)) shown[name] = from;
      else if (from !== to) this.moves.push({ part: shown, name, from, to, between: room(to) });
    }
    shown.moves = this.moves.at(-1)?.part === shown;
    return shown;
  }

  /** Ask for the next picture while something is on its way; less often where the last one took `cost` ms of a slow machine. */
  goOn(redraw, cost) {
    if (!this.moves.length) return;
    const pause = cost / SHARE - LEAD;
    if (pause > 0) setTimeout(redraw, pause);
    else redraw();
  }

  /** The parts as they are at this moment. */
  now() {
    const t = clamp((performance.now() - this.begun) / clamp(this.usual, USUAL.least, USUAL.most), 0, 1);
    for (const { part, name, from, to, between } of this.moves)
      part[name] = t < 1 ? mixed(from, to, t, between) : to;
    if (t === 1) {
      for (const { part } of this.moves) part.moves = false;
      this.moves = [];
    }
    return this.shown;
  }
}

function movable(from, to) {
  if (typeof to === "number") return typeof from === "number";
  return isNumbers(from) && isNumbers(to) && from.length === to.length;
}

function isNumbers(values) {
  return ArrayBuffer.isView(values) || (Array.isArray(values) && typeof values[0] === "number");
}

function room(to) {
  return typeof to === "number" ? null : new Float64Array(to.length);
}

/** A share `t` of the way from one value or array to another; what is not finite is there at once. */
export function mixed(from, to, t, into = room(to)) {
  if (!into) return from + t * (to - from);
  for (let i = 0; i < to.length; i++) {
    const v = from[i] + t * (to[i] - from[i]);
    into[i] = Number.isFinite(v) ? v : to[i];
  }
  return into;
}
