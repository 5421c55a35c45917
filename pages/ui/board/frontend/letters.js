// Text on a canvas, with the subscripts of p_data and its kind.

import { runs } from "./symbols.js";

const SUB = { size: 0.72, down: 0.22 }; // of the size of the type
const HALO = 2.5; // px
const SHIFT = { top: 0.78, middle: 0.35, bottom: -0.2 }; // from there to the line on which letters stand, of the size

let least = 0; // px

/** No subscript is smaller than this, px: on the full stage nothing is. */
export function keepAbove(px) {
  least = px;
}

/** { size, family, weight } -> a font for each style of a run. */
function fontOf({ size, family, weight = 400 }, style) {
  return `${style === "i" ? "italic " : ""}${weight} ${style === "sub" ? Math.min(size, Math.max(SUB.size * size, least)) : size}px ${family}`;
}

export function textWidth(c, text, type) {
  let width = 0;
  for (const [part, style] of runs(text)) {
    c.font = fontOf(type, style);
    width += c.measureText(part).width;
  }
  return width;
}

/**
 * Draw a text at x, aligned "left", "center" or "right", and at y, its "top", "middle" or "bottom". The `halo`, a colour,
 * parts it from what it lies on.
 */
export function drawText(c, text, x, y, { align = "left", stand = "middle", halo = "", ...type }) {
  const share = { left: 0, center: 0.5, right: 1 }[align];
  let at = share ? x - share * textWidth(c, text, type) : x;
  const line = y + SHIFT[stand] * type.size;
  if (halo) Object.assign(c, { strokeStyle: halo, lineWidth: HALO, lineJoin: "round" });
  c.textAlign = "left";
  c.textBaseline = "alphabetic";
  for (const [part, style] of runs(text)) {
    c.font = fontOf(type, style);
    if (halo) c.strokeText(part, at, style === "sub" ? line + SUB.down * type.size : line);
    c.fillText(part, at, style === "sub" ? line + SUB.down * type.size : line);
    at += c.measureText(part).width;
  }
}
