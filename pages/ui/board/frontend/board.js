// The browser's half of the live board. One Board per component key lives as long as the page: Streamlit may mount the
// component again, the charts are then only moved. Latest wins: an update that arrives while another is drawn replaces
// the one that waits.

import { Field } from "./field.js";
import { Film, Images } from "./images.js";

const ROLES = ["data", "generator", "discriminator", "accent"];
const CONFIG = { displayModeBar: false, responsive: false, doubleClick: "reset", scrollZoom: false };
const FRAME_BUDGET = 40; // ms of drawing per update, unless the fast panels alone take longer
const boards = new Map();
let plotly = null;

function loadPlotly() {
  plotly ??= new Promise((resolve, reject) => {
    if (window.Plotly) return resolve(window.Plotly);
    const script = document.createElement("script");
    script.src = new URL("../gan.plotly/plotly.min.js", import.meta.url).href;
    script.onload = () => resolve(window.Plotly);
    script.onerror = () => reject(new Error("Plotly.js could not be loaded"));
    document.head.append(script);
  });
  return plotly;
}

function unpack(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = view.getUint32(0, true);
  const header = new TextDecoder().decode(bytes.subarray(4, 4 + length));
  const body = bytes.slice(4 + length).buffer;
  const arrays = { $: new Float32Array(body), $8: new Uint8Array(body) };
  return JSON.parse(header, (_, value) => {
    for (const kind in arrays)
      if (Array.isArray(value?.[kind])) return arrays[kind].subarray(value[kind][0], value[kind][0] + value[kind][1]);
    return value;
  });
}

function readTheme(element) {
  const style = getComputedStyle(element);
  const get = (name) => style.getPropertyValue(name).trim();
  const colors = get("--st-chart-categorical-colors").split(",").map((c) => c.trim());
  const theme = { text: get("--st-text-color") || "#222", background: get("--st-background-color") || "#fff", font: get("--st-font") };
  ROLES.forEach((role, i) => (theme[role] = colors[i] || theme.text));
  theme.muted = mix(theme.text, 0.45);
  theme.grid = mix(theme.text, 0.12);
  theme.track = mix(theme.text, 0.2);
  return theme;
}

function mix(color, alpha) {
  const c = document.createElement("canvas").getContext("2d");
  c.fillStyle = color;
  const [r, g, b] = c.fillStyle.match(/\w\w/g).map((h) => parseInt(h, 16));
  return `rgba(${r},${g},${b},${alpha})`;
}

// "$data" -> the theme's colour of data; "$data/0.3" -> the same at 30 % opacity
function paint(value, theme) {
  if (typeof value === "string") {
    if (value[0] !== "$") return value.replace(SUBSCRIPT, "<i>$1</i><sub>$2</sub>");
    const [role, alpha] = value.slice(1).split("/");
    return alpha ? mix(theme[role], alpha) : theme[role];
  }
  if (Array.isArray(value)) return value.map((v) => paint(v, theme));
  if (value && typeof value === "object" && !ArrayBuffer.isView(value))
    return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, paint(v, theme)]));
  return value;
}

// p_data, L_D -> with real subscripts, for the page and for Plotly
const SUBSCRIPT = /([pL])_(data|g|D|G)/g;

function typeset(node, text) {
  if (node.dataset.text === text) return;
  node.dataset.text = text;
  node.replaceChildren();
  text.split(/([pL]_(?:data|g|D|G))/).forEach((part, i) => {
    if (i % 2 === 0) return node.append(part);
    const [letter, index] = part.split("_");
    const sub = document.createElement("sub");
    sub.textContent = index;
    const symbol = document.createElement("i");
    symbol.textContent = letter;
    node.append(symbol, sub);
  });
}

class Panel {
  constructor(spec, board) {
    this.element = element("div", "lb-panel");
    this.element.dataset.panel = spec.id;
    this.title = element("div", "lb-title");
    this.title.append(element("span"), element("span", "lb-help"));
    this.plot = element("div");
    const redraw = () => { this.dirty = true; board.redraw(); };
    if (spec.kind === "field") this.canvas = new Field(this.plot, redraw, typeset);
    if (spec.kind === "images") this.canvas = new Images(this.plot, redraw, (picks) => board.send("picked", picks));
    if (spec.kind === "film") this.canvas = new Film(this.plot, () => this.visible);
    this.element.append(this.title, this.plot);
    this.visible = true;
    this.dirty = true;
    this.drawn = 0;
    board.observer.observe(this.element);
    board.resizer.observe(this.plot);
  }

  set(spec) {
    this.spec = spec;
    this.dirty = true;
    this.element.style.gridColumn = `span ${spec.columns}`;
    this.element.style.gridRow = spec.rows ? `span ${spec.rows}` : "";
    if (this.canvas) this.canvas.set(spec);
    else this.plot.style.height = `${spec.height}px`;
    this.title.dataset.role = spec.role || "";
    typeset(this.title.firstChild, spec.title);
    typeset(this.title.lastChild, spec.help || "");
    this.title.title = `${spec.title}: ${spec.tip || spec.help || ""}`;
  }

  draw(Plotly, theme) {
    if (this.spec.kind === "field") {
      this.canvas.draw(paint(this.spec.layers, theme), theme, this.plot.clientWidth, this.spec.height);
    } else if (this.canvas) this.canvas.draw(theme, this.plot.clientWidth);
    else this.drawChart(Plotly, theme);
    this.dirty = false;
    this.drawn = performance.now();
  }

  drawChart(Plotly, theme) {
    const { data, layout } = this.spec;
    const axis = (given = {}) => ({
      gridcolor: theme.grid, zeroline: false, linecolor: theme.muted, fixedrange: true, automargin: false,
      tickfont: { size: 15 }, ...given, title: { standoff: 4, font: { size: 16 }, ...given.title },
    });
    const full = paint(layout, theme);
    Plotly.react(this.plot, paint(data, theme), {
      margin: { l: 58, r: 14, t: 8, b: 46 }, showlegend: false, hovermode: "closest", dragmode: false,
      paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)",
      font: { family: theme.font, size: 15, color: theme.text },
      hoverlabel: { font: { size: 15 } },
      ...full, xaxis: axis(full.xaxis), yaxis: axis(full.yaxis),
      width: this.plot.clientWidth, height: this.spec.height,
    }, CONFIG);
  }
}

class Board {
  constructor() {
    this.root = element("div", "lb-container");
    this.body = element("div", "lb");
    this.body.dataset.testid = "live-board";
    this.message = element("div", "lb-message");
    this.message.setAttribute("role", "status");
    this.tiles = element("div", "lb-tiles");
    this.legend = element("div", "lb-legend");
    this.grid = element("div", "lb-grid");
    this.body.append(this.message, this.tiles, this.legend, this.grid);
    this.root.append(this.body);
    this.panels = new Map();
    this.send = () => {};
    this.updates = 0;
    this.mounts = 0;
    this.observer = new IntersectionObserver((entries) => {
      for (const e of entries) for (const p of this.panels.values()) if (p.element === e.target) {
        p.visible = e.isIntersecting;
        p.canvas?.wake?.();
      }
      this.redraw();
    }, { rootMargin: "200px" });
    this.resizer = new ResizeObserver(() => {
      for (const p of this.panels.values()) if (p.plot.clientWidth !== p.width) { p.width = p.plot.clientWidth; p.dirty = true; }
      this.redraw();
    });
  }

  mount(parent) {
    if (this.root.parentElement === parent) return;
    parent.append(this.root);
    this.mounts += 1;
    this.theme = null;
  }

  update(bytes) {
    if (this.bytes && same(this.bytes, bytes)) { this.retheme(); return; }
    this.bytes = bytes;
    this.next = bytes;
    this.redraw();
  }

  retheme() {
    const theme = readTheme(this.root);
    if (JSON.stringify(theme) === JSON.stringify(this.theme)) return;
    this.theme = theme;
    for (const [k, v] of Object.entries(theme)) this.body.style.setProperty(`--lb-${k}`, v);
    for (const p of this.panels.values()) p.dirty = true;
    this.redraw();
  }

  redraw() {
    if (this.waiting) return;
    this.waiting = true;
    requestAnimationFrame(async () => {
      const Plotly = await loadPlotly().catch((error) => { this.message.textContent = error.message; });
      this.waiting = false;
      if (Plotly && this.root.isConnected) this.draw(Plotly);
    });
  }

  draw(Plotly) {
    this.retheme();
    const fresh = this.next;
    this.next = null;
    if (fresh) this.read(unpack(fresh));
    const start = performance.now();
    this.drawDue(Plotly);
    const drawing = Math.round(performance.now() - start);
    if (fresh) {
      this.updates += 1;
      const attributes = { ...this.attributes, updates: this.updates, mounts: this.mounts, "draw-ms": drawing };
      for (const [name, value] of Object.entries(attributes)) this.body.setAttribute(`data-${name}`, value);
    }
    if (this.next) this.redraw();
  }

  // All fast panels, then slow ones, the longest waiting first, as long as the frame has time: drawing is what costs.
  drawDue(Plotly) {
    const due = [...this.panels.values()].filter((p) => p.dirty && p.visible && p.plot.clientWidth);
    const slow = due.filter((p) => p.spec.pace === "slow").sort((a, b) => a.drawn - b.drawn);
    const start = performance.now();
    for (const p of due) if (p.spec.pace !== "slow") p.draw(Plotly, this.theme);
    for (const [i, p] of slow.entries()) {
      if (i > 0 && performance.now() - start > FRAME_BUDGET) {
        if (this.state !== "playing" || !p.drawn) this.redraw();
        break;
      }
      p.draw(Plotly, this.theme);
    }
  }

  read({ panels, attributes, message, tiles, legend }) {
    this.attributes = attributes;
    this.state = attributes.state;
    this.message.hidden = !message;
    if (message) {
      this.message.dataset.kind = message.kind;
      typeset(this.message, message.text);
    }
    this.body.classList.toggle("lb-live", Boolean(message));
    fill(this.tiles, tiles, (tile) => {
      const box = element("div", "lb-tile");
      box.append(element("div", "lb-tile-label"), element("div", "lb-tile-value"));
      return box;
    }, (box, tile) => {
      box.title = tile.help || "";
      box.dataset.tile = tile.id;
      typeset(box.firstChild, tile.label);
      if (box.lastChild.textContent !== tile.value) box.lastChild.textContent = tile.value;
      box.lastChild.style.color = tile.role ? `var(--lb-${tile.role})` : "";
    });
    fill(this.legend, legend, () => { const s = element("span"); s.append(element("i"), element("b")); return s; }, (item, entry) => {
      item.firstChild.dataset.mark = entry.mark;
      item.firstChild.style.borderColor = `var(--lb-${entry.role})`;
      item.firstChild.style.background = entry.mark === "fill" ? `var(--lb-${entry.role})` : "";
      typeset(item.lastChild, entry.label);
    });
    const ids = new Set(panels.map((p) => p.id));
    for (const [id, panel] of this.panels) if (!ids.has(id)) { if (!panel.canvas) window.Plotly.purge(panel.plot); panel.element.remove(); this.panels.delete(id); }
    panels.forEach((spec, i) => {
      if (!this.panels.has(spec.id)) this.panels.set(spec.id, new Panel(spec, this));
      const panel = this.panels.get(spec.id);
      panel.set(spec);
      if (this.grid.children[i] !== panel.element) this.grid.insertBefore(panel.element, this.grid.children[i] ?? null);
    });
  }
}

function element(tag, className = "") {
  const e = document.createElement(tag);
  e.className = className;
  return e;
}

function fill(parent, items, create, set) {
  while (parent.children.length > items.length) parent.lastChild.remove();
  while (parent.children.length < items.length) parent.append(create(items[parent.children.length]));
  items.forEach((item, i) => set(parent.children[i], item));
}

function same(a, b) {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

export default function ({ data, parentElement, key, setStateValue }) {
  if (!boards.has(key)) boards.set(key, new Board());
  const board = boards.get(key);
  board.send = setStateValue;
  board.mount(parentElement);
  if (data) board.update(data);
  else loadPlotly();
  // Streamlit may run the clean-up of an older call while the component stays on screen; the charts are kept anyway
  return () => {};
}
