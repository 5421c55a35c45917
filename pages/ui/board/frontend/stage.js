// The stage: all that a lecture needs of a running training in one window. Frames come over the direct line, commands go
// back; Streamlit only says which line. One Stage per component key lives as long as the page, see board.js.

import { keepAddress } from "./address.js";
import { Advice } from "./advice.js";
import { Board, makeTile, setTile } from "./board.js";
import { button, element, entitle, fill } from "./dom.js";
import { Fit } from "./fit.js";
import { Hiding } from "./hiding.js";
import { icon } from "./icons.js";
import { Keys, keySheet } from "./keys.js";
import { Line } from "./line.js";
import { Share } from "./share.js";
import { Sliders } from "./sliders.js";
import { typeset } from "./symbols.js";
import { Together } from "./together.js";
import { Transport } from "./transport.js";

const LEFT = 1000; // ms: an element that is away for longer has left the page
const AGAIN = 4000; // ms until Python is told once more, where what it was told may have got lost
const CALLS = 3; // that nobody answers, before the page is loaded again: a new server knows nothing of this one's parts
const NOTE = 6000; // ms that a note stays
const PACE_TILES = new Set(["step", "rate"]); // they stand beside the buttons
const stages = new Map();

class Stage {
  constructor() {
    this.board = new Board({
      take: (content) => this.take(content),
      roomOf: (spec) => this.rooms[spec.place] ?? this.board.grid,
      drawn: (content) => this.drawn(content),
    });
    this.transport = new Transport((command) => this.send(command));
    this.advice = new Advice((command) => this.send(command));
    this.sliders = new Sliders((values) => this.send({ do: "set", values }));
    this.share = new Share(() => this.fit.full);
    this.together = new Together((look) => this.look(look), () => this.board.root.isConnected);
    this.hidden = new Hiding();
    this.frames = 0;
    this.build();
    this.fit = new Fit(this.board.root, this.screen, () => this.rearrange());
    this.board.send = (what, value) => this.tell(what, value);
    this.keys = new Keys(this.actions(), () => this.board.root.isConnected);
  }

  build() {
    const { board } = this;
    this.screen = element("div", "lb-screen", { "data-testid": "stage" });
    this.rooms = { hero: element("div", "lb-hero", { "data-testid": "hero" }), beside: element("div", "lb-beside") };
    board.message.dataset.testid = "sentence";
    this.saying = element("div");
    this.saying.append(board.said, " ", this.advice.element);
    board.message.append(this.saying);
    const top = element("div", "lb-top");
    top.append(board.message, board.tiles);
    const main = element("div", "lb-main");
    main.append(this.rooms.hero, this.rooms.beside, board.legend, this.buildTray());
    this.note = element("div", "lb-note", { role: "alert" });
    this.note.hidden = true;
    this.sheet = element("div", "lb-keys", { role: "dialog" });
    this.sheet.hidden = true;
    this.sheet.addEventListener("click", () => { this.sheet.hidden = true; });
    this.screen.append(this.buildBar(), top, main, this.note, this.sheet, ...this.share.windows);
    board.root.classList.add("lb-stage-root");
    board.body.classList.add("lb-stage");
    board.grid.classList.add("lb-below");
    board.body.replaceChildren(this.screen, board.grid);
  }

  buildBar() {
    const bar = element("div", "lb-bar");
    this.bar = bar;
    this.pace = element("div", "lb-pace");
    this.sign = element("span", "lb-link", { role: "status" });
    this.full = button(() => this.toggleFull());
    this.help = button(() => this.toggleSheet());
    this.help.textContent = "?";
    this.help.className = "lb-for-keys";
    this.tools = element("div", "lb-tools");
    this.tools.append(this.together.opener, this.share.element, this.help, this.full);
    bar.append(this.transport.element, this.sign, this.pace, this.tools);
    return bar;
  }

  // on a phone the sliders lie in a tray at the bottom, of which a line is left when it is shut
  buildTray() {
    this.tray = element("div", "lb-tray");
    this.handle = button(() => this.openTray(!this.tray.classList.contains("lb-open")));
    this.handle.className = "lb-handle";
    this.tray.append(this.handle, this.sliders.element);
    this.handle.setAttribute("aria-expanded", false);
    return this.tray;
  }

  openTray(open) {
    this.tray.classList.toggle("lb-open", open);
    this.handle.setAttribute("aria-expanded", open);
    if (open) this.fit.show(this.rooms.hero, this.tray);
  }

  // ---- what Streamlit says ----

  update(data, parent) {
    this.board.mount(parent);
    const before = this.data ?? {};
    this.data = data;
    this.texts = data.texts;
    this.hidden = new Hiding(data.hide);
    this.label();
    const other = data.line !== before.line;
    if (other) this.follow();
    else if (data.lang !== before.lang) this.open(0); // the same moment in other words
    else if (!this.line?.alive) this.open(this.version);
    if (data.look) this.look(data.look);
    if (this.board.content && !other) {
      this.board.read();
      this.board.retheme();
      this.board.redraw();
    }
    this.fit.update();
    this.wantsFull ??= new URLSearchParams(location.search).get("stage") === "full";
    if (this.wantsFull && !this.fit.full) this.fit.setFull(true);
  }

  label() {
    const { texts } = this;
    this.board.body.lang = this.data.lang;
    this.share.set(texts, this.data.lang, this.data.hide ?? []);
    this.transport.hide(this.hidden);
    entitle(this.help, texts.keys);
    entitle(this.together.opener, texts.room);
    entitle(this.full, this.fit.full ? texts.leave_fullstage : texts.fullstage);
    this.full.replaceChildren(icon(this.fit.full ? "leave" : "full"));
    this.showSign();
    if (this.content) this.transport.set(this.content.transport, texts);
    else this.transport.set(this.transport.told, texts);
    this.screen.classList.toggle("lb-none", !this.content);
  }

  look(look) {
    const before = JSON.stringify(this.looking);
    this.looking = { back: 1, picked: [], ...this.looking, ...look };
    if (JSON.stringify(this.looking) !== before) this.line?.look(this.looking);
    this.together.shows(this.data.line, this.looking);
  }

  tell(what, value) {
    if (what === "picked") this.look({ picked: value });
    this.setState(what, value);
  }

  // ---- the line ----

  /** Another line: what it shows first is no continuation of what is on screen. */
  follow() {
    this.board.anew();
    this.transport.expected = null;
    this.open(0);
    this.together.shows(this.data.line, this.looking);
  }

  open(version) {
    this.line?.close();
    clearInterval(this.calling);
    this.line = null;
    if (!this.data.line) return;
    this.line = new Line(this.data.line, this.data.lang, {
      frame: (bytes) => this.receive(bytes),
      note: (text) => this.say(text),
      gone: () => this.mourn(),
      sign: (state) => { this.state = state; this.showSign(); },
    });
    if (this.looking) this.line.look(this.looking);
    this.line.ask(version ?? 0);
  }

  /** The server does not know this run any more: Python makes a new one, once it hears of it. */
  mourn() {
    const gone = this.data.line;
    let calls = 0;
    const call = () => {
      if (this.data.line !== gone || !this.board.root.isConnected) return clearInterval(this.calling);
      if (document.hidden) return;
      calls += 1;
      if (calls > CALLS) location.reload(); // the address is the experiment
      else this.trigger("gone", gone.split("/").at(-1));
    };
    this.lost = true;
    clearInterval(this.calling);
    this.calling = setInterval(call, AGAIN);
    call();
    this.showSign();
  }

  leave() {
    setTimeout(() => {
      if (this.board.root.isConnected) return;
      this.line?.close();
      clearInterval(this.calling);
    }, LEFT);
  }

  send(command) {
    this.line?.send(command);
  }

  receive(bytes) {
    if (!this.board.root.isConnected) return this.line.close();
    this.frames += 1;
    this.board.body.dataset.frames = this.frames;
    this.board.update(bytes);
  }

  showSign() {
    const { texts, state, board, sign } = this;
    board.body.dataset.line = state ?? "away";
    const says = { connecting: texts.connecting, away: this.lost ? texts.restarted : texts.away };
    sign.dataset.state = this.data.line ? (state ?? "") : "";
    sign.textContent = this.data.line ? (says[state] ?? "") : "";
  }

  say(text) {
    this.note.textContent = text;
    this.note.hidden = !text;
    clearTimeout(this.hush);
    this.hush = setTimeout(() => { this.note.hidden = true; }, NOTE);
  }

  // ---- a frame ----

  // the stage's own parts; returns what the board shows
  take(content) {
    const { hidden, texts } = this;
    this.content = content;
    this.version = content.version;
    this.screen.classList.remove("lb-none");
    this.screen.classList.toggle("lb-watching", Boolean(content.watching));
    this.screen.dataset.kind = this.data.kind;
    this.transport.set(content.transport, texts);
    this.sliders.set(content.sliders.filter((spec) => !hidden.has(spec.field)));
    this.share.follow(content);
    this.showHandle();
    this.showAdvice();
    const shown = content.tiles.filter((t) => !hidden.hasTile(t.id, content.panels));
    const [pace, tiles] = [true, false].map((want) => shown.filter((t) => PACE_TILES.has(t.id) === want));
    fill(this.pace, pace, makeTile, setTile);
    const panels = content.panels.filter((panel) => !hidden.has(panel.id));
    this.arrange(panels);
    const message = hidden.has("sentence") ? null : content.message;
    this.screen.classList.toggle("lb-wordless", !message && !tiles.length);
    const legend = panels.some((panel) => panel.place === "hero") ? content.legend : [];
    return { ...content, panels, tiles, legend, message };
  }

  arrange(panels) {
    const heroes = panels.filter((p) => p.place === "hero");
    const shares = heroes.map((p) => `minmax(0, ${p.share ?? 1}fr)`).join(" ");
    if (this.rooms.hero.style.gridTemplateRows !== shares) this.rooms.hero.style.gridTemplateRows = shares;
    this.rooms.hero.dataset.n = heroes.length;
    this.rooms.beside.dataset.n = panels.filter((p) => p.place === "beside").length;
    for (const [place, room] of Object.entries(this.rooms)) this.screen.classList.toggle(`lb-no-${place}`, room.dataset.n === "0");
  }

  showAdvice() {
    const { advice } = this.content.message ?? {};
    const out = Object.keys(advice?.set ?? {}).some((field) => this.hidden.has(field)); // of the visitor's reach
    this.advice.set(advice, !out && !this.content.watching);
  }

  // on a phone the tray is what stays in sight
  rearrange() {
    const place = this.fit.narrow ? this.tray : this.bar;
    if (this.tools.parentElement !== place) place.append(this.tools);
    this.board.measure();
  }

  showHandle() {
    const { summary } = this.sliders;
    if (this.handle.dataset.text !== summary) typeset(this.handle, summary);
    this.handle.hidden = !summary;
    this.screen.classList.toggle("lb-no-tray", !summary);
  }

  drawn(content) {
    this.lost = false;
    this.showSign();
    this.fit.update();
    this.fit.shrink(this.saying, this.board.message);
    keepAddress(content.link);
    this.line?.ask(content.version, content.transport.state === "playing");
    if (content.stale && !(performance.now() - this.staleAt < AGAIN)) {
      this.staleAt = performance.now();
      this.trigger("stale", content.version);
    }
    if (!content.stale) this.staleAt = undefined;
  }

  // ---- keys ----

  actions() {
    const commands = (act, name) => () => {
      const out = this.content?.watching || !this.line || (name && this.hidden.hasButton(name));
      return out ? false : act();
    };
    return {
      play: commands(() => this.transport.toggle(), "transport"),
      step: commands(() => this.transport.step(1), "step"),
      reset: commands(() => this.transport.again("reset"), "reset"),
      nudgeDown: commands(() => this.sliders.nudge(-1)),
      nudgeUp: commands(() => this.sliders.nudge(1)),
      ...Object.fromEntries([0, 1, 2, 3].map((k) => [`speed${k + 1}`, commands(() => this.transport.raceAt(k), "speed")])),
      layers: () => { this.screen.classList.toggle("lb-bare"); },
      full: () => this.toggleFull(),
      help: () => this.toggleSheet(),
      leave: () => this.retreat(),
    };
  }

  toggleSheet() {
    this.sheet.hidden = !this.sheet.hidden;
    const list = element("dl");
    list.append(...keySheet(this.texts, this.content?.sliders[0]?.label ?? ""));
    this.sheet.setAttribute("aria-label", this.texts.keys);
    this.sheet.replaceChildren(list);
  }

  toggleFull() {
    this.wantsFull = !this.fit.full;
    this.fit.setFull(this.wantsFull);
    keepAddress(this.content?.link, { stage: this.wantsFull ? "full" : null });
    this.label();
  }

  // Esc: the sheet first, then the full stage; else it is not for us
  retreat() {
    if (!this.sheet.hidden) this.sheet.hidden = true;
    else if (this.fit.full) this.toggleFull();
    else return false;
    return true;
  }
}

export default function ({ data, parentElement, key, setStateValue, setTriggerValue }) {
  if (!stages.has(key)) stages.set(key, new Stage());
  const stage = stages.get(key);
  stage.setState = setStateValue;
  stage.trigger = setTriggerValue;
  stage.update(data, parentElement);
  return () => stage.leave();
}
