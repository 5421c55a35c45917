"""The value function, and which log? Verdicts on the curves of the logarithm, and three ways to measure a gap."""

import numpy as np
import streamlit as st

from gan_core.lessons import value_function
from pages.ui import lessons
from pages.ui.board import charts, tile
from pages.ui.exhibits.value_function import expected_panel, gaps_panel, loss_panel, verdicts_panel
from pages.ui.frame import page_header
from pages.ui.text import lesson, tr

PATH = "pages/02_value_function.py"
D = np.r_[np.geomspace(1e-4, 0.05, 40), np.linspace(0.06, 0.94, 89), 1 - np.geomspace(0.05, 1e-4, 40)]

page_header(PATH)
text = lesson("value_function")


@st.fragment
def sum_up_verdicts() -> None:
    """Twelve verdicts on two curves, and the numbers made of them."""
    unit = lessons.unit_switch("value_function_unit")
    left, right = st.columns(2)
    sure = left.slider(tr("How sure is D? (0: ½ to everything)"), 0.0, 1.0, 0.5, 0.05, key="value_function_sure")
    names = {"": tr("nowhere"), "real": tr("on a real note"), "fake": tr("on a fake")}
    wrong = right.segmented_control(tr("A verdict that is sure and wrong"), list(names), format_func=names.get,
                                    default="", required=True, key="value_function_wrong")  # fmt: skip
    d_real, d_fake = value_function.verdicts(sure, wrong)
    s, coin_toss = value_function.score(d_real, d_fake), value_function.score(*value_function.verdicts(0))
    log, log_not = value_function.logs(D)
    real, fake = (d_real, value_function.logs(d_real)[0]), (d_fake, value_function.logs(d_fake)[1])
    panels = [verdicts_panel(D, (log, log_not), real, fake, s, unit, tr), loss_panel(s, coin_toss, unit, tr)]
    k = unit.per_nat
    tiles = [
        tile("real", "E[log D]", f"{s.real * k:z.3f}", "data"),
        tile("fake", "E[log(1 − D)]", f"{s.fake * k:z.3f}", "generator"),
        tile("value", tr("V, their sum"), f"{s.value * k:z.3f}", "discriminator"),
        tile("loss", tr("Loss L_D = −V"), f"{s.loss * k:z.3f}"),
        tile("loss_mean", tr("Mean, −V/2"), f"{s.loss_mean * k:z.3f}"),
    ]
    charts("value_function_scores", panels, tiles)


@st.fragment
def measure_the_gap() -> None:
    """Subtraction, logarithm and square: what each charges, and which verdict each rewards."""
    left, right = st.columns(2)
    d = left.slider(tr("D's verdict on one real note"), 0.01, 1.0, 0.2, 0.01, key="value_function_d")
    share = right.slider(tr("Share of real notes among many alike"), 0.05, 0.95, 0.7, 0.05, key="value_function_share")
    share = round(share, 2)  # 1/2 exactly
    here, best, lowest = value_function.gaps(d), value_function.best_verdicts(share), value_function.lowest_gaps(share)
    panels = [
        gaps_panel(D, value_function.gaps(D), d, here, tr),
        expected_panel(D, value_function.expected_gaps(D, share), best, lowest, share, tr),
    ]
    hard = tr("any") if np.isnan(best.subtraction) else f"{best.subtraction:.2f}"
    tiles = [
        tile("subtraction", "1 − D", f"{here.subtraction:.3f}"),
        tile("log", tr("−log D, nats"), f"{here.log:z.3f}", "data"),
        tile("squared", "(1 − D)²", f"{here.squared:.3f}", "accent"),
        tile("best_subtraction", tr("Best D: 1 − D"), hard),
        tile("best_log", tr("Best D: −log D"), f"{best.log:.2f}", "data"),
        tile("best_squared", tr("Best D: (1 − D)²"), f"{best.squared:.2f}", "accent"),
    ]
    charts("value_function_gaps", panels, tiles)


st.title(tr("The value function, and which log?"))
st.markdown(text["intro"])
lessons.predict("value_function", "cost", text["predict_cost"])
sum_up_verdicts()
st.markdown(text["scored"])
lessons.watch_out(text["watch_signs"])
lessons.predict("value_function", "base", text["predict_base"])
st.markdown(text["gap"])
lessons.predict("value_function", "honest", text["predict_honest"])
measure_the_gap()
st.markdown(text["measured"])
lessons.watch_out(text["watch_output"])
st.markdown(text["try"])
lessons.code_behind(value_function.score, value_function.gaps, value_function.expected_gaps)
lessons.footer(PATH, text["sources"])
