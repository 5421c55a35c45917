"""The perfect police officer"""

import streamlit as st

from pages.ui.frame import page_header
from pages.ui.text import tr

page_header("pages/03_optimal_discriminator.py")
st.title(tr("The perfect police officer"))
