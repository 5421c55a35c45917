"""The time line of the lesson on what came after 2014, and its panels."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gan_core.divergences import LOG2
from gan_core.messages import Message
from pages.ui.figures import Panel, Translate, level, line, with_levels

if TYPE_CHECKING:
    from gan_core.lessons.dirac import Path
    from gan_core.lessons.two_models import Row

# lane -> its colour and what it is called
LANES = {
    "gan": ("$generator", Message("GANs")),
    "inside": ("$accent", Message("a GAN's loss inside something else")),
    "diffusion": ("$data", Message("diffusion")),
}


_LATE = 2020  # names of later ones stand before their points, where there is room


@dataclass(frozen=True)
class Milestone:
    """A paper on the time line; its text is the lesson's section "step_" + key.

    Attributes:
        year: of publication, as the glossary has it. lane: key of LANES. page: where to try it here, or "".
    """

    key: str
    name: str
    year: int
    lane: str
    page: str = ""


MILESTONES: dict[str, Milestone] = {
    m.key: m
    for m in (
        Milestone("gan", "GAN", 2014, "gan", "pages/09_train_1d.py"),
        Milestone("dcgan", "DCGAN", 2016, "gan", "pages/11_train_mnist.py"),
        Milestone("wgan_gp", "WGAN-GP", 2017, "gan", "pages/16_critic.py"),
        Milestone("progressive", "Progressive GAN", 2018, "gan"),
        Milestone("spectral", "Spectral norm", 2018, "gan", "pages/16_critic.py"),
        Milestone("biggan", "BigGAN", 2019, "gan", "pages/17_draw_a_seven.py"),
        Milestone("stylegan", "StyleGAN", 2019, "gan", "pages/13_why_it_spins.py"),
        Milestone("ada", "StyleGAN2-ADA", 2020, "gan", "pages/19_few_examples.py"),
        Milestone("ddpm", "DDPM", 2020, "diffusion"),
        Milestone("hifi", "HiFi-GAN", 2020, "inside"),
        Milestone("vqgan", "VQGAN", 2021, "inside"),
        Milestone("esrgan", "Real-ESRGAN", 2021, "inside"),
        Milestone("beat", "ADM", 2021, "diffusion"),
        Milestone("latent", "Latent diffusion", 2022, "inside"),
        Milestone("gigagan", "GigaGAN", 2023, "gan"),
        Milestone("add", "ADD", 2023, "inside"),
        Milestone("dmd2", "DMD2", 2024, "inside"),
        Milestone("r3gan", "R3GAN", 2024, "gan", "pages/12_gallery.py"),
    )
}


def timeline_panel(chosen: str, tr: Translate) -> Panel:
    """All milestones, one below the other, by year; the chosen one is large."""
    data = []
    order = {key: len(MILESTONES) - i for i, key in enumerate(MILESTONES)}
    for lane, (color, name) in LANES.items():
        here = [m for m in MILESTONES.values() if m.lane == lane]
        data.append({
            "type": "scatter", "mode": "markers+text", "name": tr(name), "hoverinfo": "x+text",
            "x": [m.year for m in here], "y": [order[m.key] for m in here],
            "text": [f"<b>{m.name}</b>" if m.key == chosen else m.name for m in here],
            "textposition": ["middle left" if m.year > _LATE else "middle right" for m in here], "textfont": {"size": 14},
            "marker": {"size": [17 if m.key == chosen else 9 for m in here], "color": color},
        })  # fmt: skip
    return {
        "id": "timeline", "title": tr("Ten years"),
        "help": tr("orange: GANs · violet: a GAN's loss inside something else · blue: diffusion"),
        "columns": 12, "height": 470, "pace": "fast", "data": data,
        "layout": {
            "xaxis": {"range": [2013.6, 2024.6], "tickvals": list(range(2014, 2026, 2)), "tickformat": "d"},
            "yaxis": {"range": [0.3, len(MILESTONES) + 0.7], "showticklabels": False, "showgrid": False},
        },
    }  # fmt: skip


def cloud_panel(
    id: str, points: np.ndarray, color: str, rings: np.ndarray, radius: float, half: float, title: str, help: str
) -> Panel:
    """A cloud (n, 2) in a window that stays the same, and circles of a radius around the modes (K, 2)."""
    fakes = {"id": "fakes", "label": "", "type": "points", "x": points[:, 0], "y": points[:, 1], "color": color, "size": 1.8}  # fmt: skip
    circles = {"id": "rings", "label": "", "type": "rings", "x": rings[:, 0], "y": rings[:, 1], "radius": radius,
               "colors": ["$data"]}  # fmt: skip
    return {
        "id": id, "kind": "field", "title": title, "help": help, "columns": 6, "height": 420, "pace": "fast",
        "layers": [circles, fakes], "morph": "", "x": [-half, half], "y": [-half, half], "xlabel": "x₁", "ylabel": "x₂",
    }  # fmt: skip


def race_panel(
    gan: Sequence["Row"],
    diffusion: Sequence["Row"],
    passes: int,
    tr: Translate,
    live: Sequence[tuple[str, "Row"]] = (),
) -> Panel:
    """The JSD of both over the CPU time of their training; `live`: ("gan" or "diffusion", measured just now)."""
    layout = {
        "xaxis": {"title": {"text": tr("training, seconds of one core")}, "type": "log",
                  "tickvals": [0.1, 0.3, 1, 3, 10, 30], "ticktext": ["0.1", "0.3", "1", "3", "10", "30"]},
        "yaxis": {"title": {"text": tr("JSD, nats")}, "range": [0, 0.72], "nticks": 6},
    }  # fmt: skip
    colors = {"gan": "$generator", "diffusion": "$accent"}
    names = {"gan": "GAN", "diffusion": tr("diffusion, {passes} passes", passes=passes)}
    data = [
        line([r.seconds for r in rows], [r.jsd for r in rows], colors[key], names[key], width=3)
        for key, rows in (("gan", gan), ("diffusion", diffusion))
    ]
    for key, color in colors.items():
        rows = [r for name, r in live if name == key]
        data.append({"type": "scatter", "mode": "markers", "x": [r.seconds for r in rows], "y": [r.jsd for r in rows],
                     "name": names[key], "hoverinfo": "x+y", "marker": {"size": 12, "color": color}})  # fmt: skip
    return {
        "id": "race", "title": tr("Trained for as long"), "help": tr("orange: GAN · violet: diffusion · dots: here, now"),
        "columns": 6, "height": 320, "pace": "fast", "data": data, "layout": with_levels(layout, [level(LOG2, "log 2")]),
    }  # fmt: skip


def passes_panel(rows: Sequence["Row"], gan: float, now: tuple[int, float], tr: Translate) -> Panel:
    """The JSD of the diffusion model over its passes, with that of the GAN's one pass."""
    ticks = [1, 2, 5, 10, 20, 50, 100, 200]
    layout = {
        "xaxis": {"title": {"text": tr("passes through the network")}, "type": "log", "range": [-0.08, 2.4],
                  "tickvals": ticks, "ticktext": [str(t) for t in ticks]},
        "yaxis": {"title": {"text": tr("JSD, nats")}, "range": [0, 0.72], "nticks": 6},
    }  # fmt: skip
    dot = {"type": "scatter", "mode": "markers", "x": [now[0]], "y": [now[1]], "hoverinfo": "x+y", "name": "",
           "marker": {"size": 13, "color": "$accent", "line": {"color": "$background", "width": 2}}}  # fmt: skip
    mark = level(gan, tr("GAN, one pass: {jsd:.3f}", jsd=gan), "$generator", dash="dash", side="left")
    return {
        "id": "passes", "title": tr("What a pass is worth"), "help": tr("violet: diffusion · dashed: the GAN's one pass"),
        "columns": 6, "height": 320, "pace": "fast",
        "data": [line([r.at for r in rows], [r.jsd for r in rows], "$accent", tr("diffusion"), width=3,
                      mode="lines+markers", marker={"color": "$accent"}), dot],
        "layout": with_levels(layout, [mark]),
    }  # fmt: skip


def blind_panel(path: "Path", jsd: np.ndarray, duration: float, tr: Translate) -> Panel:
    """The Dirac-GAN on its way: how far the fakes are, and the JSD, which does not notice."""
    keep = slice(None, None, max(1, len(path.time) // 2000))
    return {
        "id": "blind", "title": tr("The fakes arrive, the JSD does not notice"),
        "help": tr("orange: distance of the fakes · the other: JSD"), "columns": 12, "height": 300, "pace": "fast",
        "data": [
            line(path.time[keep], np.abs(path.theta[keep]), "$generator", "|θ|", width=2.5),
            line(path.time[keep], jsd[keep], "$text", "JSD", width=2.5),
        ],
        "layout": with_levels({
            "xaxis": {"title": {"text": tr("time = steps × h")}, "range": [0, duration], "nticks": 7},
            "yaxis": {"range": [-0.03, 1.08], "nticks": 6},
        }, [level(LOG2, "log 2")]),
    }  # fmt: skip
