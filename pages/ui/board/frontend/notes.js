// What is written into a chart: labelled levels and marks, see `level` and `marks_layout` in figures.py.

import { clamp } from "./geometry.js";
import { drawText, textWidth } from "./letters.js";
import { setPen } from "./strokes.js";
import { translucent } from "./theme.js";

const PAD = 3; // px around a text
const READABLE = 0.72; // opacity of text in the colour of its line, which is too pale for letters
const STANDARD = 15; // px: the type for which the sizes in a spec are meant
export const LEAST = 12; // px

// a place in data or paper units -> px; paper begins at the left and at the bottom
function across(frame, ref, v) {
  return ref === "paper" ? frame.left + v * (frame.right - frame.left) : frame.x.at(v);
}

function up(frame, ref, v) {
  return ref === "paper" ? frame.bottom - v * (frame.bottom - frame.top) : frame.y.at(v);
}

export function drawShapes(c, shapes, frame) {
  for (const { type, xref, yref, x0, x1, y0, y1, line, fillcolor } of shapes) {
    const [left, right] = [across(frame, xref, x0), across(frame, xref, x1)];
    const [from, to] = [up(frame, yref, y0), up(frame, yref, y1)];
    c.beginPath();
    if (type === "rect") c.rect(left, from, right - left, to - from);
    else { c.moveTo(left, from); c.lineTo(right, to); }
    if (type === "rect" && fillcolor) { c.fillStyle = fillcolor; c.fill(); }
    if (line?.width !== 0) { setPen(c, line ?? { color: "gray" }); c.stroke(); }
  }
  c.setLineDash([]);
}

/** Draw all texts; one that would cover another gives way, down or up, and where a line has no room, to its first words. */
export function drawNotes(c, notes, frame, theme) {
  const taken = [];
  for (const note of [...unit(frame, theme), ...notes]) {
    const type = { size: Math.max(LEAST, ((note.font?.size ?? STANDARD) / STANDARD) * theme.type), family: theme.font };
    const box = boxOf(c, note, frame, type);
    if (!box) continue;
    giveWay(box, taken, frame);
    taken.push(box);
    if (note.bgcolor) {
      c.fillStyle = note.bgcolor;
      c.fillRect(box.left, box.top, box.width, box.height);
    }
    const { color = theme.text } = note.font ?? {};
    c.fillStyle = color === theme.muted ? translucent(theme.text, READABLE) : color;
    drawText(c, box.text, box.left + PAD, box.top + box.height / 2, { ...type, halo: note.bgcolor ? "" : theme.background });
  }
}

// the title of the vertical axis, where there is no room beside it
function unit({ titles, y }, theme) {
  const place = { xref: "paper", yref: "paper", x: 0, y: 1, xanchor: "left", yanchor: "top" };
  return titles.y === "inside" ? [{ ...place, text: y.given.title.text, font: { color: theme.muted } }] : [];
}

// annotations on a logarithmic axis have exponents; one outside of the axes is not shown
function boxOf(c, { text, x, y, xref, yref, xanchor, yanchor, xshift = 0, yshift = 0 }, frame, type) {
  const px = (xref === "paper" ? across(frame, xref, x) : frame.x.along(x)) + xshift;
  const py = (yref === "paper" ? up(frame, yref, y) : frame.y.along(y)) - yshift;
  const outside = py < frame.top - 1 || py > frame.bottom + 1 || px < frame.left - 1 || px > frame.right + 1;
  if (outside || !text) return null;
  const shown = fitting(c, text, frame.right - frame.left, type);
  const [width, height] = [textWidth(c, shown, type) + 2 * PAD, 1.25 * type.size];
  const left = px - width * anchor({ left: 0, center: 0.5, right: 1 }, xanchor, xref, x);
  const top = py - height * anchor({ top: 0, middle: 0.5, bottom: 1 }, yanchor, yref, 1 - y);
  return { text: shown, width, height, left: clamp(left, frame.left, Math.max(frame.left, frame.right - width)), top };
}

// the share of a text before its place; where nothing is said, a text at an end of the paper lies inside
function anchor(shares, said, ref, along) {
  if (said in shares) return shares[said];
  if (ref !== "paper" || (along > 1 / 3 && along < 2 / 3)) return 0.5;
  return along <= 1 / 3 ? 0 : 1;
}

// what stands before a colon is enough where the rest has no room
function fitting(c, text, room, type) {
  return textWidth(c, text, type) + 2 * PAD > room ? text.split(":")[0] : text;
}

const covers = (a, b) =>
  a.left < b.left + b.width && b.left < a.left + a.width && a.top < b.top + b.height - 2 && b.top < a.top + a.height - 2;

function giveWay(box, taken, frame) {
  const wanted = box.top;
  for (const lines of [0, 1, -1, 2, 3, -2]) {
    box.top = wanted + lines * box.height;
    const inside = box.top >= frame.top - box.height / 2 && box.top + box.height <= frame.bottom + 2;
    if ((inside || lines === 0) && !taken.some((other) => covers(box, other))) return;
  }
  box.top = wanted;
}
