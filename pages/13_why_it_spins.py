"""Why does it spin? The Dirac-GAN: two numbers that chase each other, and what stops them."""

import math

import streamlit as st

from gan_core.lessons import dirac
from pages.ui import lessons
from pages.ui.board import charts, tile
from pages.ui.exhibits.why_it_spins import plane_panel, radius_panel, swing_panel
from pages.ui.frame import page_header
from pages.ui.text import lesson, tr

PATH = "pages/13_why_it_spins.py"
STEP_SIZES = (0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5)
DURATIONS = (0, 5, 10, 20, 50, 100, 200, 500)
SWING_TIME, EMA = 400, 0.998  # of the second exhibit; the decay is that of the live pages

page_header(PATH)
text = lesson("why_it_spins")
losses = {
    "non_saturating": tr("Non-saturating"),
    "minimax": tr("Minimax (saturating)"),
    "wasserstein": tr("Wasserstein, unclipped"),
}
schemes = {
    "simultaneous": tr("Both at once"),
    "alternating": tr("In turns: D, then G"),
    "continuous": tr("Infinitely small steps"),
}

path_of = st.cache_data(max_entries=200, show_spinner=False)(dirac.follow)
descent_of = st.cache_data(max_entries=200, show_spinner=False)(dirac.descend)


def radius_text(radius: float) -> str:
    """A radius for a tile."""
    return "∞" if radius == math.inf else f"{radius:.3f}" if radius < 100 else "> 100"


@st.fragment
def phase_plane() -> None:
    """Turn the vector field, start a path, and compare it with the prediction."""
    first, second, third = st.columns(3)
    loss = first.selectbox(tr("Loss"), losses, format_func=losses.get, key="spins_loss")
    scheme = second.selectbox(tr("How they move"), schemes, format_func=schemes.get, key="spins_scheme")
    duration = third.select_slider(tr("Run for a time of"), DURATIONS, 20, key="spins_time")
    h = first.select_slider(tr("Step size h"), STEP_SIZES, 0.1, key="spins_h", disabled=scheme == "continuous")
    gamma = second.slider(tr("R1 penalty γ"), 0.0, 0.3, 0.0, 0.005, format="%.3f", key="spins_gamma")
    start = third.slider(tr("Distance at the start"), 0.1, 2.0, 1.0, 0.1, key="spins_start")
    path = path_of(loss, scheme, (start, 0.0), h, gamma, duration=duration)
    predicted = dirac.long_run_radius(loss, scheme, h, gamma, start)
    threshold = dirac.r1_threshold(loss, scheme, h)
    enough = "✓" if gamma > threshold else "✗"
    numbers = [
        tile("start", tr("r at the start"), radius_text(path.radius[0])),
        tile("end", tr("r now"), radius_text(path.radius[-1]), "generator"),
        tile("predicted", tr("r predicted"), radius_text(predicted), "accent",
             tr("In the long run, from theory alone")),
        tile("threshold", tr("γ needed"), f"> {threshold:.3f} {enough}", "discriminator",
             tr("Above it, the solution attracts. h/4; for Wasserstein h. Without simultaneous steps: 0")),
    ]  # fmt: skip
    if scheme != "continuous":
        growth = dirac.growth_per_step(loss, scheme, h, h, gamma)
        numbers.append(tile("growth", tr("r per step"), f"× {growth:.4f}", "",
                            tr("Factor by which the distance from the solution changes per step, close to it")))  # fmt: skip
    panels = [plane_panel(path, loss, gamma, predicted, tr), radius_panel(path, duration, predicted, tr)]
    charts("spins_plane", panels, numbers)


@st.fragment
def side_by_side() -> None:
    """The same game twice: plain, and with R1 and momentum."""
    first, second, third, fourth = st.columns(4)
    loss = first.selectbox(tr("Loss"), losses, format_func=losses.get, key="spins_loss_2")
    h = second.select_slider(tr("Step size h"), (0.05, 0.1, 0.2), 0.1, key="spins_h_2")
    gamma = third.slider(tr("R1 penalty γ"), 0.0, 0.3, 0.05, 0.005, format="%.3f", key="spins_gamma_2")
    momentum = fourth.slider(tr("Momentum β"), -0.5, 0.9, 0.0, 0.1, key="spins_momentum")
    steps = round(SWING_TIME / h)
    plain = descent_of(loss, (1.0, 0.0), h, h, steps=steps)
    yours = descent_of(loss, (1.0, 0.0), h, h, gamma, steps=steps, momentum=momentum)
    plain_mean, your_mean = (dirac.averaged(p.theta, EMA) for p in (plain, yours))
    numbers = [
        tile("plain", tr("Plain: swing of θ"), f"± {radius_text(plain.swing)}", "generator",
             tr("The largest |θ| in the last fifth")),
        tile("plain_mean", tr("its average"), f"± {radius_text(dirac.largest(plain_mean))}", "accent"),
        tile("yours", tr("Yours: swing of θ"), f"± {radius_text(yours.swing)}", "generator",
             tr("The largest |θ| in the last fifth")),
        tile("your_mean", tr("its average"), f"± {radius_text(dirac.largest(your_mean))}", "accent"),
    ]  # fmt: skip
    right = tr("Yours: γ = {gamma:.3f}, β = {beta:.1f}", gamma=gamma, beta=momentum)
    charts("spins_swing", [
        swing_panel("plain", tr("Plain: γ = 0, β = 0"), plain, plain_mean, SWING_TIME, tr),
        swing_panel("yours", right, yours, your_mean, SWING_TIME, tr),
    ], numbers)  # fmt: skip


st.title(tr("Why does it spin?"))
st.markdown(text["intro"])
lessons.predict("why_it_spins", "flow", text["predict_flow"])
lessons.predict("why_it_spins", "smaller", text["predict_smaller"])
phase_plane()
st.markdown(text["plane"])
lessons.watch_out(text["watch_out"])
st.markdown(text["cure"])
lessons.predict("why_it_spins", "gamma", text["predict_gamma"])
side_by_side()
st.markdown(text["cured"])
st.markdown(text["try"])
lessons.code_behind(dirac.velocity, dirac.descend, dirac.long_run_radius)
lessons.footer(PATH, text["sources"])
