// p_data, p_g, L_D, L_G with real subscripts.

const SYMBOL = /([pL])_(data|g|D|G)/;

/** As an element's content; one that says this already is left alone. */
export function typeset(node, text) {
  if (node.dataset.text === text) return;
  node.dataset.text = text;
  node.replaceChildren();
  const parts = text.split(SYMBOL); // text, letter, index, text, letter, index, ..., text
  for (let i = 0; i < parts.length; i += 3) {
    node.append(parts[i]);
    if (i + 1 < parts.length) node.append(part("i", parts[i + 1]), part("sub", parts[i + 2]));
  }
}

function part(tag, text) {
  const made = document.createElement(tag);
  made.textContent = text;
  return made;
}

/** As the marked-up text that Plotly takes. */
export function markup(text) {
  return text.replace(new RegExp(SYMBOL, "g"), "<i>$1</i><sub>$2</sub>");
}
