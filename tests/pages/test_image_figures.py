"""The panels of an image GAN, against the arrays they are made of."""

import math
from types import SimpleNamespace

import numpy as np
import pytest

from gan_core import LOSSES
from pages.ui import curves, image_figures
from pages.ui.board import pack, unpack
from pages.ui.step_charts import Moment

COLUMNS = ("d_loss", "g_loss", "class_jsd", "class_kl_data_model", "class_kl_model_data", "confidence", "sure",
           "frechet", "shadow_jsd", "proven", "proven_error", "d_real", "d_held_out", "d_fake", "modes")  # fmt: skip


def tr(text, **values):
    return text.format(**values) if values else text


def history(n=50, **columns):
    return {"step": np.arange(n) * 10.0} | {c: np.full(n, 0.5) for c in COLUMNS} | columns


def pixels(n=64, side=28):
    return np.random.default_rng(1).integers(0, 256, (n, side, side), dtype=np.uint8)


def drawn(chart, h, step=500, marks=(), **evaluation):
    """The chart of this history and of an evaluation with these numbers."""
    moment = Moment(history=h, step=step, marks=marks, evaluation=SimpleNamespace(**evaluation),
                    loss=LOSSES["non_saturating"])  # fmt: skip
    return chart.panel(moment, tr)


def levels(panel):
    """Text of each labelled line -> where the line is, and where its label."""
    layout = panel["layout"]
    lines = [s for s in layout["shapes"] if s.get("xref") == "paper"]
    notes = [a for a in layout["annotations"] if a.get("xref") == "paper"]
    return {a["text"]: (s["y0"], a["y"]) for s, a in zip(lines, notes, strict=True)}


def named(panel, name):
    return next(t for t in panel["data"] if t["name"] == name)


@pytest.mark.parametrize("n", [1, 3, 64])
def test_images_arrive_as_bytes(n):
    shown, opinions = pixels(n, side=5), np.linspace(0, 1, n)
    panels = [
        image_figures.reals_panel(shown, opinions, tr),
        image_figures.fakes_panel(255 - shown, opinions, 1200, tr, picked=[0]),
    ]
    packed = pack({"panels": panels})
    reals, fakes = unpack(packed)["panels"]
    assert reals["pixels"].dtype == np.uint8
    np.testing.assert_array_equal(reals["pixels"].reshape(shown.shape), shown)
    np.testing.assert_array_equal(fakes["pixels"].reshape(shown.shape), 255 - shown)
    np.testing.assert_allclose(fakes["opinions"], opinions, rtol=1e-6)
    assert len(packed) < 2 * (shown.size + 4 * n + 4) + 2000


def test_grids_of_fakes_and_reals():
    fakes = image_figures.fakes_panel(pixels(), np.zeros(64), 1200, tr, picked=np.array([3, 1]))
    assert fakes["title"] == "Fakes at step 1,200"
    assert (fakes["side"], fakes["across"], fakes["role"], fakes["frame"]) == (28, 8, "generator", "$generator")
    assert fakes["picked"] == [3, 1]
    assert fakes["pick"]["label"]
    reals = image_figures.reals_panel(pixels(), None, tr)
    assert "opinions" not in reals
    assert "pick" not in reals
    assert reals["frame"] == "$data"
    assert "pick" not in image_figures.fakes_panel(pixels(), None, 0, tr)


def test_film():
    frames = pixels(48)
    film = unpack(pack(image_figures.film_panel(frames, 7, tr)))
    np.testing.assert_array_equal(film["frames"], frames.ravel())
    assert (film["serial"], film["fps"], film["side"]) == (7, 12, 28)
    assert set(film["texts"]) == {"play", "pause", "empty"}
    nothing = unpack(pack(image_figures.film_panel(frames[:0], 8, tr)))
    assert len(nothing["frames"]) == 0
    assert nothing["side"] == 28


def test_heights_of_the_bars_are_the_shares():
    shares, truth = np.arange(10) / 45, np.full(10, 0.1)
    panel = image_figures.classes_panel(shares, truth, tr)
    np.testing.assert_allclose(named(panel, "fakes")["y"], 100 * shares)
    np.testing.assert_allclose(named(panel, "data")["y"], 100 * truth)
    assert named(panel, "fakes")["marker"]["color"] == "$generator"
    assert named(panel, "data")["marker"]["color"] == "$data"
    assert list(named(panel, "fakes")["x"]) == [str(k) for k in range(10)]


@pytest.mark.parametrize(("largest", "top"), [(0.12, 25), (0.25, 25), (0.3, 50), (0.9, 104), (1.0, 104)])
def test_the_bars_fit(largest, top):
    shares = np.r_[largest, np.full(9, (1 - largest) / 9)]
    for panel in (
        image_figures.classes_panel(shares, np.full(10, 0.1), tr),
        image_figures.classes_panel(np.full(10, 0.1), shares, tr),
    ):
        assert panel["layout"]["yaxis"]["range"] == [0, top]


def test_divergences_of_the_classes():
    """An infinite KL is a gap in its line and triangles at the top, the floor a line in its place."""
    kl = np.where(np.arange(50) < 20, np.inf, 0.25)
    h = history(class_kl_data_model=kl, class_jsd=np.full(50, 1e-9))
    panel = drawn(curves.CLASS_DIVERGENCES, h, marks=[(100, "lr_D 0.001")], class_floor=6e-4)
    kl_drawn = named(panel, "KL(p_data‖p_g)")["y"]
    assert np.isnan(kl_drawn[:20]).all()
    np.testing.assert_array_equal(kl_drawn[20:], 0.25)
    triangles = named(panel, "KL(p_data‖p_g) = ∞")
    assert triangles["marker"]["symbol"] == "triangle-up"
    assert set(triangles["x"]) == set(h["step"][:20])
    axis = panel["layout"]["yaxis"]
    assert axis["type"] == "log"
    assert 10 ** axis["range"][0] < np.min(triangles["y"]) < 10 ** axis["range"][1]
    np.testing.assert_allclose(10 ** axis["range"][0], named(panel, "JSD")["y"])  # too small for the axis
    assert levels(panel)["noise floor"] == (6e-4, pytest.approx(math.log10(6e-4)))
    assert levels(panel)["log 2: nothing in common"][0] == pytest.approx(math.log(2))
    assert panel["help"] == "▲ = ∞"
    calm = drawn(curves.CLASS_DIVERGENCES, history(), class_floor=0.0)
    assert calm["help"] == ""
    assert "noise floor" not in levels(calm)
    assert len(calm["data"]) == 3


def test_lower_bounds():
    proven = np.linspace(-0.1, 0.5, 50)
    h = history(proven=proven, proven_error=np.full(50, 0.03), shadow_jsd=np.linspace(0.69, 0.02, 50))
    panel = drawn(curves.BOUNDS, h, shadow_floor=0.01)
    np.testing.assert_array_equal(named(panel, "JSD of the shadows")["y"], h["shadow_jsd"])
    np.testing.assert_allclose(named(panel, "proven by D")["y"], np.maximum(proven, 0))
    np.testing.assert_allclose(named(panel, "+ 2 s.e.")["y"], np.maximum(proven + 0.06, 0))
    np.testing.assert_allclose(named(panel, "− 2 s.e.")["y"], np.maximum(proven - 0.06, 0))
    found = levels(panel)
    assert found["log 2: nothing in common"][0] == pytest.approx(math.log(2))
    assert found["noise floor of the shadows"][0] == 0.01
    assert "p_data" not in panel["title"]
    unproven = drawn(curves.BOUNDS, history(proven=np.full(50, np.nan)), shadow_floor=0.0)
    assert [t["name"] for t in unproven["data"]] == ["JSD of the shadows"]
    exact = drawn(curves.BOUNDS, history(proven_error=np.zeros(50)), shadow_floor=0.0)
    assert [t["name"] for t in exact["data"]] == ["JSD of the shadows", "proven by D"]


@pytest.mark.parametrize(("distance", "floor"), [(100.0, 4.2), (0.003, 0.001), (4.0, 4.2)])
def test_frechet_distance_and_its_floor(distance, floor):
    panel = drawn(curves.FRECHET, history(frechet=np.full(50, distance)), frechet_floor=floor)
    assert levels(panel)["real against real"] == (floor, pytest.approx(math.log10(floor)))
    low, high = panel["layout"]["yaxis"]["range"]
    assert low <= math.log10(min(distance, floor)) <= math.log10(max(distance, floor)) <= high


def test_confidence_beside_that_of_an_empty_image():
    h = history(confidence=np.linspace(0.6, 0.9, 50), sure=np.linspace(0, 0.8, 50))
    panel = drawn(curves.CONFIDENCE, h, black_confidence=0.72)
    np.testing.assert_allclose(named(panel, "mean confidence")["y"], 100 * h["confidence"])
    np.testing.assert_allclose(named(panel, "share above 90 %")["y"], 100 * h["sure"])
    assert levels(panel)["empty image: 72%"][0] == pytest.approx(72)


def test_shadows():
    data, model = (np.random.default_rng(k).dirichlet(np.ones(1600)).reshape(40, 40) for k in (1, 2))
    real, fake = np.zeros((7, 2)), np.c_[np.arange(5), -np.arange(5.0)]
    panel = image_figures.shadow_panel(data, model, [(-3, 3), (-2, 4)], real, fake, 0.3123, tr)
    layers = {layer["id"]: layer for layer in panel["layers"]}
    for key, values, color in (("p_data", data, "$data"), ("p_g", model, "$generator"), ("contour", data, "$data")):
        np.testing.assert_array_equal(layers[key]["values"], values)
        assert (layers[key]["color"], layers[key]["n"], layers[key]["m"]) == (color, 40, 40)
    assert layers["p_data"]["top"] == layers["p_g"]["top"] == data.max()  # one scale for both
    np.testing.assert_array_equal(layers["fake"]["y"], fake[:, 1])
    assert layers["real"]["color"] == "$data"
    assert all(layer["label"] for layer in panel["layers"])
    assert (panel["x"], panel["y"]) == ([-3, 3], [-2, 4])
    assert "0.312" in panel["help"]


def test_opinion_of_data_that_d_never_saw():
    h = history(d_held_out=np.linspace(0.7, 0.6, 50))
    panel = drawn(curves.HELD_OUT_OPINION, h)
    np.testing.assert_array_equal(named(panel, "D(held-out real)")["y"], h["d_held_out"])
    assert named(panel, "D(held-out real)")["line"]["color"] == "$data"
    assert len(drawn(curves.OPINION, h)["data"]) == 2


FLOORS = {"floor": 0.01, "class_floor": 1e-3, "shadow_floor": 0.01, "frechet_floor": 0.0, "black_confidence": 0.72,
          "covered": (True, False)}  # fmt: skip


@pytest.mark.parametrize("kind", curves.CURVES)
def test_every_chart_bears_an_empty_history(kind):
    h = {column: np.empty(0) for chart in curves.CURVES[kind] for column in ("step", *(c.column for c in chart.curves))}
    panels = [drawn(chart, h | {"proven_error": np.empty(0)}, step=0, **FLOORS) for chart in curves.CURVES[kind]]
    assert len({p["id"] for p in unpack(pack({"panels": panels}))["panels"]}) == len(panels)
