// The colours of the page by role. Panels name them "$data", "$generator", ...; here those of the theme are filled in.

const ROLES = ["data", "generator", "discriminator", "accent"]; // as chartCategoricalColors in .streamlit/config.toml

const TYPE = 15; // px

/** How large lines and marks are, where those of a spec are meant for the usual type. */
export const scaleOf = (theme) => theme.type / TYPE;

/**
 * What a panel is drawn with: a colour for each role and for text, background, muted, grid and track; the font, and the
 * size of the type in px.
 */
export function readTheme(element) {
  const style = getComputedStyle(element);
  const get = (name) => style.getPropertyValue(name).trim();
  const colors = get("--st-chart-categorical-colors").split(",").map((color) => color.trim());
  const text = get("--st-text-color") || "#222";
  const theme = { text, background: get("--st-background-color") || "#fff", font: get("--st-font") };
  theme.type = parseFloat(get("--lb-type")) || TYPE;
  ROLES.forEach((role, i) => (theme[role] = colors[i] || text));
  theme.muted = translucent(text, 0.45);
  theme.grid = translucent(text, 0.12);
  theme.track = translucent(text, 0.2);
  return theme;
}

const probe = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
const known = new Map(); // colour -> its channels: to read a pixel is dear, and there are few colours

/** Any CSS colour -> [red, green, blue, alpha], each from 0 to 255. */
export function channels(color) {
  if (!known.has(color)) {
    probe.clearRect(0, 0, 1, 1);
    probe.fillStyle = color;
    probe.fillRect(0, 0, 1, 1);
    known.set(color, [...probe.getImageData(0, 0, 1, 1).data]);
  }
  return known.get(color);
}

/** The colour at this opacity, from 0 to 1. */
export function translucent(color, alpha) {
  const [red, green, blue] = channels(color);
  return `rgba(${red},${green},${blue},${alpha})`;
}

/**
 * A value with its roles filled in, however deep they lie: "$data" -> the colour of data, "$data/0.3" -> the same at
 * 30 % opacity. Other strings go through `text`; numbers and packed arrays stay as they are.
 */
export function colored(value, theme, text = (other) => other) {
  if (typeof value === "string") {
    if (!value.startsWith("$")) return text(value);
    const [role, alpha] = value.slice(1).split("/");
    return alpha ? translucent(theme[role], alpha) : theme[role];
  }
  if (Array.isArray(value)) return value.map((v) => colored(v, theme, text));
  if (value && typeof value === "object" && !ArrayBuffer.isView(value))
    return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, colored(v, theme, text)]));
  return value;
}
