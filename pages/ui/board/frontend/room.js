// A room, in the corner of every page: its host opens it from anywhere, and members go along with what the host shows.
// One Room lives as long as the page is loaded; Streamlit only tells it where it is.

import { button, element } from "./dom.js";
import { icon } from "./icons.js";
import { HeldSlider, PollCard } from "./room_card.js";
import { JoinWindow, MemberWindow } from "./room_door.js";
import { HostWindow } from "./room_host.js";
import { device, hosted, keepHosted, keepNickname, nickname } from "./room_memory.js";
import { filled, float, FLOATS, pressable, worded } from "./room_parts.js";
import { Results } from "./room_results.js";
import { openRoom, RoomSocket } from "./room_socket.js";
import { Following, Leading } from "./room_steps.js";

const NOTE = 6000; // ms that a note stays

class Room {
  constructor() {
    this.root = element("div", "rm-root", { "data-testid": "room" });
    const send = (command) => this.send(command);
    this.host = new HostWindow(send);
    this.results = new Results(send);
    this.card = new PollCard((poll, answer) => this.send({ do: "vote", poll, answer }));
    this.slider = new HeldSlider((value) => this.send({ do: "set", value }));
    this.joining = new JoinWindow((code) => this.wish({ do: "join", code }));
    this.member = new MemberWindow({
      rename: (name) => { keepNickname(name); this.send({ do: "name", name }); },
      copy: () => this.wish({ do: "copy" }),
      leave: () => this.leave(),
    });
    this.following = new Following((wish) => this.wish(wish), () => this.draw());
    this.leading = new Leading(send);
    this.chip = element("div", "rm-chip", { "data-testid": "room-chip", ...FLOATS });
    this.note = element("div", "rm-note", { role: "alert", ...FLOATS });
    const windows = [this.joining, this.member].map(({ modal }) => modal.element);
    this.root.append(this.chip, this.card.element, this.slider.element, this.note, ...this.host.elements, this.results.element, ...windows);
    document.addEventListener("click", (event) => this.press(event));
  }

  // buttons anywhere on the page: [data-room] opens or joins, [data-ask] asks a question of a lesson
  press({ target }) {
    const pressed = target instanceof Element ? target.closest("[data-room], [data-ask]") : null;
    if (!pressed || !this.data) return;
    const { room, ask } = pressed.dataset;
    if (room === "open") this.open();
    if (room === "join") this.joining.open(this.data.texts);
    if (ask) {
      const [lesson, name] = ask.split("/");
      this.send({ do: "ask", lesson, name });
    }
  }

  // ---- what Streamlit says ----

  update(data, parent) {
    if (this.root.parentElement !== parent) parent.append(this.root);
    const before = this.data;
    this.data = data;
    this.following.at(data);
    this.leading.at(data);
    const mine = hosted();
    const [code, secret] = mine ? [mine.code, mine.secret] : [data.code, undefined];
    const other = code !== this.code || secret !== this.secret || data.lang !== before?.lang;
    if (other) this.enter(code, secret);
    this.draw();
  }

  wish(wish) {
    this.trigger("wish", wish);
  }

  // ---- the room ----

  enter(code, secret) {
    Object.assign(this, { code, secret });
    this.socket?.close();
    this.socket = null;
    this.told = this.own = null;
    this.refusal = "";
    if (!code) return;
    const hello = { do: "hello", device: device(), name: nickname(), ...(secret && { secret }) };
    this.socket = new RoomSocket(code, this.data.lang, hello, {
      message: (message) => this.receive(message),
      open: () => { this.away = false; this.fresh = true; },
      away: () => { this.away = true; this.draw(); },
      ended: () => this.ended(),
    });
  }

  async open() {
    const { texts, lang } = this.data;
    if (this.secret) return this.showHost();
    this.say(texts.opening);
    const { code, secret, text } = await openRoom(lang);
    if (!code) return this.say(text || texts.not_opened);
    this.say("");
    keepHosted({ code, secret });
    this.opens = true;
    if (this.data.code) this.wish({ do: "leave" });
    this.enter(code, secret);
  }

  showHost() {
    if (this.told?.role !== "host") return;
    this.host.open();
    this.draw();
  }

  leave() {
    this.enter("");
    this.wish({ do: "leave" });
    this.draw();
  }

  ended() {
    const { data, secret, told, refusal } = this;
    if (secret) keepHosted(null);
    if (told) this.say(data.texts.over);
    else if (!secret) this.say(refusal || data.texts.no_such);
    const next = secret && data.code !== this.code ? data.code : ""; // who was a host long ago follows a link to another room
    this.enter(next);
    if (!next && data.code) this.wish({ do: "leave" });
    this.draw();
  }

  send(command) {
    const sent = this.socket?.send(command) ?? false;
    if (!sent && this.code) this.say(this.data.texts.away);
    return sent;
  }

  receive(message) {
    if (message.note === "refused") {
      this.refusal = message.text;
      return this.say(message.text);
    }
    if (message.note === "table") return this.results.save(message.csv, this.code);
    if (message.note === "room") this.told = message;
    if (message.note === "you") this.own = message;
    if (message.note === "room" && message.role === "member") this.following.hears(message);
    this.draw();
    if (this.fresh && message.role === "host") this.welcome();
    return undefined;
  }

  // the host's line is open (again)
  welcome() {
    this.fresh = false;
    if (this.data.code) this.wish({ do: "leave" }); // a host is nobody's guest, whatever link was followed
    this.leading.again();
  }

  // ---- on screen ----

  draw() {
    const { told, own, data } = this;
    if (!this.root.isConnected) return;
    const { texts } = data;
    const isHost = told?.role === "host";
    document.documentElement.dataset.room = told?.role ?? "";
    this.root.lang = data.lang;
    this.drawChip(told, isHost, texts);
    this.card.show(isHost ? null : told?.poll ?? null, own?.vote ?? null, texts);
    this.slider.show(own?.holds ?? null, texts);
    if (!isHost) return this.host.close();
    const names = data.questions.map(([lesson, name]) => this.questionOf(lesson, name));
    this.host.show(told, { link: this.link, questions: data.questions, texts, names });
    this.results.show(told, texts);
    if (this.opens) this.host.open();
    this.opens = false;
    return undefined;
  }

  get link() {
    const query = new URLSearchParams({ room: this.code });
    if (this.data.lang !== "en") query.set("lang", this.data.lang);
    return `${location.origin}${location.pathname}?${query}`;
  }

  // as it stands on the page
  questionOf(lesson, name) {
    const text = document.querySelector(`.st-key-predict_${lesson}_${name} [data-testid=stMarkdownContainer]`)?.textContent;
    return text?.split("·").slice(1).join("·").trim() || name;
  }

  drawChip(told, isHost, texts) {
    const key = JSON.stringify([told && [told.code, told.present, told.host, told.poll?.id, isHost], this.following.astray, this.away, texts.room]);
    if (key !== this.chipKey) {
      this.chipKey = key;
      this.chip.replaceChildren(...(told ? this.chipParts(told, isHost, texts) : []));
    }
    float(this.chip, Boolean(told));
  }

  chipParts(told, isHost, texts) {
    const main = button(() => (isHost ? this.showHost() : this.member.open(this.told, this.own?.name ?? "", texts)));
    main.setAttribute("aria-haspopup", "dialog");
    main.append(icon("room"), worded("b", told.code), worded("span", filled(texts.here, { n: told.present })));
    const parts = [main];
    if (this.away) parts.push(worded("span", texts.away, "rm-small"));
    else if (!told.host) parts.push(worded("span", texts.host_away, "rm-small"));
    if (isHost && told.poll) parts.push(pressable(texts.results, () => this.results.open()));
    if (!isHost && this.following.astray) parts.push(pressable(texts.back, () => this.following.back(), "rm-first"));
    return parts;
  }

  say(text) {
    this.note.textContent = text;
    float(this.note, Boolean(text));
    clearTimeout(this.hush);
    this.hush = setTimeout(() => float(this.note, false), NOTE);
  }
}

let room = null;

export default function ({ data, parentElement, setTriggerValue }) {
  room ??= new Room();
  room.trigger = setTriggerValue;
  room.update(data, parentElement);
}
