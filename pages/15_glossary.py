"""Glossary and sources"""

import streamlit as st

from pages.ui.frame import page_header
from pages.ui.text import tr

page_header("pages/15_glossary.py")
st.title(tr("Glossary and sources"))
