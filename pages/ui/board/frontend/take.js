// What the visitor takes away from the run on the stage, as files: a row each, with a bar for what takes long.

import { button, element, entitle, fill } from "./dom.js";
import { icon } from "./icons.js";
import { Modal } from "./modal.js";
import { typeset } from "./symbols.js";

const BASE = import.meta.url.slice(0, import.meta.url.indexOf("/_stcore/") + 1); // where the app is served
const AGAIN = 400; // ms between two questions whether it is made
const NEXT = { ready: 200, making: 202 }; // statuses of HTTP

export class Take {
  // line(): the address of the run's line; look(): what one sees of it; share(): opens the window of the link
  constructor({ line, look, share }) {
    Object.assign(this, { line, look });
    this.modal = new Modal("lb-take");
    this.element = button(() => this.open());
    this.element.append(icon("take"));
    this.element.setAttribute("aria-haspopup", "dialog");
    this.title = element("h2");
    const head = element("div", "lb-take-head");
    head.append(this.title, this.modal.closer);
    this.link = makeRow(() => { this.modal.close(); share(); });
    this.list = element("div", "lb-take-list");
    this.modal.element.append(head, this.link, this.list);
  }

  /** What the page says: the texts and the rows. */
  set(menu, lang) {
    Object.assign(this, { menu, lang });
    this.element.hidden = !menu;
    if (!menu) return;
    entitle(this.element, menu.title);
    typeset(this.title, menu.title);
    this.modal.label(menu.title, menu.close);
    setRow(this.link, menu.link);
    this.show();
    this.modal.raise();
  }

  /** What is on the stage now: whoever only watches may not take everything. */
  follow({ watching }) {
    if (watching === this.watching) return;
    this.watching = watching;
    this.show();
  }

  show() {
    const rows = (this.menu?.rows ?? []).filter((row) => row.watchers || !this.watching);
    fill(this.list, rows, () => this.makeRow(), setRow);
  }

  makeRow() {
    const row = makeRow(() => this.take(row));
    return row;
  }

  open() {
    this.modal.open(this.link.press);
  }

  async take(row) {
    say(row, "", 0);
    row.press.disabled = true;
    const failed = { text: this.menu.failed };
    const said = await this.fetch(row).catch(() => failed);
    row.press.disabled = false;
    say(row, said.text ?? failed.text);
    row.classList.toggle("lb-failed", !said.taken);
  }

  // asks until it is made; returns what to say of it
  async fetch(row, address = this.address(row.spec.key)) {
    const answer = await fetch(address);
    if (answer.status === NEXT.ready) return hand(answer);
    const told = await answer.json();
    if (answer.status !== NEXT.making) return told;
    say(row, "", told.done);
    address.searchParams.set("job", told.job);
    await new Promise((resolve) => { setTimeout(resolve, AGAIN); });
    return this.fetch(row, address);
  }

  address(what) {
    const address = new URL(`gan/take/${this.line().split("/").at(-1)}/${what}`, BASE);
    const { at, ghost } = this.look();
    for (const [name, value] of Object.entries({ lang: this.lang, at: at ?? "", ghost })) address.searchParams.set(name, value);
    return address;
  }
}

// to the visitor's downloads
async function hand(answer) {
  const file = await answer.blob();
  const [, name] = /filename="(.+)"/.exec(answer.headers.get("content-disposition"));
  const link = element("a", "", { download: name, href: URL.createObjectURL(file) });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000); // some browsers begin late
  return { taken: true, text: `${name} · ${size(file.size)}` };
}

function size(bytes) {
  return bytes < 1e6 ? `${Math.ceil(bytes / 1000)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}

function makeRow(press) {
  const row = element("div", "lb-take-row");
  row.press = button(press);
  row.label = element("b");
  row.help = element("span");
  row.bar = element("progress", "", { max: 1 });
  row.said = element("span", "lb-take-said", { role: "status" });
  row.bar.hidden = true;
  row.press.append(row.label, row.help);
  row.append(row.press, row.bar, row.said);
  return row;
}

function setRow(row, spec) {
  row.spec = spec;
  row.dataset.key = spec.key;
  typeset(row.label, spec.label);
  typeset(row.help, spec.help);
  row.bar.setAttribute("aria-label", spec.label);
}

// a text, or, while it is made, how far it has come
function say(row, text, done) {
  row.said.textContent = text;
  row.bar.hidden = done === undefined;
  if (done) row.bar.value = done;
  else row.bar.removeAttribute("value");
}
