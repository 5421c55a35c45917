// The stage in a room: it says which run it shows and how one looks at it, and looks as the room's host does.

import { element } from "./dom.js";
import { icon } from "./icons.js";

const SHOWS = "gan-stage-shows", LOOK = "gan-stage-look", WHO = "gan-stage-who"; // events of the document

export class Together {
  // look(look): look at the run so; isThere(): whether the stage is on the page
  constructor(look, isThere) {
    this.isThere = isThere;
    this.opener = element("button", "", { type: "button", "data-room": "open", "aria-haspopup": "dialog" }); // see room.js
    this.opener.append(icon("room"));
    document.addEventListener(LOOK, ({ detail }) => { if (isThere() && detail.line === this.line) look(detail.look); });
    document.addEventListener(WHO, () => this.say());
  }

  /** The stage shows this. */
  shows(line, look) {
    Object.assign(this, { line, looking: look });
    this.say();
  }

  say() {
    if (!this.line || !this.isThere()) return;
    document.dispatchEvent(new CustomEvent(SHOWS, { detail: { line: this.line, look: this.looking ?? {} } }));
  }
}

/** For the room: told(line, look) is called whenever the stage shows something else. */
export function listen(told) {
  document.addEventListener(SHOWS, ({ detail }) => told(detail.line, detail.look));
}

/** Let the stage say what it shows. */
export function inquire() {
  document.dispatchEvent(new CustomEvent(WHO));
}

/** Let the stage that shows this line look so. */
export function lookAt(line, look) {
  document.dispatchEvent(new CustomEvent(LOOK, { detail: { line, look } }));
}
