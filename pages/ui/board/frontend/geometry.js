// Where things lie: numbers in, numbers out. Grids are row-major, first index x from the left, second y from below.

export function clamp(v, low, high) {
  return Math.max(low, Math.min(high, v));
}

const MARGIN = { left: 34, right: 8, top: 6, bottom: 24 }; // px, for the numbers along the axes
const TYPE = 15; // px, of these numbers

/**
 * A window of the plane in a room of width x height px, one scale in both directions, or filling a square.
 *
 * Options: `square`, for axes of different units; `numbers`, the width of those along the vertical axis;
 * `type`, their size.
 * Returns its edges, its width and height, `below` (where the numbers end), scaleX and scaleY in px per unit, and
 * x(v), y(v).
 */
export function viewport([x0, x1], [y0, y1], width, height, { square = false, numbers = 0, type = TYPE } = {}) {
  const before = Math.max((MARGIN.left * type) / TYPE, numbers);
  const under = Math.round((MARGIN.bottom * type) / TYPE);
  const [across, up] = [width - before - MARGIN.right, height - MARGIN.top - under];
  const one = Math.min(across / (x1 - x0), up / (y1 - y0));
  const side = Math.min(across, up);
  const [scaleX, scaleY] = square ? [side / (x1 - x0), side / (y1 - y0)] : [one, one];
  const [plotWidth, plotHeight] = [scaleX * (x1 - x0), scaleY * (y1 - y0)];
  const left = before + (across - plotWidth) / 2;
  const bottom = MARGIN.top + plotHeight;
  return {
    left, right: left + plotWidth, top: MARGIN.top, bottom, width: plotWidth, height: plotHeight, scaleX, scaleY,
    below: Math.ceil(bottom + under),
    x: (v) => left + (v - x0) * scaleX,
    y: (v) => bottom - (v - y0) * scaleY,
  };
}

/** At most six round numbers in [low, high], a step of 1, 2 or 5 times a power of ten apart; none close to an end. */
export function ticks([low, high]) {
  const least = (high - low) / 5;
  const power = 10 ** Math.floor(Math.log10(least));
  const step = [1, 2, 5, 10].map((times) => times * power).find((s) => s >= least);
  const margin = 0.04 * (high - low); // a number there would stick out
  const found = [];
  for (let v = Math.ceil((low + margin) / step) * step; v <= high - margin; v += step)
    found.push(Math.abs(v) < step / 1e6 ? 0 : v); // the sum of steps misses 0 by rounding
  return found;
}

/** A number of an axis with a real minus and three digits, or as many as tell it from its neighbours. */
export function tickLabel(v, all = []) {
  const step = all.length > 1 ? all[1] - all[0] : Math.abs(v) || 1;
  const digits = Math.ceil(Math.log10(Math.max(Math.abs(v), step) / step) + 1e-9) + 1;
  return Number(v.toPrecision(Math.min(Math.max(digits, 3), 15))).toString().replace("-", "−");
}

/** The contour of an n x m grid at a level by marching squares: segments [x0, y0, x1, y1] in units of the indices. */
export function contour(values, n, m, level) {
  const segments = [];
  for (let i = 0; i < n - 1; i++)
    for (let j = 0; j < m - 1; j++) {
      const corner = i * m + j;
      const corners = [values[corner], values[corner + m], values[corner + m + 1], values[corner + 1]];
      const above = corners[0] >= level;
      if (above === corners[1] >= level && above === corners[2] >= level && above === corners[3] >= level) continue;
      const points = crossings(corners, level);
      for (let k = 0; k + 1 < points.length; k += 2) {
        const [[x0, y0], [x1, y1]] = [points[k], points[k + 1]];
        segments.push([i + x0, j + y0, i + x1, j + y1]);
      }
    }
  return segments;
}

const EDGES = [(t) => [t, 0], (t) => [1, t], (t) => [1 - t, 1], (t) => [0, 1 - t]]; // around a cell, counter-clockwise

// where the level crosses the edges of a cell: those whose ends lie on different sides of it
function crossings(corners, level) {
  const found = [];
  for (let k = 0; k < 4; k++) {
    const [a, b] = [corners[k], corners[(k + 1) % 4]];
    if (a < level !== b < level) found.push(EDGES[k]((level - a) / (b - a)));
  }
  return found;
}

/** From 0 to 1 with a soft start and a soft end. */
export function smoothstep(t) {
  return t * t * (3 - 2 * t);
}
