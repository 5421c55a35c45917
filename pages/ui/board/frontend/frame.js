// The frame of a chart: where its axes lie, their lines, numbers and titles.

import { Axis } from "./axis.js";
import { drawText, textWidth } from "./letters.js";
import { scaleOf } from "./theme.js";

const GAP = 5; // px between an axis and its numbers
const ROOMY = { left: 58, right: 14, top: 8, bottom: 46 }; // px at the usual type: every chart outside of the stage
const TURNED = 270; // px of width from which on there is room for a title along the vertical axis
const BELOW = 330; // px of height, from which on there is room for one below the numbers
const APART = { x: 0.9, y: 1.9 }; // sizes of the type: between two numbers, and from one to the next above it
const USUAL = "0.00"; // charts above each other have the same margins, as long as their numbers are no longer than this

/**
 * Lay out a chart in a room of width x height px.
 *
 * Options: `fits`: the room is what it is, and as much of it as possible is for the curves.
 * Returns { x, y: axes, left, right, top, bottom, width, titles, type, fits, pen: the thickness of lines }.
 */
export function layOut(c, { xaxis, yaxis }, { width, height, fits, theme }) {
  const type = { size: theme.type, family: theme.font };
  const titles = {
    x: xaxis.title?.text ? (fits && height < BELOW ? "inside" : "outside") : "",
    y: yaxis.title?.text ? (fits && width < TURNED ? "inside" : "outside") : "",
  };
  const pen = scaleOf(theme);
  const m = fits ? tight(c, xaxis, yaxis, { type, titles, width, height }) : roomy(pen);
  const [left, right, top, bottom] = [m.left, width - m.right, m.top, height - m.bottom];
  const [x, y] = [new Axis(xaxis, left, right), new Axis(yaxis, bottom, top)];
  return { x, y, left, right, top, bottom, width, titles, type, fits, pen };
}

/** The margins of a chart with room around it. */
export function roomy(scale) {
  return Object.fromEntries(Object.entries(ROOMY).map(([side, px]) => [side, Math.round(px * scale)]));
}

function tight(c, xaxis, yaxis, { type, titles, width, height }) {
  const { size } = type;
  const top = Math.round(0.5 * size);
  const numbers = xaxis.showticklabels === false ? 0 : Math.round(1.25 * size) + GAP - 2;
  const below = titles.x === "outside" ? Math.round(1.3 * size) : 0;
  const bottom = Math.max(numbers + below, top);
  const rows = ticksUp(new Axis(yaxis, height - bottom, top), type);
  const texts = yaxis.showticklabels === false ? [""] : [USUAL, ...rows.map((tick) => tick.text)];
  const widest = Math.max(...texts.map((text) => textWidth(c, text, type)));
  const along = titles.y === "outside" || (width >= TURNED && !titles.y) ? Math.round(1.35 * size) : 0;
  return { left: Math.ceil(widest) + GAP + 3 + along, right: Math.round(0.7 * size), top, bottom };
}

const ticksUp = (axis, { size }) => axis.ticks(() => APART.y * size);
const ticksAcross = (c, axis, type) => axis.ticks((text) => textWidth(c, text, type) + APART.x * type.size);

/** The lines of the grid; all else comes on top of them. */
export function drawGrid(c, frame, theme) {
  const { x, y, left, right, top, bottom, type } = frame;
  frame.ticks = { x: ticksAcross(c, x, type), y: ticksUp(y, type) };
  c.strokeStyle = theme.grid;
  c.lineWidth = 1;
  c.beginPath();
  if (x.given.showgrid !== false)
    for (const { value } of frame.ticks.x) line(c, sharp(x.at(value)), top, sharp(x.at(value)), bottom);
  if (y.given.showgrid !== false)
    for (const { value } of frame.ticks.y) line(c, left, sharp(y.at(value)), right, sharp(y.at(value)));
  c.stroke();
}

const sharp = (v) => Math.round(v - 0.5) + 0.5;

function line(c, x0, y0, x1, y1) {
  c.moveTo(x0, y0);
  c.lineTo(x1, y1);
}

/** The lines of both axes, their numbers and titles. */
export function drawAxes(c, frame, theme) {
  const { y, left, right, top, bottom, type, ticks } = frame;
  c.strokeStyle = theme.muted;
  c.lineWidth = 1;
  c.beginPath();
  c.moveTo(sharp(left), top);
  c.lineTo(sharp(left), sharp(bottom));
  c.lineTo(right, sharp(bottom));
  c.stroke();
  c.fillStyle = theme.text;
  drawNumbersBelow(c, frame);
  if (y.given.showticklabels !== false)
    for (const { value, text } of ticks.y) drawText(c, text, left - GAP, y.at(value), { ...type, align: "right" });
  drawTitles(c, frame);
}

// a title inside takes the place of the last numbers, as long as there are two more
function drawNumbersBelow(c, frame) {
  const { x, right, bottom, type, titles, ticks } = frame;
  const numbers = x.given.showticklabels === false ? [] : ticks.x.map(({ value, text }) => {
    const half = textWidth(c, text, type) / 2;
    return { text, half, at: within(x.at(value), half, frame) };
  });
  const title = titles.x === "inside" ? x.given.title.text : "";
  const end = title ? right - textWidth(c, title, type) - 0.4 * type.size : Infinity;
  const before = numbers.filter(({ at, half }) => at + half <= end);
  const crowded = before.length < Math.min(2, numbers.length);
  for (const { text, at } of crowded ? numbers : before)
    drawText(c, text, at, bottom + GAP, { ...type, align: "center", stand: "top" });
  if (title && !crowded) drawText(c, title, right, bottom + GAP, { ...type, align: "right", stand: "top" });
}

// a number at the end of the axis does not stick out of the chart
const within = (at, half, { width }) => Math.min(at, width - 1 - half);

function drawTitles(c, frame) {
  const { x, y, left, right, top, bottom, type, titles, fits } = frame;
  const larger = fits ? type : { ...type, size: type.size + 1 };
  if (titles.x === "outside")
    drawText(c, x.given.title.text, (left + right) / 2, bottom + GAP + 1.25 * type.size, { ...larger, align: "center", stand: "top" });
  if (titles.y === "outside") {
    c.save();
    c.translate(0.75 * type.size, (top + bottom) / 2);
    c.rotate(-Math.PI / 2);
    drawText(c, y.given.title.text, 0, 0, { ...larger, align: "center" });
    c.restore();
  }
}
