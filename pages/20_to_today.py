"""From 2014 to today: what came after the first GAN, and a diffusion model beside one of ours."""

import random

import streamlit as st

from gan_core.lessons import diffusion, dirac, two_models
from pages.ui import lessons
from pages.ui.board import charts, tile
from pages.ui.exhibits import to_today as draw
from pages.ui.frame import PAGES, page_header
from pages.ui.text import lesson, tr

PATH = "pages/20_to_today.py"
N_SHOWN = 1000
HALF = 4.2  # of the window: room for the noise
STEP_SIZE, DURATION = 0.1, 80.0  # of the last exhibit
SECONDS = 4  # of a race

page_header(PATH)
text = lesson("to_today")

descent_of = st.cache_data(max_entries=40, show_spinner=False)(dirac.descend)


@st.cache_data(max_entries=20, show_spinner=False)
def path_of(passes: int) -> list:
    """The clouds between noise and data, so many passes apart."""
    return list(two_models.load().sampler.path(N_SHOWN, passes, 0))


@st.fragment
def timeline() -> None:
    """Walk along the years."""
    milestones = draw.MILESTONES
    chosen = st.select_slider(
        tr("Walk along the years"), list(milestones), "gan", format_func=lambda k: milestones[k].name, key="today_step"
    )
    left, right = st.columns([5, 6], gap="medium")
    with left:
        charts("today_timeline", [draw.timeline_panel(chosen, tr)])
    with right:
        here = milestones[chosen]
        st.markdown(f"### {here.year} · {here.name}\n\n{text[f'step_{chosen}']}")
        if here.page:
            page = next(p for p in PAGES if p.path == here.page)
            st.page_link(here.page, label=tr("Try it here: {title}", title=tr(page.title)), icon=page.icon)


@st.fragment
def side_by_side() -> None:
    """The same ring by one pass of G, and by so many of a network that takes noise off."""
    models = two_models.load()
    first, second = st.columns(2)
    passes = first.select_slider(
        tr("Passes of the diffusion model"), two_models.PASSES, two_models.USUAL, key="today_passes"
    )
    done = second.slider(tr("Look at it after pass"), 0, passes, passes, key=f"today_done_{passes}")
    row = next(r for r in models.passes if r.at == passes)
    gan = models.gan[-1]
    numbers = [
        tile("gan", tr("GAN: JSD"), f"{gan.jsd:.3f}", "generator", tr("20,000 samples, nats")),
        tile("gan_quality", tr("within 3 σ"), f"{gan.high_quality:.1%}", "generator"),
        tile("gan_modes", tr("modes"), f"{gan.modes} / 8", "generator"),
        tile("diffusion", tr("Diffusion: JSD"), f"{row.jsd:.3f}", "accent", tr("20,000 samples after all passes, nats")),
        tile("quality", tr("within 3 σ"), f"{row.high_quality:.1%}", "accent"),
        tile("modes", tr("modes"), f"{row.modes} / 8", "accent"),
    ]  # fmt: skip
    rings = two_models.RING.modes, 3 * two_models.RING.mode_scale
    charts("today_two", [
        draw.cloud_panel("gan", two_models.gan_samples(models.generator, N_SHOWN), "$generator", *rings, HALF,
                         tr("GAN: one pass"), tr("blue: 3 σ around every mode of the data")),
        draw.cloud_panel("diffusion", path_of(passes)[done], "$accent", *rings, HALF,
                         tr("Diffusion: pass {done} of {passes}", done=done, passes=passes),
                         tr("blue: 3 σ around every mode of the data")),
    ], numbers)  # fmt: skip


def train_both() -> list[tuple[str, two_models.Row]]:
    """A race from random weights, with its progress; empty where another visitor's is on."""
    if not two_models.TRACK.acquire(blocking=False):
        st.info(tr("Another visitor trains them at this moment. Please try again in half a minute."))
        return []
    seen: list[tuple[str, two_models.Row]] = []
    try:
        with st.status(tr("Both train, for {seconds} seconds of one core each.", seconds=SECONDS)) as status:
            for name, row in two_models.race(SECONDS, seed=random.randrange(1000)):
                seen.append((name, row))
                st.write(tr("{model}: step {step}, JSD {jsd:.3f}, {modes} modes", model=tr("diffusion") if name == "diffusion" else "GAN", step=f"{row.at:,}",
                            jsd=row.jsd, modes=row.modes))  # fmt: skip
            status.update(label=tr("Trained: the dots in the chart"), state="complete")
    finally:
        two_models.TRACK.release()
    return seen


@st.fragment
def costs() -> None:
    """What training and drawing cost, both measured."""
    models = two_models.load()
    passes = st.session_state.get("today_passes", two_models.USUAL)
    row = next(r for r in models.passes if r.at == passes)
    first, second = st.columns(2)
    timed = second.button(tr("Draw 1,000 from each here, and time it"), icon=":material/timer:", key="today_time")
    live = st.session_state.setdefault("today_live", [])
    if first.button(tr("Train both here, from random weights"), icon=":material/play_arrow:", key="today_train"):
        with first:
            live = st.session_state.today_live = train_both() or live
    numbers = []
    if timed:
        one, many = two_models.seconds_per_thousand(passes)
        numbers = [
            tile("one", tr("1,000 by the GAN, one pass"), f"{1000 * one:.2f} ms", "generator"),
            tile("many", tr("1,000 by diffusion, {passes} passes", passes=passes), f"{1000 * many:.2f} ms", "accent"),
            tile("ratio", tr("ratio"), f"× {many / one:.0f}"),
        ]  # fmt: skip
    charts("today_costs", [
        draw.race_panel(models.gan, models.diffusion, two_models.USUAL, tr, live),
        draw.passes_panel(models.passes, models.gan[-1].jsd, (passes, row.jsd), tr),
    ], numbers)  # fmt: skip


@st.fragment
def blind() -> None:
    """Fakes that arrive while no divergence tells them the way."""
    gamma = st.slider(tr("R1 penalty γ"), 0.0, 0.3, 0.2, 0.05, key="today_gamma")
    path = descent_of("non_saturating", (1.0, 0.0), STEP_SIZE, STEP_SIZE, gamma, steps=round(DURATION / STEP_SIZE))
    jsd = dirac.jsd(path.theta)
    charts("today_blind", [draw.blind_panel(path, jsd, DURATION, tr)], [
        tile("start", tr("|θ| at the start"), f"{abs(path.theta[0]):.3f}", "generator"),
        tile("end", tr("|θ| at the end"), f"{abs(path.theta[-1]):.3f}", "generator"),
        tile("jsd_start", tr("JSD at the start"), f"{jsd[0]:.3f}"),
        tile("jsd_end", tr("JSD at the end"), f"{jsd[-1]:.3f}"),
    ])  # fmt: skip


st.title(tr("From 2014 to today"))
st.markdown(text["intro"])
timeline()
st.markdown(text["two"])
lessons.predict("to_today", "passes", text["predict_passes"])
side_by_side()
st.markdown(text["chain"])
costs()
st.markdown(text["both"])
lessons.watch_out(text["watch_out"])
st.markdown(text["counter"])
lessons.predict("to_today", "jsd", text["predict_jsd"])
blind()
st.markdown(text["countered"])
st.page_link("pages/13_why_it_spins.py", label=tr("Why does it spin?"), icon=":material/cyclone:")
st.markdown(text["try"])
lessons.code_behind(diffusion.DiffusionModel.step, diffusion.denoise, dirac.jsd)
lessons.footer(PATH, text["sources"])
