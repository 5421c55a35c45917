// The images that the visitor has picked, the oldest first, in step with Python.

import { alike } from "./packing.js";

const MOST = 2;

export class Picks {
  // send: tells Python of the picks
  constructor(send) {
    this.send = send;
    this.all = [];
    this.sent = []; // on their way to Python and back
    this.told = []; // what Python said last
  }

  /** Python says which of n are picked: what the visitor just picked is no news, anything else is its own wish. */
  follow(told, n) {
    const known = this.sent.findIndex((picks) => alike(picks, told));
    if (known >= 0) this.sent.splice(0, known + 1);
    else if (!alike(this.told, told)) {
      this.all = [...told];
      this.sent = [];
    }
    this.told = told;
    this.all = this.all.filter((k) => k < n);
  }

  /** Pick k, or let it go; one too many lets the oldest go. Counts at once. */
  toggle(k) {
    this.all = this.all.includes(k) ? this.all.filter((pick) => pick !== k) : [...this.all, k].slice(-MOST);
    this.sent.push(this.all);
    this.send(this.all);
  }
}
