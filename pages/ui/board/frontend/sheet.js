// Grey images side by side, ink on paper in the colours of the theme: 0 is the paper, 255 the ink.

import { resize } from "./canvas.js";
import { channels } from "./theme.js";

export class Sheet {
  constructor() {
    this.canvas = document.createElement("canvas");
    this.large = document.createElement("canvas");
  }

  /** Lay out n images of side x side pixels, one after the other in `pixels`, `across` of them per row. */
  set(pixels, side, across, theme) {
    const n = Math.floor(pixels.length / side ** 2);
    this.side = side;
    this.across = across;
    resize(this.canvas, across * side, Math.ceil(n / across) * side);
    const c = this.canvas.getContext("2d");
    const image = c.createImageData(this.canvas.width, this.canvas.height);
    const out = new Uint32Array(image.data.buffer);
    const shades = this.shades(theme);
    for (let k = 0, from = 0; k < n; k++) {
      let to = (Math.floor(k / across) * side * across + (k % across)) * side;
      for (let i = 0; i < side; i++, to += across * side - side)
        for (let j = 0; j < side; j++) out[to++] = shades[pixels[from++]];
    }
    c.putImageData(image, 0, 0);
    this.enlarged = 0;
  }

  // value -> its four bytes in an image, from the paper to the ink
  shades(theme) {
    const key = `${theme.background} ${theme.text}`;
    if (this.key === key) return this.table;
    this.key = key;
    const [paper, ink] = [channels(theme.background), channels(theme.text)];
    const bytes = new Uint8ClampedArray(4 * 256);
    for (let v = 0; v < 256; v++)
      for (let k = 0; k < 4; k++) bytes[4 * v + k] = k < 3 ? paper[k] + (ink[k] - paper[k]) * (v / 255) : 255;
    return (this.table = new Uint32Array(bytes.buffer));
  }

  /** Image k as a square of `size` pixels: sharp where that is a multiple, else enlarged sharply, then made smaller. */
  draw(c, k, x, y, size) {
    const times = Math.ceil(size / this.side);
    const whole = size === times * this.side;
    if (!whole) this.enlarge(times);
    const cut = whole ? this.side : this.side * times;
    const [left, top] = [(k % this.across) * cut, Math.floor(k / this.across) * cut];
    c.imageSmoothingEnabled = !whole;
    c.drawImage(whole ? this.canvas : this.large, left, top, cut, cut, x, y, size, size);
  }

  enlarge(times) {
    if (this.enlarged === times) return;
    resize(this.large, this.canvas.width * times, this.canvas.height * times);
    const c = this.large.getContext("2d");
    c.imageSmoothingEnabled = false;
    c.drawImage(this.canvas, 0, 0, this.large.width, this.large.height);
    this.enlarged = times;
  }
}
