// A link to what is on the stage, for others: who makes it chooses what they see, copies it, or shows its QR code.

import { linkTo } from "./address.js";
import { button, element, entitle, fill } from "./dom.js";
import { hideable } from "./hiding.js";
import { icon } from "./icons.js";
import { Modal } from "./modal.js";
import { typeset } from "./symbols.js";

const SAID = 2000; // ms
const PAUSE = 250; // ms without a change, before another QR code is asked for
const LONGEST = 2000; // characters of a QR code, see qr.py
const BASE = import.meta.url.slice(0, import.meta.url.indexOf("/_stcore/") + 1); // where the app is served
const HERE = /^(localhost|127\.[\d.]+|\[::1\]|0\.0\.0\.0)$/; // names of this computer, for itself

export class Share {
  // isFull(): whether the stage is the full stage
  constructor(isFull) {
    this.isFull = isFull;
    this.hidden = new Set();
    this.full = false;
    this.element = button(() => this.open());
    this.element.append(icon("share"));
    this.element.setAttribute("aria-haspopup", "dialog");
    this.build();
  }

  build() {
    this.modal = new Modal("lb-share");
    this.large = new Modal("lb-large");
    this.title = element("h2");
    this.asks = element("h3");
    this.choices = element("div");
    const choices = element("div", "lb-choices");
    choices.append(this.choices);
    this.link = element("textarea", "", { readonly: "", rows: 3, spellcheck: "false" });
    this.link.addEventListener("focus", () => this.link.select());
    this.copier = button(() => this.copy());
    this.copier.className = "lb-copy";
    this.said = element("span", "lb-said", { role: "status" });
    this.enlarger = button(() => this.large.open());
    this.enlarger.className = "lb-code";
    this.code = this.makeCode();
    this.caption = element("span");
    this.enlarger.append(this.code, icon("full"), this.caption);
    this.problem = element("p", "lb-problem", { role: "status" });
    this.warning = element("p", "lb-problem");
    this.whole = makeChoice((on) => { this.full = on; this.show(); });
    this.whole.classList.add("lb-whole");
    const side = element("div", "lb-side");
    side.append(this.enlarger, this.problem, this.whole, this.link, this.copier, this.warning, this.said);
    const head = element("div", "lb-share-head");
    head.append(this.title, this.modal.closer);
    this.modal.element.append(head, this.asks, choices, side);
    this.largeCode = this.makeCode();
    this.largeLink = element("p");
    this.large.element.append(this.largeCode, this.largeLink);
    this.large.element.addEventListener("click", () => this.large.close());
  }

  get windows() {
    return [this.modal.element, this.large.element];
  }

  makeCode() {
    const code = element("img", "lb-qr");
    code.addEventListener("error", () => this.tell(this.texts.no_qr));
    return code;
  }

  /** What the page says: texts, language, and what is hidden from who shares, too. */
  set(texts, lang, hidden) {
    Object.assign(this, { texts, lang });
    if (String(hidden) !== this.before) this.hidden = new Set(hidden);
    this.before = String(hidden);
    entitle(this.element, texts.share);
    typeset(this.title, texts.share);
    this.modal.label(texts.share, texts.close);
    this.large.label(texts.qr, texts.close);
    for (const [node, text] of [[this.copier, texts.copy], [this.asks, texts.what], [this.warning, texts.only_here]]) typeset(node, text);
    this.warning.hidden = !HERE.test(location.hostname);
    typeset(this.caption, texts.enlarge);
    this.link.setAttribute("aria-label", texts.link);
    this.code.alt = this.largeCode.alt = texts.qr;
    if (this.modal.isOpen) this.show();
    for (const modal of [this.modal, this.large]) modal.raise();
  }

  /** What is on the stage now. */
  follow(content) {
    this.content = content;
    if (this.modal.isOpen) this.show();
  }

  open() {
    this.full = this.isFull();
    this.show();
    this.modal.open(this.copier);
    this.scroll();
  }

  // what is hidden stands at the end
  scroll() {
    this.link.scrollTop = this.link.scrollHeight;
  }

  show() {
    const { content, texts } = this;
    const groups = hideable(content ?? { sliders: [], panels: [], tiles: [] }, texts);
    fill(this.choices, groups, () => this.makeGroup(), (group, spec) => this.setGroup(group, spec));
    setChoice(this.whole, { label: texts.fullstage, on: this.full });
    const offered = new Set(groups.flatMap((group) => group.parts.map((part) => part.name)));
    const hide = [...offered].filter((name) => this.hidden.has(name));
    const link = linkTo(content?.link, { lang: this.lang, hide, full: this.full });
    if (link === this.link.value) return;
    this.link.value = link;
    this.scroll();
    this.largeLink.textContent = link;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.draw(link), this.code.src ? PAUSE : 0);
  }

  draw(link) {
    const fits = link.length <= LONGEST;
    this.tell(fits ? "" : this.texts.too_long);
    if (!fits) return;
    const address = new URL(`gan/qr?text=${encodeURIComponent(link)}`, BASE);
    this.code.src = this.largeCode.src = address;
  }

  /** Why there is no code, or "". */
  tell(problem) {
    typeset(this.problem, problem);
    this.problem.hidden = !problem;
    this.enlarger.hidden = Boolean(problem);
    if (problem && this.large.isOpen) this.large.close();
  }

  makeGroup() {
    const group = element("fieldset");
    group.all = makeChoice((on) => this.choose(group.names, on));
    const legend = element("legend");
    legend.append(group.all);
    group.parts = element("div");
    group.append(legend, group.parts);
    return group;
  }

  setGroup(group, { title, parts }) {
    group.names = parts.map((part) => part.name);
    const on = group.names.filter((name) => !this.hidden.has(name)).length;
    setChoice(group.all, { label: title, on: on === parts.length, some: on > 0 && on < parts.length });
    fill(group.parts, parts, () => this.makePart(), (choice, { name, label, under }) => {
      choice.dataset.name = name;
      const off = this.hidden.has(under);
      setChoice(choice, { label, on: !off && !this.hidden.has(name), off, under });
    });
  }

  makePart() {
    const part = makeChoice((on) => this.choose([part.dataset.name], on));
    return part;
  }

  choose(names, on) {
    for (const name of names) {
      if (on) this.hidden.delete(name);
      else this.hidden.add(name);
    }
    this.show();
  }

  async copy() {
    const { link, copier, texts } = this;
    let copied = await navigator.clipboard?.writeText(link.value).then(() => true, () => false);
    if (!copied) {
      link.focus();
      link.select();
      copied = document.execCommand("copy"); // without https there is no clipboard
      if (copied) copier.focus();
    }
    if (!copied) return; // it is selected, and the visitor's own keys copy it
    typeset(copier, texts.copied);
    this.said.textContent = texts.copied;
    clearTimeout(this.hush);
    this.hush = setTimeout(() => {
      typeset(copier, this.texts.copy);
      this.said.textContent = "";
    }, SAID);
  }
}

function makeChoice(choose) {
  const choice = element("label", "lb-choice");
  choice.box = element("input", "", { type: "checkbox" });
  choice.name = element("span");
  choice.box.addEventListener("change", () => choose(choice.box.checked));
  choice.append(choice.box, choice.name);
  return choice;
}

function setChoice(choice, { label, on, some = false, off = false, under = "" }) {
  typeset(choice.name, label);
  Object.assign(choice.box, { checked: on, indeterminate: some, disabled: Boolean(off) });
  choice.classList.toggle("lb-under", Boolean(under));
}
