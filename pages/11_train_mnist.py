"""Train a GAN on handwritten digits live: noise turns into digits, and every curve says honestly what it knows."""

import streamlit as st

from gan_core import parzen
from gan_core.training import IMAGE_DIM
from pages.ui import images, lessons
from pages.ui.board import charts
from pages.ui.exhibits.parzen import parzen_panel
from pages.ui.frame import page_header
from pages.ui.live import LiveRun
from pages.ui.text import lesson, tr

PATH = "pages/11_train_mnist.py"
page_header(PATH)
text = lesson("train_mnist")
run = LiveRun(images.PAGE, IMAGE_DIM, images.content, images.look, images.adapt, images.CLOSER)

st.title(tr("Train on handwritten digits"))
st.markdown(text["intro"])
images.data_notice(run)
live, settings = st.columns([3.4, 1], gap="medium")
with live:
    run.transport()
    images.way_back()
    run.board()
    st.markdown(text["closer"])
    images.closer(run)
with settings:
    run.controls()

lessons.after_training(text)
st.markdown(text["ruler"])
charts("mnist_parzen", [parzen_panel(parzen.load(), tr)])
st.caption(tr("Measured by `python -m scripts.parzen`; the grey bars are the authors'."))
lessons.code_behind(parzen.score)
lessons.footer(PATH, text["sources"])
