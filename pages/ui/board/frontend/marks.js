// What stands at the images of a grid: bars of opinions, captions, picks and the cursor. In pixels of the device.

import { clamp } from "./geometry.js";

// px below the image: where a bar begins, its height, the width of the mark at 1/2 and how far it sticks out
const BAR = { from: 4, height: 5, mark: 1.6, over: 2 };

/** A bar below each image, as long as D of it; a mark at 1/2. No bar where D is not finite. `scale`: of its thickness. */
export function drawOpinions(c, grid, theme, opinions, scale = 1) {
  const [from, height] = [grid.px(BAR.from * scale), Math.max(2, grid.px(BAR.height * scale))];
  const top = grid.size + from;
  const over = grid.px(BAR.over * scale);
  const length = (k) => Math.round(grid.size * (clamp(opinions[k], 0, 1) || 0));
  drawBars(c, grid, theme.track, [0, top, height], () => grid.size);
  drawBars(c, grid, theme.discriminator, [0, top, height], length);
  const mark = Math.max(1, grid.px(BAR.mark));
  const middle = Math.round((grid.size - mark) / 2);
  drawBars(c, grid, theme.text, [middle, top - over, height + 2 * over], () => mark);
}

function drawBars(c, grid, color, [left, top, height], width) {
  c.fillStyle = color;
  for (let k = 0; k < grid.n; k++) {
    const [x, y] = grid.corner(k);
    c.fillRect(x + left, y + top, width(k), height);
  }
}

// px: sizes of the type, then room: between captions if there is enough, and at least; and from image to caption
export const CAPTION = { largest: 14, smallest: 8, apart: 12, margin: 8, from: 4 };

const ruler = document.createElement("canvas").getContext("2d");

/** The width of the widest text in this size. */
export function widest(texts, theme, size) {
  ruler.font = `${size}px ${theme.font}`;
  return Math.max(1, ...texts.map((text) => ruler.measureText(text).width));
}

/** A text below each image, all in the largest size in which they do not run into each other. */
export function drawCaptions(c, grid, theme, texts) {
  const { ratio } = grid;
  const largest = CAPTION.largest * ratio;
  const fitting = (largest * (grid.stepX - CAPTION.margin * ratio)) / widest(texts, theme, largest);
  c.font = `${clamp(fitting, CAPTION.smallest * ratio, largest)}px ${theme.font}`;
  c.fillStyle = theme.text;
  c.textAlign = "center";
  c.textBaseline = "top";
  texts.forEach((text, k) => {
    const [x, y] = grid.corner(k);
    c.fillText(text, x + grid.size / 2, y + grid.size + CAPTION.from * ratio);
  });
}

const OUTLINE = { hover: 1.5, pick: 3.5 }; // px

/** A line around image k, outside of it. */
export function drawOutline(c, grid, k, color, width = OUTLINE.hover) {
  const [x, y] = grid.corner(k);
  const thick = Math.round(width * grid.ratio);
  c.strokeStyle = color;
  c.lineWidth = thick;
  c.strokeRect(x - thick / 2, y - thick / 2, grid.size + thick, grid.size + thick);
}

// px, px, a share of the image; then shares of the badge: the size of its number and where its middle is
const BADGE = { smallest: 16, largest: 26, share: 1 / 3, text: 0.78, middle: 0.56 };

/** Pick `number`, image k: a thick outline and a badge with the number in the corner. */
export function drawPick(c, grid, theme, { k, number, color }) {
  drawOutline(c, grid, k, color, OUTLINE.pick);
  const outside = grid.px(OUTLINE.pick);
  const [left, top] = grid.corner(k).map((v) => v - outside);
  const badge = Math.min(grid.px(clamp(BADGE.share * (grid.size / grid.ratio), BADGE.smallest, BADGE.largest)), grid.size);
  c.fillStyle = color;
  c.fillRect(left, top, badge, badge);
  c.fillStyle = theme.background;
  c.font = `700 ${Math.round(BADGE.text * badge)}px ${theme.font}`;
  c.textAlign = "center";
  c.textBaseline = "middle";
  c.fillText(String(number), left + badge / 2, top + BADGE.middle * badge);
}

/** Where the keyboard stands: a dashed line on image k. */
export function drawCursor(c, grid, theme, k) {
  c.strokeStyle = theme.text;
  c.lineWidth = grid.px(2);
  c.setLineDash([4 * grid.ratio, 3 * grid.ratio]);
  c.strokeRect(...grid.corner(k), grid.size, grid.size);
  c.setLineDash([]);
}
