"""What every lesson has: predictions, the unit switch, the code behind an exhibit, and the way to the next page."""

import inspect
import re
from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

from pages.ui.frame import PAGES
from pages.ui.rooms import visit
from pages.ui.text import tr
from pages.ui.units import UNITS, Unit


def unit_switch(key: str) -> Unit:
    """Nats, bits or base 10; the choice holds on all pages of the visit."""
    default: str = st.session_state.get("unit", "nats")
    chosen = st.segmented_control(
        tr("Logarithm in"),
        list(UNITS),
        format_func={k: tr(u.name) for k, u in UNITS.items()}.__getitem__,
        default=default,
        required=True,
        key=key,
    )
    st.session_state.unit = chosen
    return UNITS[chosen]


def predict(slug: str, name: str, section: str) -> None:
    """A question to answer before looking; the answer is then shown with its reason and kept for the visit.

    Args:
        slug, name: of the lesson and of the question in it.
        section: its Markdown: the question, the options as a list with [x] at the right one, a line of dashes, the
            reason.
    """
    question, options, right, reason = parse_question(section)
    answers = st.session_state.setdefault("predicted", {})
    with st.container(border=True, key=f"predict_{slug}_{name}"):
        st.markdown(f"**{tr('Predict')}** · {question}")
        visit.asker(slug, name)
        before = answers.get((slug, name))
        chosen = st.radio(question, range(len(options)), before, format_func=options.__getitem__,
                          key=f"{slug}_{name}", label_visibility="collapsed")  # fmt: skip
        if chosen is not None:
            answers[slug, name] = chosen
            verdict = tr("Right.") if chosen == right else tr("Not quite: {answer}", answer=options[right])
            (st.success if chosen == right else st.info)(f"**{verdict}** {reason}")


def parse_question(section: str) -> tuple[str, list[str], int, str]:
    """(question, options, index of the right one, reason) of a section of Markdown; see `predict`."""
    asked, reason = re.split(r"^---$", section, maxsplit=1, flags=re.MULTILINE)
    found = re.findall(r"^- \[(.)\] (.+)$", asked, flags=re.MULTILINE)
    right = [i for i, (mark, _) in enumerate(found) if mark == "x"]
    assert len(right) == 1, f"one option must be marked [x]: {section}"
    question = asked[: asked.index("- [")].strip()
    return question, [text for _, text in found], right[0], reason.strip()


def after_training(text: Mapping[str, str]) -> None:
    """What stands below a live board: what to notice, predictions to try, and common errors.

    Args:
        text: the lesson's sections; "notice", "predict", "answers" and "watch_out" are shown.
    """
    notice, predict = st.columns(2, gap="large")
    notice.markdown(text["notice"])
    with predict:
        st.markdown(text["predict"])
        with st.expander(tr("Answers")):
            st.markdown(text["answers"])
    with st.expander(tr("Watch out")):
        st.markdown(text["watch_out"])


def watch_out(section: str) -> None:
    """The common error with its right form."""
    with st.container(border=True):
        st.markdown(f":material/warning: **{tr('Watch out')}** · {section}")


def code_behind(*functions: Callable[..., Any]) -> None:
    """The real functions that computed what is on screen, short enough to project."""
    with st.expander(tr("The code behind this"), icon=":material/code:"):
        for function in functions:
            st.caption(f"`{function.__module__}.{function.__qualname__}`")
            st.code(inspect.getsource(function), language="python")


def footer(path: str, sources: str = "") -> None:
    """Sources, how many predictions were made on this visit, and the link to the next page. Call last."""
    if sources:
        with st.expander(tr("Sources"), icon=":material/menu_book:"):
            st.markdown(sources)
    at = next(i for i, p in enumerate(PAGES) if p.path == path)
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        done = len(st.session_state.get("predicted", {}))
        st.caption(tr("Predictions made on this visit: {n}", n=done) if done else "")
        if at + 1 < len(PAGES):
            after = PAGES[at + 1]
            st.page_link(after.path, label=tr("Next: {title}", title=tr(after.title)), icon=":material/arrow_forward:")
