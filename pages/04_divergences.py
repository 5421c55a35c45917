"""How far apart? KL both ways, JSD and Wasserstein on two bells, and what each makes of a missing mode."""

import numpy as np
import streamlit as st

from gan_core import divergences
from gan_core.lessons import bells
from pages.ui import lessons
from pages.ui.board import charts, tile
from pages.ui.exhibits.divergences import curves_panel, distances_panel
from pages.ui.frame import page_header
from pages.ui.text import lesson, tr
from pages.ui.units import UNITS, Unit

PATH = "pages/04_divergences.py"
THETAS = np.linspace(0, 8, 81)

page_header(PATH)
text = lesson("divergences")


@st.cache_data
def table_of_shifts() -> list[bells.Distances]:
    """Every distance at every shift of the slider."""
    return [bells.shifted(theta) for theta in THETAS]


def tiles(d: bells.Distances, unit: Unit) -> list[dict[str, str]]:
    """The five numbers above a chart."""
    k = unit.per_nat
    return [
        tile("kl", "KL(p_data‖p_g)", f"{d.kl * k:.3f}", "data"),
        tile("reverse_kl", "KL(p_g‖p_data)", f"{d.reverse_kl * k:.3f}", "generator"),
        tile("jeffreys", tr("Mean of both KLs"), f"{d.jeffreys * k:.3f}"),
        tile("jsd", "JSD", f"{d.jsd * k:.3f}"),
        tile("wasserstein", "W₁", f"{d.wasserstein:.3f}", "accent"),
    ]


@st.fragment
def slide_apart() -> None:
    """Two equal bells and a slider between them."""
    unit = lessons.unit_switch("divergences_unit")
    theta = st.slider(tr("Shift θ of the fakes"), 0.0, 8.0, 2.0, 0.1, key="divergences_theta")
    now = bells.shifted(theta)
    log_p, log_q = bells.normal_log_masses(0, 1), bells.normal_log_masses(theta, 1)
    panels = [
        curves_panel(log_p, log_q, (-4, 12), tr),
        distances_panel(THETAS, table_of_shifts(), theta, unit, tr),
    ]
    charts("divergences_slide", panels, tiles(now, unit))


@st.fragment
def fit_one_bell() -> None:
    """One bell on two modes, by hand."""
    unit = UNITS[st.session_state.get("unit", "nats")]
    left, right = st.columns(2)
    mean = left.slider(tr("Mean of the fakes"), -3.0, 3.0, 0.0, 0.1, key="divergences_mean")
    scale = right.slider(tr("Standard deviation of the fakes"), 0.3, 3.0, 1.0, 0.05, key="divergences_scale")
    log_p, log_q = bells.mixture_log_masses([-2, 2], 0.5), bells.normal_log_masses(mean, scale)
    charts("divergences_fit", [curves_panel(log_p, log_q, (-6, 6), tr) | {"columns": 12}],
           tiles(bells.distances(log_p, log_q), unit))  # fmt: skip


st.title(tr("How far apart?"))
st.markdown(text["intro"])
lessons.predict("divergences", "grows", text["predict_grows"])
slide_apart()
st.markdown(text["slide"])
lessons.watch_out(text["watch_out"])
st.markdown(text["fit"])
lessons.predict("divergences", "cover", text["predict_cover"])
fit_one_bell()
st.markdown(text["fitted"])
st.markdown(text["try"])
lessons.code_behind(divergences.kl_divergence, divergences.js_divergence)
lessons.footer(PATH, text["sources"])
