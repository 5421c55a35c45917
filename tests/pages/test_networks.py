"""The numbers of the lesson on layers, activation and dropout."""

import base64

import numpy as np
import pytest

from gan_core.lessons import dropout
from tests.pages.visit import shown, tiles, visit

PATH = "pages/07_networks.py"
languages = pytest.mark.parametrize("language", ["en", "ko"])


def group(at, key):
    return next(b for b in at.get("button_group") if b.key == key)


def pictures(at):
    """The SVG texts of the page's images."""
    urls = [image.url for listed in at.get("image") for image in listed.proto.imgs]
    return [base64.b64decode(u.split(",", 1)[1]).decode() for u in urls if u.startswith("data:image/svg+xml;base64,")]


@languages
def test_parameters_are_counted(language):
    at = visit(PATH, language)
    assert tiles(at, "networks_count") == {"g": "1,486,352", "d": "1,460,225", "first": "25,856"}
    group(at, "networks_which").set_value("1d").run()
    assert tiles(at, "networks_count") == {"g": "4,353", "d": "4,353", "first": "128"}
    group(at, "networks_which").set_value("2d").run()
    assert tiles(at, "networks_count") == {"g": "4,482", "d": "4,417", "first": "192"}
    assert not at.exception


@languages
def test_the_picture_names_every_shape(language):
    g, d = pictures(visit(PATH, language))
    for text in ("B × 100", "W: 256 × 100", "25,856", "803,600", "tanh", "B × 784", "1,486,352"):
        assert text in g
    for text in ("B × 1<", "LeakyReLU 0.2", "0.5", "sigmoid", "257", "1,460,225"):
        assert text in d
    assert ("Generator" in g) == (language == "en")


@languages
def test_without_activation_a_straight_line(language):
    at = visit(PATH, language)
    before = tiles(at, "networks_bend")
    assert before["parameters"] == "321"
    assert float(before["departure"]) > 0.5
    group(at, "networks_kind").set_value("none").run()
    assert tiles(at, "networks_bend")["departure"] == "0.000"
    at.slider(key="networks_depth").set_value(6).run()
    after = tiles(at, "networks_bend")
    assert (after["departure"], after["parameters"]) == ("0.000", "1,409")
    assert not at.exception


@languages
def test_relu_on_the_output_and_other_weights(language):
    at = visit(PATH, language)
    assert float(tiles(at, "networks_bend")["lowest"]) < 0.5
    at.toggle(key="networks_clipped").set_value(True).run()
    assert tiles(at, "networks_bend")["lowest"] == "0.500"
    curve = shown(at, "networks_bend")["panels"][0]["data"][1]["y"]
    at.button(key="networks_other").click().run()
    assert not np.allclose(curve, shown(at, "networks_bend")["panels"][0]["data"][1]["y"])
    assert tiles(at, "networks_bend")["lowest"] == "0.500"


@languages
def test_dropout_counts_and_band(language):
    at = visit(PATH, language)
    first = tiles(at, "networks_dropout")
    assert (first["expected"], first["deviation"], first["scale"]) == ("128.0", "8.0", "2.00")
    assert first["dropped"] == str(dropout.dropped_neurons(0.5, 2).sum()) == "127"
    at.button(key="networks_mask").click().run()
    assert tiles(at, "networks_dropout")["dropped"] == str(dropout.dropped_neurons(0.5, 3).sum()) == "114"
    at.slider(key="networks_p").set_value(0.0).run()
    none = tiles(at, "networks_dropout")
    assert (none["dropped"], none["expected"], none["width"]) == ("0", "0.0", "0.000")
    at.slider(key="networks_p").set_value(0.2).run()
    assert tiles(at, "networks_dropout")["expected"] == "51.2"
    mask = next(p for p in shown(at, "networks_dropout")["panels"] if p["id"] == "mask")
    kept, dropped = (len(t["x"]) for t in mask["data"])
    assert kept + dropped == 256
    assert str(dropped) == tiles(at, "networks_dropout")["dropped"]
    assert not at.exception


@languages
def test_predictions(language):
    at = visit(PATH, language)
    at.radio(key="networks_biases").set_value(2).run()
    at.radio(key="networks_half").set_value(1).run()
    assert len(at.success) == 2
    assert not at.info
