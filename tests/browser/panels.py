"""A panel on a page of its own, for the tests of what panels draw."""

import numpy as np

from pages.ui.figures import line

THEME = {
    "text": "#000000", "background": "#ffffff", "data": "#0000ff", "generator": "#ff0000", "discriminator": "#00ff00",
    "accent": "#ff00ff", "muted": "#808080", "grid": "#f8f8f8", "track": "#eeeeee", "font": "sans-serif", "type": 15,
}  # fmt: skip
SETTLED = "for (let i = 0; i < 3; i++) await new Promise(requestAnimationFrame);"


FIELD = {
    "id": "plane", "kind": "field", "title": "Plane", "help": "choose", "columns": 6, "height": 300, "pace": "fast",
    "x": [-1, 1], "y": [-1, 1], "xlabel": "x", "ylabel": "y", "square": True,
}  # fmt: skip

# a board with one panel, which is drawn as often as it asks to be
PANEL = """
    const { Panel } = await import('/panel.js');
    document.body.replaceChildren();
    const cell = document.createElement('div');
    cell.style.cssText = `display: grid; grid-template-rows: ${a.height}px; width: ${a.width}px; height: ${a.height}px`;
    document.body.append(cell);
    let asked = 0;
    const panel = new Panel(a.spec, { redraw: () => { asked += 1; requestAnimationFrame(() => panel.isDue && panel.draw(a.theme)); } });
    panel.element.classList.toggle('lb-fit', a.fits ?? true);
    cell.append(panel.element);
    const show = (spec, change) => { panel.set(spec, change); panel.draw(a.theme); };
"""


def on_panel(page, spec, code, *, width=400, height=300, fits=True):
    argument = {"spec": spec, "theme": THEME, "width": width, "height": height, "fits": fits}
    return page.evaluate(f"async (a) => {{ {PANEL} {code} }}", argument)


X = np.linspace(0, 1, 50)


def chart(**layout):
    axes = {
        "xaxis": {"title": {"text": "step"}, "range": [0, 1]},
        "yaxis": {"title": {"text": "nats"}, "range": [0, 2]},
    }
    return {
        "id": "chart", "title": "How far apart?", "help": "JSD", "columns": 4, "height": 225, "pace": "slow",
        "data": [{**line(X.tolist(), (2 * X).tolist(), "$data", "JSD")}], "layout": axes | layout,
    }  # fmt: skip
