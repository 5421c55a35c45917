// Signs on buttons, drawn: as characters some of them are coloured pictures on some devices.

const PATHS = {
  play: "M7 4.5v15l12.5-7.5z",
  pause: "M6 4.5h4.2v15H6zM13.8 4.5H18v15h-4.2z",
  info: "M12 2a10 10 0 1 0 0 20a10 10 0 1 0 0-20zm0 1.8a8.2 8.2 0 1 1 0 16.4a8.2 8.2 0 1 1 0-16.4zM11 10.5h2V17h-2zM11 7h2v2h-2z",
  full: "M4 9V4h5v2H6v3zM15 4h5v5h-2V6h-3zM4 15h2v3h3v2H4zM18 15h2v5h-5v-2h3z",
  leave: "M7 4h2v5H4V7h3zM15 4h2v3h3v2h-5zM4 15h5v5H7v-3H4zM15 15h5v2h-3v3h-2z",
  close: "M6.2 4.8L12 10.6l5.8-5.8 1.4 1.4L13.4 12l5.8 5.8-1.4 1.4L12 13.4l-5.8 5.8-1.4-1.4L10.6 12 4.8 6.2z",
  room: "M8 5a3 3 0 1 1 0 6a3 3 0 1 1 0-6zM16.5 6a2.5 2.5 0 1 1 0 5a2.5 2.5 0 1 1 0-5zM2 19c0-4 2.5-6 6-6s6 2 6 6zM15.6 19c0-2.3-.6-4.2-1.9-5.5c3.900-1.500 8.300.3 8.300 5.500z",
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
  svg.append(path);
  return svg;
}
