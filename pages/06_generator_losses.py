"""Two generator losses: log(1 - D) as in the game, -log D as in the code; slopes, vanishing gradients, twins."""

import numpy as np
import streamlit as st

from gan_core.lessons import bells, generator_losses, short_trainings, the_game
from pages.ui import lessons, twin_link
from pages.ui.board import charts, tile
from pages.ui.exhibits.generator_losses import (
    NAMES,
    far_panel,
    gradients_panel,
    losses_panel,
    pulls_panel,
    twin_panel,
    walk_panel,
)
from pages.ui.frame import page_header
from pages.ui.text import lesson, tr

PATH = "pages/06_generator_losses.py"
LOGITS = np.linspace(-5.6, 5.6, 113)
VERDICTS = (0.01, 0.03, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.97, 0.99)
X = np.linspace(-4, 14, 361)
THETAS = np.linspace(0.1, 10, 100)
STEPS = 240  # of the twins
EVEN = short_trainings.TWIN.replace(lr_g=1e-3, lr_d=1e-3, d_steps=1)

page_header(PATH)
text = lesson("generator_losses")


@st.fragment
def compare_slopes() -> None:
    """One fake, D's verdict on it, and what each loss makes of it."""
    d = st.select_slider(tr("D's verdict on the fake, D(G(z))"), VERDICTS, 0.5, key="generator_losses_d")
    now = generator_losses.slopes_at(d)
    terms = {name: generator_losses.generator_term(name, LOGITS) for name in NAMES}
    panels = [
        losses_panel(LOGITS, {name: value for name, (value, _) in terms.items()}, now, tr),
        pulls_panel(LOGITS, {name: slope for name, (_, slope) in terms.items()}, now, tr),
    ]
    tiles = [
        tile("d", "D(G(z))", f"{d:g}"),
        tile("minimax_slope", tr("Slope of log(1 − D)"), f"{now.minimax_slope:.3f}", "generator"),
        tile("non_saturating_slope", tr("Slope of −log D"), f"{now.non_saturating_slope:.3f}", "generator"),
        tile("ratio", tr("Times as steep"), f"{now.ratio:.3g}", "accent"),
    ]
    charts("generator_losses_slopes", panels, tiles)


@st.cache_data
def table_of_slopes() -> np.ndarray:
    """Both pulls on G at every shift, (n, 2)."""
    return np.array([bells.generator_slopes(theta) for theta in THETAS])


walk = st.cache_data(generator_losses.walk, max_entries=200)


@st.fragment
def go_far_away() -> None:
    """Fakes at a distance, against the best D."""
    theta = st.slider(tr("Shift θ of the fakes"), 0.1, 10.0, 3.0, 0.1, key="generator_losses_theta")
    saturating, non_saturating = bells.generator_slopes(theta)
    paths = walk(theta, 0.1, 60)
    p, q = the_game.density(X, 0, 1), the_game.density(X, theta, 1)
    panels = [
        far_panel(X, p, q, generator_losses.best_opinion(X, theta), tr),
        gradients_panel(THETAS, table_of_slopes(), theta, tr),
        walk_panel(*paths, tr),
    ]
    tiles = [
        tile(
            "saturating",
            tr("Pull of log(1 − D)"),
            f"{saturating:.3f}" if saturating >= 0.01 else f"{saturating:.1e}",
            "generator",
        ),
        tile("non_saturating", tr("Pull of −log D"), f"{non_saturating:.3f}", "generator"),
        tile("sum", tr("Their sum, θ"), f"{saturating + non_saturating:.3f}"),
    ]
    charts("generator_losses_far", panels, tiles)


@st.cache_data(show_spinner=False)
def trained(kind: str) -> dict[str, short_trainings.Curves]:
    """Two trainings on the same seed that differ in G's loss only."""
    config = {
        "plain": short_trainings.TWIN.replace(lr_g=short_trainings.PLAIN_RATE),
        "adam": short_trainings.TWIN,
        "even": EVEN,
    }[kind]
    return {n: short_trainings.history_of(config.replace(loss=n), STEPS, plain=kind == "plain") for n in NAMES}


@st.fragment
def train_twins() -> None:
    """Three pairs of twins."""
    titles = {
        "plain": tr("Strong D, plain"),
        "adam": tr("Strong D, Adam"),
        "even": tr("Equal rates, Adam"),
    }
    with st.spinner(tr("Training {n} GANs, once", n=6)):
        twins = {kind: trained(kind) for kind in titles}
    charts("generator_losses_trained", [twin_panel(k, t, twins[k], tr) for k, t in titles.items()])
    with st.container(horizontal=True):
        twins = {twin_link.NAME: "loss:minimax"}
        st.page_link("pages/09_train_1d.py", icon=":material/call_split:",
                     label=tr("Watch both live, as twins: strong D, Adam, −log D against log(1 − D)"),
                     query_params=short_trainings.TWIN.replace(loss="non_saturating").to_params() | twins)  # fmt: skip


st.title(tr("Two generator losses"))
st.markdown(text["intro"])
lessons.predict("generator_losses", "ratio", text["predict_ratio"])
compare_slopes()
st.markdown(text["slopes"])
lessons.watch_out(text["watch_out"])
st.markdown(text["far"])
go_far_away()
st.markdown(text["gone"])
lessons.predict("generator_losses", "twins", text["predict_twins"])
train_twins()
st.markdown(text["trained"])
st.markdown(text["try"])
lessons.code_behind(
    generator_losses.generator_term, bells.generator_slopes, generator_losses.walk, short_trainings.history_of
)
lessons.footer(PATH, text["sources"])
