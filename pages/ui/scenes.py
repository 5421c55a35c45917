"""What the live board shows of a snapshot: message, numbers, pictures and charts. `SCENES` has one scene per kind of
target."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from gan_core import LOSSES, Snapshot, TrainConfig
from gan_core.config import SETTINGS
from gan_core.counts import KLReading
from gan_core.optimum import losses_at_balance
from gan_core.own_targets import lookup
from gan_core.snapshot import STOPPED
from gan_core.state import Mark
from pages.ui import controls, image_figures, line_figures, plane_figures
from pages.ui.board import tile
from pages.ui.curves import curve_panels
from pages.ui.figures import Panel
from pages.ui.step_charts import Moment
from pages.ui.text import language, tr, tr_message

Content = dict[str, Any]  # see `board.live_board`
Tiles = list[dict[str, str]]


@dataclass(frozen=True, kw_only=True)
class Scene:
    """What the board shows of a run on one kind of target; its charts over the steps are those of `curves.CURVES`.

    Attributes:
        pictures: (snapshot, picked) -> panels of this moment; picked: indices of the fakes that the visitor has picked.
        tiles: snapshot -> the numbers above the charts.
        hero: the panels that one looks at first -> their shares of the height of the stage.
        beside: the panels next to these, in order; all others come below.
        measured: numbers of the evaluation that the board's element tells those who test from outside.
        legend: () -> what the colours mean, where no layer of a picture says it.
    """

    pictures: Callable[[Snapshot, Sequence[int]], list[Panel]]
    tiles: Callable[[Snapshot], Tiles]
    hero: Mapping[str, float]
    beside: tuple[str, ...] = ("proof", "opinion", "divergences", "losses")
    measured: tuple[str, ...] = ("jsd",)
    legend: Callable[[], list[dict[str, str]]] = list

    def __call__(self, s: Snapshot, picked: Sequence[int] = (), until: int = 0) -> Content:
        """Everything the board shows of a snapshot.

        Args:
            until: the step that the curves reach, if they go on beyond the snapshot; it is marked in them then.
        """
        e, config = s.evaluation, s.config
        moment = Moment(history=with_now(s), step=max(until, s.step), cursor=s.step if s.step < until else None,
                        marks=labelled(s.marks), evaluation=e,
                        loss=LOSSES[config.loss], smoothing=config.label_smoothing,
                        at_balance=losses_at_balance(LOSSES[config.loss], config.label_smoothing),
                        weights=weights_of(config), packing=config.packing, averaged=config.averages)  # fmt: skip
        return {
            "panels": self.placed(self.pictures(s, picked) + curve_panels(config.kind, moment, tr)),
            "message": sentence(s),
            "tiles": self.tiles(s) + _pace(s),
            "legend": self.legend(),
            "attributes": {
                "step": str(s.step), "state": s.state, **{name: f"{getattr(e, name):.6f}" for name in self.measured},
                "d-real": f"{e.d_real:.4f}", "d-fake": f"{e.d_fake:.4f}", "modes": str(e.modes),
                "target": config.target, "seed": str(config.seed),
                "last-change": str(s.marks[-1]) if s.marks else "", "lang": language(),
            },
        }  # fmt: skip

    def placed(self, panels: Sequence[Panel]) -> list[Panel]:
        """Every panel with its "place" on the stage, in order: "hero", with its "share", "beside" or "below"."""
        order = [*self.hero, *self.beside]
        first = sorted((p for p in panels if p["id"] in order), key=lambda p: order.index(p["id"]))
        return [
            *(p | ({"place": "hero", "share": self.hero[p["id"]]} if p["id"] in self.hero else {"place": "beside"}) for p in first),
            *(p | {"place": "below"} for p in panels if p["id"] not in order),
        ]  # fmt: skip


def weights_of(config: TrainConfig) -> Sequence[float]:
    """Of the target's modes that can be counted."""
    if config.kind == "images":
        return ()
    target = lookup(config.target)
    return target.weights.tolist() if target.modes is not None and (target.dim == 1 or target.separated) else ()


def sentence(s: Snapshot) -> dict[str, Any]:
    """What is going on, in one line, and what kind of message it is; and what to try, with the settings that do it."""
    if s.message:
        return {"kind": "error" if s.state == STOPPED else "info", "text": tr_message(s.message)}
    said: dict[str, Any] = {"kind": s.diagnosis.kind, "text": tr_message(s.diagnosis.sentence)}
    if s.diagnosis.advice:
        said["advice"] = {
            "text": tr(s.diagnosis.advice),
            "label": changed(s.diagnosis.change),
            "set": dict(s.diagnosis.change),
        }
    return said


def changed(settings: Mapping[str, Any]) -> str:
    """Settings and their new values, named as on their sliders and in their menus."""
    found = []
    for name, value in settings.items():
        record = SETTINGS[name]
        shown = tr(record.names[value]) if record.choices else controls.number(value)
        found.append(with_number(tr(record.label), shown))
    return ", ".join(found)


# ---- a line ----


def line_pictures(s: Snapshot, picked: Sequence[int]) -> list[Panel]:
    """Densities, the map of the latent, and D."""
    view, config = s.view, s.config
    return [
        line_figures.density_panel(view, view.real[:150, 0], view.samples[:150, 0], config.averages, tr),
        line_figures.latent_panel(view, config.latent_dim, tr),
        line_figures.discriminator_panel(view, LOSSES[config.loss], config, tr),
    ]


def line_tiles(s: Snapshot) -> Tiles:
    """Divergences, D's opinions, and modes."""
    e = s.evaluation
    numbers = [
        ("jsd", "JSD", f"{e.jsd:.4f}", "", tr("Jensen-Shannon divergence in nats: 0 is perfect, log 2 = 0.693 the worst.")),
        ("kl", "KL(p_data‖p_g)", *kl_text(e.shown.forward_kl)),
        ("d_real", "D(real)", _opinion(e.d_real), "data", tr("D's mean opinion on data.")),
        ("d_fake", "D(fake)", _opinion(e.d_fake), "generator", tr("D's mean opinion on fakes.")),
    ]  # fmt: skip
    if len(e.covered) > 1:
        found = f"{sum(e.covered)} / {len(e.covered)}"
        numbers.append(("modes", tr("Modes"), found, "", tr("Modes that get at least a quarter of their share.")))
    return [tile(*n) for n in numbers]


def line_legend() -> list[dict[str, str]]:
    """The roles of the colours."""
    return [
        {"role": "data", "mark": "fill", "label": tr("data: p_data, D(real)")},
        {"role": "generator", "mark": "fill", "label": tr("generator: p_g, D(fake)")},
        {"role": "discriminator", "mark": "line", "label": tr("discriminator: D(x)")},
        {"role": "muted", "mark": "dash", "label": tr("the best possible: D*(x)")},
    ]


# ---- a plane ----


def plane_pictures(s: Snapshot, picked: Sequence[int]) -> list[Panel]:
    """The plane of the data with all its layers, the best D, and the plane of the latents."""
    view, config, target = s.view, s.config, lookup(s.config.target)
    loss = LOSSES[config.loss]
    return [
        plane_figures.plane_panel(view, view.real, view.samples, target, loss, config, tr),
        *([plane_figures.best_panel(view, loss, config, tr)] if loss.optimum != "potential" else []),
        plane_figures.latent_plane_panel(view, target, config, tr),
    ]


def plane_tiles(s: Snapshot) -> Tiles:
    """Those of a line, and how many fakes are near a mode."""
    e = s.evaluation
    if len(e.covered) < 2:
        return line_tiles(s)
    help = tr("Share of fakes within 3 σ of a mode: 98.9 % of real data.")
    return [*line_tiles(s), tile("quality", tr("High quality"), f"{e.high_quality:.1%}", "", help)]


# ---- images ----


def image_pictures(s: Snapshot, picked: Sequence[int]) -> list[Panel]:
    """Fakes, the clouds' shadows, data, and the shares of the digits."""
    e, view = s.evaluation, s.view
    page = view.fakes
    score = LOSSES[s.config.loss].output == "score"
    of_fakes, of_reals = (None, None) if score else (page.opinions, view.real_opinions)
    shadow = image_figures.shadow_panel(
        e.shadow_data, e.shadow_model, e.shadow_bounds, e.shadow_real, e.shadow_points, e.shadow_jsd, tr
    )
    return [
        image_figures.fakes_panel(page.pixels, of_fakes, page.step, tr, picked),
        shadow | {"height": 510},
        image_figures.reals_panel(view.reals, of_reals, tr) | {"columns": 4},
        image_figures.classes_panel(e.shares, e.true_shares, tr),
    ]


def image_tiles(s: Snapshot) -> Tiles:
    """Digits, quality, and D's opinions on images that it was not trained on."""
    e = s.evaluation
    numbers = [
        ("modes", tr("Digits"), f"{e.modes} / {np.count_nonzero(e.true_shares)}", "",
         tr("Digits that at least 1 % of 1,000 fakes are taken for.")),
        ("frechet", tr("Fréchet"), f"{e.frechet:.1f}", "",
         tr("Fréchet distance of a classifier's features, comparable only within this app; real images read {floor:.1f}.",
            floor=e.frechet_floor)),
        ("confidence", tr("Confidence"), f"{e.confidence:.0%}", "generator",
         tr("How sure the classifier is of a fake, on average. Noise can please it too: read it beside the others.")),
        ("class_jsd", tr("Class JSD"), f"{e.class_jsd:.4f}", "",
         tr("JSD of the shares of the ten digits, in nats: blind to how they look.")),
        ("d_real", "D(real)", _opinion(e.d_held_out), "data", tr("D's mean opinion on images it was not trained on.")),
        ("d_fake", "D(fake)", _opinion(e.d_fake), "generator", tr("D's mean opinion on fakes.")),
    ]  # fmt: skip
    return [tile(*n) for n in numbers]


# ---- what all have ----


def _pace(s: Snapshot) -> Tiles:
    return [
        tile("step", tr("Step"), f"{s.step:,}", "", tr("Finished training steps.")),
        tile("rate", tr("Steps/s"), f"{s.steps_per_second:,.0f}", "", tr("Measured over about a second.")),
    ]


def kl_text(kl: KLReading) -> tuple[str, str, str]:
    """Value, role and help of KL(p_data‖p_g); where it is infinite, or too large to be told, what is sure of it."""
    if math.isfinite(kl.value):
        return f"{kl.value:.3f}", "data", tr("In nats. ∞ where p_g has nothing and data are.")
    missed = tr("No fakes where {share:.2%} of the data are.", share=kl.missed)
    if kl.at_least >= 1000:
        return "∞", "data", missed
    return f"> {kl.at_least:.0f}", "data", missed + " " + tr("In nats, at least so much; perhaps ∞.")


def _opinion(value: float) -> str:
    return f"{value:.2f}" if value == value else "–"


def labelled(marks: Sequence[Mark]) -> list[tuple[int, str]]:
    """(step, text) of every live change, the settings named as on their sliders."""
    found = []
    for mark in marks:
        found.append((mark.step, with_number(tr(SETTINGS[mark.field].label), controls.number(mark.value))))
    return found


def with_number(label: str, value: str) -> str:
    """A setting's label and its value; some labels have a place for the number."""
    return label.replace("…", value) if "…" in label else f"{label} {value}"


def with_now(s: Snapshot) -> Mapping[str, np.ndarray]:
    """The history with the present moment as its last row."""
    now = {"step": s.step, **{c: getattr(s.evaluation, c, np.nan) for c in s.history if c != "step"}}
    if len(s.history["step"]) and s.history["step"][-1] >= s.step:  # equal, or one looks back
        return dict(s.history)
    for c in ("d_loss", "g_loss"):
        now[c] = s.history[c][-1] if len(s.history[c]) else np.nan
    return {c: np.r_[values, now[c]] for c, values in s.history.items()}


# kind of target -> what the board shows of it
SCENES: dict[str, Scene] = {
    # in 2D the names of the layers say what the colours mean
    "line": Scene(
        pictures=line_pictures, tiles=line_tiles, legend=line_legend, hero={"density": 3, "discriminator": 2}
    ),
    "plane": Scene(pictures=plane_pictures, tiles=plane_tiles, hero={"plane": 1}),
    "images": Scene(
        pictures=image_pictures,
        tiles=image_tiles,
        hero={"fakes": 1},
        beside=("bounds", "opinion", "class_divergences", "losses"),
        measured=("frechet", "confidence"),
    ),
}
