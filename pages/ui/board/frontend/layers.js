// The layers of a window of the plane: how each type is drawn. A layer has its colours filled in; `view` is where the
// window lies (see `viewport`).

import { resize } from "./canvas.js";
import { clamp, contour, smoothstep } from "./geometry.js";
import { channels, scaleOf } from "./theme.js";

const FULL_TURN = 2 * Math.PI;
const NOTHING = 0; // a pixel that is not there

/** type -> draw(c, layer, view, { theme, morph }). To add a type of layer, add it here. */
export const LAYERS = { heat, density, classes, contour: contourLines, points, arrows, mesh, rings };

const raster = document.createElement("canvas");

// each cell of an n x m grid coloured by `color(value)`, four bytes in one number, stretched over the window
function paintCells(c, { values, n, m }, view, smooth, color) {
  resize(raster, n, m);
  const context = raster.getContext("2d");
  const image = context.createImageData(n, m);
  const out = new Uint32Array(image.data.buffer);
  for (let i = 0; i < n; i++) for (let j = 0; j < m; j++) out[(m - 1 - j) * n + i] = color(values[i * m + j]);
  context.putImageData(image, 0, 0);
  c.imageSmoothingEnabled = smooth;
  c.drawImage(raster, view.left, view.top, view.width, view.height);
}

// the four bytes of a pixel as one number, the red first in memory
function pixel([red, green, blue], alpha) {
  return ((alpha << 24) | (blue << 16) | (green << 8) | red) >>> 0;
}

const SHADES = 128; // on either side of the middle
const HEAT = { opacity: 0.72, power: 0.8 }; // samples stay visible on it; small opinions show sooner than in proportion

// diverging: `colors` = [low, high], transparent in the middle of `range` = [low, middle, high]
function heat(c, layer, view) {
  const [low, middle, high] = layer.range;
  const ends = layer.colors.map(channels);
  const table = Uint32Array.from({ length: 2 * SHADES + 1 }, (_, i) => {
    const t = (i - SHADES) / SHADES;
    return pixel(ends[t < 0 ? 0 : 1], Math.round(255 * HEAT.opacity * Math.abs(t) ** HEAT.power));
  });
  paintCells(c, layer, view, true, (v) => {
    if (Number.isNaN(v)) return NOTHING;
    const t = v < middle ? (v - middle) / (middle - low) : (v - middle) / (high - middle);
    return table[Math.round(SHADES * (1 + clamp(t, -1, 1)))];
  });
}

const DENSEST = 210; // alpha at `top`: the axes and samples stay visible

// one colour, the more opaque the denser; the root shows thin places
function density(c, layer, view) {
  const table = Uint32Array.from({ length: DENSEST + 1 }, (_, alpha) => pixel(channels(layer.color), alpha));
  const alpha = (v) => Math.round(DENSEST * Math.min(Math.sqrt(Math.max(v, 0) / layer.top), 1));
  paintCells(c, layer, view, true, (v) => table[alpha(v)] ?? NOTHING);
}

const CLASS_ALPHA = 235;

// index -> its colour, -1 -> nothing
function classes(c, layer, view) {
  const colors = layer.colors.map((color) => pixel(channels(color), CLASS_ALPHA));
  paintCells(c, layer, view, false, (v) => colors[v] ?? NOTHING);
}

const resting = new WeakMap(); // values that do not move -> { of, path }: their contours

function contourLines(c, layer, view, { theme }) {
  const { values, n, m, levels, color, width, moves } = layer;
  c.strokeStyle = color;
  c.lineWidth = (width || 1.5) * scaleOf(theme);
  const of = [n, m, ...levels, view.left, view.top, view.width, view.height].join(" ");
  const known = resting.get(values);
  const path = !moves && known?.of === of ? known.path : contourPath(layer, view);
  if (!moves) resting.set(values, { of, path });
  c.stroke(path);
}

function contourPath({ values, n, m, levels }, view) {
  const x = (i) => view.left + ((i + 0.5) / n) * view.width; // values stand in the middles of the cells
  const y = (j) => view.bottom - ((j + 0.5) / m) * view.height;
  const path = new Path2D();
  for (const level of levels)
    for (const [x0, y0, x1, y1] of contour(values, n, m, level)) {
      path.moveTo(x(x0), y(y0));
      path.lineTo(x(x1), y(y1));
    }
  return path;
}

// discs of `size` px, on demand with a rim of the background that parts them
function points(c, { x, y, color, size: usual, rim }, view, { theme }) {
  const size = usual * scaleOf(theme);
  c.fillStyle = color;
  c.beginPath();
  for (let i = 0; i < x.length; i++) {
    const [px, py] = [view.x(x[i]), view.y(y[i])];
    c.moveTo(px + size, py);
    c.arc(px, py, size, 0, FULL_TURN);
  }
  if (rim) {
    c.strokeStyle = theme.background;
    c.lineWidth = 1.6;
    c.stroke();
  }
  c.fill();
}

const ARROW = { shortest: 1.5, head: 5, slope: 0.6 }; // px; px, at most half an arrow; half a head's width per length

// `scale`: data units drawn per unit of the vector, along x and along y
function arrows(c, { x, y, dx, dy, color, scale }, view, { theme }) {
  const [stems, heads] = [new Path2D(), new Path2D()];
  for (let i = 0; i < x.length; i++) {
    const [vx, vy] = [dx[i] * scale[0] * view.scaleX, -dy[i] * scale[1] * view.scaleY];
    const length = Math.hypot(vx, vy);
    if (length < ARROW.shortest) continue;
    const [px, py] = [view.x(x[i]), view.y(y[i])];
    const [qx, qy] = [px + vx, py + vy];
    const head = Math.min(ARROW.head * scaleOf(theme), 0.5 * length) / length;
    stems.moveTo(px, py);
    stems.lineTo(qx - vx * head, qy - vy * head);
    heads.moveTo(qx, qy);
    for (const side of [ARROW.slope, -ARROW.slope])
      heads.lineTo(qx - head * (vx + side * vy), qy - head * (vy - side * vx));
    heads.closePath();
  }
  c.strokeStyle = color;
  c.fillStyle = color;
  c.lineWidth = 1.4 * scaleOf(theme);
  c.stroke(stems);
  c.fill(heads);
}

// the lines of an n x m lattice, a share `morph` of their way `from` one place to another
function mesh(c, { x, y, from, n, m, color }, view, { theme, morph }) {
  const t = smoothstep(morph);
  const between = (a, b) => a + t * (b - a);
  const px = (k) => view.x(from ? between(from.x[k], x[k]) : x[k]);
  const py = (k) => view.y(from ? between(from.y[k], y[k]) : y[k]);
  const strip = (start, step, count) => {
    c.moveTo(px(start), py(start));
    for (let k = 1; k < count; k++) c.lineTo(px(start + k * step), py(start + k * step));
  };
  c.strokeStyle = color;
  c.lineWidth = 1.2 * scaleOf(theme);
  c.beginPath();
  for (let i = 0; i < n; i++) strip(i * m, 1, m);
  for (let j = 0; j < m; j++) strip(j, m, n);
  c.stroke();
}

// circles of a `radius` in data units
function rings(c, { x, y, radius, colors }, view, { theme }) {
  c.lineWidth = 2 * scaleOf(theme);
  for (let i = 0; i < x.length; i++) {
    c.strokeStyle = colors[i % colors.length];
    c.beginPath();
    c.arc(view.x(x[i]), view.y(y[i]), radius * view.scaleX, 0, FULL_TURN);
    c.stroke();
  }
}
