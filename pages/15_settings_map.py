"""The map of settings: which learning rates work? Sixty-four small GANs at the same time."""

from dataclasses import asdict, replace

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from gan_core.config import SETTINGS, kind_of
from gan_core.lessons import map_reading
from gan_core.lessons.finished_maps import finished_maps
from gan_core.map_plan import Plan
from gan_core.messages import Message
from gan_core.settings_map import SettingsMap
from pages.ui import lessons, map_figures
from pages.ui.board import pickable_charts, tile
from pages.ui.controls import number
from pages.ui.frame import page_header, set_link
from pages.ui.live_map import LOOK_EVERY, LiveMap
from pages.ui.map_choice import FILE, LIVE, TARGETS, MapChoice
from pages.ui.map_words import map_says, name_of_map, sides_of, ways_of
from pages.ui.opened_map import opened_map
from pages.ui.text import lesson, tr, tr_message

PATH = "pages/15_settings_map.py"
LIVE_PAGES = {"line": "pages/09_train_1d.py", "plane": "pages/10_train_2d.py"}
# the menu of the maps is there as long as the page is: without it the visitor has just come
HERE = "map_which"

page_header(PATH)
text = lesson("settings_map")
shipped = {key: found for key, found in finished_maps().items() if not map_reading.is_own(found.plan)}


def arrive() -> list[Message]:
    """What is chosen by who has just come: what the address says, or else what was chosen last; and what of the address is
    not possible."""
    state, problems = st.session_state, []
    said = {name: str(value) for name, value in st.query_params.items() if name in asdict(MapChoice())}
    if HERE not in state and (said or "map_choice" not in state):
        state.map_choice, problems = MapChoice.from_params(said, shipped)
    return problems


def choice() -> MapChoice:
    """What is chosen."""
    chosen: MapChoice = st.session_state.map_choice
    return chosen


def choose(**changes: object) -> None:
    """Remember what is chosen, and let the address say it."""
    st.session_state.map_choice = replace(choice(), **changes)
    set_link(st.session_state.map_choice.to_params())


def kept(key: str, value: object, options: object = ()) -> str:
    """The key of a widget that begins with this value."""
    if options and st.session_state.get(key, value) not in options:
        del st.session_state[key]
    st.session_state.setdefault(key, value)
    return key


def own_plan(row: DeltaGenerator) -> Plan | None:
    """What the visitor has set; None, and a sentence, if the axes are the same."""
    was = choice()
    names = {axis: tr(SETTINGS[axis].label) for axis in map_reading.AXES}
    plane = {key: " · 2D" if kind_of(key) == "plane" else "" for key in TARGETS}
    targets = {key: tr(SETTINGS["target"].names[key]) + plane[key] for key in TARGETS}
    left, right = row.columns([3, 2])
    target = left.selectbox(tr("Target p_data"), targets, format_func=targets.get, key=kept("map_target", was.target))
    seed = right.selectbox(tr("Seed"), map_reading.SEEDS, key=kept("map_seed", was.seed))
    first, second, third, fourth = st.columns(4)
    x = first.selectbox(tr("Across"), names, format_func=names.get, key=kept("map_x", was.across))
    y = second.selectbox(tr("Up"), names, format_func=names.get, key=kept("map_y", was.up))
    settings: dict[str, float] = {}
    for place, field in ((third, "dropout"), (fourth, "label_smoothing")):
        settings[field] = place.select_slider(
            names[field], map_reading.AXES[field], format_func=number, key=kept(f"map_{field}", getattr(was, field)),
            disabled=field in (x, y),
        )  # fmt: skip
    choose(target=target, across=x, up=y, seed=seed, **settings)
    if x == y:
        st.warning(tr("Choose two different settings for the two sides of the map."))
        return None
    return map_reading.plan_of(target, x, y, seed=seed, **{f: v for f, v in settings.items() if f not in (x, y)})


def turned(found: SettingsMap, row: DeltaGenerator) -> SettingsMap:
    """The map on the two sides that the visitor has chosen, of which the seeds may be one."""
    was, plan = choice(), found.plan
    sides = sides_of(plan, tr)
    if len(sides) < 2:
        return found
    suggested = was.seeds or next((s for s, axis in (("y", plan.y), ("x", plan.x)) if len(axis.values) == 1), "")
    key = kept("map_seeds", suggested)
    left, right = row.columns([3, 2]) if st.session_state[key] else (row, row)
    side = left.selectbox(tr("Across × up"), sides, format_func=sides.get, key=key)
    if not side:
        choose(seeds="")
        return found
    axis = plan.x if side == "x" else plan.y
    first = was.at if was.at in axis.values else axis.values[0]
    key = kept(f"map_at_{axis.field}", first, axis.values)
    at = right.selectbox(tr(SETTINGS[axis.field].label), axis.values, format_func=map_figures.tick, key=key)
    choose(seeds=side, at=at)
    return found.with_seeds(side, at)


def chosen_map() -> LiveMap | None:
    """The map that the visitor wants to see."""
    names = {LIVE: tr("Train 64 GANs live"), FILE: tr("Open the file of a sweep")}
    names |= {key: name_of_map(m.plan, tr) for key, m in shipped.items()}
    left, right = st.columns(2)
    chosen = left.selectbox(tr("Map"), names, format_func=names.get, key=kept(HERE, choice().map))
    choose(map=chosen)
    if chosen == LIVE:
        plan = own_plan(right)
        return LiveMap(plan) if plan else None
    found = opened_map() if chosen == FILE else shipped[chosen]
    if found is None:
        return None
    found = turned(found, right)
    return LiveMap(found.plan, found)


def exhibit(live: LiveMap) -> None:
    """The map, one of its runs beside it, and what the map says."""
    if was_training := live.training:
        live.refresh()
    found, plan = live.found, live.found.plan
    ways = ways_of(plan, tr)
    left, right = st.columns([3, 2], vertical_alignment="bottom")
    first = choice().by if choice().by in ways else next(iter(ways))
    key = kept(f"map_by_{'_'.join(ways)}", first)
    by = left.segmented_control(tr("Colour by"), ways, format_func=ways.get, required=True, key=key)
    choose(by="" if by == next(iter(ways)) else by)
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
    picked = choice().cell
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
                    on_pick=lambda cell: choose(cell=cell))  # fmt: skip
    if chosen:
        config = found.plan.config(chosen.run)
        st.page_link(LIVE_PAGES[config.kind], label=tr("Open this run live: {run}", run=map_figures.words(found, cell, None, tr)),
                     icon=":material/open_in_new:", query_params=config.to_params())  # fmt: skip


problems = arrive()
st.title(tr("The map of settings"))
st.markdown(text["intro"])
lessons.predict("settings_map", "share", text["predict_share"])
lessons.predict("settings_map", "pace", text["predict_pace"])
for problem in problems:
    st.warning(tr_message(problem))
if live := chosen_map():
    st.fragment(exhibit, run_every=LOOK_EVERY if live.training else None)(live)
st.markdown(text["notice"])
lessons.predict("settings_map", "luck", text["predict_luck"])
lessons.watch_out(text["watch_out"])
st.markdown(text["theorems"])
st.markdown(text["try"])
lessons.code_behind(map_reading.plan_of, map_reading.winner)
lessons.footer(PATH, text["sources"])
