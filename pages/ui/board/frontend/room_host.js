// The window of a room's host: how others come in, what they go along with, who is there, and what they are asked.

import { element } from "./dom.js";
import { Modal } from "./modal.js";
import { AskForm } from "./room_ask.js";
import { choiceBox, filled, pressable, worded } from "./room_parts.js";
import { codeOf } from "./room_socket.js";

const HERE = /^(localhost|127\.[\d.]+|\[::1\]|0\.0\.0\.0)$/; // names of this computer, for itself
const MOST_SHOWN = 100; // seats

export class HostWindow {
  // send(command): to the room
  constructor(send) {
    this.send = send;
    this.modal = new Modal("rm-window rm-host");
    this.modal.element.dataset.testid = "room-host";
    this.large = new Modal("rm-large");
    this.large.element.addEventListener("click", () => this.large.close());
    this.form = new AskForm((question) => { if (this.send({ do: "ask", ...question })) this.modal.close(); });
    this.body = element("div", "rm-body");
    this.modal.element.append(this.body);
  }

  get elements() {
    return [this.modal.element, this.large.element];
  }

  open() {
    this.modal.open();
  }

  close() {
    for (const modal of [this.modal, this.large]) if (modal.isOpen) modal.close();
  }

  /** link: for those who come; questions: [lesson, name] of the page. */
  show(room, { link, questions, texts, names }) {
    this.modal.label(texts.your_room, texts.close);
    this.large.label(texts.qr, texts.close);
    this.frame(room, { link, questions, texts, names });
    this.here.textContent = filled(texts.here, { n: room.present });
    this.largeHere.textContent = this.here.textContent;
    for (const [row, on] of [[this.lead, room.lead], [this.lock, room.locked]]) row.querySelector("input").checked = on;
    this.seat(room, texts);
  }

  // what changes rarely is made anew only then: a field that somebody types into stays
  frame(room, { link, questions, texts, names }) {
    const key = JSON.stringify([room.code, link, questions, texts.your_room]);
    if (key === this.key) return;
    this.key = key;
    this.here = worded("p", "", "rm-here", { role: "status", "data-testid": "room-here" });
    this.lead = choiceBox(texts.lead, room.lead, (on) => this.send({ do: "lead", on }));
    this.lock = choiceBox(texts.lock, room.locked, (on) => this.send({ do: "lock", on }));
    this.seats = element("div", "rm-seats");
    this.seatsTitle = worded("h3", texts.seats);
    const facts = element("div", "rm-facts");
    facts.append(worded("p", room.code, "rm-code", { "data-testid": "room-code" }), worded("p", link, "rm-link"), this.here, this.lead, this.lock);
    const top = element("div", "rm-top");
    top.append(this.makeCode(room, link, texts), facts);
    const asked = questions.map(([lesson, name], i) =>
      pressable(names[i], () => { if (this.send({ do: "ask", lesson, name })) this.modal.close(); }, "rm-option"));
    this.form.label(texts);
    this.body.replaceChildren(
      worded("h2", texts.your_room), top, worded("p", texts.help_host, "rm-small"),
      ...(asked.length ? [worded("h3", texts.predict), ...asked] : []),
      worded("h3", texts.free), this.form.element, this.seatsTitle, this.seats,
      pressable(texts.close_room, () => this.send({ do: "close" }), "rm-danger"),
    );
  }

  makeCode(room, link, texts) {
    const opener = pressable("", () => this.large.open(), "rm-qr");
    const [small, large] = [0, 1].map(() => element("img", "", { src: codeOf(link), alt: texts.qr }));
    const problem = worded("span", HERE.test(location.hostname) ? texts.only_here : texts.enlarge);
    small.addEventListener("error", () => { problem.textContent = texts.no_qr; });
    opener.replaceChildren(small, problem);
    this.largeHere = worded("p", "", "rm-here");
    const words = element("div", "rm-words");
    words.append(worded("p", room.code, "rm-code"), worded("p", link, "rm-link"), this.largeHere);
    this.large.element.replaceChildren(this.large.closer, large, words);
    return opener;
  }

  // who is there, and one slider for one of them
  seat(room, texts) {
    const key = JSON.stringify([room.seats, room.fields, room.holder, texts.seats]);
    if (key === this.seatKey && this.seats.childElementCount) return;
    if (document.activeElement?.matches("select") && this.seats.contains(document.activeElement)) return; // it may be open
    this.seatKey = key;
    const chosen = [...this.seats.querySelectorAll("select")].map((made) => made.value);
    const there = room.seats.filter(([, , isThere]) => isThere);
    const nameOf = ([seat, name]) => name || filled(texts.seat, { n: seat });
    const list = element("ul");
    list.append(...there.slice(0, MOST_SHOWN).map((seat) => worded("li", nameOf(seat))));
    if (there.length > MOST_SHOWN) list.append(worded("li", `… ${there.length}`));
    this.seats.replaceChildren(list);
    this.seatsTitle.hidden = !there.length;
    const holder = room.seats.find(([seat]) => seat === room.holder);
    if (holder) {
      const row = element("div", "rm-row");
      row.append(worded("span", filled(texts.holds, { name: nameOf(holder) })), pressable(texts.take_back, () => this.send({ do: "take_back" })));
      this.seats.append(row);
    } else if (there.length && room.fields.length) this.seats.append(...this.handing(there, room.fields, nameOf, texts));
    for (const [i, made] of this.seats.querySelectorAll("select").entries())
      if ([...made.options].some(({ value }) => value === chosen[i])) made.value = chosen[i];
  }

  handing(seats, fields, nameOf, texts) {
    const row = element("div", "rm-row");
    const who = menu(texts.seats, seats.map((seat) => [seat[0], nameOf(seat)]));
    const what = menu(texts.slider, fields);
    row.append(what, who, pressable(texts.hand, () => this.send({ do: "hand", seat: Number(who.value), field: what.value })));
    return [worded("p", texts.help_hand, "rm-small"), row];
  }
}

function menu(label, entries) {
  const made = element("select", "", { "aria-label": label });
  made.append(...entries.map(([value, name]) => worded("option", name, "", { value })));
  return made;
}
