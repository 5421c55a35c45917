// How large the stage is: it fills the window from where it begins, or, as the full stage, all of it.

import { keepAbove } from "./letters.js";

const BELOW = 8; // px between the stage and the bottom of the window
const LEAST = 540; // px
const NARROW = 700; // px: a phone scrolls
const TYPE = { smallest: 15, largest: 22, share: 46, narrow: 16, full: 36 }; // px; shares of the window's height

export class Fit {
  // root: what becomes the full stage; screen: what fills the window; changed(): the room is another one
  constructor(root, screen, changed) {
    Object.assign(this, { root, screen, changed, full: false });
    window.addEventListener("resize", () => this.update());
  }

  update() {
    if (!this.root.isConnected) return;
    if (this.full) this.raise();
    const height = Math.round(this.height());
    const type = this.type();
    const now = `${height} ${type}`;
    if (now === this.before) return;
    this.before = now;
    this.root.style.setProperty("--lb-height", `${height}px`);
    this.root.style.setProperty("--lb-type", `${type}px`);
    keepAbove(this.full ? type : 0);
    this.changed();
  }

  height() {
    if (this.full) return window.innerHeight;
    const scroller = scrollerOf(this.root);
    const top = this.root.getBoundingClientRect().top + scroller.scrollTop;
    return Math.max(LEAST, window.innerHeight - top - BELOW);
  }

  get narrow() {
    return window.innerWidth < NARROW;
  }

  /** What can be read from the last row: in proportion to the window. */
  type() {
    const { innerHeight: height, innerWidth: width } = window;
    if (this.narrow) return TYPE.narrow;
    if (this.full) return Math.ceil(height / TYPE.full);
    const share = Math.min(height / TYPE.share, width / 80);
    return Math.round(2 * Math.max(TYPE.smallest, Math.min(TYPE.largest, share))) / 2;
  }

  /** Let a text be as small as it must be, in three sizes (CSS), to fit into its box. */
  shrink(text, box) {
    const key = `${text.textContent} ${box.clientWidth} ${this.before}`;
    if (key === this.shrunk) return;
    this.shrunk = key;
    for (const size of ["", "less", "least"]) {
      text.dataset.size = size;
      if (text.offsetHeight <= box.clientHeight) return;
    }
  }

  /** Scroll so far that `covering`, which lies at the bottom of the window, does not hide the end of `part`. */
  show(part, covering) {
    const hidden = part.getBoundingClientRect().bottom - covering.getBoundingClientRect().top;
    if (hidden > 0) scrollerOf(this.root).scrollBy({ top: hidden, behavior: "smooth" });
  }

  setFull(full) {
    this.full = full;
    this.root.classList.toggle("lb-full", full);
    if (!full) {
      this.root.hidePopover?.();
      this.root.removeAttribute("popover");
    }
    this.update();
  }

  // A popover lies above all else, whatever it is in; the browser closes it when Streamlit mounts the stage again.
  raise() {
    if (!this.root.showPopover || this.root.matches(":popover-open")) return;
    this.root.setAttribute("popover", "manual");
    this.root.showPopover();
  }
}

function scrollerOf(node) {
  for (let at = node.parentElement; at; at = at.parentElement)
    if (at.scrollHeight > at.clientHeight && /auto|scroll/.test(getComputedStyle(at).overflowY)) return at;
  return document.scrollingElement;
}
