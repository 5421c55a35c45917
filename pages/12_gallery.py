"""The gallery: runs that converge, runs that fail on purpose, and their cures, each one click from the live lesson."""

import streamlit as st

from gan_core import PRESETS
from pages.ui import lessons
from pages.ui.cards import preset_card
from pages.ui.frame import page_header
from pages.ui.text import lesson, tr

page_header("pages/12_gallery.py")
text = lesson("gallery")

st.title(tr("Gallery of failures and cures"))
st.markdown(text["intro"])
for kind in ("fails", "cure", "converges"):
    st.markdown(text[kind])
    presets = [p for p in PRESETS.values() if p.config.kind == "plane" and p.kind == kind]
    with st.container(horizontal=True, gap="medium"):
        for preset in presets:
            preset_card(preset)
with st.expander(tr("Watch out")):
    st.markdown(text["watch_out"])
lessons.footer("pages/12_gallery.py")
