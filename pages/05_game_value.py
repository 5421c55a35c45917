"""From divergence to game: C(G) = -log 4 + 2 JSD with its numbers, and how near a real D comes to it."""

import numpy as np
import streamlit as st

from gan_core import theory
from gan_core.lessons import bells, proofs, short_trainings, the_game
from pages.ui import lessons
from pages.ui.board import charts, tile
from pages.ui.exhibits.game_value import WINDOW, bells_panel, bound_panel, climb_panel, hug_panels, value_panel
from pages.ui.frame import page_header
from pages.ui.text import lesson, tr
from pages.ui.units import UNITS

PATH = "pages/05_game_value.py"
X = np.linspace(*WINDOW, 281)
THETAS = np.linspace(0, 6, 61)
STEPS = (0, 1, 2, 3, 5, 7, 10, 15, 20, 30, 50, 70, 100, 150, 200, 300, 500, 700, 1000)
D_STEPS, G_STEPS = (1, 2, 5, 10), 200

page_header(PATH)
text = lesson("game_value")


@st.cache_data(show_spinner=False)
def table_of_values() -> list[float]:
    """C(G) at every shift of the slider."""
    return [bells.value_with_optimal_d(theta) for theta in THETAS]


@st.fragment
def fill_in_the_numbers() -> None:
    """The theorem with the numbers of this moment."""
    unit = lessons.unit_switch("game_value_unit")
    theta = st.slider(tr("Shift θ of the fakes"), 0.0, 6.0, 2.0, 0.1, key="game_value_theta")
    p, q = (np.exp(bells.normal_log_masses(mean, 1)) for mean in (0, theta))
    g, k = proofs.game_value(p, q), unit.per_nat
    st.latex(
        rf"\begin{{aligned}}C(G)&=-\log 4+2\,JSD\\&\approx{g.coin * k:.4f}+2\times{g.jsd * k:.4f}\\"
        rf"&\approx\mathbf{{{g.value * k:z.4f}}}\ \text{{{tr(unit.name)}}}\end{{aligned}}"
    )
    tiles = [
        tile("real", "E[log D*]", f"{g.real * k:z.3f}", "data"),
        tile("fake", "E[log(1 − D*)]", f"{g.fake * k:z.3f}", "generator"),
        tile("value", tr("C(G), their sum"), f"{g.value * k:z.3f}", "discriminator"),
        tile("kl_data", "KL(p_data‖m)", f"{g.kl_data * k:.3f}", "data"),
        tile("kl_model", "KL(p_g‖m)", f"{g.kl_model * k:.3f}", "generator"),
        tile("jsd", tr("JSD, their mean"), f"{g.jsd * k:.3f}"),
    ]
    panels = [
        bells_panel(X, the_game.density(X, 0, 1), the_game.density(X, theta, 1), tr),
        value_panel(THETAS, table_of_values(), theta, g.value, unit, tr),
    ]
    charts("game_value_numbers", panels, tiles)


@st.cache_data(show_spinner=False)
def trained(theta: float) -> list[the_game.Judgement]:
    """A network D on its way to D*, against fakes that stand still."""
    return short_trainings.train_against_shift(theta, STEPS)


@st.fragment
def train_d_alone() -> None:
    """Where V stops."""
    unit = UNITS[st.session_state.get("unit", "nats")]
    theta = st.segmented_control(tr("Shift θ of the fakes"), (0.5, 1.0, 2.0, 3.0, 4.0), format_func="{:g}".format,
                                 default=2.0, required=True, key="game_value_alone")  # fmt: skip
    with st.spinner(tr("Training a discriminator, once")):
        run = trained(theta)
    now, k = run[-1], unit.per_nat
    tiles = [
        tile("value", tr("V after {steps:,} D steps", steps=STEPS[-1]), f"{now.value * k:z.3f}", "discriminator"),
        tile("best", tr("C(G), the best V"), f"{now.best * k:z.3f}"),
        tile("proven", tr("Proven by D"), f"{now.proven * k:z.3f}", "discriminator"),
        tile("jsd", "JSD", f"{now.jsd * k:.3f}"),
    ]
    charts("game_value_frozen", [climb_panel(STEPS, run, unit, tr), bound_panel(STEPS, run, unit, tr)], tiles)


@st.cache_data(show_spinner=False)
def played(d_steps: int) -> short_trainings.Curves:
    """A whole training with so many D steps per G step."""
    return short_trainings.history_of(short_trainings.D_STEPS.replace(d_steps=d_steps), G_STEPS)


@st.fragment
def train_both() -> None:
    """Real training: D gets a few steps, then G moves."""
    with st.spinner(tr("Training {n} GANs, once", n=len(D_STEPS))):
        histories = {n: played(n) for n in D_STEPS}
    tiles = [
        tile(f"unproven_{n}", tr("Not yet proven, {n} : 1", n=n), f"{short_trainings.late_mean(h, 'unproven'):.3f}")
        for n, h in histories.items()
    ]
    charts("game_value_played", hug_panels(histories, 2, tr), tiles)


st.title(tr("From divergence to game"))
st.markdown(text["intro"])
lessons.predict("game_value", "stop", text["predict_stop"])
fill_in_the_numbers()
st.markdown(text["derivation"])
lessons.watch_out(text["watch_out"])
st.markdown(text["alone"])
train_d_alone()
st.markdown(text["both"])
lessons.predict("game_value", "hug", text["predict_hug"])
train_both()
st.markdown(text["played"])
st.markdown(text["try"])
lessons.code_behind(
    proofs.game_value, theory.value_function, short_trainings.train_against_shift, short_trainings.history_of
)
lessons.footer(PATH, text["sources"])
