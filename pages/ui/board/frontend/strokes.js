// The curves and marks of a chart. A trace has its colours filled in; `frame` is where the axes lie: { x, y, left, right,
// top, bottom, pen }.

const FULL_TURN = 2 * Math.PI;
const DASHES = { dot: [1, 1], dash: [3, 3], dashdot: [3, 1, 1, 1] }; // of the width, at least 3 px
const FAR = 1e5; // px: beyond it canvases are not exact
const MARKER = 6; // px

/** The points of a trace in px, with gaps where a value is not finite: { x, y, n }. */
export function pointsOf(trace, { x, y }) {
  const n = trace.y.length;
  const px = new Float64Array(n);
  const py = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    px[i] = x.at(trace.x ? trace.x[i] : (trace.x0 ?? 0) + i * (trace.dx ?? 1));
    const v = trace.y[i];
    const at = v === null ? NaN : y.at(v);
    py[i] = Number.isFinite(px[i]) && Number.isFinite(at) ? Math.max(-FAR, Math.min(FAR, at)) : NaN;
  }
  return { x: px, y: py, n };
}

/** Draw all traces in their order. */
export function drawTraces(c, traces, frame) {
  let before = null;
  for (const trace of traces) {
    const points = bent(pointsOf(trace, frame), trace.line?.shape);
    c.globalAlpha = trace.opacity ?? 1;
    if (trace.fill && trace.fill !== "none") fillBelow(c, trace, points, before, frame);
    if (trace.mode.includes("lines")) drawLine(c, trace.line, points, frame.pen);
    if (trace.mode.includes("markers")) drawMarkers(c, trace.marker ?? {}, points, frame.pen);
    before = points;
  }
  c.globalAlpha = 1;
}

// the corners of stairs: "hv" first along, then up; "hvh" up in the middle
function bent(points, shape) {
  if (shape !== "hv" && shape !== "hvh") return points;
  const [x, y] = [[], []];
  for (let i = 0; i < points.n; i++) {
    if (i > 0 && shape === "hv") { x.push(points.x[i]); y.push(points.y[i - 1]); }
    if (i > 0 && shape === "hvh") {
      const middle = (points.x[i - 1] + points.x[i]) / 2;
      x.push(middle, middle);
      y.push(points.y[i - 1], points.y[i]);
    }
    x.push(points.x[i]);
    y.push(points.y[i]);
  }
  return { x, y, n: x.length };
}

/** [first, last] of every stretch without a gap. */
export function stretches({ y, n }) {
  const found = [];
  let start = -1;
  for (let i = 0; i <= n; i++) {
    const gap = i === n || Number.isNaN(y[i]);
    if (!gap && start < 0) start = i;
    if (gap && start >= 0) { found.push([start, i - 1]); start = -1; }
  }
  return found;
}

function trail(c, { x, y }, [first, last], begin = true) {
  if (begin) c.moveTo(x[first], y[first]);
  else c.lineTo(x[first], y[first]);
  const step = last < first ? -1 : 1;
  for (let i = first; i !== last; ) { i += step; c.lineTo(x[i], y[i]); }
}

function fillBelow(c, { fill, fillcolor }, points, before, frame) {
  c.fillStyle = fillcolor;
  c.beginPath();
  if (fill === "tonexty" && before) {
    for (const [from, ends] of [[points, (s) => s], [before, ([a, b]) => [b, a]]]) {
      const found = stretches(from);
      if (from === before) found.reverse();
      found.forEach((s, k) => trail(c, from, ends(s), from === points && k === 0));
    }
    c.closePath();
  } else {
    const zero = frame.y.log ? frame.bottom : frame.y.at(0);
    for (const s of stretches(points)) {
      trail(c, points, s);
      if (fill !== "toself") { c.lineTo(points.x[s[1]], zero); c.lineTo(points.x[s[0]], zero); }
      c.closePath();
    }
  }
  c.fill();
}

/** Set the pen to a line's colour, width and dash, `pen` times as thick. */
export function setPen(c, { color, width = 2, dash }, pen) {
  c.strokeStyle = color;
  c.lineWidth = width * pen;
  c.setLineDash((DASHES[dash] ?? []).map((length) => length * pen * Math.max(width, 3)));
}

function drawLine(c, line, points, pen) {
  setPen(c, line, pen);
  c.lineJoin = "round";
  c.beginPath();
  for (const s of stretches(points)) trail(c, points, s);
  c.stroke();
  c.setLineDash([]);
}

const CORNERS = { // in units of half the size
  "triangle-up": [[0, -1.15], [1.15, 0.85], [-1.15, 0.85]], "triangle-down": [[0, 1.15], [1.15, -0.85], [-1.15, -0.85]],
  square: [[-1, -1], [1, -1], [1, 1], [-1, 1]],
};

function drawMarkers(c, { symbol, size = MARKER, color, line, opacity = 1 }, { x, y, n }, pen) {
  const alpha = c.globalAlpha;
  c.globalAlpha = alpha * opacity;
  c.fillStyle = color;
  c.beginPath();
  for (let i = 0; i < n; i++) if (!Number.isNaN(y[i])) outline(c, CORNERS[symbol], x[i], y[i], (pen * size) / 2);
  c.fill();
  if (line?.width) {
    setPen(c, line, pen);
    c.stroke();
  }
  c.globalAlpha = alpha;
}

function outline(c, corners, x, y, half) {
  if (!corners) {
    c.moveTo(x + half, y);
    c.arc(x, y, half, 0, FULL_TURN);
    return;
  }
  corners.forEach(([dx, dy], k) => (k ? c.lineTo(x + dx * half, y + dy * half) : c.moveTo(x + dx * half, y + dy * half)));
  c.closePath();
}
