// Which Plotly charts the board draws itself, see `Plot`: those that ask for nothing else than what stands here.

const ANY = () => true;
const oneOf = (...values) => (value) => values.includes(value ?? "");
const each = (known) => (value) => !value || Object.entries(value).every(([key, v]) => known[key]?.(v));
const all = (known) => (value) => (value ?? []).every(each(known));
const plain = (text) => !/[<%]\w/.test(text ?? "");
const single = (value) => !Array.isArray(value);

const LINE = { color: ANY, width: ANY, dash: oneOf("", "solid", "dot", "dash", "dashdot"),
  shape: oneOf("", "linear", "hv", "hvh") };
const TRACE = {
  type: oneOf("", "scatter"), mode: oneOf("lines", "markers", "lines+markers"), name: ANY, x: numbers, y: numbers, x0: ANY,
  dx: ANY, of_run: ANY, line: each(LINE), fill: oneOf("", "none", "tozeroy", "tonexty", "toself"), fillcolor: ANY, opacity: ANY,
  hoverinfo: oneOf("", "all", "skip", "x", "y", "name", "x+y", "x+name", "y+name", "name+x", "x+y+name"),
  marker: each({ color: single, size: single, opacity: single, symbol: oneOf("", "circle", "triangle-up", "triangle-down", "square"),
    line: each({ color: single, width: single }) }),
};
const AXIS = { title: each({ text: plain }), type: oneOf("", "linear", "log"), range: ANY, nticks: ANY, dtick: ANY,
  tickvals: ANY, ticktext: ANY, tickformat: oneOf("", "~s"), ticksuffix: ANY, showgrid: ANY, showticklabels: ANY };
const PLACE = { xref: oneOf("", "x", "paper"), yref: oneOf("", "y", "paper") };
const SHAPE = { ...PLACE, type: oneOf("line", "rect"), x0: ANY, x1: ANY, y0: ANY, y1: ANY, line: each(LINE), fillcolor: ANY };
const NOTE = { ...PLACE, x: ANY, y: ANY, xanchor: ANY, yanchor: ANY, xshift: ANY, yshift: ANY, text: plain,
  showarrow: oneOf(false), font: ANY, bgcolor: ANY };
const LAYOUT = { xaxis: each(AXIS), yaxis: each(AXIS), shapes: all(SHAPE), annotations: all(NOTE) };

/** Whether `Plot` can draw all that is in this spec. */
export function drawable({ data, layout }) {
  return all(TRACE)(data) && each(LAYOUT)(layout) && [layout.xaxis, layout.yaxis].every(hasRange);
}

// the ends of an axis are given, and the numbers of a logarithmic one
function hasRange(axis) {
  return axis?.range?.length === 2 && (axis.type !== "log" || Boolean(axis.tickvals));
}

function numbers(values) {
  return ArrayBuffer.isView(values) || values.every((v) => typeof v === "number" || v === null);
}
