// A chart from Plotly's description of one. The board draws the curves of most itself (`Plot`); Plotly draws all else.

import { drawable } from "./drawable.js";
import { element } from "./dom.js";
import { roomy } from "./frame.js";
import { Plot } from "./plot.js";
import { markup } from "./symbols.js";
import { colored, scaleOf } from "./theme.js";

const CONFIG = { displayModeBar: false, responsive: false, doubleClick: "reset", scrollZoom: false };
const LARGER = 1; // px that the title of an axis is larger than its numbers
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
  constructor(parent, ways) {
    this.parent = parent;
    this.ways = ways;
  }

  set(spec, change) {
    const Drawer = drawable(spec) ? Plot : PlotlyChart;
    if (!(this.drawer instanceof Drawer)) {
      this.drawer?.destroy();
      this.drawer = new Drawer(this.parent, this.ways);
    }
    this.drawer.set(spec, change);
  }

  draw(...room) {
    this.drawer.draw(...room);
  }

  destroy() {
    this.drawer?.destroy();
  }
}

class PlotlyChart {
  constructor(parent, { redraw }) {
    this.redraw = redraw;
    this.box = element("div");
    parent.append(this.box);
  }

  set(spec) {
    this.spec = spec;
    this.box.style.height = `${spec.height}px`;
  }

  draw(theme, width, height, fits) {
    if (!window.Plotly) {
      loadPlotly().then(this.redraw, (error) => { this.box.textContent = error.message; });
      return;
    }
    const data = colored(this.spec.data, theme, markup);
    const layout = colored(this.spec.layout, theme, markup);
    if (fits) this.box.style.height = `${height}px`;
    window.Plotly.react(this.box, data, {
      margin: fits ? tight(layout, theme.type) : wide(theme), // as `layOut` has them
      showlegend: false, hovermode: "closest", dragmode: false,
      paper_bgcolor: CLEAR, plot_bgcolor: CLEAR,
      font: { family: theme.font, size: theme.type, color: theme.text },
      hoverlabel: { font: { size: theme.type } },
      ...layout,
      xaxis: axis(layout.xaxis, theme), yaxis: axis(layout.yaxis, theme),
      width, height,
    }, CONFIG);
  }

  destroy() {
    window.Plotly?.purge(this.box);
    this.box.remove();
  }
}

function wide(theme) {
  const { left: l, right: r, top: t, bottom: b } = roomy(scaleOf(theme));
  return { l, r, t, b };
}

function tight({ xaxis, yaxis }, size) {
  const [along, below] = [yaxis?.title?.text, xaxis?.title?.text].map((text) => (text ? 1.4 * size : 0));
  return { l: 2.4 * size + along, r: 0.7 * size, t: 0.5 * size, b: 1.6 * size + below };
}

function axis(given, theme) {
  return {
    gridcolor: theme.grid, zeroline: false, linecolor: theme.muted, fixedrange: true, automargin: false,
    tickfont: { size: theme.type },
    ...given,
    title: { standoff: 4, font: { size: theme.type + LARGER }, ...given?.title },
  };
}
