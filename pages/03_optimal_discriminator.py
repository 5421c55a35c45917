"""The perfect police officer: the best possible answer D*, what any other D misses, and a network that learns it."""

import numpy as np
import streamlit as st
from scipy.special import expit

from gan_core import theory
from gan_core.lessons import bells, proofs, short_trainings, the_game
from gan_core.line_evaluation import Evaluation1D
from pages.ui import lessons
from pages.ui.board import charts, tile
from pages.ui.exhibits.optimal_discriminator import WINDOW, batch_panel, doubt_panel, fit_panels, opinions_panel
from pages.ui.frame import page_header
from pages.ui.text import lesson, tr

PATH = "pages/03_optimal_discriminator.py"
X = np.linspace(*WINDOW, 351)
INSIDE = np.flatnonzero((WINDOW[0] < bells.CENTRES) & (WINDOW[1] > bells.CENTRES))[::4]
CELL = bells.CENTRES[1] - bells.CENTRES[0]
STEPS = (0, 1, 3, 10, 20, 30, 50, 70, 100, 150, 200, 300, 500, 700, 1000, 1500, 2000, 3000)

page_header(PATH)
text = lesson("optimal_discriminator")


@st.fragment
def be_perfect() -> None:
    """Fakes and a batch to choose, the best answer to them, and one of the reader's own."""
    first, second, third = st.columns(3)
    shift = first.slider(tr("Shift θ of the fakes"), 0.0, 4.0, 2.0, 0.1, key="optimal_shift")
    width = second.slider(tr("Standard deviation of the fakes"), 0.5, 2.5, 1.0, 0.05, key="optimal_width")
    prior = round(third.slider(tr("Share of real samples in the batch"), 0.05, 0.95, 0.5, 0.05, key="optimal_prior"), 2)
    left, right = st.columns(2)
    a = left.slider(tr("Your D: logit a at x = 0"), -8.0, 8.0, 0.0, 0.1, key="optimal_a")
    b = right.slider(tr("Your D: slope b of the logit, a + b x"), -5.0, 5.0, 0.0, 0.1, key="optimal_b")

    p, q = the_game.density(X, 0, 1), the_game.density(X, shift, width)
    real, fake, d_star = proofs.batch_shares(p, q, prior)
    panels = [batch_panel(X, real, fake, tr), opinions_panel(X, d_star, expit(a + b * X), tr)]
    tiles = []
    if prior == 0.5:
        log_p, log_q = bells.normal_log_masses(0, 1), bells.normal_log_masses(shift, width)
        logits = a + b * bells.CENTRES
        coin = proofs.unproven_by_cell(log_p, log_q, np.zeros_like(logits))
        missed = proofs.unproven_by_cell(log_p, log_q, logits)
        panels.append(doubt_panel(bells.CENTRES[INSIDE], coin[INSIDE] / CELL, missed[INSIDE] / CELL, tr))
        tiles = proof_tiles(proofs.weigh(log_p, log_q, logits))
    charts("optimal_perfect", panels, tiles)
    if prior != 0.5:
        st.caption(tr("V, and with it the proof, is about batches that are half real: set the share back to 0.5."))


def proof_tiles(proof: proofs.Proof | Evaluation1D) -> list[dict[str, str]]:
    """The identity in three numbers."""
    return [
        tile("proven", tr("Proven by D"), f"{proof.proven:z.3f}", "discriminator"),
        tile("unproven", tr("+ not yet proven"), f"{proof.unproven:z.3f}"),
        tile("jsd", "= JSD", f"{proof.jsd:.3f}"),
    ]


@st.cache_data(show_spinner=False)
def trained() -> list[Evaluation1D]:
    """One run of D against a G that stands still."""
    return short_trainings.train_discriminator(short_trainings.POLICE, STEPS)


@st.fragment
def train_a_network() -> None:
    """A real D, step by step."""
    now = st.select_slider(tr("Training steps of D (G stands still)"), STEPS, 0, key="optimal_steps")
    with st.spinner(tr("Training a discriminator, once")):
        run = trained()
    e = run[STEPS.index(now)]
    tiles = [
        tile("step", tr("D steps"), f"{now:,}"),
        tile("d_real", "D(real)", f"{e.d_real:.2f}", "data"),
        tile("d_fake", "D(fake)", f"{e.d_fake:.2f}", "generator"),
        *proof_tiles(e),
    ]
    charts("optimal_trained", fit_panels(e, STEPS, [r.proven for r in run], now, tr), tiles)


st.title(tr("The perfect police officer"))
st.markdown(text["intro"])
lessons.predict("optimal_discriminator", "alone", text["predict_alone"])
lessons.predict("optimal_discriminator", "batch", text["predict_batch"])
st.markdown(text["own"])
be_perfect()
st.markdown(text["proof"])
lessons.watch_out(text["watch_out"])
st.markdown(text["network"])
lessons.predict("optimal_discriminator", "fit", text["predict_fit"])
train_a_network()
st.markdown(text["trained"])
st.markdown(text["try"])
lessons.code_behind(theory.optimal_discriminator, proofs.unproven_by_cell, short_trainings.train_discriminator)
lessons.footer(PATH, text["sources"])
