"""The note, corrected"""

import streamlit as st

from pages.ui.frame import page_header
from pages.ui.text import tr

page_header("pages/14_note_corrected.py")
st.title(tr("The note, corrected"))
