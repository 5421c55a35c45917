"""Home: the counterfeiter and the police, the game in one picture, and the way into the lessons."""

import streamlit as st

from pages.ui import lessons
from pages.ui.frame import page_header, table_of_contents
from pages.ui.picture import game_picture
from pages.ui.rooms import visit
from pages.ui.text import lesson, tr

page_header("home.py")
text = lesson("home")

st.title(tr("Forger against police"))
st.markdown(text["intro"])
game_picture()
if st.button(tr("Play: watch one learn"), type="primary", icon=":material/play_arrow:", shortcut="Space"):
    st.session_state.autoplay = True
    st.switch_page("pages/09_train_1d.py")
visit.door()
left, right = st.columns([1.7, 1], gap="large")
left.markdown(text["game"])
with right:
    st.markdown(text["contents"])
    table_of_contents()
lessons.footer("home.py")
