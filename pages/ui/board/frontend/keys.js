// The keyboard of the stage, and the sheet that says what the keys do.

import { arrow, element } from "./dom.js";

const TYPING = "input:not([type=range]):not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]:not([contenteditable=false])";
// what has a use for the space bar and the arrows itself
const BUSY = "button, a[href], summary, input, [role=application], [role=slider], [role=radio], [role=tab], [role=option], [role=combobox], [role=menuitem]";
const HELD = new Set(["nudgeDown", "nudgeUp", "back", "forth"]); // go on while the key is down
const ELSEWHERE = "[role=dialog], [role=listbox], [role=menu]";

export class Keys {
  // actions: name -> what it does, see KEYS; isThere(): whether the stage is on the page
  constructor(actions, isThere) {
    this.actions = actions;
    this.isThere = isThere;
    // before Streamlit, whose own R runs the page again
    window.addEventListener("keydown", (event) => this.press(event), { capture: true });
  }

  press(event) {
    const { target } = event;
    if (!this.isThere() || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (!(target instanceof Element) || target.closest(TYPING) || target.closest(ELSEWHERE)) return;
    const action = this.find(event);
    if (!action || (event.repeat && !HELD.has(action))) return;
    if (this.actions[action]() === false) return;
    event.preventDefault();
    event.stopImmediatePropagation();
  }

  // the name of the action, or undefined
  find(event) {
    const { key, code, target } = event;
    const move = arrow(event);
    if (key === " ") return target.closest(BUSY) && !isOurRange(target) ? undefined : "play";
    if (move) return move[1] || target.closest(BUSY) ? undefined : move[0] < 0 ? "nudgeDown" : "nudgeUp";
    // by its place, too: on a Korean keyboard the key of S writes another letter
    const letter = /^Key([SRLF])$/.exec(code)?.[1] ?? key.toUpperCase();
    const names = { S: "step", R: "reset", L: "layers", F: "full", "?": "help", ESCAPE: "leave", ",": "back", ".": "forth" };
    return names[letter] ?? (/^[1-4]$/.test(key) ? `speed${key}` : undefined);
  }
}

function isOurRange(target) {
  return target.matches(".lb-setting input, .lb-track");
}

export class KeySheet {
  constructor() {
    this.element = element("div", "lb-keys", { role: "dialog" });
    this.element.hidden = true;
    this.element.addEventListener("click", () => this.toggle());
  }

  get isOpen() {
    return !this.element.hidden;
  }

  /** Show what the keys do, in the visitor's words, or hide it; `first` names the first slider. */
  toggle(texts, first) {
    this.element.hidden = this.isOpen;
    if (!this.isOpen) return;
    const list = element("dl");
    list.append(...rows(texts, first));
    this.element.setAttribute("aria-label", texts.keys);
    this.element.replaceChildren(list);
  }
}

function rows(texts, first) {
  const all = [
    ["Space", `${texts.play} / ${texts.pause}`], ["S", texts.step], ["R", texts.reset], ["← →", first], [", .", texts.moments],
    ["1 – 4", texts.speed], ["L", texts.layers], ["F", texts.fullstage], ["Esc", texts.leave_fullstage], ["?", texts.keys],
  ];
  return all.filter(([, what]) => what).flatMap(([key, what]) => {
    const [dt, dd] = [element("dt"), element("dd")];
    const cap = element("kbd");
    cap.textContent = key;
    dt.append(cap);
    dd.textContent = what;
    return [dt, dd];
  });
}
