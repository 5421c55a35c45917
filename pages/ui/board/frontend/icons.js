// Signs on buttons, drawn: as characters some of them are coloured pictures on some devices.

const PATHS = {
  play: "M7 4.5v15l12.5-7.5z",
  pause: "M6 4.5h4.2v15H6zM13.8 4.5H18v15h-4.2z",
  info: "M12 2a10 10 0 1 0 0 20a10 10 0 1 0 0-20zm0 1.8a8.2 8.2 0 1 1 0 16.4a8.2 8.2 0 1 1 0-16.4zM11 10.5h2V17h-2zM11 7h2v2h-2z",
  full: "M4 9V4h5v2H6v3zM15 4h5v5h-2V6h-3zM4 15h2v3h3v2H4zM18 15h2v5h-5v-2h3z",
  leave: "M7 4h2v5H4V7h3zM15 4h2v3h3v2h-5zM4 15h5v5H7v-3H4zM15 15h5v2h-3v3h-2z",
  close: "M6.2 4.8L12 10.6l5.8-5.8 1.4 1.4L13.4 12l5.8 5.8-1.4 1.4L12 13.4l-5.8 5.8-1.4-1.4L10.6 12 4.8 6.2z",
  film: "M3 5h18v14H3zM5 7v2h2V7zM5 11v2h2v-2zM5 15v2h2v-2zM17 7v2h2V7zM17 11v2h2v-2zM17 15v2h2v-2zM10 8.5v7l5.5-3.5z",
  loop: "M7 7h9V4l4.5 4L16 12V9H8v4H6V8zM17 17H8v3l-4.5-4L8 12v3h8v-4h2v5z",
  ghost: "M12 3a7 7 0 0 0-7 7v11l2.4-2 2.3 2 2.3-2 2.3 2 2.3-2 2.4 2V10a7 7 0 0 0-7-7zM9.5 8.6a1.5 1.7 0 1 1 0 3.4a1.5 1.7 0 1 1 0-3.4zM14.5 8.6a1.5 1.7 0 1 1 0 3.4a1.5 1.7 0 1 1 0-3.4z",
  branch: "M3 11h6.2l5-6H20V2.5l3 3.5-3 3.5V7h-4.8l-4.2 5 4.2 5H20v-2.5l3 3.5-3 3.5V19h-5.8l-5-6H3z",
  take: "M11 3h2v7.6l2.6-2.6L17 9.4l-5 5-5-5L8.4 8l2.6 2.6zM5 14h2v5h10v-5h2v7H5z",
  share: "M12 3l5 5-1.4 1.4L13 6.8V15h-2V6.8L8.4 9.4 7 8zM5 12h2v7h10v-7h2v9H5z",
};

/** The sign of this name, as tall as the text beside it. */
export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  svg.classList.add("lb-icon");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", PATHS[name]);
  path.setAttribute("fill-rule", "evenodd");
  svg.append(path);
  return svg;
}
