// The other training: how it is shown, who of the two was ahead when, and what differs between them.

import { button, element, entitle, fill, keepFocus } from "./dom.js";
import { icon } from "./icons.js";
import { typeset } from "./symbols.js";

export class Ghost {
  /** `show(mode)`: behind the pictures, beside them, or not. `send(command)`: to the run. */
  constructor({ show, send }) {
    this.show = show;
    this.element = element("div", "lb-ghost", { role: "group", "data-testid": "ghost" });
    this.name = element("b");
    this.modes = element("div", "lb-group");
    this.names = element("div", "lb-race-names");
    this.columns = element("div", "lb-race-columns");
    this.differs = element("div", "lb-differs");
    const race = element("div", "lb-race", { "data-testid": "race" });
    race.append(this.names, this.columns);
    this.drop = button(() => send({ do: this.twins ? "end_twins" : "drop_ghost" }));
    this.drop.append(icon("close"), element("span"));
    this.element.append(this.modes, race, this.differs, this.drop);
    keepFocus(this.element);
  }

  /** `told` as in a frame, null without another training; `mode` as one has wished for, "" without a wish. */
  set(told, texts, { mode, may, twins, hidden }) {
    this.twins = Boolean(twins);
    this.element.hidden = !told || hidden;
    if (!told) return;
    this.element.setAttribute("aria-label", told.race.names[1]);
    this.modes.setAttribute("role", "group");
    fill(this.modes, told.modes, () => this.makeMode(), (one, name) => {
      one.dataset.mode = name;
      one.setAttribute("aria-pressed", name === (mode || told.mode));
      one.title = texts[`help_ghost_${name}`];
      typeset(one, texts[`ghost_${name}`]);
    });
    this.setRace(told.race);
    const [end, help] = this.twins ? [texts.end_twins, ""] : ["", texts.drop_ghost];
    this.drop.hidden = !may;
    typeset(this.drop.lastChild, end);
    entitle(this.drop, end || help);
  }

  makeMode() {
    const one = button(() => this.show(one.dataset.mode));
    return one;
  }

  setRace({ names, columns, differs }) {
    fill(this.names, names, () => element("span"), (node, name) => typeset(node, name));
    fill(this.columns, columns, makeColumn, (node, column) => setColumn(node, column, names));
    typeset(this.differs, differs.join(" · "));
    this.differs.title = differs.join("\n");
  }
}

function makeColumn() {
  const column = element("div", "lb-race-column");
  column.append(element("span"), element("span"), element("span"));
  return column;
}

function setColumn(node, { label, values, ahead }, names) {
  const [title, ...cells] = node.children;
  typeset(title, label);
  cells.forEach((cell, k) => {
    typeset(cell, values[k]);
    cell.classList.toggle("lb-ahead", k === ahead);
  });
  node.title = `${label}: ${names.map((name, k) => `${name} ${values[k]}`).join(", ")}`;
}
