// What a link hides, by the names in its hide=: buttons, sliders, panels, numbers, the sentence, and what Streamlit draws.

const BUTTONS = ["step", "reset", "seed", "speed"]; // "transport" hides them all, and Play

export class Hiding {
  constructor(names = []) {
    this.names = new Set(names);
  }

  /** Whether it hides a slider, a panel or a part of the page. */
  has(name) {
    return this.names.has(name);
  }

  hasButton(name) {
    return this.has("transport") || this.has(name);
  }

  hasTile(id, panels) {
    return this.has(nameOfTile(id, panels)) || this.has(`tile_${id}`);
  }
}

/** A number whose id is a button's or a panel's, too, needs a name of its own. */
function nameOfTile(id, panels) {
  return BUTTONS.includes(id) || panels.some((panel) => panel.id === id) ? `tile_${id}` : id;
}

/** All that can be hidden, by groups: { title, parts: [{ name, label, under: the name of what hides it, too }] }. */
export function hideable({ sliders, panels, tiles }, texts) {
  const buttons = { step: texts.steps, reset: texts.reset, seed: texts.seed, speed: texts.speed };
  return [
    { title: texts.controls, parts: [
      { name: "transport", label: texts.transport },
      ...BUTTONS.map((name) => ({ name, label: buttons[name], under: "transport" })),
      ...sliders.map(({ field, label }) => ({ name: field, label })),
    ] },
    { title: texts.panels, parts: panels.map(({ id, title }) => ({ name: id, label: title || id })) },
    { title: texts.numbers, parts: [
      { name: "sentence", label: texts.sentence },
      ...tiles.map(({ id, label }) => ({ name: nameOfTile(id, panels), label })),
    ] },
    { title: texts.around, parts: ["menus", "timeline", "ghost", "prose"].map((name) => ({ name, label: texts[name] })) },
  ].filter((group) => group.parts.length);
}
