"""The lesson on few examples: the shipped curves, what D sees, and a training that goes on."""

import numpy as np
import pytest

from gan_core.images import few
from pages.ui import image_page
from tests.gan_core.background import wait_for
from tests.pages.visit import panel, tiles, visit

PATH = "pages/19_few_examples.py"
languages = pytest.mark.parametrize("language", ["en", "ko"])


@languages
def test_the_curves_are_those_of_the_choice(language):
    at = visit(PATH, language)
    for n, remedy in ((100, "nothing"), (500, "r1"), (60_000, "adaptive")):
        at.select_slider(key="few_n").set_value(n).run()
        at.segmented_control(key="few_remedy").set_value(remedy).run()
        assert not at.exception
        course = few.load()[few.Attempt(n, **few.REMEDIES[remedy])]
        numbers = tiles(at, "few_measured")
        assert numbers["d_train"] == f"{course.curves['d_train'][-1]:.2f}"
        gap = course.curves["d_train"][-1] - course.curves["d_held_out"][-1]
        assert float(numbers["gap"]) == pytest.approx(gap, abs=0.006)
        assert numbers["near"] == f"{course.near_fakes:.2f}"
        drawn = panel(at, "few_measured", "opinions")["data"]
        np.testing.assert_allclose(drawn[1]["y"], course.curves["d_held_out"], atol=1e-6)
        controller = panel(at, "few_measured", "controller")["data"]
        np.testing.assert_allclose(controller[1]["y"], course.curves["p"], atol=1e-6)
        np.testing.assert_array_equal(panel(at, "few_measured", "fakes")["pixels"], course.fakes.ravel())
        here = image_page.images_here() == "mnist"
        if here:
            originals = panel(at, "few_measured", "originals")["pixels"]
            np.testing.assert_array_equal(originals, few.originals(course.fakes, n).ravel())
        assert any("Once MNIST" in c.value or "MNIST가 있으면" in c.value for c in at.caption) != here
        last = panel(at, "few_measured", "remedies")["data"][-1]  # the chosen one is drawn on top
        assert last["y"][few.EXAMPLES.index(n)] == pytest.approx(course.curves["frechet"][-1])


def test_augmentation_is_seen():
    at = visit(PATH)
    first = panel(at, "few_seen", "seen")["pixels"].reshape(2, -1)
    assert (first[0] != first[1]).any()
    at.button(key="few_redraw").click().run()
    assert (panel(at, "few_seen", "seen")["pixels"].reshape(2, -1)[1] != first[1]).any()
    at.slider(key="few_p").set_value(0.0).run()
    plain = panel(at, "few_seen", "seen")["pixels"].reshape(2, -1)
    np.testing.assert_array_equal(plain[0], plain[1])


@languages
def test_a_training_goes_on_and_another_choice_starts_anew(language):
    at = visit(PATH, language)

    def course():
        return panel(at, "few_live", "opinions")["data"][0]["x"]

    at.button(key="few_own_play").click().run()
    wait_for(lambda: at.run() and len(course()) > 2)
    assert not at.exception
    at.button(key="few_own_play").click().run()
    steps = course()
    assert (np.diff(steps) == 50).all()
    at.segmented_control(key="few_live_remedy").set_value("fixed").run()
    assert not at.exception
    assert list(course()) == [0]


@languages
def test_predictions_are_judged(language):
    at = visit(PATH, language)
    for name, right in (("heart", 2), ("augment", 1)):
        at.radio(key=f"few_examples_{name}").set_value(right).run()
    assert len(at.success) == 2


def test_without_mnist_it_trains_on_the_small_digits_and_says_so(monkeypatch, tmp_path):
    from gan_core.images import mnist

    monkeypatch.delenv("MNIST_DIR", raising=False)
    monkeypatch.setattr(mnist, "cache", lambda: tmp_path)
    at = visit(PATH)
    assert any("scikit-learn" in c.value for c in at.caption)
    assert at.session_state["few_own_recipe"][0] == "digits"
