"""The note, corrected: what the lecture note says in 24 claims, which of them hold, and where to see it."""

from collections import Counter
from itertools import groupby

import streamlit as st

from gan_core import divergences, theory
from pages.ui import lessons
from pages.ui.frame import PAGES, page_header
from pages.ui.note_claims import VERDICTS, Claim, parse_claims
from pages.ui.text import lesson, tr

PATH = "pages/22_note_corrected.py"
BADGES = {
    "right": ("green", ":material/check:"),
    "imprecise": ("yellow", ":material/edit:"),
    "wrong": ("red", ":material/close:"),
}

page_header(PATH)
text = lesson("note_corrected")
claims = parse_claims(text)
names = {"right": tr("right"), "imprecise": tr("imprecise"), "wrong": tr("wrong")}
titles = {page.path: page.title for page in PAGES}


def card(claim: Claim) -> None:
    """One claim: what the note says, the verdict, the full version, and the page that shows it."""
    color, icon = BADGES[claim.verdict]
    with st.container(border=True, height="stretch", key=f"claim_{claim.number}"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"**{claim.number}**", width="content")
            st.badge(names[claim.verdict], icon=icon, color=color)
        st.markdown(claim.quote)
        st.markdown(claim.text)
        st.page_link(claim.see, label=tr("See it: {title}", title=tr(titles[claim.see])), icon=":material/visibility:")


@st.fragment
def cards() -> None:
    """All claims, or those of one verdict."""
    count = Counter(claim.verdict for claim in claims)
    labels = {"all": tr("all {n}", n=len(claims))}
    for verdict in VERDICTS:
        color, icon = BADGES[verdict]
        labels[verdict] = f":{color}[{icon}] {count[verdict]} {names[verdict]}"
    chosen = st.segmented_control(
        tr("Claims to show"), list(labels), format_func=labels.get, default="all", required=True, key="verdict",
    )  # fmt: skip
    shown = [claim for claim in claims if chosen in ("all", claim.verdict)]
    for part, of_part in groupby(shown, key=lambda claim: claim.part):
        st.markdown(part)
        with st.grid(2, min_column_width=380):
            for claim in of_part:
                card(claim)


st.title(tr("The note, corrected"))
st.markdown(text["intro"])
lessons.predict("note_corrected", "wrong", text["predict_wrong"])
st.markdown(text["pictures"])
cards()
lessons.watch_out(text["watch_out"])
st.markdown(text["try"])
lessons.code_behind(theory.value_function, divergences.js_divergence, theory.generator_criterion)
lessons.footer(PATH, text["sources"])
