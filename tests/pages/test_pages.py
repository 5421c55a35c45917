"""Every page by AppTest, in both languages: what it shows, not only that it runs."""

import math
import time
import tomllib

import numpy as np
import plotly.graph_objects as go
import pytest
from streamlit.testing.v1 import AppTest

from benchmarks.harness import ROOT
from gan_core import DISTRIBUTIONS, LOSSES, PRESETS, GANTrainer, TrainConfig
from gan_core.config import SETTINGS
from gan_core.messages import Message
from gan_core.own_targets import CELLS, MAX_POINTS, from_cells, lookup
from gan_core.state import Mark
from pages.ui import board, scenes
from pages.ui.board import pack, unpack
from pages.ui.cards import PICTURES, evidence
from pages.ui.controls import default_preset
from pages.ui.figures import marks_layout
from pages.ui.frame import PAGES
from pages.ui.text import catalogue

LIVE_PAGES = {1: "pages/09_train_1d.py", 2: "pages/10_train_2d.py"}  # by dimension


def visit(path, **query):
    """The page as a visitor with this query sees it."""
    at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    for name, value in query.items():
        at.query_params[name] = value
    if path != "app.py":
        at.switch_page(path)
    at.run()
    assert not at.exception
    return at


def board_of(at):
    """What the live board shows, once its run is built."""
    for _ in range(100):
        found = at.get("bidi_component")
        if found and found[0].proto.bytes:
            return unpack(found[0].proto.bytes)
        time.sleep(0.1)
        at.run()
        assert not at.exception
    raise AssertionError("the board did not appear")


def step_to(at, step):
    for _ in range(200):
        shown = board_of(at)
        if shown["attributes"]["step"] == str(step):
            return shown
        time.sleep(0.05)
        at.run()
    raise AssertionError(f"step {step} did not appear")


def address(at):
    """The query of the page's address."""
    return {k: v if isinstance(v, str) else v[0] for k, v in at.query_params.items()}


def widget(kind, field):
    """The widget of this kind for a field of the config."""
    return next(w for w in kind if w.key.endswith(f"_{field}"))


def button(at, label):
    return next(b for b in at.button if b.label == label)


@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.path)
def test_every_page_runs_in_both_languages(page, language):
    at = visit(page.path, lang=language)
    assert len(at.title) == 1
    # quotations are from the Korean note, in both languages
    shown = " ".join(m.value for m in [*at.title, *at.markdown, *at.caption] if not m.value.startswith(">"))
    assert any("가" <= c <= "힣" for c in shown) == (language == "ko")


def test_the_board_shows_exactly_what_the_core_computes():
    at = visit("pages/09_train_1d.py")
    button(at, "×100").click().run()
    shown = step_to(at, 100)
    trainer = GANTrainer(default_preset("line"))
    for _ in range(100):
        trainer.step()
    e = trainer.evaluate()
    tiles = {t["id"]: t["value"] for t in shown["tiles"]}
    assert tiles["jsd"] == f"{e.jsd:.4f}"
    assert tiles["d_real"] == f"{e.d_real:.2f}"
    assert tiles["d_fake"] == f"{e.d_fake:.2f}"
    assert tiles["step"] == "100"
    assert shown["attributes"]["jsd"] == f"{e.jsd:.6f}"
    panels = {p["id"]: p for p in shown["panels"]}
    np.testing.assert_allclose(panels["density"]["data"][1]["y"], e.p_g, rtol=1e-6)
    np.testing.assert_allclose(panels["discriminator"]["data"][1]["y"], e.d, rtol=1e-6)
    history = trainer.history.arrays()
    np.testing.assert_allclose(panels["proof"]["data"][1]["y"], history["jsd"], rtol=1e-6)
    np.testing.assert_allclose(panels["losses"]["data"][0]["y"], history["d_loss"], rtol=1e-6)


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("target", DISTRIBUTIONS)
def test_every_target_and_loss_by_link(target, loss):
    if LOSSES[loss].key != "non_saturating" and target not in ("two_modes", "uniform", "ring_8", "moons"):
        pytest.skip("every loss on one target with modes and one without, every target with one loss")
    at = visit(LIVE_PAGES[DISTRIBUTIONS[target].dim], target=target, loss=loss, width="8")
    button(at, "×10").click().run()
    shown = step_to(at, 10)
    assert not at.warning
    for panel in shown["panels"]:  # Plotly itself knows every property
        if panel.get("kind") != "field":
            go.Figure(_without_roles({"data": panel["data"], "layout": panel["layout"]}))
    opinions = [t["value"] for t in shown["tiles"] if t["id"] in ("d_real", "d_fake")]
    assert (opinions == ["–", "–"]) == (LOSSES[loss].output == "score")
    assert any(t["id"] == "modes" for t in shown["tiles"]) == (_n_modes(target) > 1)


def _n_modes(target):
    found = DISTRIBUTIONS[target]
    return len(found.weights) if found.dim == 1 or found.separated else 0


def _without_roles(value):
    if isinstance(value, dict):
        return {k: _without_roles(v) for k, v in value.items()}
    if isinstance(value, list):
        return [_without_roles(v) for v in value]
    return "#123456" if isinstance(value, str) and value.startswith("$") else value


@pytest.mark.parametrize(("language", "name"), [("en", "Dropout in D"), ("ko", "D의 드롭아웃")])
def test_sliders_show_the_config_of_the_link_and_act_on_the_run(language, name):
    at = visit("pages/09_train_1d.py", dropout="0.35", lr_g="0.00123", lang=language)
    assert widget(at.select_slider, "dropout").value == 0.35
    assert widget(at.select_slider, "lr_g").value == 0.00123
    widget(at.select_slider, "dropout").set_value(0.5).run()
    assert not at.exception
    assert address(at)["dropout"] == "0.5"
    assert address(at)["lr_g"] == "0.00123"
    at.run()
    button(at, "Step ×1" if language == "en" else "스텝 ×1").click().run()
    shown = step_to(at, 1)
    assert f"{name} 0.5" in [a["text"] for a in _panel(shown, "divergences")["layout"]["annotations"]]
    assert shown["attributes"]["last-change"] == "dropout 0.5"  # the same in every language


def _panel(shown, name):
    return next(p for p in shown["panels"] if p["id"] == name)


def test_every_live_change_can_be_named_on_the_curves():
    live = [name for name, spec in SETTINGS.items() if spec.live]
    texts = [text for _, text in scenes.labelled([Mark(7, name, 0.25) for name in live])]
    assert len(set(texts)) == len(live)
    for name, text in zip(live, texts, strict=True):
        assert "0.25" in text
        assert name not in text


@pytest.mark.parametrize(("at", "anchor"), [(0, "left"), (200, "left"), (300, "right")])
def test_the_name_of_a_change_stands_where_there_is_room(at, anchor):
    (note,) = marks_layout([(at, "Dropout in D 0.5")], labels=True, end=500)["annotations"]
    assert (note["x"], note["xanchor"]) == (at, anchor)


def test_a_preset_sets_every_widget_and_the_address():
    at = visit("pages/09_train_1d.py")
    key = [k for k, p in PRESETS.items() if p.config.kind == "line"][-1]
    widget(at.selectbox, "preset").set_value(key).run()
    assert not at.exception
    config = PRESETS[key].config
    assert widget(at.selectbox, "target").value == config.target
    assert address(at) == config.to_params()
    assert TrainConfig.from_params(address(at)) == config


def test_the_2d_board_shows_exactly_what_the_core_computes():
    at = visit(LIVE_PAGES[2])
    button(at, "×100").click().run()
    shown = step_to(at, 100)
    trainer = GANTrainer(default_preset("plane"))
    for _ in range(100):
        trainer.step()
    e = trainer.evaluate()
    view = trainer.view(e)
    tiles = {t["id"]: t["value"] for t in shown["tiles"]}
    assert tiles["jsd"] == f"{e.jsd:.4f}"
    assert tiles["modes"] == f"{e.modes} / 8"
    assert tiles["quality"] == f"{e.high_quality:.1%}"
    layers = {layer["id"]: layer for layer in _panel(shown, "plane")["layers"]}
    np.testing.assert_allclose(layers["d"]["values"], view.d.ravel(), rtol=1e-6)
    np.testing.assert_allclose(layers["d_star"]["values"], view.d_star.ravel(), rtol=1e-6)
    np.testing.assert_allclose(layers["p_g"]["values"], view.p_g.ravel(), rtol=1e-6)
    np.testing.assert_allclose(layers["arrows"]["dx"], view.arrows[:, 0], rtol=1e-6)
    np.testing.assert_allclose(layers["fake"]["x"], trainer.sample(300)[:, 0], rtol=1e-6)
    np.testing.assert_allclose(layers["manifold"]["y"], view.manifold[..., 1].ravel(), rtol=1e-6)
    assert (layers["d"]["n"], layers["d"]["m"]) == (60, 60)
    history = trainer.history.arrays()
    for row, name in enumerate(("grad_non_saturating", "grad_minimax")):
        np.testing.assert_allclose(_panel(shown, "gradients")["data"][row]["y"], history[name], rtol=1e-6)
    np.testing.assert_allclose(_panel(shown, "modes")["data"][1]["y"], 100 * history["high_quality"], rtol=1e-6)


def test_a_target_of_the_other_dimension_is_explained():
    at = visit(LIVE_PAGES[1], target="ring_8")
    assert any("The link names a target of another page: ring_8" in w.value for w in at.warning)
    assert widget(at.selectbox, "target").value == "two_modes"


def test_a_drawing_by_link_is_the_target():
    painted = np.zeros((CELLS, CELLS), dtype=bool)
    painted[3:6, 10] = True
    key = from_cells(painted).key
    at = visit(LIVE_PAGES[2], target=key, latent_dim="2")
    assert not at.warning
    assert board_of(at)["attributes"]["target"] == key
    assert widget(at.selectbox, "target").value == key


FLOWERS = "length,width,depth,species\n" + "\n".join(
    f"{5 + i % 7 / 10},{3000 + 100 * (i % 11)},{i * i % 13 / 10},a" for i in range(60)
)


def upload(at, text, name="flowers.csv"):
    at.file_uploader[0].set_value((name, text.encode(), "text/csv")).run()
    assert not at.exception
    return target_of(at)


def target_of(at):
    return widget(at.selectbox, "target").value


def panel_of(at, panel, target):
    """This panel, once the board shows the new target."""
    for _ in range(100):
        shown = board_of(at)
        if shown["attributes"]["target"] == target:
            return next(p for p in shown["panels"] if p["id"] == panel)
        time.sleep(0.05)
        at.run()
    raise AssertionError("the board did not show the target")


def said(at):
    return " ".join(c.value for c in [*at.caption, *at.warning])


@pytest.mark.parametrize("language", ["en", "ko"])
def test_a_table_becomes_the_target_and_says_how_it_was_read(language):
    at = visit(LIVE_PAGES[2], lang=language)
    target = lookup(upload(at, FLOWERS))
    assert target.axes == ("length", "width")
    plane = panel_of(at, "plane", target.key)
    assert (plane["xlabel"], plane["ylabel"]) == ("length", "width")
    assert (plane["x"], plane["y"]) == (list(target.bounds[0]), list(target.bounds[1]))
    arrows = next(layer for layer in plane["layers"] if layer["id"] == "arrows")
    assert arrows["scale"][0] / arrows["scale"][1] == pytest.approx((np.ptp(plane["x"]) / np.ptp(plane["y"])) ** 2)
    for part in ("length 5 … 5.6", "width 3000 … 4000", "species", "UTF-8"):
        assert part in said(at)
    next(w for w in at.selectbox if "_column_1_" in w.key).set_value(2).run()
    assert lookup(target_of(at)).axes == ("length", "depth")
    next(w for w in at.checkbox if "_proportions_" in w.key).check().run()
    assert not lookup(target_of(at)).own_units


@pytest.mark.parametrize("dim", LIVE_PAGES)
def test_a_preset_keeps_the_visitors_own_target(dim):
    at = visit(LIVE_PAGES[dim])
    own = upload(at, FLOWERS)
    other = {1: "comb", 2: "hinge"}[dim]
    widget(at.selectbox, "preset").set_value(other).run()
    assert not at.exception
    assert target_of(at) == own
    shown = PRESETS[widget(at.selectbox, "preset").value].config
    assert shown.replace(target=own, seed=0) == PRESETS[other].config.replace(target=own, seed=0)
    assert widget(at.selectbox, "loss").value == PRESETS[other].config.loss


def test_a_column_becomes_the_target_of_a_line():
    at = visit(LIVE_PAGES[1])
    target = lookup(upload(at, FLOWERS))
    assert (target.dim, target.axes) == (1, ("length",))
    density = panel_of(at, "density", target.key)
    assert density["layout"]["xaxis"]["title"]["text"] == "length"


def test_a_typed_mixture_becomes_the_target_and_its_link_opens_it():
    at = visit(LIVE_PAGES[1])
    widget(at.text_input, "formula").set_value("N(400, 1.25)").run()
    key = target_of(at)
    assert lookup(key).bounds == ((393.75, 406.25),)
    again = visit(LIVE_PAGES[1], target=key)
    assert not again.warning
    assert target_of(again) == key
    widget(again.text_input, "formula").set_value("N(400").run()
    assert any("cannot be read as a mixture" in w.value for w in again.warning)
    assert target_of(again) == key


def test_another_target_is_not_undone_by_the_table_that_was_uploaded():
    at = visit(LIVE_PAGES[2])
    upload(at, FLOWERS)
    widget(at.selectbox, "target").set_value("moons").run()
    assert target_of(at) == "moons"
    at.run()
    assert target_of(at) == "moons"
    next(b for b in at.button if "train_on_table" in b.key).click().run()
    assert target_of(at).startswith("points-")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "empty"),
        ("once upon\na time\n", "No column of numbers"),
        ("1\n2\n3\n" * 20, "1 columns of numbers"),
        ("1,2\n3,4\n", "2 rows"),
        ("1,2\n" * 50, "same point"),
        ("1,2\n" * (MAX_POINTS + 1), f"from 20 to {MAX_POINTS:,}"),
        ("1,2\n" * 100_000, "100,000 lines"),
        ("PK\x03\x04", "an Excel workbook"),
        (f"{','.join(map(str, range(60)))}\n" * 2, "transpose it"),
    ],
    ids=["empty", "text", "one column", "few rows", "one spot", "too many", "far too many", "Excel", "transposed"],
)
def test_a_bad_table_gets_a_sentence(text, says):
    at = visit(LIVE_PAGES[2])
    assert upload(at, text) == "ring_8"
    assert says in said(at)


@pytest.mark.parametrize("language", ["en", "ko"])
def test_the_gallery_has_a_card_with_a_picture_for_every_2d_preset(language):
    at = visit("pages/12_gallery.py", lang=language)
    shown = " ".join(m.value for m in [*at.markdown, *at.caption])
    for key, preset in PRESETS.items():
        if preset.config.kind == "plane":
            assert (PICTURES / f"{key}.webp").exists(), "run python -m benchmarks.gallery"
            assert (preset.story if language == "en" else catalogue()[preset.story]) in shown
            assert evidence(preset)


def test_a_setting_of_ones_own_makes_the_preset_custom():
    at = visit("pages/09_train_1d.py")
    assert widget(at.selectbox, "preset").value in PRESETS
    widget(at.select_slider, "instance_noise").set_value(0.1).run()
    assert widget(at.selectbox, "preset").value == "custom"


def test_a_score_loss_takes_label_smoothing_off():
    at = visit("pages/09_train_1d.py", label_smoothing="0.1")
    widget(at.selectbox, "loss").set_value("hinge").run()
    assert not at.exception
    assert not at.warning
    assert widget(at.select_slider, "label_smoothing").value == 0
    assert widget(at.select_slider, "label_smoothing").disabled


def test_a_bad_link_gets_a_sentence_with_the_allowed_range():
    at = visit("pages/09_train_1d.py", lr_d="5", target="three_modes")
    assert "lr_d = '5' is not possible: choose a number from 0 to 0.1" in [w.value for w in at.warning]
    assert widget(at.selectbox, "target").value == "three_modes"


def test_a_full_server_says_so(monkeypatch):
    from gan_core import RunnerFull
    from gan_core.runner import Runner

    def full(self, config):
        raise RunnerFull("All 100 places for training are taken.")

    monkeypatch.setattr(Runner, "create", full)
    at = visit("pages/09_train_1d.py")
    assert "All 100 places for training are taken." in [w.value for w in at.warning]


@pytest.mark.parametrize(("language", "advice"), [("en", "Lower the learning rate of the generator"), ("ko", "생성자")])
def test_a_run_that_diverges_says_what_happened_and_what_to_do(monkeypatch, language, advice):
    step = GANTrainer.step

    def diverge(self):
        if self.step_count == 5:
            self._diverged(Message("generator"), math.nan)
        return step(self)

    monkeypatch.setattr(GANTrainer, "step", diverge)
    at = visit("pages/09_train_1d.py", lang=language)
    button(at, "Step ×1" if language == "en" else "스텝 ×1")
    button(at, "×10").click().run()
    for _ in range(100):
        shown = board_of(at)
        if shown["message"]["kind"] == "error":
            break
        time.sleep(0.05)
        at.run()
    assert advice in shown["message"]["text"]
    assert shown["attributes"]["state"] == "stopped"
    assert shown["attributes"]["step"] == "5"


def test_pack_and_unpack():
    message = {"a": np.array([1.5, math.nan, math.inf]), "b": [{"c": np.arange(3)}], "d": "é ∞", "e": np.float64(2)}
    back = unpack(pack(message))
    np.testing.assert_array_equal(back["a"], message["a"].astype(np.float32))
    np.testing.assert_array_equal(back["b"][0]["c"], [0, 1, 2])
    assert (back["d"], back["e"]) == ("é ∞", 2)
    with pytest.raises(TypeError, match="set cannot be sent"):
        pack({"a": {1}})


@pytest.mark.parametrize("n", range(6))
def test_bytes_are_packed_beside_floats(n):
    """Whatever stands between them, floats stay on multiples of four bytes."""
    message = {"a": np.arange(n, dtype=np.uint8), "b": np.array([math.pi]), "c": np.full((2, n), 255, np.uint8)[:, ::-1],
               "d": np.array([True, False])}  # fmt: skip
    packed = pack(message)
    assert len(packed) % 4 == 0
    back = unpack(packed)
    assert back["a"].dtype == back["c"].dtype == np.uint8
    np.testing.assert_array_equal(back["a"], message["a"])
    np.testing.assert_array_equal(back["b"], message["b"].astype(np.float32))
    np.testing.assert_array_equal(back["c"], message["c"].ravel())
    np.testing.assert_array_equal(back["d"], [1, 0])


@pytest.mark.parametrize(
    ("sent", "picks"),
    [([], []), ([0], [0]), ([5, 2], [5, 2]), ([6], []), ([-1], []), ([1, 1], []), ([1, 2, 3], []), ([1.0], []),
     ([True], []), (["1"], []), ("12", []), ({"0": 1}, []), (None, []), ([None], []), ([[1]], [])],
)  # fmt: skip
def test_only_possible_picks_come_from_the_browser(sent, picks):
    images = {"kind": "images", "side": 2, "pixels": np.zeros((6, 2, 2), np.uint8)}
    packed = pack(
        {"panels": [{"id": "plot"}, images | {"pixels": images["pixels"][:1]}, images | {"pick": {"label": ""}}]}
    )
    assert board._picks(sent, packed) == picks
    assert board._picks(sent, pack({"panels": [images]})) == []
    assert board._picks(sent, None) == []


def test_nothing_is_left_untranslated():
    """Every English text in the code has its Korean one, and every lesson its sections in both languages."""
    from pages.ui import text
    from tests.pages.translations import keys_in_code

    missing = sorted(keys_in_code() - catalogue().keys())
    assert missing == []
    assert sorted(catalogue().keys() - keys_in_code()) == [], "in the catalogue, but no longer in the code"
    labels = [key for path in text.label_files() for key in tomllib.loads(path.read_text("utf-8"))]
    assert sorted({k for k in labels if labels.count(k) > 1}) == [], "in two files of labels"
    english = {p.name: set(text._sections(p)) for p in (text.TEXT / "en").glob("*.md")}
    korean = {p.name: set(text._sections(p)) for p in (text.TEXT / "ko").glob("*.md")}
    assert english == korean
