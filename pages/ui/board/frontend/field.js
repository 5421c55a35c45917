// A window of the plane on a canvas: heat-maps, contours, points, arrows and a mesh, each a layer that the visitor can
// switch on and off. Plotly needs ten times as long for the same picture. Arrays are row-major, first index x.

const MARGIN = { left: 34, right: 8, top: 6, bottom: 24 };

export class Field {
  constructor(parent, redraw, typeset) {
    this.redraw = redraw;
    this.typeset = typeset;
    this.shown = new Map(); // layer id -> boolean, once the visitor has chosen
    this.morph = 1;
    this.chips = document.createElement("div");
    this.chips.className = "lb-chips";
    this.slider = document.createElement("div");
    this.slider.className = "lb-morph";
    this.canvas = document.createElement("canvas");
    this.canvas.setAttribute("role", "img");
    parent.append(this.chips, this.slider, this.canvas);
    // the space bar works the button that has the focus, and not Play as well
    for (const part of [this.chips, this.slider]) part.addEventListener("keydown", (e) => e.stopPropagation());
  }

  set(spec) {
    this.spec = spec;
    this.canvas.setAttribute("aria-label", `${spec.title}. ${spec.help || ""}`);
    const switchable = spec.layers.filter((l) => l.label);
    while (this.chips.children.length > switchable.length) this.chips.lastChild.remove();
    while (this.chips.children.length < switchable.length) {
      const chip = document.createElement("button");
      chip.type = "button";
      chip.addEventListener("click", () => this.toggle(chip.dataset.layer));
      this.chips.append(chip);
    }
    switchable.forEach((layer, i) => {
      const chip = this.chips.children[i];
      chip.dataset.layer = layer.id;
      this.typeset(chip, layer.label);
      chip.dataset.role = /^\$(\w+)/.exec(layer.color)?.[1] ?? "";
      chip.title = layer.help || "";
      chip.setAttribute("aria-pressed", this.isOn(layer));
    });
    const mesh = spec.layers.find((l) => l.type === "mesh" && l.from);
    this.slider.hidden = !(mesh && this.isOn(mesh));
    if (!this.slider.hidden && this.slider.dataset.text !== spec.morph) this.makeSlider(spec.morph);
  }

  makeSlider(text) {
    this.slider.dataset.text = text;
    const play = document.createElement("button");
    play.type = "button";
    play.textContent = `▶ ${text}`;
    const range = document.createElement("input");
    Object.assign(range, { type: "range", min: 0, max: 1, step: 0.01, value: this.morph, ariaLabel: text });
    range.addEventListener("input", () => { this.morph = Number(range.value); this.redraw(); });
    play.addEventListener("click", () => {
      const start = performance.now();
      const move = (now) => {
        this.morph = Math.min(Math.max((now - start - 500) / 2000, 0), 1);
        range.value = this.morph;
        this.redraw();
        if (this.morph < 1) requestAnimationFrame(move);
      };
      requestAnimationFrame(move);
    });
    this.slider.replaceChildren(play, range);
  }

  isOn(layer) {
    return this.shown.get(layer.id) ?? layer.on !== false;
  }

  toggle(id) {
    const layer = this.spec.layers.find((l) => l.id === id);
    this.shown.set(id, !this.isOn(layer));
    this.set(this.spec);
    this.redraw();
  }

  // layers: those of the spec with their colours filled in
  draw(layers, theme, width, height) {
    const { spec, canvas } = this;
    const ratio = window.devicePixelRatio || 1;
    const c = canvas.getContext("2d");
    c.font = `15px ${theme.font}`;
    const widest = Math.max(...ticks(spec.y).map((v, _, all) => c.measureText(label(v, all)).width), 0);
    const margin = Math.max(MARGIN.left, widest + 9);
    const w = width - margin - MARGIN.right;
    const spanX = spec.x[1] - spec.x[0];
    const spanY = spec.y[1] - spec.y[0];
    const h = height - MARGIN.top - MARGIN.bottom;
    const fit = Math.min(w / spanX, h / spanY);
    const [scaleX, scaleY] = spec.square ? [Math.min(w, h) / spanX, Math.min(w, h) / spanY] : [fit, fit];
    const plotW = scaleX * spanX;
    const plotH = scaleY * spanY;
    const left = margin + (w - plotW) / 2;
    const bottom = MARGIN.top + plotH;
    const full = Math.ceil(bottom + MARGIN.bottom);
    if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(full * ratio)) {
      canvas.width = Math.round(width * ratio);
      canvas.height = Math.round(full * ratio);
      canvas.style.width = `${width}px`;
      canvas.style.height = `${full}px`;
    }
    c.setTransform(ratio, 0, 0, ratio, 0, 0);
    c.clearRect(0, 0, width, full);
    const at = {
      left, bottom, plotW, plotH, scaleX, scaleY,
      x: (v) => left + (v - spec.x[0]) * scaleX,
      y: (v) => bottom - (v - spec.y[0]) * scaleY,
    };
    c.save();
    c.beginPath();
    c.rect(left, bottom - plotH, plotW, plotH);
    c.clip();
    spec.layers.forEach((layer, i) => { if (this.isOn(layer)) LAYERS[layer.type](c, layers[i], at, theme, this.morph); });
    c.restore();
    frame(c, spec, at, theme);
  }
}

function frame(c, spec, at, theme) {
  c.strokeStyle = theme.muted;
  c.lineWidth = 1;
  c.strokeRect(at.left, at.bottom - at.plotH, at.plotW, at.plotH);
  c.fillStyle = theme.text;
  c.font = `15px ${theme.font}`;
  // the letters stand where a tick would be, which gives way
  const right = at.left + at.plotW;
  const top = at.bottom - at.plotH;
  c.textAlign = "center";
  c.textBaseline = "top";
  c.font = `italic 17px ${theme.font}`;
  const nameOfX = c.measureText(spec.xlabel).width;
  const nameOfY = c.measureText(spec.ylabel).width;
  c.font = `15px ${theme.font}`;
  ticks(spec.x).forEach((v, _, all) => {
    const text = label(v, all);
    if (at.x(v) + c.measureText(text).width / 2 < right - nameOfX - 8) c.fillText(text, at.x(v), at.bottom + 5);
  });
  c.textAlign = "right";
  c.textBaseline = "middle";
  ticks(spec.y).forEach((v, _, all) => { if (at.y(v) > top + 24) c.fillText(label(v, all), at.left - 5, at.y(v)); });
  c.font = `italic 17px ${theme.font}`;
  c.textBaseline = "top";
  const beside = nameOfY < at.left - 5;  // a longer name stands inside the frame
  c.textAlign = beside ? "right" : "left";
  c.fillText(spec.ylabel, beside ? at.left - 5 : at.left + 6, beside ? top : top + 5);
  c.textAlign = "right";
  c.fillText(spec.xlabel, right, at.bottom + 4);
}

function ticks([low, high]) {
  const raw = (high - low) / 5;
  const unit = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((m) => m * unit).find((s) => s >= raw);
  const margin = 0.04 * (high - low);
  const found = [];
  for (let v = Math.ceil((low + margin) / step) * step; v <= high - margin; v += step) found.push(Math.abs(v) < step / 1e6 ? 0 : v);
  return found;
}

// with as many digits as tell it from its neighbours
function label(v, all) {
  const step = all.length > 1 ? all[1] - all[0] : Math.abs(v) || 1;
  const digits = Math.ceil(Math.log10(Math.max(Math.abs(v), step) / step) + 1e-9) + 1;
  return Number(v.toPrecision(Math.min(Math.max(digits, 3), 15))).toString().replace("-", "−");
}

// "rgb(a)" or "#rrggbb" -> [r, g, b, alpha]
export function rgba(color) {
  const c = scratch(1, 1).getContext("2d", { willReadFrequently: true });
  c.clearRect(0, 0, 1, 1);
  c.fillStyle = color;
  c.fillRect(0, 0, 1, 1);
  return c.getImageData(0, 0, 1, 1).data;
}

const scratches = new Map();
function scratch(n, m) {
  const key = `${n}x${m}`;
  if (!scratches.has(key)) {
    const canvas = document.createElement("canvas");
    canvas.width = n;
    canvas.height = m;
    scratches.set(key, canvas);
  }
  return scratches.get(key);
}

// Each pixel of an n x m grid coloured by `color(value)` -> [r, g, b, alpha], stretched over the window
function image(c, { values, n, m }, at, smooth, color) {
  const canvas = scratch(n, m);
  const context = canvas.getContext("2d");
  const pixels = context.createImageData(n, m);
  for (let i = 0; i < n; i++)
    for (let j = 0; j < m; j++) pixels.data.set(color(values[i * m + j]), 4 * ((m - 1 - j) * n + i));
  context.putImageData(pixels, 0, 0);
  c.imageSmoothingEnabled = smooth;
  c.drawImage(canvas, at.left, at.bottom - at.plotH, at.plotW, at.plotH);
}

function blend(a, b, t) {
  return [a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t, a[2] + (b[2] - a[2]) * t];
}

const LAYERS = {
  // diverging: `colors` = [low, high], transparent in the middle
  heat(c, layer, at, theme) {
    const [low, middle, high] = layer.range;
    const ends = layer.colors.map((color) => rgba(color));
    const table = Array.from({ length: 257 }, (_, i) => {
      const t = (i - 128) / 128;
      const end = ends[t < 0 ? 0 : 1];
      return [end[0], end[1], end[2], Math.round(255 * 0.72 * Math.abs(t) ** 0.8)];
    });
    const nothing = [0, 0, 0, 0];
    image(c, layer, at, true, (v) => {
      if (Number.isNaN(v)) return nothing;
      const t = v < middle ? (v - middle) / (middle - low) : (v - middle) / (high - middle);
      return table[Math.round(128 + 128 * Math.max(-1, Math.min(1, t)))];
    });
  },

  // one colour, the more opaque the denser
  density(c, layer, at) {
    const [r, g, b] = rgba(layer.color);
    image(c, layer, at, true, (v) => [r, g, b, Math.round(210 * Math.min(Math.sqrt(Math.max(v, 0) / layer.top), 1))]);
  },

  // index -> its colour, -1 -> nothing
  classes(c, layer, at) {
    const colors = layer.colors.map((color) => [...rgba(color).slice(0, 3), 235]);
    image(c, layer, at, false, (v) => colors[v] ?? [0, 0, 0, 0]);
  },

  contour(c, { values, n, m, levels, color, width }, at, theme) {
    c.strokeStyle = color;
    c.lineWidth = width || 1.5;
    c.beginPath();
    const x = (i) => at.left + ((i + 0.5) / n) * at.plotW;
    const y = (j) => at.bottom - ((j + 0.5) / m) * at.plotH;
    for (const level of levels)
      for (let i = 0; i < n - 1; i++)
        for (let j = 0; j < m - 1; j++) {
          // marching squares: the level crosses those edges of the cell whose ends lie on different sides
          const corner = [values[i * m + j], values[(i + 1) * m + j], values[(i + 1) * m + j + 1], values[i * m + j + 1]];
          const crossings = [];
          for (let k = 0; k < 4; k++) {
            const a = corner[k];
            const b = corner[(k + 1) % 4];
            if (a < level === b < level) continue;
            const t = (level - a) / (b - a);
            crossings.push([[i + t, j], [i + 1, j + t], [i + 1 - t, j + 1], [i, j + 1 - t]][k]);
          }
          for (let k = 0; k + 1 < crossings.length; k += 2) {
            c.moveTo(x(crossings[k][0]), y(crossings[k][1]));
            c.lineTo(x(crossings[k + 1][0]), y(crossings[k + 1][1]));
          }
        }
    c.stroke();
  },

  points(c, { x, y, color, size, rim }, at, theme) {
    c.fillStyle = color;
    c.beginPath();
    for (let i = 0; i < x.length; i++) {
      const px = at.x(x[i]);
      const py = at.y(y[i]);
      c.moveTo(px + size, py);
      c.arc(px, py, size, 0, 7);
    }
    if (rim) {
      c.strokeStyle = theme.background;
      c.lineWidth = 1.6;
      c.stroke();
    }
    c.fill();
  },

  // `scale`: data units drawn per unit of the vector, along x and along y
  arrows(c, { x, y, dx, dy, color, scale }, at) {
    c.strokeStyle = color;
    c.fillStyle = color;
    c.lineWidth = 1.4;
    const stems = new Path2D();
    const heads = new Path2D();
    for (let i = 0; i < x.length; i++) {
      const px = at.x(x[i]);
      const py = at.y(y[i]);
      const vx = dx[i] * scale[0] * at.scaleX;
      const vy = -dy[i] * scale[1] * at.scaleY;
      const length = Math.hypot(vx, vy);
      if (length < 1.5) continue;
      const head = Math.min(5, 0.5 * length) / length;
      const qx = px + vx;
      const qy = py + vy;
      stems.moveTo(px, py);
      stems.lineTo(qx - vx * head, qy - vy * head);
      heads.moveTo(qx, qy);
      heads.lineTo(qx - head * (vx + 0.6 * vy), qy - head * (vy - 0.6 * vx));
      heads.lineTo(qx - head * (vx - 0.6 * vy), qy - head * (vy + 0.6 * vx));
      heads.closePath();
    }
    c.stroke(stems);
    c.fill(heads);
  },

  // lines of a lattice n x m, on their way `from` one place to another
  mesh(c, { x, y, from, n, m, color }, at, theme, morph) {
    const t = from ? morph * morph * (3 - 2 * morph) : 1;
    const px = (k) => at.x(from ? from.x[k] + t * (x[k] - from.x[k]) : x[k]);
    const py = (k) => at.y(from ? from.y[k] + t * (y[k] - from.y[k]) : y[k]);
    c.strokeStyle = color;
    c.lineWidth = 1.2;
    c.beginPath();
    const strip = (start, step, count) => {
      for (let k = 0; k < count; k++) {
        const i = start + k * step;
        if (k === 0) c.moveTo(px(i), py(i));
        else c.lineTo(px(i), py(i));
      }
    };
    for (let i = 0; i < n; i++) strip(i * m, 1, m);
    for (let j = 0; j < m; j++) strip(j, m, n);
    c.stroke();
  },

  // rings of a radius around places
  rings(c, { x, y, radius, colors }, at) {
    c.lineWidth = 2;
    for (let i = 0; i < x.length; i++) {
      c.strokeStyle = colors[i % colors.length];
      c.beginPath();
      c.arc(at.x(x[i]), at.y(y[i]), radius * at.scaleX, 0, 7);
      c.stroke();
    }
  },
};
