// The stage: all that a lecture needs of a running training in one window. Frames come over the direct line, commands go
// back; Streamlit only says which line. One Stage per component key lives as long as the page, see board.js.

import { keepAddress } from "./address.js";
import { Advice } from "./advice.js";
import { Board, makeTile, setTile } from "./board.js";
import { Calling } from "./calling.js";
import { button, element, entitle, fill } from "./dom.js";
import { Fit } from "./fit.js";
import { Ghost } from "./ghost.js";
import { Hiding } from "./hiding.js";
import { icon } from "./icons.js";
import { Keys, KeySheet } from "./keys.js";
import { Line } from "./line.js";
import { Look } from "./look.js";
import { Rooms } from "./rooms.js";
import { Share } from "./share.js";
import { Take } from "./take.js";
import { Timeline } from "./timeline.js";
import { Together } from "./together.js";
import { Transport } from "./transport.js";
import { Tray } from "./tray.js";

const LEFT = 1000; // ms: an element that is away for longer has left the page
const AGAIN = 4000; // ms until Python is told once more that its widgets are stale
const NOTE = 6000; // ms that a note stays
const AT_NOW = new Set(["play", "step", "reset", "seed", "branch"]); // whoever asks for these wants to see what comes of it
const PACE_TILES = new Set(["step", "rate"]); // they stand beside the buttons
const stages = new Map();

class Stage {
  constructor() {
    this.rooms = new Rooms();
    this.board = new Board({
      take: (content) => this.take(content),
      roomOf: (spec) => this.rooms.of(spec) ?? this.board.grid,
      drawn: (content) => this.drawn(content),
    });
    this.transport = new Transport((command) => this.send(command));
    this.advice = new Advice((command) => this.send(command));
    this.tray = new Tray({
      send: (command) => this.send(command),
      opened: () => this.fit.show(this.rooms.hero, this.tray.element),
    });
    this.look = new Look((wish) => {
      this.line?.look(wish);
      this.together.shows(this.data.line, wish);
    });
    this.timeline = new Timeline({
      look: this.look,
      branch: (at) => this.send({ do: "branch", at }),
      keep: () => this.send({ do: "keep_ghost" }),
    });
    this.ghost = new Ghost({
      show: (ghost) => { this.look.change({ ghost }); this.showPast(); },
      send: (command) => this.send(command),
    });
    this.share = new Share(() => this.fit.full);
    this.together = new Together((look) => this.look.change(look), () => this.board.root.isConnected);
    this.takeaway = new Take({ line: () => this.data.line, look: () => this.look.wish, share: () => this.share.open() });
    this.calling = new Calling();
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
    board.message.dataset.testid = "sentence";
    this.saying = element("div");
    this.saying.append(board.said, " ", this.advice.element);
    board.message.append(this.saying);
    const top = element("div", "lb-top");
    top.append(board.message, board.tiles);
    const main = element("div", "lb-main");
    main.append(this.rooms.hero, this.rooms.beside, board.legend, this.tray.element);
    this.note = element("div", "lb-note", { role: "alert" });
    this.note.hidden = true;
    this.sheet = new KeySheet();
    this.screen.append(this.buildBar(), top, main, this.timeline.element, this.ghost.element, this.note, this.sheet.element, ...this.share.windows, this.takeaway.modal.element);
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
    this.tools.append(this.takeaway.element, this.together.opener, this.share.element, this.help, this.full);
    bar.append(this.transport.element, this.sign, this.pace, this.tools);
    return bar;
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
    this.takeaway.set(this.data.take, this.data.lang);
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

  tell(what, value) {
    if (what === "picked") this.look.change({ picked: value });
    this.setState(what, value);
  }

  // ---- the line ----

  /** Another line: what it shows first is no continuation of what is on screen. */
  follow() {
    this.board.anew();
    this.transport.expected = null;
    this.look.change({ at: null });
    this.open(0);
    this.together.shows(this.data.line, this.look.wish);
  }

  open(version) {
    this.line?.close();
    this.board.forget(); // or the new line would be asked for what follows the old one's last frame
    this.calling.stop();
    this.line = null;
    if (!this.data.line) return;
    this.line = new Line(this.data.line, this.data.lang, {
      frame: (bytes) => this.receive(bytes),
      note: (text) => this.say(text),
      gone: () => this.mourn(),
      sign: (state) => { this.state = state; this.showSign(); },
    });
    this.line.look(this.look.wish);
    this.line.ask(version ?? 0);
  }

  /** The server does not know this run any more: Python makes a new one, once it hears of it. */
  mourn() {
    const gone = this.data.line;
    const answered = () => this.data.line !== gone || !this.board.root.isConnected;
    this.lost = true;
    this.calling.start(() => this.trigger("gone", gone.split("/").at(-1)), answered);
    this.showSign();
  }

  leave() {
    setTimeout(() => {
      if (this.board.root.isConnected) return;
      this.line?.close();
      this.calling.stop();
    }, LEFT);
  }

  send(command) {
    this.line?.send(command);
    if (AT_NOW.has(command.do)) this.timeline.seek(null);
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
    const says = { connecting: texts.connecting, full: texts.full, away: this.lost ? texts.restarted : texts.away };
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
    this.share.follow(content);
    this.takeaway.follow(content);
    this.showPast();
    this.tray.set(content, texts, hidden);
    this.screen.classList.toggle("lb-no-tray", this.tray.isEmpty);
    this.showAdvice();
    const shown = content.tiles.filter((t) => !hidden.hasTile(t.id, content.panels));
    const [pace, tiles] = [true, false].map((want) => shown.filter((t) => PACE_TILES.has(t.id) === want));
    fill(this.pace, pace, makeTile, setTile);
    const panels = content.panels.filter((panel) => !hidden.has(panel.id));
    this.rooms.arrange(panels, this.screen);
    const message = hidden.has("sentence") ? null : content.message;
    this.screen.classList.toggle("lb-wordless", !message && !tiles.length);
    const legend = panels.some((panel) => panel.place === "hero") ? content.legend : [];
    return { ...content, panels, tiles, legend, message };
  }

  // where one is in the training, and the other one
  showPast() {
    const { content, hidden, look, texts } = this;
    const { timeline, ghost, twins } = content;
    const at = timeline?.at ?? null;
    if (look.wish.at !== null && look.wish.at > (timeline?.now ?? 0)) look.change({ at: null }); // it began again
    if (at !== this.at && !this.timeline.playback.playing) this.board.anew(); // a film moves, a leap does not
    this.at = at;
    const may = !content.watching;
    this.timeline.set(timeline, texts, { may, ghosts: !twins && !hidden.has("ghost"), hidden: hidden.has("timeline") });
    this.ghost.set(ghost, texts, { mode: look.wish.ghost, may, twins, hidden: hidden.has("ghost") });
  }

  showAdvice() {
    const { advice } = this.content.message ?? {};
    const out = Object.keys(advice?.set ?? {}).some((field) => this.hidden.has(field)); // of the visitor's reach
    this.advice.set(advice, !out && !this.content.watching && this.at === null);
  }

  // on a phone the tray is what stays in sight
  rearrange() {
    const place = this.fit.narrow ? this.tray.element : this.bar;
    if (this.tools.parentElement !== place) place.append(this.tools);
    this.board.measure();
  }

  drawn(content) {
    this.lost = false;
    this.showSign();
    this.board.body.dataset.at = this.at ?? "";
    this.fit.update();
    this.fit.shrink(this.saying, this.board.message);
    keepAddress(content.link);
    this.line?.ask(content.version, { soon: content.transport.state === "playing", known: this.look.isAnsweredBy(this.at) });
    this.look.shown(this.at);
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
      nudgeDown: commands(() => this.tray.sliders.nudge(-1)),
      nudgeUp: commands(() => this.tray.sliders.nudge(1)),
      ...Object.fromEntries([0, 1, 2, 3].map((k) => [`speed${k + 1}`, commands(() => this.transport.raceAt(k), "speed")])),
      back: () => this.timeline.move(-1),
      forth: () => this.timeline.move(1),
      layers: () => this.toggleLayers(),
      full: () => this.toggleFull(),
      help: () => this.toggleSheet(),
      leave: () => this.retreat(),
    };
  }

  toggleSheet() {
    this.sheet.toggle(this.texts, this.content?.sliders[0]?.label ?? "");
  }

  toggleFull() {
    this.wantsFull = !this.fit.full;
    this.fit.setFull(this.wantsFull);
    keepAddress(this.content?.link, { stage: this.wantsFull ? "full" : null });
    this.label();
  }

  // Esc: the sheet first, then back to now, then out of the full stage; else it is not for us
  retreat() {
    if (this.sheet.isOpen) this.sheet.toggle();
    else if (this.look.wish.at !== null) this.timeline.seek(null);
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
