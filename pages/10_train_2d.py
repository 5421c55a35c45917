"""Train a 2D GAN live: a cloud of fakes finds its way onto rings, grids and your own drawing, or fails to."""

import streamlit as st

from pages.ui import lessons
from pages.ui.frame import page_header
from pages.ui.live import LiveRun
from pages.ui.text import lesson, tr

PATH = "pages/10_train_2d.py"
page_header(PATH)
text = lesson("train_2d")
run = LiveRun("2d", "plane")

st.title(tr("Train a 2D GAN"))
st.markdown(text["intro"])
live, settings = st.columns([3.4, 1], gap="medium")
with live:
    run.transport()
    run.board()
with settings:
    run.controls()

lessons.after_training(text)
lessons.footer(PATH, text["sources"])
