"""From divergence to game"""

import streamlit as st

from pages.ui.frame import page_header
from pages.ui.text import tr

page_header("pages/05_game_value.py")
st.title(tr("From divergence to game"))
