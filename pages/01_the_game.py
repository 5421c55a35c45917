"""What is the game? The reader is the police, then the forger, on a line of notes."""

import numpy as np
import streamlit as st
from scipy.special import expit, log_expit

from gan_core.lessons import bells, the_game
from pages.ui import lessons
from pages.ui.board import charts, tile
from pages.ui.exhibits.the_game import (
    FORGER_WINDOW,
    POLICE_WINDOW,
    bells_panel,
    slope_panel,
    values_panel,
    verdicts_panel,
)
from pages.ui.frame import page_header
from pages.ui.text import lesson, tr

PATH = "pages/01_the_game.py"
NOTES, FAKES = 30, 24  # dots on a line; each stands for an equal share
MEANS, SCALES = (-4.0, 4.0), (0.3, 2.5)
MEAN, SCALE, LAZY = "the_game_mean", "the_game_scale", "the_game_lazy"

page_header(PATH)
text = lesson("the_game")


@st.fragment
def be_the_police() -> None:
    """A threshold and a steepness against fakes of any quality."""
    first, second, third = st.columns(3)
    shift = first.slider(tr("Shift of the fakes (0: a perfect forger)"), 0.0, 4.0, 2.0, 0.1, key="the_game_shift")
    threshold = second.slider(tr("Your threshold"), -3.0, 6.0, 0.0, 0.05, key="the_game_threshold")
    steepness = third.slider(tr("Your steepness"), -6.0, 6.0, -0.5, 0.1, key="the_game_steepness")
    show_best = st.toggle(tr("Show the best possible D*"), key="the_game_best")

    def logits(x: np.ndarray) -> np.ndarray:
        return the_game.logistic_logits(x, threshold, steepness)

    x = np.linspace(*POLICE_WINDOW, 221)
    real, fake = the_game.notes(0, 1, NOTES), the_game.notes(shift, 1, NOTES)
    j = the_game.judge(shift, 1, logits(bells.CENTRES))
    best = expit(the_game.best_logits(x, shift, 1)) if show_best else None
    panels = [
        verdicts_panel(x, expit(logits(x)), best, real, fake, logits(real) <= 0, logits(fake) >= 0, tr),
        values_panel(
            x, log_expit(logits(x)), log_expit(-logits(x)), real, log_expit(logits(real)),
            fake, log_expit(-logits(fake)), (j.real, j.fake), tr,
        ),
    ]  # fmt: skip
    tiles = [
        tile("real", "E[log D]", f"{j.real:z.3f}", "data"),
        tile("fake", "E[log(1 − D)]", f"{j.fake:z.3f}", "generator"),
        tile("value", tr("V, their sum"), f"{j.value:z.3f}", "discriminator"),
        tile("best", tr("Best V of all D"), f"{j.best:z.3f}"),
        tile("missing", tr("Still missing"), f"{j.missing:z.3f}", "accent"),
        tile("accuracy", tr("Right verdicts"), f"{j.accuracy:.1%}"),
    ]
    charts("the_game_police", panels, tiles)


def follow_the_arrows() -> None:
    """One step of G, if D teaches it anything."""
    state = st.session_state
    if not state[LAZY]:
        stepped = the_game.learning_step(state[MEAN], state[SCALE])
        state[MEAN], state[SCALE] = (
            float(np.clip(round(v, 2), *ends)) for v, ends in zip(stepped, (MEANS, SCALES), strict=True)
        )


@st.fragment
def be_the_forger() -> None:
    """Fakes to move, against the best possible D or a lazy one."""
    left, right = st.columns(2)
    mean = left.slider(tr("Mean of the fakes"), *MEANS, 2.5, 0.01, key=MEAN)
    scale = right.slider(tr("Standard deviation of the fakes"), *SCALES, 0.6, 0.01, key=SCALE)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(tr("Follow the arrows"), icon=":material/moving:", on_click=follow_the_arrows, key="the_game_follow")
        lazy = st.toggle(tr("Lazy police: D = 1/2, whatever comes"), key=LAZY)

    def logits(x: np.ndarray) -> np.ndarray:
        return np.zeros_like(x) if lazy else the_game.best_logits(x, mean, scale)

    fake = the_game.notes(mean, scale, FAKES)
    push = np.zeros(FAKES) if lazy else the_game.arrows(fake, mean, scale)
    x = np.linspace(*FORGER_WINDOW, 481)
    p, q = the_game.density(x, 0, 1), the_game.density(x, mean, scale)
    j = the_game.judge(mean, scale, logits(bells.CENTRES))
    panels = [
        bells_panel(x, p, q, fake, push, tr),
        slope_panel(x, expit(logits(x)), fake, expit(logits(fake)), tr),
    ]
    tiles = [
        tile("value", "V(D, G)", f"{j.value:z.3f}", "discriminator"),
        tile("d_real", "D(real)", f"{j.d_real:.2f}", "data"),
        tile("d_fake", "D(fake)", f"{j.d_fake:.2f}", "generator"),
        tile("proven", tr("JSD proven"), f"{j.proven:z.3f}", "discriminator"),
        tile("jsd", tr("True JSD"), f"{j.jsd:.3f}"),
    ]
    charts("the_game_forger", panels, tiles)


st.title(tr("What is the game?"))
st.markdown(text["intro"])
st.markdown(text["police"])
be_the_police()
lessons.predict("the_game", "perfect", text["predict_perfect"])
st.markdown(text["policed"])
st.markdown(text["forger"])
be_the_forger()
st.markdown(text["forged"])
lessons.predict("the_game", "half", text["predict_half"])
lessons.watch_out(text["watch_out"])
st.markdown(text["try"])
lessons.code_behind(the_game.judge, the_game.arrows, the_game.learning_step)
lessons.footer(PATH, text["sources"])
