// The address of what is on the stage, and a button that copies it.

import { button } from "./dom.js";
import { icon } from "./icons.js";

const SAID = 2000; // ms
const PAUSE = 400; // ms between two changes of the address: browsers refuse too many
const KEPT = ["lang", "stage", "hide"]; // what the address says beside the experiment

export class Share {
  constructor() {
    this.element = button(() => this.copy());
    this.sign = icon("share");
    this.element.append(this.sign);
  }

  set(texts) {
    this.texts = texts;
    this.element.setAttribute("aria-label", texts.share);
    this.element.title = texts.copy;
  }

  async copy() {
    flush();
    const copied = await navigator.clipboard?.writeText(location.href).then(() => true, () => false);
    if (!copied) return window.prompt(this.texts.copy, location.href); // without https there is no clipboard
    this.element.dataset.said = this.texts.copied;
    setTimeout(() => { delete this.element.dataset.said; }, SAID);
  }
}

let wanted = "";
let timer = null;

/** Let the address name this experiment; null leaves it alone. `changes` to what stands beside it: null takes it away. */
export function keepAddress(link, changes = {}) {
  const now = new URLSearchParams(location.search);
  const next = new URLSearchParams(link ?? now);
  for (const key of KEPT) if (now.has(key)) next.set(key, now.get(key));
  for (const [key, value] of Object.entries(changes)) {
    if (value === null) next.delete(key);
    else next.set(key, value);
  }
  const same = [...next].toSorted().join() === [...now].toSorted().join();
  wanted = same ? "" : next.toString() ? `?${next}` : location.pathname;
  if (Object.keys(changes).length) flush();
  else timer ??= setTimeout(flush, PAUSE);
}

function flush() {
  clearTimeout(timer);
  timer = null;
  if (wanted) history.replaceState(history.state, "", wanted);
  wanted = "";
}
