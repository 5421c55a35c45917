"""Train a 1D GAN live: watch p_g walk onto p_data, D(x) settle on D*(x), and the divergences fall."""

import streamlit as st

from pages.ui import lessons
from pages.ui.frame import page_header
from pages.ui.live import LiveRun
from pages.ui.text import lesson, tr

PATH = "pages/09_train_1d.py"
page_header(PATH, stage=True)
text = lesson("train_1d")
run = LiveRun("1d", "line")

run.head(tr("Train a 1D GAN"))
run.stage()
run.end_if_prose_is_hidden()
st.markdown(text["intro"])
lessons.after_training(text)
lessons.footer(PATH, text["sources"])
