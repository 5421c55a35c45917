// The rooms of the stage that hold panels: the heroes, with those of another training beside them, and the curves.

import { element } from "./dom.js";

export class Rooms {
  constructor() {
    this.hero = element("div", "lb-hero", { "data-testid": "hero" });
    this.beside = element("div", "lb-beside");
  }

  /** Where a panel lies; undefined: below the stage. */
  of(spec) {
    return { hero: this.hero, beside: this.beside }[spec.place];
  }

  /** Make room for these panels on the screen. */
  arrange(panels, screen) {
    const heroes = panels.filter((p) => p.place === "hero");
    const own = heroes.filter((p) => !p.of_other);
    const shares = own.map((p) => `minmax(0, ${p.share ?? 1}fr)`).join(" ");
    if (this.hero.style.gridTemplateRows !== shares) this.hero.style.gridTemplateRows = shares;
    this.hero.dataset.n = heroes.length;
    this.beside.dataset.n = panels.filter((p) => p.place === "beside").length;
    screen.classList.toggle("lb-two", own.length < heroes.length);
    for (const room of ["hero", "beside"]) screen.classList.toggle(`lb-no-${room}`, this[room].dataset.n === "0");
  }
}
