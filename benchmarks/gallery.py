"""Train the 2D presets with their seeds and draw the small pictures of the gallery page.

    python -m benchmarks.gallery [preset ...]

Prints what was measured beside the evidence that each card promises.
"""

import argparse
import tomllib

import numpy as np
import torch
from PIL import Image, ImageColor, ImageDraw

from benchmarks.harness import ROOT
from gan_core import PRESETS, GANTrainer
from gan_core.plane_view import PlaneView
from gan_core.presets import measure

FOLDER = ROOT / "pages" / "ui" / "gallery"
SIDE, FINE = 300, 3  # pixels; drawn three times as large, then reduced


def draw(view: PlaneView, real: np.ndarray, fake: np.ndarray, probability: bool) -> Image.Image:
    """D as a heat-map, data and fakes, on a transparent ground."""
    theme = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text("utf-8"))["theme"]["light"]
    data, generator = (ImageColor.getrgb(c) for c in theme["chartCategoricalColors"][:2])
    middle = 0.5 if probability else float(np.median(view.d))
    spread = 0.5 if probability else float(np.abs(view.d - middle).max()) or 1.0
    t = np.clip((view.d - middle) / spread, -1, 1).T[::-1]  # rows from the top
    heat = np.zeros((*t.shape, 4), dtype=np.uint8)
    heat[..., :3] = np.where(t[..., None] < 0, generator, data)
    heat[..., 3] = 150 * np.abs(t)
    side = SIDE * FINE
    image = Image.fromarray(heat, "RGBA").resize((side, side), Image.Resampling.BICUBIC)
    pen = ImageDraw.Draw(image)
    (x0, x1), (y0, y1) = view.bounds
    for points, color in ((real, data), (fake, generator)):
        for x, y in points:
            px, py, r = (x - x0) / (x1 - x0) * side, (y1 - y) / (y1 - y0) * side, 3 * FINE
            pen.ellipse((px - r, py - r, px + r, py + r), fill=color, outline="white", width=FINE)
    return image.resize((SIDE, SIDE), Image.Resampling.LANCZOS)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("presets", nargs="*", default=[k for k, p in PRESETS.items() if p.config.kind == "plane"])
    torch.set_num_threads(1)
    FOLDER.mkdir(exist_ok=True)
    for key in parser.parse_args().presets:
        preset = PRESETS[key]
        trainer = GANTrainer(preset.config)
        for _ in range(preset.steps):
            trainer.step()
        measured = measure(trainer)
        view = trainer.view(trainer.evaluate())
        picture = draw(view, view.real[:200], trainer.sample(200), trainer.loss.output != "score")
        picture.save(FOLDER / f"{key}.webp", quality=88)
        promise = ", ".join(
            f"{name} {measured[name]:.3g} in [{low:g}, {high:g}]{'' if low <= measured[name] <= high else ' NO'}"
            for name, (low, high) in preset.evidence.items()
        )
        print(f"{key}: after {preset.steps} steps {promise}", flush=True)


if __name__ == "__main__":
    main()
