"""Train a 1D GAN live: watch p_g walk onto p_data, D(x) settle on D*(x), and the divergences fall."""

import streamlit as st

from pages.ui import lessons
from pages.ui.content import content_1d
from pages.ui.frame import page_header
from pages.ui.live import LiveRun
from pages.ui.text import lesson, tr

page_header("pages/09_train_1d.py")
text = lesson("train_1d")
run = LiveRun("1d", 1, content_1d)

st.title(tr("Train a 1D GAN"))
st.markdown(text["intro"])
live, settings = st.columns([3.4, 1], gap="medium")
with live:
    run.transport()
    run.board()
with settings:
    run.controls()

notice, predict = st.columns(2, gap="large")
notice.markdown(text["notice"])
with predict:
    st.markdown(text["predict"])
    with st.expander(tr("Answers")):
        st.markdown(text["answers"])
with st.expander(tr("Watch out")):
    st.markdown(text["watch_out"])
with st.expander(tr("Sources")):
    st.markdown(text["sources"])
lessons.footer("pages/09_train_1d.py")
