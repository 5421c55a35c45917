"""How do we know it is good?"""

import streamlit as st

from pages.ui.frame import page_header
from pages.ui.text import tr

page_header("pages/13_how_good.py")
st.title(tr("How do we know it is good?"))
