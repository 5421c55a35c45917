"""Anatomy of one step"""

import streamlit as st

from pages.ui.frame import page_header
from pages.ui.text import tr

page_header("pages/08_one_step.py")
st.title(tr("Anatomy of one step"))
