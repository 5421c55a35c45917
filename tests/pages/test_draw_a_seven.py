"""The lesson on conditional GANs: orders, ways, and trainings that go on."""

import numpy as np
import pytest

from tests.gan_core.background import wait_for
from tests.pages.visit import shown, tiles, visit

PATH = "pages/17_draw_a_seven.py"
languages = pytest.mark.parametrize("language", ["en", "ko"])


def pixels(at, key, panel):
    return np.asarray(next(p for p in shown(at, key)["panels"] if p["id"] == panel)["pixels"]).reshape(-1, 28, 28)


@languages
def test_what_is_ordered_is_drawn(language):
    at = visit(PATH, language)
    sevens = pixels(at, "seven_order", "ordered")
    assert sevens.shape == (32, 28, 28)
    numbers = tiles(at, "seven_order")
    assert float(numbers["accuracy"].rstrip("%")) > 90
    assert float(numbers["real"].rstrip("%")) > 95
    at.button_group(key="seven_digit").set_value(1).run()
    assert not at.exception
    ones = pixels(at, "seven_order", "ordered")
    assert ones.mean() < 0.8 * sevens.mean()  # less ink
    at.button(key="seven_styles").click().run()
    assert (pixels(at, "seven_order", "ordered") != ones).any()


def test_the_ways_begin_alike_and_end_apart():
    at = visit(PATH)
    within, mixed = (pixels(at, "seven_ways", name) for name in ("within", "mixed"))
    np.testing.assert_array_equal(within[0], mixed[0])
    assert np.abs(within[-1].astype(int) - mixed[-1]).mean() > 5
    at.select_slider(key="seven_to").set_value(7).run()
    constant = pixels(at, "seven_ways", "mixed")
    np.testing.assert_array_equal(constant, np.broadcast_to(constant[:1], constant.shape))


@languages
def test_trainings_go_on_while_their_button_is_on(language):
    at = visit(PATH, language)
    for key, board in (("seven_digits", "seven_live"), ("seven_modes", "seven_ring")):

        def title(board=board):
            return shown(at.run(), board)["panels"][0]["title"]

        before = title()
        at.button(key=f"{key}_play").click().run()
        wait_for(lambda: title() != before)  # noqa: B023
        assert not at.exception
        at.button(key=f"{key}_play").click().run()
        paused = title()
        assert title() == paused
        at.button(key=f"{key}_again").click().run()
        assert not at.exception
        assert title() == before


def test_the_trained_start_goes_on_from_where_it_was():
    at = visit(PATH)
    at.segmented_control(key="seven_start").set_value("trained").run()
    assert "20,000" in shown(at, "seven_live")["panels"][0]["title"]


@languages
def test_predictions_are_judged(language):
    at = visit(PATH, language)
    for name in ("same", "ignores"):
        at.radio(key=f"draw_a_seven_{name}").set_value(1).run()
    assert len(at.success) == 2


def test_without_mnist_it_says_which_digits_are_real(monkeypatch, tmp_path):
    from gan_core.images import mnist

    monkeypatch.delenv("MNIST_DIR", raising=False)
    monkeypatch.setattr(mnist, "cache", lambda: tmp_path)
    at = visit(PATH)
    assert any("scikit-learn" in c.value for c in at.caption)
