"""What the lesson on the years after 2014 shows."""

import numpy as np
import pytest

from gan_core.lessons import two_models
from pages.ui.exhibits.to_today import LANES, MILESTONES
from pages.ui.frame import PAGES
from pages.ui.text import TEXT, _sections
from tests.pages.visit import panel, tiles, visit

PATH = "pages/20_to_today.py"
languages = pytest.mark.parametrize("language", ["en", "ko"])


def choose(at, key, value):
    """Move a widget of the lesson."""
    widget = next(w for w in [*at.select_slider, *at.slider] if w.key == f"today_{key}")
    widget.set_value(value).run()
    assert not at.exception
    return at


@languages
def test_every_milestone_has_its_text_and_every_text_its_milestone(language):
    steps = {name for name in _sections(TEXT / language / "to_today.md") if name.startswith("step_")}
    assert steps == {f"step_{key}" for key in MILESTONES}


def test_milestones_are_in_order_and_lead_to_pages():
    years = [m.year for m in MILESTONES.values()]
    assert years == sorted(years)
    assert {m.lane for m in MILESTONES.values()} == LANES.keys()
    assert {m.page for m in MILESTONES.values()} - {""} <= {p.path for p in PAGES}


@pytest.mark.parametrize("key", MILESTONES)
def test_the_year_is_that_of_the_paper_in_the_glossary(key):
    titles = {"gan": "Generative Adversarial Nets", "dcgan": "Deep Convolutional", "wgan_gp": "Improved Training of Wasserstein",
              "progressive": "Progressive Growing", "spectral": "Spectral Normalization", "biggan": "Large Scale GAN",
              "stylegan": "Style-Based", "ada": "Limited Data", "ddpm": "Denoising Diffusion Prob", "hifi": "HiFi-GAN", "vqgan": "Taming",
              "esrgan": "Real-ESRGAN", "beat": "Beat GANs", "latent": "Latent Diffusion", "gigagan": "Scaling up",
              "add": "Adversarial Diffusion", "dmd2": "Distribution Matching", "r3gan": "is dead"}  # fmt: skip
    rows = [
        line.split("|") for line in (TEXT / "en" / "glossary.md").read_text("utf-8").splitlines() if titles[key] in line
    ]
    assert str(MILESTONES[key].year) in {row[4].strip() for row in rows if len(row) == 8}


def test_a_walk_along_the_years():
    at = choose(visit(PATH), "step", "r3gan")
    assert any(m.value.startswith("### 2024 · R3GAN") for m in at.markdown)
    sizes = {}
    for trace in panel(at, "today_timeline", "timeline")["data"]:
        sizes |= dict(zip(trace["text"], trace["marker"]["size"], strict=True))
    assert [name for name, size in sizes.items() if size > 10] == ["<b>R3GAN</b>"]
    assert len(sizes) == len(MILESTONES)


def test_one_pass_against_fifty():
    at = visit(PATH)
    models = two_models.load()
    reads = tiles(at, "today_two")
    assert (reads["gan"], reads["diffusion"]) == (f"{models.gan[-1].jsd:.3f}", f"{models.diffusion[-1].jsd:.3f}")
    assert (reads["gan_modes"], reads["modes"]) == ("8 / 8", "8 / 8")
    choose(at, "passes", 1)
    assert tiles(at, "today_two")["modes"] == "0 / 8"
    points = panel(at, "today_two", "diffusion")["layers"][1]
    assert np.hypot(points["x"], points["y"]).mean() > 3.4


def test_the_way_from_noise_to_data():
    at = choose(visit(PATH), "done_50", 0)
    noise = panel(at, "today_two", "diffusion")["layers"][1]
    unit = np.asarray(two_models.RING.unit)
    assert np.std(noise["x"]) == pytest.approx(unit[0], rel=0.06)  # pure noise, in units of the data
    choose(at, "done_50", 50)
    data = panel(at, "today_two", "diffusion")["layers"][1]
    assert np.hypot(data["x"], data["y"]).mean() == pytest.approx(2, abs=0.05)


def test_both_are_timed_on_demand():
    at = visit(PATH)
    at.button(key="today_time").click().run()
    assert not at.exception
    reads = tiles(at, "today_costs")
    one, many = (float(reads[key].removesuffix(" ms")) for key in ("one", "many"))
    assert float(reads["ratio"].removeprefix("× ")) == pytest.approx(many / one, rel=0.1, abs=1)


@pytest.fixture
def short_race(monkeypatch):
    """Races of a tenth of a second."""
    race = two_models.race
    monkeypatch.setattr(two_models, "race", lambda seconds, seed: race(0.1, seed))
    monkeypatch.setattr(two_models, "N_RACE", 500)


def test_both_are_trained_on_demand(short_race):
    at = visit(PATH)
    assert all(len(d["x"]) == 0 for d in panel(at, "today_costs", "race")["data"][2:])
    at.button(key="today_train").click().run()
    assert not at.exception
    gan, diffusion = panel(at, "today_costs", "race")["data"][2:]
    assert len(gan["x"]) == len(diffusion["x"]) == 6
    assert max(gan["x"]) < 0.5
    assert len([m for m in at.status[0].markdown if "JSD" in m.value]) == 12
    assert not two_models.TRACK.locked()


@languages
def test_who_comes_while_another_one_trains_gets_a_sentence(language, short_race):
    at = visit(PATH, language)
    with two_models.TRACK:
        at.button(key="today_train").click().run()
    assert not at.exception
    assert len(at.info) == 1
    assert not at.status
    at.button(key="today_train").click().run()
    assert not at.info


def test_the_fakes_arrive_and_the_jsd_does_not_notice():
    at = visit(PATH)
    reads = tiles(at, "today_blind")
    assert reads == {"start": "1.000", "end": reads["end"], "jsd_start": "0.693", "jsd_end": "0.693"}
    assert float(reads["end"]) < 0.005
    theta, jsd = panel(at, "today_blind", "blind")["data"]
    assert max(theta["y"][-20:]) < 0.005
    np.testing.assert_allclose(jsd["y"], np.log(2), rtol=1e-6)
    choose(at, "gamma", 0.0)
    circling = panel(at, "today_blind", "blind")["data"][0]
    assert max(circling["y"][-200:]) == pytest.approx(0.2**0.5, abs=0.05)  # sqrt(2h)


@languages
def test_predictions_are_judged(language):
    at = visit(PATH, language)
    at.radio(key="to_today_passes").set_value(2).run()
    at.radio(key="to_today_jsd").set_value(1).run()
    assert len(at.success) == 2
