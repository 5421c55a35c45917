"""Anatomy of one step: a real training step of a tiny GAN in ten phases, forward and back, with every number."""

import streamlit as st

from gan_core.lessons import one_step
from pages.ui import lessons
from pages.ui.board import charts, tile
from pages.ui.exhibits.one_step import map_panel, score_panel, tables
from pages.ui.frame import page_header
from pages.ui.text import lesson, tr

PATH = "pages/08_one_step.py"
STEPS, FIRST = 60, 12

page_header(PATH)
text = lesson("one_step")
PHASES = {
    1: tr("1 Draw"), 2: tr("2 Fake"), 3: tr("3 Score"), 4: tr("4 Loss"), 5: tr("5 Update D"),
    6: tr("6 Draw z"), 7: tr("7 Fake"), 8: tr("8 Score"), 9: tr("9 Arrows"), 10: tr("10 Update G"),
}  # fmt: skip


@st.cache_resource
def recorded() -> list[one_step.Step]:
    """The first steps of the tiny GAN; nobody changes them."""
    return one_step.record_steps(one_step.TINY, STEPS)


def move(by: int) -> None:
    """That many phases forward, or back; beyond a turn's end into the step before or after."""
    state = st.session_state
    at = (state.one_step_step - 1) * len(PHASES) + (state.one_step_phase or 1) - 1 + by
    step, phase = divmod(min(max(at, 0), STEPS * len(PHASES) - 1), len(PHASES))
    state.one_step_step, state.one_step_phase = step + 1, phase + 1


def tiles(s: one_step.Step, phase: int) -> list[dict[str, str]]:
    """Losses and what has moved, as far as the phase knows."""
    d, g = tr("D moved by"), tr("G moved by")
    if phase <= 5:
        return [
            tile("d_loss", "L_D", f"{s.d_loss:.3f}" if phase >= 4 else "–", "discriminator"),
            tile("d_loss_after", tr("L_D after"), f"{s.d_loss_after:.3f}" if phase == 5 else "–"),
            tile("d_moved", d, f"{s.d_moved_by[0]:.3f}" if phase == 5 else "–", "discriminator"),
            tile("g_moved", g, f"{s.g_moved_by[0]:.3f}" if phase == 5 else "–", "generator"),
        ]
    return [
        tile("g_loss", "L_G", f"{s.g_loss:.3f}" if phase >= 9 else "–", "generator"),
        tile("g_loss_after", tr("L_G after"), f"{s.g_loss_after:.3f}" if phase == 10 else "–"),
        tile("d_moved", d, f"{s.d_moved_by[1]:.3f}" if phase == 10 else "–", "discriminator"),
        tile("g_moved", g, f"{s.g_moved_by[1]:.3f}" if phase == 10 else "–", "generator"),
    ]


@st.fragment
def slow_motion() -> None:
    """The step, phase by phase."""
    st.session_state.setdefault("one_step_phase", 1)
    st.session_state.setdefault("one_step_step", FIRST)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.button(tr("Back"), icon=":material/arrow_back:", on_click=move, args=(-1,), key="one_step_back")
        st.button(tr("Forward"), icon=":material/arrow_forward:", on_click=move, args=(1,), key="one_step_forward",
                  type="primary")  # fmt: skip
        st.button(tr("Next step"), icon=":material/skip_next:", on_click=move, args=(len(PHASES),), key="one_step_next")
        number = st.slider(tr("Training step"), 1, STEPS, key="one_step_step")
    colors = {k: "green" if one_step.PHASES[k - 1].turn == "D" else "orange" for k in PHASES}
    phase = st.segmented_control(tr("Phase: green is D's turn, orange is G's"), list(PHASES), required=True,
                                 format_func=lambda k: f":{colors[k]}[{PHASES[k]}]", key="one_step_phase")  # fmt: skip
    s = recorded()[number - 1]
    st.markdown(text[f"phase_{phase}"])
    charts("one_step", [score_panel(s, phase, tr), map_panel(s, phase, tr)], tiles(s, phase))
    with st.container(horizontal=True):
        for i, (heading, columns) in enumerate(tables(s, phase, tr)):
            with st.container(width="stretch"):
                st.markdown(heading)
                st.dataframe(columns, hide_index=True, key=f"one_step_table_{phase}_{i}",
                             column_config={c: st.column_config.NumberColumn(format="%.3f") for c in columns})  # fmt: skip
    st.markdown(text["code"])
    st.code(one_step.phase_source(phase), language="python")


st.title(tr("Anatomy of one step"))
st.markdown(text["intro"])
lessons.predict("one_step", "moves", text["predict_moves"])
lessons.predict("one_step", "sees", text["predict_sees"])
slow_motion()
st.markdown(text["seen"])
lessons.watch_out(text["watch_out"])
st.markdown(text["try"])
lessons.code_behind(one_step.record_step)
lessons.footer(PATH, text["sources"])
