// Where the images of a grid lie, in pixels of the device, so that a pixel of an image is a square of them.

import { clamp } from "./geometry.js";

// Whole pixels may shrink a grid to this share of its room, else edges are blended, which nobody sees on a fine screen.
const LEAST = { fine: 0.92, coarse: 0.75 };
const PAD = 4; // px around the grid, for the outline of a pick
const GAP = { largest: 6, least: 1, share: 0.012 }; // px between images, and as a share of the room

export class Grid {
  /**
   * `n` images of `side` pixels, `across` per row, as large as they can be in a room of width x height px, with
   * `below` px under each and steps of `step` px from one to the next where the room allows it.
   */
  constructor({ n, side, across, width, height, below = 0, step = 0 }, ratio) {
    this.n = n;
    this.ratio = ratio;
    this.across = Math.min(across, n) || 1;
    this.pad = this.px(PAD);
    this.width = this.px(width);
    const rows = Math.ceil(n / this.across);
    const [inside, gap, under] = [this.width - 2 * this.pad, this.px(gapIn(Math.min(width, height))), this.px(below)];
    const room = Math.min(
      (inside - (this.across - 1) * gap) / this.across,
      (this.px(height) - 2 * this.pad - (rows - 1) * gap) / rows - under,
    );
    this.size = sizeIn(room, side, ratio);
    const slack = clamp(room - this.size, 0, 0.12 * this.size); // what whole pixels leave goes into the gaps
    const free = Math.floor((inside - this.size) / Math.max(1, this.across - 1));
    const wanted = Math.max(this.size + gap + Math.floor(slack), Math.ceil(step));
    this.stepX = Math.min(wanted, Math.max(free, this.size));
    this.stepY = this.size + under + gap + Math.floor(slack / 2);
    this.left = Math.max(this.pad, Math.floor((this.width - (this.across - 1) * this.stepX - this.size) / 2));
    this.height = 2 * this.pad + (rows - 1) * this.stepY + this.size + under;
  }

  /** Pixels of the page -> whole pixels of the device. */
  px(v) {
    return Math.round(v * this.ratio);
  }

  /** The upper left corner of image k. */
  corner(k) {
    return [this.left + (k % this.across) * this.stepX, this.pad + Math.floor(k / this.across) * this.stepY];
  }

  /** The image at this place, with half of the gaps around it, or null. */
  imageAt(x, y) {
    const i = Math.floor((x - this.left + (this.stepX - this.size) / 2) / this.stepX);
    const j = Math.floor(y / this.stepY);
    const k = j * this.across + i;
    return i >= 0 && i < this.across && j >= 0 && k < this.n ? k : null;
  }
}

function gapIn(room) {
  return clamp(GAP.share * room, GAP.least, GAP.largest);
}

// the size of an image: a multiple of its side unless that would waste the room
function sizeIn(room, side, ratio) {
  const whole = side * Math.floor(room / side);
  const least = ratio >= 2 ? LEAST.fine : LEAST.coarse;
  return Math.max(1, whole >= least * room ? whole : Math.floor(room));
}
