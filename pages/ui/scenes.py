"""What the live board shows of a snapshot: message, numbers and charts, for 1D and 2D targets and for images."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from gan_core import LOSSES, Snapshot
from gan_core.config import SETTINGS
from gan_core.own_targets import lookup
from gan_core.snapshot import STOPPED
from gan_core.state import Mark
from pages.ui import controls, figures, image_figures
from pages.ui.board import tile
from pages.ui.text import language, tr, tr_message

Content = dict[str, Any]  # see `board.live_board`

# evaluation.diagnose's key -> kind of message and sentence
SENTENCES = {
    "start": ("info", "Untrained: p_g is whatever random weights make of z. Press Play."),
    "half_but_missing": (
        "warning",
        "D says {d_real:.2f} / {d_fake:.2f}, which looks finished, but {missing} of {modes} modes are missing: "
        "JSD {jsd:.3f}. This D is too weak to see it.",
    ),
    "missing": ("warning", "{missing} of {modes} modes are missing so far: JSD {jsd:.3f}."),
    "half_but_apart": (
        "warning",
        "D says {d_real:.2f} / {d_fake:.2f}, yet the JSD is {jsd:.3f}: this D proves only {proven:.3f} of it.",
    ),
    "too_narrow": (
        "warning",
        "{high_quality:.1%} of the fakes lie within 3 σ of a mode, more than of real data (98.9 %): the modes are too "
        "narrow. JSD {jsd:.3f}.",
    ),
    "converged": ("good", "p_g matches p_data: JSD {jsd:.4f} nats. D is left with a coin toss."),
    "fooled": (
        "info",
        "G is ahead: D takes fakes for real ({d_fake:.2f}) more often than data ({d_real:.2f}). D has to catch up.",
    ),
    "d_wins": ("info", "D tells almost everything apart ({d_real:.2f} / {d_fake:.2f}); its slope shows G the way."),
    "saturated": (
        "warning",
        "D tells almost everything apart ({d_real:.2f} / {d_fake:.2f}), and the minimax loss is flat there: G hears "
        "next to nothing.",
    ),
    "approaching": ("info", "p_g is moving towards p_data: JSD {jsd:.3f} nats."),
    "image_half_but_apart": (
        "warning",
        "D says {d_real:.2f} / {d_fake:.2f}, which looks finished, but it is not: {modes:.0f} of {total:.0f} digits, "
        "Fréchet distance {frechet:.0f}. This D is too weak to see it.",
    ),
    "image_missing": ("info", "{modes:.0f} of {total:.0f} digits so far; Fréchet distance {frechet:.0f}."),
    "image_unsure": (
        "info",
        "All digits appear, but blurred: the classifier is {confidence:.0%} sure on average. Fréchet distance {frechet:.0f}.",
    ),
    "image_rough": (
        "info",
        "All digits, still ragged: Fréchet distance {frechet:.0f}, where real images read {frechet_floor:.1f}.",
    ),
    "image_good": (
        "good",
        "Readable digits: Fréchet distance {frechet:.0f}, where real images read {frechet_floor:.1f}.",
    ),
    "image_very_good": (
        "good",
        "Good digits in the right shares: Fréchet distance {frechet:.0f}, where real images read {frechet_floor:.1f}.",
    ),
}


def content_1d(s: Snapshot) -> Content:
    """Everything the board shows of a run on a 1D target."""
    e, loss, h, view = s.evaluation, LOSSES[s.config.loss], with_now(s), s.view
    smoothing, marks = s.config.label_smoothing, labelled(s.marks)
    panels = [
        figures.density_panel(view, view.real[:150, 0], view.samples[:150, 0], tr),
        figures.latent_panel(view, s.config.latent, s.config.latent_dim, tr),
        figures.discriminator_panel(view, loss, smoothing, tr),
        figures.opinion_panel(h, s.step, marks, smoothing, tr),
        figures.divergence_panel(h, s.step, marks, e.floor, tr),
        figures.proof_panel(h, s.step, marks, len(e.covered), tr),
        figures.loss_panel(h, s.step, marks, loss, tr),
    ]
    return _content(s, panels)


def content_2d(s: Snapshot) -> Content:
    """Everything the board shows of a run on a 2D target."""
    e, loss, h, view = s.evaluation, LOSSES[s.config.loss], with_now(s), s.view
    marks = labelled(s.marks)
    smoothing, target = s.config.label_smoothing, lookup(s.config.target)
    n_modes = len(e.covered)
    panels = [
        figures.plane_panel(view, view.real, view.samples, target, loss, smoothing, tr),
        figures.best_panel(view, tr),
        figures.latent_plane_panel(view, target, s.config, tr),
        figures.proof_panel(h, s.step, marks, n_modes, tr) | {"columns": 6},
        figures.divergence_panel(h, s.step, marks, e.floor, tr),
        figures.opinion_panel(h, s.step, marks, smoothing, tr),
        figures.loss_panel(h, s.step, marks, loss, tr),
        *([figures.modes_panel(h, s.step, marks, n_modes, tr)] if n_modes else []),
        *([figures.gradient_panel(h, s.step, marks, tr)] if loss.output == "logit" else []),
    ]
    return _content(s, panels)


def content_images(s: Snapshot, back: float, picked: list[int]) -> Content:
    """Everything the board shows of a run on images.

    Args:
        back: which fakes to show, as a share of the steps so far in [0, 1]; 1 = those of now.
        picked: indices of the fakes that the visitor picked.
    """
    e, loss, h, view = s.evaluation, LOSSES[s.config.loss], with_now(s), s.view
    marks = labelled(s.marks)
    smoothing = s.config.label_smoothing
    pages = [*view.album, view.fakes]
    page = view.fakes if back >= 1 else min(pages, key=lambda p: abs(p.step - back * s.step))
    opinions = None if loss.output == "score" else page.opinions
    panels = [
        image_figures.fakes_panel(page.pixels, opinions, page.step, tr, picked),
        image_figures.shadow_panel(
            e.shadow_data, e.shadow_model, e.shadow_bounds, e.shadow_real, e.shadow_points, e.shadow_jsd, tr
        )
        | {"height": 510},
        image_figures.reals_panel(view.reals, None if opinions is None else view.real_opinions, tr) | {"columns": 4},
        image_figures.classes_panel(e.shares, e.true_shares, tr),
        figures.opinion_panel(h, s.step, marks, smoothing, tr, held_out=True),
        image_figures.class_divergence_panel(h, s.step, marks, e.class_floor, tr),
        image_figures.bounds_panel(h, s.step, marks, e.shadow_floor, tr),
        image_figures.frechet_panel(h, s.step, marks, e.frechet_floor, tr),
        image_figures.confidence_panel(h, s.step, marks, tr, black=e.black_confidence) | {"columns": 6},
        figures.loss_panel(h, s.step, marks, loss, tr) | {"columns": 6},
    ]
    return _content(s, panels)


def _content(s: Snapshot, panels: list[figures.Panel]) -> Content:
    """The panels with what stands above them."""
    e = s.evaluation
    kind, text = SENTENCES[s.diagnosis.key]
    if s.message:
        kind, text = "error" if s.state == STOPPED else "info", tr_message(s.message)
    else:
        text = tr(text, **s.diagnosis.values)
    legend = [
        {"role": "data", "mark": "fill", "label": tr("data: p_data, D(real)")},
        {"role": "generator", "mark": "fill", "label": tr("generator: p_g, D(fake)")},
        {"role": "discriminator", "mark": "line", "label": tr("discriminator: D(x)")},
        {"role": "muted", "mark": "dash", "label": tr("the best possible: D*(x)")},
    ]
    images = s.config.kind == "images"
    measured = {"frechet": e.frechet, "confidence": e.confidence} if images else {"jsd": e.jsd}
    return {
        "panels": panels,
        "message": {"kind": kind, "text": text},
        "tiles": image_tiles(s) if images else tiles(s),
        "legend": legend if s.config.kind == "line" else [],  # in 2D the names of the layers say it
        "attributes": {
            "step": str(s.step), "state": s.state, **{k: f"{v:.6f}" for k, v in measured.items()},
            "d-real": f"{e.d_real:.4f}", "d-fake": f"{e.d_fake:.4f}", "modes": str(e.modes), "target": s.config.target,
            "seed": str(s.config.seed), "last-change": str(s.marks[-1]) if s.marks else "", "lang": language(),
        },
    }  # fmt: skip


def tiles(s: Snapshot) -> list[dict[str, str]]:
    """The numbers above the charts."""
    e = s.evaluation
    numbers = [
        ("jsd", "JSD", f"{e.jsd:.4f}", "", tr("Jensen-Shannon divergence in nats: 0 is perfect, log 2 = 0.693 the worst.")),
        ("kl", "KL(p_data‖p_g)", _nats(e.kl_data_model), "data", tr("In nats; ∞ while p_g misses a part of the data.")),
        ("d_real", "D(real)", _opinion(e.d_real), "data", tr("D's mean opinion on data.")),
        ("d_fake", "D(fake)", _opinion(e.d_fake), "generator", tr("D's mean opinion on fakes.")),
    ]  # fmt: skip
    if len(e.covered) > 1:
        found = f"{sum(e.covered)} / {len(e.covered)}"
        numbers.append(("modes", tr("Modes"), found, "", tr("Modes that get at least a quarter of their share.")))
        if s.config.kind == "plane":
            numbers.append(("quality", tr("High quality"), f"{e.high_quality:.1%}", "",
                            tr("Share of fakes within 3 σ of a mode: 98.9 % of real data.")))  # fmt: skip
    return [tile(*n) for n in numbers] + _pace(s)


def image_tiles(s: Snapshot) -> list[dict[str, str]]:
    """The numbers above the charts of a run on images."""
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
    return [tile(*n) for n in numbers] + _pace(s)


def _pace(s: Snapshot) -> list[dict[str, str]]:
    return [
        tile("step", tr("Step"), f"{s.step:,}", "", tr("Finished training steps.")),
        tile("rate", tr("Steps/s"), f"{s.steps_per_second:,.0f}", "", tr("Measured over about a second.")),
    ]


def _nats(value: float) -> str:
    return "∞" if value == float("inf") else f"{value:.3f}"


def _opinion(value: float) -> str:
    return f"{value:.2f}" if value == value else "–"


def labelled(marks: Sequence[Mark]) -> list[tuple[int, str]]:
    """(step, text) of every live change, the settings named as on their sliders."""
    found = []
    for mark in marks:
        label, value = tr(SETTINGS[mark.field].label), controls.number(mark.value)
        # some labels have a place for the number
        found.append((mark.step, label.replace("…", value) if "…" in label else f"{label} {value}"))
    return found


def with_now(s: Snapshot) -> Mapping[str, np.ndarray]:
    """The history with the present moment as its last row."""
    now = {"step": s.step, **{c: getattr(s.evaluation, c, np.nan) for c in s.history if c != "step"}}
    if len(s.history["step"]) and s.history["step"][-1] == s.step:
        return dict(s.history)
    for c in ("d_loss", "g_loss"):
        now[c] = s.history[c][-1] if len(s.history[c]) else np.nan
    return {c: np.r_[values, now[c]] for c, values in s.history.items()}
