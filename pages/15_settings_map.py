"""The map of settings: which learning rates work? Sixty-four small GANs at the same time."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from gan_core.config import SETTINGS, kind_of
from gan_core.lessons import map_reading
from gan_core.lessons.finished_maps import finished_maps
from gan_core.own_targets import lookup
from gan_core.settings_map import Plan
from pages.ui import lessons, map_figures
from pages.ui.board import pickable_charts, tile
from pages.ui.controls import number
from pages.ui.frame import page_header
from pages.ui.live_map import LOOK_EVERY, LiveMap
from pages.ui.map_words import map_says, name_of_map
from pages.ui.text import lesson, tr, tr_message

PATH = "pages/15_settings_map.py"
LIVE_PAGES = {"line": "pages/09_train_1d.py", "plane": "pages/10_train_2d.py"}
OWN = "own"

page_header(PATH)
text = lesson("settings_map")


def own_plan(row: DeltaGenerator) -> Plan | None:
    """What the visitor has set; None, and a sentence, if the axes are the same."""
    names = {axis: tr(SETTINGS[axis].label) for axis in map_reading.AXES}
    lines = {key: tr(name) for key, name in SETTINGS["target"].names.items() if kind_of(key) == "line"}
    left, right = row.columns([3, 2])
    target = left.selectbox(
        tr("Target p_data"), lines, list(lines).index(map_reading.TARGET), lines.get, key="map_target"
    )
    seed = right.selectbox(tr("Seed"), map_reading.SEEDS, map_reading.SEEDS.index(map_reading.SEED), key="map_seed")
    first, second, third, fourth = st.columns(4)
    x = first.selectbox(tr("Across"), names, 0, names.get, key="map_x")
    y = second.selectbox(tr("Up"), names, 1, names.get, key="map_y")
    settings: dict[str, float] = {}
    for place, field in ((third, "dropout"), (fourth, "label_smoothing")):
        options = map_reading.AXES[field]
        value = place.select_slider(
            names[field], options, 0.0, format_func=number, key=f"map_{field}", disabled=field in (x, y)
        )
        if field not in (x, y):
            settings[field] = value
    if x == y:
        st.warning(tr("Choose two different settings for the two sides of the map."))
        return None
    return map_reading.plan_of(target, x, y, seed=seed, **settings)


def chosen_map() -> LiveMap | None:
    """The map that the visitor wants to see."""
    shipped = {key: found for key, found in finished_maps().items() if not map_reading.is_own(found.plan)}
    names = {OWN: tr("Train your own: 64 GANs on a line")} | {
        key: name_of_map(m.plan, tr) for key, m in shipped.items()
    }
    left, right = st.columns(2)
    chosen = left.selectbox(tr("Map"), names, 0, names.get, key="map_which")
    if chosen != OWN:
        return LiveMap(shipped[chosen].plan, shipped[chosen])
    plan = own_plan(right)
    return LiveMap(plan) if plan else None


def exhibit(live: LiveMap) -> None:
    """The map, one of its runs beside it, and what the map says."""
    if was_training := live.training:
        live.refresh()
    found, plan = live.found, live.found.plan
    ways = {"jsd": tr("JSD"), "winner": tr("Who won")}
    if len(plan.seeds) > 1:
        ways = {"share": tr("Share of seeds that converge"), **ways}
    if (modes := lookup(plan.base.target).modes) is not None and len(modes) > 1:
        ways["modes"] = tr("Modes")
    left, right = st.columns([3, 2], vertical_alignment="bottom")
    by = left.segmented_control(tr("Colour by"), ways, format_func=ways.get, default=next(iter(ways)), required=True,
                                key=f"map_by_{len(plan.seeds) > 1}")  # fmt: skip
    with right:
        if live.training:
            bar, button = st.columns([3, 2], vertical_alignment="center")
            done = round(live.share_done * plan.steps)
            bar.progress(live.share_done, tr("step {step:,} of {steps:,}", step=done, steps=plan.steps))
            if button.button(tr("Stop"), key="map_stop", icon=":material/stop:", width="stretch"):
                live.stop()
                st.rerun()  # without the timer
        elif map_reading.is_own(plan):
            again = tr("Train these {n} GANs live", n=plan.n_runs)
            if st.button(again, key="map_train", type="primary", icon=":material/play_arrow:", width="stretch"):
                live.start()
                st.rerun()  # with the timer
    if live.problem:
        st.warning(tr_message(live.problem))
    _charts(live, by)
    if found.outcomes:
        st.markdown(map_says(map_reading.read_map(found), found, live.before, tr))
    if was_training and not live.training:
        st.rerun()


def _charts(live: LiveMap, by: str) -> None:
    found = live.found
    outcomes = map_figures.shown(found)
    reading = map_reading.read_map(found)
    picked: int = st.session_state.get("map_picked", -1)
    cell = picked if 0 <= picked < len(outcomes) else map_figures.best_cell(found)
    panels = [map_figures.cells_panel(found, by, cell, tr)]
    chosen = outcomes[cell] if cell >= 0 else None
    if chosen:
        runs = map_figures.runs_of(found, cell)
        panels += [map_figures.density_panel(chosen, found.plan.base.target, tr),
                   map_figures.curve_panel(found, runs, chosen, tr)]  # fmt: skip
    numbers = [
        tile("converged", tr("Converged"), f"{reading.converged} / {reading.runs}", "data",
             tr("JSD ≤ {threshold:g}, of the p_g that pictures show", threshold=found.plan.threshold)),
        *map_figures.tiles_of(found, chosen, tr),
    ]  # fmt: skip
    pickable_charts("map_board", panels, numbers, map_figures.legend(by, found.plan, tr),
                    on_pick=lambda cell: st.session_state.update(map_picked=cell))  # fmt: skip
    if chosen:
        config = found.plan.config(chosen.run)
        st.page_link(LIVE_PAGES[config.kind], label=tr("Open this run live: {run}", run=map_figures.words(found, cell, None, tr)),
                     icon=":material/open_in_new:", query_params=config.to_params())  # fmt: skip


st.title(tr("The map of settings"))
st.markdown(text["intro"])
lessons.predict("settings_map", "share", text["predict_share"])
lessons.predict("settings_map", "pace", text["predict_pace"])
if live := chosen_map():
    st.fragment(exhibit, run_every=LOOK_EVERY if live.training else None)(live)
st.markdown(text["notice"])
lessons.predict("settings_map", "luck", text["predict_luck"])
lessons.watch_out(text["watch_out"])
st.markdown(text["theorems"])
st.markdown(text["try"])
lessons.code_behind(map_reading.plan_of, map_reading.winner)
lessons.footer(PATH, text["sources"])
