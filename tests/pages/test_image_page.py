"""The page of images by AppTest: with MNIST, without it, with files that are no good, with a damaged warm start."""

import shutil
import time

import numpy as np
import pytest

from gan_core import PRESETS
from gan_core.config import TrainConfig
from gan_core.images import data as image_data
from gan_core.images import mnist, parzen, warm_starts
from gan_core.training import GANTrainer
from pages.ui import image_page
from pages.ui.board import unpack
from pages.ui.feed import Look
from tests.gan_core.images.files import fake_files, write
from tests.pages.board import address, board_of, press, step_to, visit, widget

PAGE = "pages/11_train_mnist.py"


@pytest.fixture
def without_mnist(monkeypatch, tmp_path):
    """A machine that has never seen MNIST."""
    monkeypatch.delenv("MNIST_DIR", raising=False)
    monkeypatch.setattr(mnist, "cache", lambda: tmp_path / "cache")


def boards(at):
    """What the boards beside the stage show, by the ids of their panels."""
    found = [unpack(c.proto.bytes) for c in at.get("bidi_component") if c.proto.bytes]
    return {panel["id"]: panel for shown in found for panel in shown["panels"]}


def fakes_of(shown):
    return next(p for p in shown["panels"] if p["id"] == "fakes")


def button(at, label):
    """A button of the page, not of the stage."""
    return next(b for b in at.button if b.label == label)


def error_of(at):
    """What the stage says of a run that cannot be trained."""
    shown = board_of(at)
    assert (shown["panels"], shown["attributes"]["state"], shown["message"]["kind"]) == ([], "stopped", "error")
    return shown["message"]["text"]


def test_the_first_experiment_is_the_fast_start_on_mnist(mnist_dir):
    at = visit(PAGE)
    assert widget(at.selectbox, "preset").value == "fast_start"
    assert widget(at.selectbox, "target").value == "mnist"
    assert board_of(at)["attributes"]["target"] == "mnist"
    assert not at.warning
    assert not at.info


def test_the_board_shows_exactly_what_the_core_computes(without_mnist):
    at = visit(PAGE, target="digits", architecture="tiny", batch_size="32")
    press(at, "×100")
    shown = step_to(at, 100)
    trainer = GANTrainer(TrainConfig(target="digits", architecture="tiny", batch_size=32))
    for _ in range(100):
        trainer.step()
    e, view = trainer.evaluate(), trainer.view()
    tiles = {t["id"]: t["value"] for t in shown["tiles"]}
    assert tiles["modes"] == f"{e.modes} / 10"
    assert tiles["frechet"] == f"{e.frechet:.1f}"
    assert tiles["confidence"] == f"{e.confidence:.0%}"
    assert tiles["class_jsd"] == f"{e.class_jsd:.4f}"
    assert tiles["d_real"] == f"{e.d_held_out:.2f}"
    panels = {p["id"]: p for p in shown["panels"]}
    np.testing.assert_array_equal(panels["fakes"]["pixels"], view.fakes.pixels.ravel())
    np.testing.assert_allclose(panels["fakes"]["opinions"], view.fakes.opinions, rtol=1e-6)
    np.testing.assert_array_equal(panels["reals"]["pixels"], view.reals.ravel())
    np.testing.assert_allclose(panels["classes"]["data"][1]["y"], 100 * e.shares, rtol=1e-6)
    history = trainer.history.arrays()
    np.testing.assert_allclose(panels["frechet"]["data"][0]["y"], history["frechet"], rtol=1e-6)
    np.testing.assert_allclose(panels["bounds"]["data"][0]["y"], history["shadow_jsd"], rtol=1e-6)


def test_look_back_shows_the_fakes_of_then(without_mnist):
    at = visit(PAGE, target="digits", architecture="tiny")
    first = board_of(at)
    for total in (100, 200, 300):
        press(at, "×100")
        step_to(at, total)
    now = fakes_of(board_of(at))
    then = fakes_of(board_of(at, look=Look(at=0)))
    np.testing.assert_array_equal(then["pixels"], fakes_of(first)["pixels"])
    assert then["title"] == "Fakes at step 0"
    np.testing.assert_array_equal(fakes_of(board_of(at, look=Look(at=300)))["pixels"], now["pixels"])
    assert np.any(then["pixels"] != now["pixels"])


@pytest.mark.parametrize(("language", "says"), [("en", "1,797 handwritten digits"), ("ko", "1,797")])
def test_without_mnist_the_small_digits_are_there(without_mnist, language, says):
    at = visit(PAGE, lang=language)
    assert any(says in m.value for m in at.markdown)
    assert any("12 MB" in b.label for b in at.button)
    assert widget(at.selectbox, "target").value == "digits"
    assert board_of(at)["attributes"]["target"] == "digits"
    assert widget(at.selectbox, "preset").value == "fast_start"


def test_a_link_to_mnist_without_mnist_trains_on_the_small_digits(without_mnist):
    at = visit(PAGE, target="mnist", architecture="tiny")
    assert board_of(at)["attributes"]["target"] == "digits"
    assert address(at)["target"] == "digits"


def test_a_failed_download_says_why_and_nothing_is_lost(without_mnist, monkeypatch):
    monkeypatch.setattr(mnist, "MIRRORS", ("http://127.0.0.1:9/",))
    monkeypatch.setattr(mnist.download, "__defaults__", (None, mnist.MIRRORS, None, 1))
    at = visit(PAGE)
    button(at, "Get MNIST (12 MB)").click().run()
    assert not at.exception
    assert len(at.error) == 1
    assert "MNIST_DIR" in at.error[0].value or "again" in at.error[0].value
    assert board_of(at)["attributes"]["target"] == "digits"


def test_after_the_download_mnist_is_trained_on(without_mnist, monkeypatch, tmp_path, mnist_dir):
    def download(progress):
        progress("train-images-idx3-ubyte.gz", 5_000_000, 9_912_422)
        shutil.copytree(mnist_dir, tmp_path / "cache")

    monkeypatch.setattr(mnist, "download", download)
    at = visit(PAGE)
    button(at, "Get MNIST (12 MB)").click().run()
    at.run()
    assert not at.exception
    assert not at.error
    assert board_of(at)["attributes"]["target"] == "mnist"
    assert widget(at.selectbox, "target").value == "mnist"


def test_bad_files_in_mnist_dir_get_a_sentence(monkeypatch, tmp_path):
    for name in mnist.SHA256:
        (tmp_path / name).write_bytes(b"no idx file")
    monkeypatch.setenv("MNIST_DIR", str(tmp_path))
    at = visit(PAGE)
    assert any("not an idx file" in m.value for m in at.markdown)
    assert not any("Get MNIST" in b.label for b in at.button), "a download would not be looked at"
    assert board_of(at)["attributes"]["target"] == "digits"


def test_a_damaged_warm_start_gets_a_sentence(without_mnist, monkeypatch, tmp_path):
    (tmp_path / "note_early.safetensors").write_bytes(b"\x00" * 100)
    monkeypatch.setattr(warm_starts, "FOLDER", tmp_path)
    warm_starts.load.cache_clear()
    at = visit(PAGE, target="digits", architecture="note", latent_dim="100", warm_start="early")
    assert "note_early.safetensors cannot be used" in error_of(at)
    warm_starts.load.cache_clear()
    widget(at.selectbox, "warm_start").set_value("none").run()
    assert board_of(at)["attributes"]["step"] == "0"


def test_a_warm_start_of_other_networks_gets_a_sentence(without_mnist):
    at = visit(PAGE, target="digits", architecture="tiny", warm_start="early")
    assert "note's network" in error_of(at)


@pytest.mark.parametrize("stage", ["early", "late"])
def test_a_warm_start_begins_where_its_training_stood(mnist_dir, stage):
    at = visit(PAGE, **PRESETS["note"].config.replace(warm_start=stage).to_params())
    shown = board_of(at)
    start = warm_starts.load(stage)
    assert shown["attributes"]["step"] == str(start.step)
    curve = next(p for p in shown["panels"] if p["id"] == "frechet")["data"][0]
    assert len(curve["y"]) > 3  # the curves of its training


def test_the_endless_walk_goes_on_where_it_ended(without_mnist):
    at = visit(PAGE, target="digits", architecture="tiny")
    board_of(at)
    film = next(filter(None, (boards(at.run()).get("film") for _ in range(50))))
    later = next(f for f in (boards(at.run())["film"] for _ in range(50)) if f["serial"] > film["serial"])
    assert len(film["frames"]) == len(later["frames"]) == image_page.STRETCH * 14 * 14
    widget(at.toggle, "walk").set_value(False).run()
    assert "film" not in boards(at)


def test_the_ruler_shows_what_was_measured():
    at = visit(PAGE)
    panel = boards(at)["parzen"]
    table = parzen.load()
    shown = dict(zip(panel["layout"]["yaxis"]["ticktext"], panel["data"][0]["x"], strict=True))
    assert shown["10,000 real images"] == pytest.approx(table["measured"]["real_10000"]["log_likelihood"])
    assert shown["1,000 blurry averages (k-means)"] > shown["10,000 real images"]
    assert shown["Adversarial nets (2014)"] == 225
    assert list(panel["data"][0]["x"]) == sorted(panel["data"][0]["x"])


def test_picked_fakes_show_their_neighbours_and_the_walk_between(without_mnist, monkeypatch):
    monkeypatch.setattr(image_page, "picked", lambda: (3, 9))
    at = visit(PAGE, target="digits", architecture="tiny")
    for _ in range(50):
        at.run()
        if "neighbours_1" in boards(at):
            break
        time.sleep(0.05)
    panels = boards(at)
    on_stage = fakes_of(board_of(at, look=Look(picked=(3, 9))))
    assert on_stage["picked"] == [3, 9]
    fake = on_stage["pixels"].reshape(-1, 14, 14)[3]
    shown = panels["neighbours_1"]["pixels"].reshape(-1, 14, 14)
    np.testing.assert_array_equal(shown[0], fake)
    train = image_data.load("digits").pixels(14)[0].numpy().astype(float)
    distance = np.sqrt((((train - fake.ravel()) / 255) ** 2).sum(1))
    np.testing.assert_array_equal(shown[1], train[distance.argmin()].reshape(14, 14))
    assert panels["neighbours_1"]["captions"][1] == f"{distance.min():.1f}"
    film = panels["film"]["frames"].reshape(-1, 14, 14)
    np.testing.assert_array_equal(film[0], fake)


def test_the_first_preset_on_images():
    assert next(k for k, p in PRESETS.items() if p.config.kind == "images") == "fast_start"


def test_own_images_in_mnist_dir_get_a_judge_of_their_own(monkeypatch, tmp_path):
    monkeypatch.setenv("MNIST_DIR", str(write(tmp_path, fake_files(n=1200, n_test=300))))
    at = visit(PAGE)
    assert any("your own images" in i.value for i in at.info)
    assert board_of(at)["attributes"]["target"] == "mnist"
    classes = next(p for p in board_of(at)["panels"] if p["id"] == "classes")
    assert classes["data"][0]["y"].sum() == pytest.approx(100, abs=0.01)


def test_what_was_done_to_own_images_is_said(monkeypatch, tmp_path):
    for name, data in fake_files(n=1200, n_test=300).items():
        (tmp_path / f"emnist-digits-{name.replace('t10k', 'test')}").write_bytes(data)
    monkeypatch.setenv("MNIST_DIR", str(tmp_path))
    at = visit(PAGE, lang="ko")
    assert any("MNIST_TRANSPOSE=1" in i.value and "누워" in i.value for i in at.info)


def test_too_few_own_images_get_a_sentence(monkeypatch, tmp_path):
    monkeypatch.setenv("MNIST_DIR", str(write(tmp_path, fake_files(n=50, n_test=20))))
    at = visit(PAGE)
    assert "1,000" in error_of(at)
