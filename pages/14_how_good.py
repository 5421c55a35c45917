"""How do we know it is good? Three rulers, laid on fakes of which we know how good they are."""

import numpy as np
import streamlit as st

from gan_core import divergences
from gan_core.distributions import DISTRIBUTIONS
from gan_core.lessons import estimators
from pages.ui import lessons
from pages.ui.board import charts, tile
from pages.ui.exhibits import how_good as draw
from pages.ui.frame import page_header
from pages.ui.text import lesson, tr

PATH = "pages/14_how_good.py"
REPEATS = 50
BANDWIDTHS = (0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8)
WIDTHS = np.linspace(0.3, 2, 69)
LINE, RING = DISTRIBUTIONS["two_modes"], DISTRIBUTIONS["ring_8"]

page_header(PATH)
text = lesson("how_good")
rulers = {
    "bins": tr("Two modes in 1D, equal bins"),
    "squares": tr("Ring of 8 in 2D, square bins"),
    "sigma": tr("Ring of 8 in 2D, sigma-cells"),
}

expected_of = st.cache_data(max_entries=100, show_spinner=False)(estimators.expected_reading)


@st.cache_data(show_spinner=False)
def perfect_line(n: int) -> tuple[np.ndarray, float]:
    """n perfect 1D fakes, and the bandwidth that the rule of thumb gives them."""
    samples = LINE.sample(n, np.random.default_rng(n))[:, 0]
    return samples, estimators.rule_of_thumb(samples)


@st.cache_data(show_spinner=False)
def kernel_curve(n: int) -> list[tuple[float, float]]:
    """Both readings at every bandwidth of the chart."""
    readings = [estimators.kernel_reading(LINE, perfect_line(n)[0], h) for h in BANDWIDTHS]
    return [(r.raw, r.matched) for r in readings]


@st.cache_data(show_spinner=False)
def error_curve(kept: int) -> np.ndarray:
    """The exact JSD over WIDTHS."""
    return np.array([estimators.flawed_jsd(8, kept, w) for w in WIDTHS])


@st.fragment
def noise_floor() -> None:
    """p_g = p_data, and what the histogram says."""
    first, second, third, fourth = st.columns([4, 4, 3, 2], vertical_alignment="bottom")
    ruler = first.selectbox(tr("Measure with"), rulers, format_func=rulers.get, key="how_good_ruler")
    n = third.select_slider(tr("Fakes n"), (500, 1000, 2000, 5000, 20_000), 1000, key="how_good_n")
    if fourth.button(tr("Draw again"), key="how_good_again"):
        st.session_state.how_good_seed = st.session_state.get("how_good_seed", 0) + 1
    seed = st.session_state.get("how_good_seed", 0)
    if ruler == "bins":
        bins = second.select_slider(tr("Bins"), (20, 50, 100, 200, 400), 100, key="how_good_bins")
        edges = estimators.equal_width_edges(LINE, bins)
        p, x = LINE.cell_mass(edges), (edges[:-1] + edges[1:]) / 2
    elif ruler == "squares":
        side = second.select_slider(tr("Bins per side"), (16, 32, 64), 32, key="how_good_side")
        p = estimators.square_cells(RING, side)
    else:
        second.selectbox(
            tr("Bins"), (divergences.sigma_cell_mass(RING.weights).size,), disabled=True, key="how_good_cells"
        )
        p = divergences.sigma_cell_mass(RING.weights).ravel()
        x = np.arange(len(p))
    readings = estimators.null_readings(p, n, REPEATS, seed)
    expected = expected_of(p, n)
    if ruler == "squares":
        first_panel = draw.squares_panel(RING, p, readings.shares, tr)
    else:
        label = "x" if ruler == "bins" else tr("cell: mode, distance, direction")
        first_panel = draw.cells_panel(x, p, readings.shares, label, tr)
    numbers = [
        tile("truth", tr("True JSD"), "0", "data"),
        tile("plug_in", tr("Mean reading"), f"{readings.plug_in.mean():.4f}", "generator",
             tr("Mean of the plug-in JSD over 50 draws, nats")),
        tile("expected", tr("Expected reading"), f"{expected:.4f}", "",
             tr("Computed exactly: the count of every bin is binomial")),
        tile("law", "(B−1)/(8n)", f"{divergences.js_noise_floor(len(p), n):.4f}", "",
             tr("The rule for bins that all hold many samples")),
        tile("debiased", tr("De-biased mean"), f"{readings.debiased.mean():.4f}", "accent"),
    ]  # fmt: skip
    charts("how_good_floor", [first_panel, draw.readings_panel(readings, expected, tr)], numbers)


@st.fragment
def kernel_trap() -> None:
    """A kernel density estimate of perfect fakes, against the data and against the data smoothed alike."""
    left, right = st.columns(2)
    n = left.select_slider(tr("Fakes n"), (500, 1000, 5000), 1000, key="how_good_kernel_n")
    samples, rule = perfect_line(n)
    h = right.slider(tr("Bandwidth h"), 0.05, 0.8, 0.4, 0.01, key="how_good_bandwidth")
    now, by_rule = estimators.kernel_reading(LINE, samples, h), estimators.kernel_reading(LINE, samples, rule)
    numbers = [
        tile("raw", tr("Against the data"), f"{now.raw:.4f}", "generator"),
        tile("matched", tr("Both smoothed"), f"{now.matched:.4f}", "accent"),
        tile("rule", tr("Rule of thumb: h"), f"{rule:.2f}", "", tr("The default of scipy.stats.gaussian_kde")),
        tile("by_rule", tr("Rule reads"), f"{by_rule.raw:.4f}", "generator"),
        tile("plane", tr("Rule reads in 2D"), f"{estimators.smoothing_bias(RING, n):.3f}", "generator",
             tr("The same rule for the ring of 8, without any sampling noise")),
    ]  # fmt: skip
    charts("how_good_kernel", [
        draw.kernel_panel(now, tr), draw.bandwidths_panel(BANDWIDTHS, kernel_curve(n), h, rule, tr),
    ], numbers)  # fmt: skip


@st.fragment
def modes_and_quality() -> None:
    """The ring with missing modes and modes of a wrong width."""
    left, right = st.columns(2)
    kept = left.slider(tr("Modes that G makes"), 1, 8, 8, key="how_good_kept")
    width = right.slider(tr("Width of its modes, 1 = right"), 0.3, 2.0, 0.5, 0.05, key="how_good_width")
    fakes = estimators.flawed_samples(RING, 20_000, kept, width, 0)
    found, ceiling = estimators.scores(fakes, RING), estimators.high_quality_share(1.0)
    reach = estimators.high_quality_share(WIDTHS)
    numbers = [
        tile("modes", tr("Modes found"), f"{found.modes} / 8"),
        tile("quality", tr("High quality"), f"{found.high_quality:.2%}", "generator"),
        tile("ceiling", tr("Perfect fakes"), f"{ceiling:.2%}", "data"),
        tile("jsd", "JSD", f"{found.jsd:.4f}", "", tr("By sigma-cells from 20,000 fakes, de-biased; nats")),
        tile("ruler", tr("Ruler: {k} perfect modes", k=kept), f"{divergences.ruler(kept, 8):.4f}", "accent"),
    ]  # fmt: skip
    charts("how_good_modes", [
        draw.ring_panel(RING, fakes[:1500], tr),
        draw.quality_panel(WIDTHS, reach, ceiling, (width, found.high_quality), tr),
        draw.error_panel(WIDTHS, error_curve(kept), divergences.ruler(kept, 8), (width, found.jsd), tr),
    ], numbers)  # fmt: skip


st.title(tr("How do we know it is good?"))
st.markdown(text["intro"])
lessons.predict("how_good", "zero", text["predict_zero"])
noise_floor()
st.markdown(text["floor"])
st.markdown(text["kernel"])
kernel_trap()
st.markdown(text["trap"])
lessons.watch_out(text["watch_out"])
st.markdown(text["modes"])
lessons.predict("how_good", "quality", text["predict_quality"])
modes_and_quality()
st.markdown(text["scored"])
st.markdown(text["try"])
lessons.code_behind(estimators.null_readings, divergences.js_divergence_debiased, estimators.scores)
lessons.footer(PATH, text["sources"])
