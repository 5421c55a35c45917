"""What is the game?"""

import streamlit as st

from pages.ui.frame import page_header
from pages.ui.text import tr

page_header("pages/01_the_game.py")
st.title(tr("What is the game?"))
