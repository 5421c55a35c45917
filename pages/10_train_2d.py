"""Train a 2D GAN live: a cloud of fakes finds its way onto rings, grids and your own drawing, or fails to."""

import streamlit as st

from pages.ui import lessons
from pages.ui.frame import page_header
from pages.ui.live import LiveRun
from pages.ui.text import lesson, tr

PATH = "pages/10_train_2d.py"
page_header(PATH, stage=True)
text = lesson("train_2d")
run = LiveRun("2d", "plane")

run.head(tr("Train a 2D GAN"))
run.stage()
run.end_if_prose_is_hidden()
st.markdown(text["intro"])
lessons.after_training(text)
lessons.footer(PATH, text["sources"])
