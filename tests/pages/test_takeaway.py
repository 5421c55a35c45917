"""What visitors take away, opened by readers that are not ours."""

import csv
import io
import json
import re
from xml.etree import ElementTree

import nbformat
import numpy as np
import pandas as pd
import pytest
import torch
from nbclient import NotebookClient
from PIL import Image
from safetensors import safe_open
from safetensors.torch import load as load_tensors

from benchmarks.harness import ROOT
from gan_core import TrainConfig, recording_file
from gan_core.own_targets import from_points
from gan_core.snapshot import PAUSED, take_snapshot
from gan_core.training import GANTrainer
from pages.ui import looks
from pages.ui.scenes import SCENES
from pages.ui.takeaway import animation, ink, source
from pages.ui.takeaway.picture import Picture
from pages.ui.takeaway.source import Source
from pages.ui.takeaway.takeaways import TAKEAWAYS, menu
from pages.ui.text import catalogue, speaking
from tests.gan_core.background import DIGITS, SMALL
from tests.pages.takers import CHANGED, CONFIGS, STEPS, moved, take
from tests.pages.visitors import house

DATA, GENERATOR = (0x00, 0x72, 0xB2), (0xD5, 0x5E, 0x00)  # of .streamlit/config.toml


@pytest.fixture(scope="module")
def server():
    with pytest.MonkeyPatch.context() as patch, house(patch) as found:
        yield found


@pytest.fixture(scope="module")
def runs(server):
    """Kind -> the key of a run."""
    return {kind: moved(server.runner, config) for kind, config in CONFIGS.items()}


def near(pixels, color):
    """The share of the pixels that have about this colour."""
    return float((np.abs(pixels.astype(int) - color).max(-1) < 24).mean())


# ---- every one of them ----


def read_png(data, run):
    picture = Image.open(io.BytesIO(data))
    picture.load()
    assert picture.format == "PNG"
    assert min(picture.size) > 1000
    pixels = np.asarray(picture.convert("RGB"))
    if run.config.kind == "images":
        assert 0.05 < (pixels.mean(-1) < 128).mean() < 0.6  # ink
    else:
        assert min(near(pixels, DATA), near(pixels, GENERATOR)) > 0.001


def read_svg(data, run):
    root = ElementTree.fromstring(data)
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert len(list(root.iter("{http://www.w3.org/2000/svg}path"))) > 20


def read_film(data, run):
    film = Image.open(io.BytesIO(data))
    steps = animation.chosen(run.recording.steps)
    assert (film.format, film.n_frames, film.size[0]) == ("WEBP", len(steps), 600)
    frames, durations = [], []
    for k in (0, len(steps) - 1):
        film.seek(k)
        frames.append(np.asarray(film.convert("RGB")).astype(int))
        durations.append(film.info["duration"])
    assert np.abs(frames[0] - frames[1]).mean() > 0.5
    assert (len(steps) - 1) * durations[0] + durations[1] <= 10_000
    assert len(data) < 5e6


def read_curves(data, run):
    curves = run.snapshot().history
    rows = list(csv.DictReader(io.StringIO(data.decode())))
    assert list(rows[0]) == list(curves)
    for name, column in curves.items():
        np.testing.assert_array_equal([float(row[name]) for row in rows], column)
        np.testing.assert_array_equal(pd.read_csv(io.BytesIO(data))[name].to_numpy(float), column)


def read_columns(data, run):
    (_, *rows) = csv.reader(io.StringIO(data.decode()))
    assert [row[0] for row in rows] == list(run.snapshot().history)
    assert all(len(row) == 3 and all(row) for row in rows)


def read_notebook(data, run):
    notebook = nbformat.reads(data.decode(), as_version=4)
    nbformat.validate(notebook)
    assert f"steps = {STEPS}" in "".join(c.source for c in notebook.cells)


def read_weights(data, run):
    tensors = load_tensors(data)
    trainer = run.ask(lambda trainer: trainer).result(10)
    for name, network in (("generator", trainer.generator), ("discriminator", trainer.discriminator)):
        found = [t for key, t in tensors.items() if key.startswith(f"{name}.") and t.is_floating_point()]
        assert sum(t.numel() for t in found) == network.flat.numel()


def read_recording(data, run):
    tape = recording_file.loads(data)
    assert tape.end.step == STEPS
    assert set(run.recording.steps) == set(tape.recording.steps)


READERS = {
    "png": read_png, "svg": read_svg, "film": read_film, "curves": read_curves, "columns": read_columns,
    "notebook": read_notebook, "weights": read_weights, "recording": read_recording,
}  # fmt: skip


@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize("kind", CONFIGS)
@pytest.mark.parametrize("what", TAKEAWAYS)
def test_it_opens_elsewhere(server, runs, what, kind, language):
    answer = take(server, runs[kind], what, lang=language)
    takeaway, config = TAKEAWAYS[what], CONFIGS[kind]
    assert answer.headers["content-type"].split(";")[0] == takeaway.media_type
    name = f"gan-{config.target}-step-{STEPS}{takeaway.suffix}"
    assert answer.headers["content-disposition"] == f'attachment; filename="{name}"'
    READERS[what](answer.content, server.runner.run(runs[kind]))


def test_every_one_stands_in_the_menu_in_both_languages():
    for language in ("en", "ko"):
        with speaking(language):
            shown = menu()
        assert [row["key"] for row in shown["rows"]] == list(TAKEAWAYS)
        words = [row[part] for row in (*shown["rows"], shown["link"]) for part in ("label", "help")]
        assert all(bool(re.search("[가-힣]", w)) is (language == "ko") for w in words if w != "SVG")


# ---- pictures ----


@pytest.mark.parametrize("kind", CONFIGS)
def test_a_picture_is_of_the_moment_that_one_looks_at(server, runs, kind):
    now, then = take(server, runs[kind], "png"), take(server, runs[kind], "png", at=0)
    assert "-step-0.png" in then.headers["content-disposition"]
    assert now.content != then.content
    whatever = take(server, runs[kind], "curves", at=0)  # the curves are of the whole run
    assert f"-step-{STEPS}.csv" in whatever.headers["content-disposition"]


def test_a_picture_says_experiment_step_and_distance(server, runs):
    run = server.runner.run(runs["line"])
    s = run.recording.at(0)
    with speaking("en"):
        assert (
            Source(runs["line"], looks.Look(at=0), "en").title()
            == f"Two modes, Non-saturating · step 0 · JSD {s.evaluation.jsd:.4f}"
        )
    with speaking("ko"):
        assert catalogue()["Two modes"] in Source(runs["line"], looks.Look(at=0), "ko").title()


def test_another_training_stands_beside_this_one(server):
    key = server.create(CONFIGS["plane"])
    server.runner.step(key, 5)
    server.runner.settle(key)
    alone = Image.open(io.BytesIO(take(server, key, "png").content)).size
    server.runner.run(key).keep_ghost()
    server.runner.reset(key)
    server.runner.settle(key)
    assert Image.open(io.BytesIO(take(server, key, "png", ghost="behind").content)).size == alone
    wide, high = Image.open(io.BytesIO(take(server, key, "png", ghost="side").content)).size
    assert (wide > 1.5 * alone[0], high) == (True, alone[1])


def test_images_of_another_training_are_as_many_pixels_wide_as_these(server):
    key = server.create(DIGITS)
    server.runner.settle(key)
    server.runner.run(key).keep_ghost()
    server.runner.settle(key)
    assert take(server, key, "png", ghost="side").status_code == 200


@pytest.mark.parametrize("kind", CONFIGS)
def test_what_moves_on_what_stands_is_the_picture_of_that_moment(server, runs, kind):
    recording = server.runner.run(runs[kind]).recording
    with speaking("en"):
        last = animation.panels_of(recording.at(STEPS))
        first = animation.panels_of(recording.at(0), last[-1]["layout"])
    moved, fresh = (Picture("", last, ink.fonts("en"), inches=(6, 6), dots=80) for _ in range(2))
    before, after = moved.pixels("first", first).astype(int), moved.pixels("last", last).astype(int)
    wanted = fresh.pixels("last", last)
    assert np.abs(before - wanted).mean() > 1
    assert np.abs(after - wanted).mean() < 0.2


@pytest.mark.parametrize(
    "config", [SMALL.replace(loss="wasserstein_gp"), SMALL.replace(loss="hinge", target="two_blobs", latent_dim=2)]
)
def test_scores_are_drawn_as_well_as_probabilities(config):
    trainer = GANTrainer(config)
    trainer.step()
    with speaking("en"):
        panels = SCENES[config.kind](take_snapshot(trainer, 1, PAUSED, "", 0.0))["panels"]
    heroes = [panel for panel in panels if panel["place"] == "hero"]
    picture = np.asarray(Image.open(io.BytesIO(Picture("", heroes, ink.fonts("en")).png())).convert("RGB"))
    assert min(near(picture, DATA), near(picture, GENERATOR)) > 0.0001


def test_colours_are_those_of_the_theme():
    assert ink.color("$data") == (*(c / 255 for c in DATA), 1.0)
    assert ink.color("$generator/0.5/0.4") == pytest.approx((*(c / 255 for c in GENERATOR), 0.2))
    assert ink.color("$grid")[3] == 0.12
    assert ink.color("hsl(120 100% 50%)") == pytest.approx((0, 1, 0, 1))
    with pytest.raises(KeyError):
        ink.color("$nonsense")


def test_where_no_font_writes_korean_pictures_are_in_english(server, runs, monkeypatch):
    monkeypatch.setattr(source, "fonts", lambda language: (ink.LATIN,) if language == "en" else ())
    found = Source(runs["line"], looks.Look(), "ko")
    assert (found.drawn_in, found.fonts) == ("en", (ink.LATIN,))
    assert take(server, runs["line"], "png", lang="ko").content.startswith(b"\x89PNG")


# ---- notebooks ----


def executed(data, monkeypatch):
    """What its code leaves behind."""
    monkeypatch.setenv("MPLBACKEND", "agg")
    names = {}
    for cell in nbformat.reads(data.decode(), as_version=4).cells:
        if cell.cell_type == "code":
            exec(cell.source, names)
    return names


@pytest.mark.filterwarnings("ignore:FigureCanvasAgg is non-interactive")
@pytest.mark.parametrize("kind", CONFIGS)
def test_a_notebook_repeats_the_training_to_the_last_digit(server, runs, kind, monkeypatch):
    said = executed(take(server, runs[kind], "notebook").content, monkeypatch)
    now = server.runner.settle(runs[kind])
    assert said["trainer"].step_count == STEPS
    assert [tuple(mark) for mark in now.marks] == said["changes"] == [(CHANGED, "lr_d", 0.004)]
    column = "frechet" if kind == "images" else "jsd"
    assert getattr(said["evaluation"], column) == getattr(now.evaluation, column)
    for name, values in now.history.items():
        np.testing.assert_array_equal(said["history"][name], values)


@pytest.mark.filterwarnings("ignore:FigureCanvasAgg is non-interactive")
def test_a_notebook_brings_the_visitors_own_table(server, monkeypatch):
    points = np.random.default_rng(0).normal(size=(40, 2)).round(3)
    target = from_points(points, 'Émile\'s "table" 한글', axes=("a b", "c"))
    key = server.create(SMALL.replace(target=target.key, latent_dim=2))
    server.runner.step(key, 3)
    now = server.runner.settle(key)
    said = executed(take(server, key, "notebook").content, monkeypatch)
    np.testing.assert_array_equal(said["points"], points)
    assert said["evaluation"].jsd == now.evaluation.jsd


def test_jupyter_runs_a_notebook(server, runs, monkeypatch):
    monkeypatch.delenv("MPLBACKEND", raising=False)  # Streamlit sets one without windows
    notebook = nbformat.reads(take(server, runs["line"], "notebook", lang="ko").content.decode(), as_version=4)
    assert re.search("[가-힣]", notebook.cells[0].source)
    NotebookClient(notebook, timeout=120, kernel_name="python3", resources={"metadata": {"path": str(ROOT)}}).execute()
    outputs = [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]
    (printed,) = (o.text for o in outputs if o.output_type == "stream" and o.name == "stdout")
    here, there = re.findall(r"\d+\.\d{6}", printed)
    assert here == there
    assert sum("image/png" in o.get("data", {}) for o in outputs) == 2


# ---- weights ----


@pytest.mark.parametrize("kind", ["line", "plane"])
def test_the_weights_are_those_of_linear_layers(server, runs, kind, tmp_path):
    data = take(server, runs[kind], "weights").content
    trainer = server.runner.run(runs[kind]).ask(lambda trainer: trainer).result(10)
    z = trainer.fixed_latents(5)
    n = trainer.config.width
    plain = torch.nn.Sequential(torch.nn.Linear(z.shape[1], n), torch.nn.Tanh(), torch.nn.Linear(n, n), torch.nn.Tanh(),
                                torch.nn.Linear(n, trainer.target.dim))  # fmt: skip
    tensors = load_tensors(data)
    plain.load_state_dict(
        {k.removeprefix("averaged_generator."): t for k, t in tensors.items() if k.startswith("averaged")}
    )
    (tmp_path / "weights").write_bytes(data)
    with safe_open(tmp_path / "weights", "pt") as opened:
        meta = {name: json.loads(value) for name, value in opened.metadata().items()}
    assert TrainConfig(**meta["config"]) == TrainConfig.from_params(meta["link"]) == trainer.config
    assert meta["step"] == STEPS
    with torch.no_grad():
        x = plain(z) * torch.tensor(meta["unit"]) + torch.tensor(meta["center"])
    torch.testing.assert_close(x, trainer.generate(z).to(x.dtype))


def test_a_film_that_is_too_large_is_made_again_smaller(server, runs, monkeypatch):
    recording = server.runner.run(runs["line"]).recording

    def film():
        return animation.animate(recording, lambda s: str(s.step), ink.fonts("en"))

    whole = film()
    monkeypatch.setattr(animation, "LARGEST", int(0.85 * len(whole)))
    smaller = film()
    assert len(smaller) <= animation.LARGEST
    assert Image.open(io.BytesIO(smaller)).n_frames > 1
