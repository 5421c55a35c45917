// Canvases that are sharp on every screen: as many pixels as the device has in their place.

/** Pixels of the device per pixel of the page. */
export function deviceRatio() {
  return window.devicePixelRatio || 1;
}

/** Give a canvas this many pixels; one that has them already keeps its picture. */
export function resize(canvas, width, height) {
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
}

/**
 * An empty context for drawing in pixels of the device; the canvas takes the room that they need. Where it fills a room
 * that is known in pixels of the page, say so: what rounding adds would blur it.
 */
export function deviceContext(canvas, width, height, pageWidth = width / deviceRatio()) {
  return emptied(canvas, width, height, pageWidth, height / deviceRatio());
}

/** An empty context for drawing in pixels of the page, on a canvas that takes this room. */
export function pageContext(canvas, width, height) {
  const ratio = deviceRatio();
  const c = emptied(canvas, Math.round(width * ratio), Math.round(height * ratio), width, height);
  c.setTransform(ratio, 0, 0, ratio, 0, 0);
  return c;
}

function emptied(canvas, width, height, pageWidth, pageHeight) {
  resize(canvas, width, height);
  canvas.style.width = `${pageWidth}px`;
  canvas.style.height = `${pageHeight}px`;
  const c = canvas.getContext("2d");
  c.setTransform(1, 0, 0, 1, 0, 0);
  c.clearRect(0, 0, width, height);
  return c;
}
