"""Train a GAN on handwritten digits live: noise turns into digits, and every curve says honestly what it knows."""

import streamlit as st

from gan_core.images import parzen
from pages.ui import image_page, lessons
from pages.ui.board import charts
from pages.ui.exhibits.parzen import parzen_panel
from pages.ui.frame import page_header
from pages.ui.live import LiveRun
from pages.ui.text import lesson, tr

PATH = "pages/11_train_mnist.py"
page_header(PATH, stage=True)
text = lesson("train_mnist")
run = LiveRun(image_page.PAGE, "images", image_page.adapt)

run.head(tr("Train on handwritten digits"))
run.stage()
run.end_if_prose_is_hidden()
image_page.data_notice(run)
st.markdown(text["intro"])
st.markdown(text["closer"])
image_page.closer(run)
lessons.after_training(text)
st.markdown(text["ruler"])
charts("mnist_parzen", [parzen_panel(parzen.load(), tr)])
st.caption(tr("Measured by `python -m scripts.parzen`; the grey bars are the authors'."))
lessons.code_behind(parzen.score)
lessons.footer(PATH, text["sources"])
