"""Two generator losses"""

import streamlit as st

from pages.ui.frame import page_header
from pages.ui.text import tr

page_header("pages/06_generator_losses.py")
st.title(tr("Two generator losses"))
