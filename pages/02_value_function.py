"""The value function, and which log?"""

import streamlit as st

from pages.ui.frame import page_header
from pages.ui.text import tr

page_header("pages/02_value_function.py")
st.title(tr("The value function, and which log?"))
