// A Plotly chart, redrawn in place.

import { markup } from "./symbols.js";
import { colored } from "./theme.js";

const CONFIG = { displayModeBar: false, responsive: false, doubleClick: "reset", scrollZoom: false };
const TEXT = 15; // px, of all that is written in a chart
const TITLE = 16; // px, of an axis
const CLEAR = "rgba(0,0,0,0)";
let loading = null;

/** Plotly.js from the plotly package, once for the page; fails with an Error if it cannot be loaded. */
export function loadPlotly() {
  loading ??= new Promise((resolve, reject) => {
    if (window.Plotly) return resolve();
    const script = document.createElement("script");
    script.src = new URL("../gan.plotly/plotly.min.js", import.meta.url).href;
    script.addEventListener("load", () => resolve());
    script.addEventListener("error", () => reject(new Error("Plotly.js could not be loaded")));
    document.head.append(script);
  });
  return loading;
}

export class Chart {
  constructor(parent) {
    this.parent = parent;
  }

  set(spec) {
    this.spec = spec;
    this.parent.style.height = `${spec.height}px`;
  }

  draw(theme, width, height) {
    const data = colored(this.spec.data, theme, markup);
    const layout = colored(this.spec.layout, theme, markup);
    window.Plotly.react(this.parent, data, {
      margin: { l: 58, r: 14, t: 8, b: 46 }, // room for the numbers and titles of the axes, the same in every chart
      showlegend: false, hovermode: "closest", dragmode: false,
      paper_bgcolor: CLEAR, plot_bgcolor: CLEAR,
      font: { family: theme.font, size: TEXT, color: theme.text },
      hoverlabel: { font: { size: TEXT } },
      ...layout,
      xaxis: axis(layout.xaxis, theme), yaxis: axis(layout.yaxis, theme),
      width, height,
    }, CONFIG);
  }

  destroy() {
    window.Plotly.purge(this.parent);
  }
}

function axis(given, theme) {
  return {
    gridcolor: theme.grid, zeroline: false, linecolor: theme.muted, fixedrange: true, automargin: false,
    tickfont: { size: TEXT },
    ...given,
    title: { standoff: 4, font: { size: TITLE }, ...given?.title },
  };
}
