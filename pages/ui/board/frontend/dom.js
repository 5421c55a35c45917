// Elements of the page.

export function element(tag, className = "", attributes = {}) {
  const made = document.createElement(tag);
  made.className = className;
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}

export function button(press) {
  const made = element("button", "", { type: "button" });
  made.addEventListener("click", press);
  return made;
}

/** What a button without words does. */
export function entitle(made, text) {
  made.setAttribute("aria-label", text);
  made.title = text;
}

/** As many children as items: `create` makes those that are missing, `set` fills each with its item. */
export function fill(parent, items, create, set) {
  while (parent.children.length > items.length) parent.lastChild.remove();
  while (parent.children.length < items.length) parent.append(create());
  items.forEach((item, i) => set(parent.children[i], item));
}

/** The space bar works the button that has the focus, and not Play as well. */
export function keepKeys(part) {
  part.addEventListener("keydown", (event) => event.stopPropagation());
}

/** A click on its buttons leaves the focus where it is: the space bar then still plays, and does not press them again. */
export function keepFocus(part) {
  part.addEventListener("mousedown", (event) => {
    if (event.target.closest("button")) event.preventDefault();
  });
}

const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/** Where a key moves to, as [right, down], or undefined for any other key than an arrow. */
export function arrow(event) {
  return ARROWS[event.key];
}
