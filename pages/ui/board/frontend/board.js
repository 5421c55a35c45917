// The browser's half of the board: a message, numbers, and panels that are redrawn in place. One Board per component key
// lives as long as the page: Streamlit may mount the component again, the charts are then only moved. Latest wins: an
// update that arrives while another is drawn replaces the one that waits. The stage has one, too, and arranges its parts.

import { element, fill } from "./dom.js";
import { alike, unpack } from "./packing.js";
import { Panel } from "./panel.js";
import { typeset } from "./symbols.js";
import { readTheme } from "./theme.js";

const FRAME_BUDGET = 40; // ms of drawing per update, unless the fast panels alone take longer
const SOON = 400; // ms: updates that come so fast draw what the last had no time for
const AHEAD = "200px"; // a panel so near to the screen is drawn already
const boards = new Map();

export class Board {
  /**
   * What the stage does otherwise: `take(content)` takes its own out of what arrived and returns what the board is to
   * show, `roomOf(spec)` says where a panel lies, `drawn(content)` is told when that is on screen.
   */
  constructor({ take = (content) => content, roomOf = () => this.grid, drawn = () => {} } = {}) {
    Object.assign(this, { take, roomOf, drawn });
    this.root = element("div", "lb-container");
    this.body = element("div", "lb", { "data-testid": "live-board" });
    this.message = element("div", "lb-message", { role: "status" });
    this.said = element("span");
    this.message.append(this.said);
    this.tiles = element("div", "lb-tiles");
    this.legend = element("div", "lb-legend");
    this.grid = element("div", "lb-grid");
    this.body.append(this.message, this.tiles, this.legend, this.grid);
    this.root.append(this.body);
    this.panels = new Map(); // id -> Panel
    this.send = () => {};
    this.updates = 0;
    this.mounts = 0;
    this.observer = new IntersectionObserver((entries) => this.see(entries), { rootMargin: AHEAD });
    this.resizer = new ResizeObserver(() => this.measure());
  }

  mount(parent) {
    if (this.root.parentElement === parent) return;
    parent.append(this.root);
    this.mounts += 1;
    this.theme = null;
  }

  update(bytes) {
    if (this.bytes && alike(this.bytes, bytes)) {
      this.retheme();
      if (!this.next) this.drawn(this.content); // it is on screen already
      return;
    }
    this.bytes = bytes;
    this.next = bytes;
    this.redraw();
  }

  /** What arrived is of something else than what comes next: if it is not on screen yet, it never is. */
  forget() {
    this.bytes = this.next = null;
  }

  retheme() {
    const theme = readTheme(this.root);
    if (JSON.stringify(theme) === JSON.stringify(this.theme)) return;
    this.theme = theme;
    for (const [name, value] of Object.entries(theme))
      if (name !== "type") this.body.style.setProperty(`--lb-${name}`, value); // the type is the page's own to say
    for (const panel of this.panels.values()) panel.dirty = true;
    this.redraw();
  }

  see(entries) {
    for (const { target, isIntersecting } of entries) {
      const panel = this.panels.get(target.dataset.panel);
      if (panel?.element === target) panel.see(isIntersecting);
    }
    this.redraw();
  }

  measure() {
    for (const panel of this.panels.values()) panel.measure();
    this.redraw();
  }

  redraw() {
    if (this.waiting) return;
    this.waiting = true;
    requestAnimationFrame(() => {
      this.waiting = false;
      if (this.root.isConnected) this.draw();
    });
  }

  draw() {
    this.retheme();
    const fresh = this.next;
    this.next = null;
    if (fresh) {
      this.content = unpack(fresh);
      this.every = performance.now() - (this.readAt ?? 0);
      this.readAt = performance.now();
      this.read();
    }
    const start = performance.now();
    this.drawDue();
    const drawing = Math.round(performance.now() - start);
    if (fresh) {
      this.updates += 1;
      const attributes = { ...this.attributes, updates: this.updates, mounts: this.mounts, "draw-ms": drawing };
      for (const [name, value] of Object.entries(attributes)) this.body.setAttribute(`data-${name}`, value);
      this.drawn(this.content);
    }
    if (this.next) this.redraw();
  }

  // All fast panels, then slow ones, the longest waiting first, as long as the frame has time: drawing is what costs.
  drawDue() {
    const due = [...this.panels.values()].filter((panel) => panel.isDue);
    const slow = due.filter((panel) => panel.isSlow).toSorted((a, b) => a.drawn - b.drawn);
    const start = performance.now();
    for (const panel of due) if (!panel.isSlow) panel.draw(this.theme);
    for (const [i, panel] of slow.entries()) {
      if (i > 0 && performance.now() - start > FRAME_BUDGET) {
        if (!this.isBusy || !panel.drawn) this.redraw(); // else the next update does
        break;
      }
      panel.draw(this.theme);
    }
  }

  /** What comes next is another training: nothing moves from the last one to it. */
  anew() {
    this.attributes = null;
  }

  get isBusy() {
    return this.attributes?.state === "playing" && this.every < SOON;
  }

  read() {
    const { panels, attributes, message, tiles, legend } = this.take(this.content);
    const reset = !this.attributes || isAnother(this.attributes, attributes);
    this.attributes = attributes;
    this.showMessage(message);
    fill(this.tiles, tiles, makeTile, setTile);
    fill(this.legend, legend, makeEntry, setEntry);
    this.showPanels(panels, reset);
  }

  showMessage(message) {
    this.message.hidden = !message;
    this.body.classList.toggle("lb-live", Boolean(message));
    if (!message) return;
    this.message.dataset.kind = message.kind;
    typeset(this.said, message.text);
  }

  showPanels(specs, reset) {
    const ids = new Set(specs.map((spec) => spec.id));
    for (const [id, panel] of this.panels) if (!ids.has(id)) this.removePanel(id, panel);
    const filled = new Map(); // room -> panels that are in it
    for (const spec of specs) {
      const panel = this.panels.get(spec.id) ?? this.addPanel(spec);
      const room = this.roomOf(spec);
      panel.element.classList.toggle("lb-fit", room !== this.grid); // it fills the height that CSS gives it
      panel.set(spec, { reset });
      const i = filled.get(room) ?? 0;
      filled.set(room, i + 1);
      if (room.children[i] !== panel.element) room.insertBefore(panel.element, room.children[i] ?? null);
    }
  }

  addPanel(spec) {
    const panel = new Panel(spec, { redraw: () => this.redraw(), send: (name, value) => this.send(name, value) });
    panel.element.dataset.testid = `panel-${spec.id}`;
    this.panels.set(spec.id, panel);
    this.observer.observe(panel.element);
    this.resizer.observe(panel.room);
    return panel;
  }

  removePanel(id, panel) {
    this.observer.unobserve(panel.element);
    this.resizer.unobserve(panel.room);
    this.panels.delete(id);
    panel.remove();
  }
}

// whether it is another training than before, or the same from its beginning
function isAnother(before, now) {
  return Number(now.step) < Number(before.step) || now.seed !== before.seed || now.target !== before.target;
}

export function makeTile() {
  const tile = element("div", "lb-tile");
  tile.append(element("div", "lb-tile-label"), element("div", "lb-tile-value"));
  return tile;
}

export function setTile(tile, { id, label, value, role, help }) {
  const [name, number] = tile.children;
  tile.dataset.tile = id;
  tile.title = help || "";
  typeset(name, label);
  if (number.textContent !== value) number.textContent = value;
  number.style.color = role ? `var(--lb-${role})` : "";
}

function makeEntry() {
  const entry = element("span");
  entry.append(element("i"), element("b"));
  return entry;
}

function setEntry(entry, { role, label, mark }) {
  const [line, name] = entry.children;
  line.dataset.mark = mark;
  line.style.borderColor = `var(--lb-${role})`;
  line.style.background = mark === "fill" ? `var(--lb-${role})` : "";
  typeset(name, label);
}

export default function ({ data, parentElement, key, setStateValue }) {
  if (!boards.has(key)) boards.set(key, new Board());
  const board = boards.get(key);
  board.send = setStateValue;
  board.mount(parentElement);
  if (data) board.update(data);
  // Streamlit may run the clean-up of an older call while the component stays on screen; the charts are kept anyway
  return () => {};
}
