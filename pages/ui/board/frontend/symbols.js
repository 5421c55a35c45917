// p_data, p_g, L_D, L_G with real subscripts.

const SYMBOL = /([pL])_(data|g|D|G)/;

/** As runs of [text, style], the style "", "i" or "sub". */
export function runs(text) {
  const parts = text.split(SYMBOL); // text, letter, index, text, letter, index, ..., text
  return parts.map((part, k) => [part, ["", "i", "sub"][k % 3]]).filter(([part]) => part);
}

/** As an element's content; one that says this already is left alone. */
export function typeset(node, text) {
  if (node.dataset.text === text) return;
  node.dataset.text = text;
  node.replaceChildren(...runs(text).map(([part, tag]) => (tag ? tagged(tag, part) : part)));
}

function tagged(tag, text) {
  const made = document.createElement(tag);
  made.textContent = text;
  return made;
}

/** As the marked-up text that Plotly takes. */
export function markup(text) {
  return text.replace(new RegExp(SYMBOL, "g"), "<i>$1</i><sub>$2</sub>");
}
