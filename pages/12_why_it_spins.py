"""Why does it spin?"""

import streamlit as st

from pages.ui.frame import page_header
from pages.ui.text import tr

page_header("pages/12_why_it_spins.py")
st.title(tr("Why does it spin?"))
