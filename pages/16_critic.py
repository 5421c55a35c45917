"""A critic instead of a judge: Kantorovich's potential, the slope that lives far away, and three ways to keep it small."""

import numpy as np
import streamlit as st

from gan_core import proof
from gan_core.lessons import critic
from pages.ui import lessons, twin_link
from pages.ui.board import charts, tile
from pages.ui.exhibits.critic import far_panels, plan_panel, potential_panel, trained_panel
from pages.ui.frame import page_header
from pages.ui.text import lesson, tr

PATH = "pages/16_critic.py"
THETAS = np.linspace(-8, 8, 65)
STEEPEST = (0.25, 0.5, 1.0, 2.0, 4.0)

page_header(PATH)
text = lesson("critic")
data_sets = {"one": tr("One bell"), "two": tr("Two bells")}
ways = {
    "weight_clip": (tr("Clipped weights"), tr("Clip at ±")),
    "gp_weight": (tr("Gradient penalty"), tr("Weight λ")),
    "spectral_limit": (tr("Spectral norm"), tr("Norms at most")),
}

transport = st.cache_data(max_entries=300, show_spinner=False)(critic.transport)
along = st.cache_data(max_entries=60, show_spinner=False)(critic.along)


@st.fragment
def carry() -> None:
    """Move the fakes, turn the limit, and compare what both kinds of D let them feel."""
    first, second, third, fourth = st.columns(4)
    data = first.selectbox(tr("Data"), data_sets, format_func=data_sets.get, key="critic_data")
    theta = second.slider(tr("Place θ of the fakes"), -8.0, 8.0, 4.0, 0.25, key="critic_theta")
    scale = third.slider(tr("Width of the fakes"), 0.3, 2.0, 1.0, 0.1, key="critic_scale")
    steepest = fourth.select_slider(tr("D may be as steep as"), STEEPEST, 1.0, key="critic_steepest")
    now = transport(data, theta, scale)
    _, says, pull = now.under(steepest)
    tiles = [
        tile("w1", "W₁", f"{now.w1:.3f}", "accent", tr("Mean way of the fakes on the cheapest plan, in units of x")),
        tile("says", tr("The critic says"), f"{says:.3f}", "discriminator",
             tr("E[D(real)] − E[D(fake)] of the best critic: W₁ times the steepest slope it may have")),
        tile("jsd", "JSD", f"{now.jsd:.3f}", "", tr("At most log 2 = 0.693 nats")),
        tile("pull", tr("Pull by the critic"), f"{pull:+.3f}", "generator",
             tr("Mean slope of D at the fakes; minus: to the left")),
        tile("jsd_pull", tr("Pull by the judge"), pull_text(now.jsd_pull), "generator",
             tr("By how much the JSD falls per unit that all fakes move to the right, nats")),
    ]  # fmt: skip
    charts("critic_carry", [
        plan_panel(critic.X, now, tr), potential_panel(critic.X, now, steepest, tr),
        *far_panels(THETAS, along(data, scale, THETAS), now, tr),
    ], tiles)  # fmt: skip


def pull_text(pull: float) -> str:
    """A pull for a tile, however small."""
    return f"{pull:+.3f}" if abs(pull) >= 0.001 or pull == 0 else f"{pull:+.0e}"


@st.fragment
def three_ways() -> None:
    """The same critic against the same fakes, kept from getting steep in three ways."""
    columns = st.columns(4)
    step = columns[0].select_slider(tr("D steps"), critic.AT, 300, key="critic_step")
    readings = {}
    for column, (way, (_, label)) in zip(columns[1:], ways.items(), strict=True):
        limit = column.select_slider(label, critic.WAYS[way], critic.WAYS[way][1], key=f"critic_{way}")
        scores = critic.recorded()[critic.recorded_name(way, limit)]
        readings[way] = critic.read_critic(scores[critic.AT.index(step)])
    masses, best = critic.critic_masses(), critic.best_critic()
    panels = [trained_panel(way, name, critic.SEEN, best, masses, readings[way], tr) for way, (name, _) in ways.items()]
    tiles = []
    for way, reading in readings.items():
        tiles += [
            tile(f"{way}_slope", tr("steepest slope"), f"{reading.steepest:.2f}", "discriminator"),
            tile(f"{way}_proven", tr("of W₁ proven"), f"{reading.share:.0%}", "accent",
                 tr("What it says, divided by its steepest slope, of W₁ = {w1:.2f}", w1=reading.w1)),
        ]  # fmt: skip
    charts("critic_ways", panels, tiles)


def live_links() -> None:
    """The same choice on the live page, in whole trainings."""
    clipped = critic.LIVE.replace(gp_weight=0.0, weight_clip=0.1)
    spectral = critic.LIVE.replace(gp_weight=0.0, spectral_limit=1.4)
    with st.container(horizontal=True):
        for other, label in (
            (clipped, tr("Live twins: penalty against clipping")),
            (spectral, tr("Live twins: penalty against spectral norm")),
        ):
            st.page_link("pages/09_train_1d.py", label=label, icon=":material/call_split:",
                         query_params=critic.LIVE.to_params() | {twin_link.NAME: twin_link.written(critic.LIVE, other)})  # fmt: skip


st.title(tr("A critic instead of a judge"))
st.markdown(text["intro"])
lessons.predict("critic", "far", text["predict_far"])
carry()
st.markdown(text["carried"])
lessons.predict("critic", "steeper", text["predict_steeper"])
st.markdown(text["limit"])
three_ways()
st.markdown(text["ways"])
live_links()
lessons.watch_out(text["watch_out"])
st.markdown(text["try"])
lessons.code_behind(critic.transport, proof.wasserstein)
lessons.footer(PATH, text["sources"])
