"""Inside the networks"""

import streamlit as st

from pages.ui.frame import page_header
from pages.ui.text import tr

page_header("pages/07_networks.py")
st.title(tr("Inside the networks"))
