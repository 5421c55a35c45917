// What is written into a chart: labelled levels and marks, see `level` and `marks_layout` in figures.py.

import { clamp } from "./geometry.js";
import { drawText, textWidth } from "./letters.js";
import { setPen } from "./strokes.js";
import { translucent } from "./theme.js";

const PAD = 3; // px around a text
const LINE = 1.25; // from one line to the next, in sizes of the type
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
    if (line?.width !== 0) { setPen(c, line ?? { color: "gray" }, frame.pen); c.stroke(); }
  }
  c.setLineDash([]);
}

const atHeight = (note) => note.yref !== "paper";

/** Draw all texts. One that would cover another gives way: names of levels hardly, as they stand at a height. */
export function drawNotes(c, notes, frame, theme) {
  const taken = [];
  for (const note of [...unit(frame, theme), ...notes.filter(atHeight), ...notes.filter((n) => !atHeight(n))]) {
    const type = { size: Math.max(LEAST, ((note.font?.size ?? STANDARD) / STANDARD) * theme.type), family: theme.font };
    const box = boxOf(c, note, frame, type);
    if (!box) continue;
    giveWay(box, taken, frame, atHeight(note) ? [0, 1] : [0, 1, 2, 3, 4, 5]);
    taken.push(box);
    const halo = !note.bgcolor || frame.fits; // in a small room curves stay visible
    if (!halo) {
      c.fillStyle = note.bgcolor;
      c.fillRect(box.left, box.top, box.width, box.height);
    }
    const { color = theme.text } = note.font ?? {};
    c.fillStyle = color === theme.muted ? translucent(theme.text, READABLE) : color;
    const style = { ...type, halo: halo ? theme.background : "" };
    box.lines.forEach((line, k) => drawText(c, line, box.left + PAD, box.top + (k + 0.5) * LINE * type.size, style));
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
  const lines = fitting(c, text, frame.right - frame.left - 2 * PAD, type);
  const width = Math.max(...lines.map((line) => textWidth(c, line, type))) + 2 * PAD;
  const height = LINE * type.size * lines.length;
  const left = px - width * anchor({ left: 0, center: 0.5, right: 1 }, xanchor, xref, x);
  const top = py - height * anchor({ top: 0, middle: 0.5, bottom: 1 }, yanchor, yref, 1 - y);
  return { lines, width, height, left: clamp(left, frame.left, Math.max(frame.left, frame.right - width)), top };
}

// the share of a text before its place; where nothing is said, a text at an end of the paper lies inside
function anchor(shares, said, ref, along) {
  if (said in shares) return shares[said];
  if (ref !== "paper" || (along > 1 / 3 && along < 2 / 3)) return 0.5;
  return along <= 1 / 3 ? 0 : 1;
}

// where a line has no room for it, what stands before a colon is enough; else two lines
function fitting(c, text, room, type) {
  const fits = (part) => textWidth(c, part, type) <= room;
  const [short] = text.split(":");
  if (fits(text)) return [text];
  if (fits(short)) return [short];
  const words = text.split(" ");
  const cut = words.findLastIndex((_, k) => k > 0 && fits(words.slice(0, k).join(" ")));
  return cut > 0 ? [words.slice(0, cut).join(" "), words.slice(cut).join(" ")] : [text];
}

const covers = (a, b) =>
  a.left < b.left + b.width && b.left < a.left + a.width && a.top < b.top + b.height - 2 && b.top < a.top + a.height - 2;

// down by so many lines
function giveWay(box, taken, frame, ways) {
  const wanted = box.top;
  for (const lines of ways) {
    box.top = wanted + (lines * box.height) / box.lines.length;
    const inside = box.top >= frame.top - box.height / 2 && box.top + box.height <= frame.bottom + 2;
    if ((inside || lines === 0) && !taken.some((other) => covers(box, other))) return;
  }
  box.top = wanted;
}
