"""Too few examples: D learns its training images by heart, and what dropout, R1 and augmentation do about it."""

from functools import partial

import streamlit as st

from gan_core.images import augment, few
from pages.ui import image_page, lesson_training, lessons
from pages.ui.board import charts, tile
from pages.ui.exhibits import few_examples as draw
from pages.ui.frame import page_header
from pages.ui.text import lesson, tr

PATH = "pages/19_few_examples.py"
SHOWN, LIVE_EXAMPLES, LIVE_STRIDE, LIVE_STEPS = 12, (100, 500, 1500), 50, 4000

page_header(PATH)
text = lesson("few_examples")
data = image_page.images_here()
remedies = {
    "nothing": tr("Nothing"),
    "dropout": tr("Dropout 0.5"),
    "r1": tr("R1, γ = 1"),
    "fixed": tr("Augmentation"),
    "adaptive": tr("Adaptive (ADA)"),
}

seen = st.cache_data(max_entries=100, show_spinner=False)(few.seen)
originals = st.cache_data(max_entries=100, show_spinner=False)(few.originals)


def d_tiles(d_train: float, d_held_out: float, d_fake: float) -> list[dict[str, str]]:
    """What D says, and the gap."""
    return [
        tile("d_train", tr("D on training images"), f"{d_train:.2f}", "data"),
        tile("d_held_out", tr("D on held-out images"), f"{d_held_out:.2f}", "data"),
        tile("gap", tr("Learnt by heart"), f"{d_train - d_held_out:+.2f}", "discriminator",
             tr("D on training images less D on images that it never saw; 0: it has learnt what all digits share")),
        tile("d_fake", tr("D on fakes"), f"{d_fake:.2f}", "generator"),
    ]  # fmt: skip


@st.fragment
def measured() -> None:
    """Choose a number of images and a remedy; the shipped curves of that training."""
    left, right = st.columns([1, 2], vertical_alignment="bottom")
    n = left.select_slider(tr("Training images"), few.EXAMPLES, 100, key="few_n", format_func=lambda n: f"{n:,}")
    remedy = right.segmented_control(tr("Against it"), list(remedies), format_func=remedies.get, default="nothing",
                                     required=True, key="few_remedy", wrap=True)  # fmt: skip
    table = few.load()
    course, without = (table[few.Attempt(n, **few.REMEDIES[key])] for key in (remedy, "nothing"))
    last = {name: float(values[-1]) for name, values in course.curves.items()}
    numbers = [
        *d_tiles(last["d_train"], last["d_held_out"], last["d_fake"]),
        tile("frechet", tr("Fréchet distance"), f"{last['frechet']:.0f}", "generator",
             tr("Of the classifier's features to those of real images, at the end of training")),
        tile("near", tr("Nearest example"), f"{course.near_fakes:.2f}", "generator",
             tr("Median L2 distance from a fake to the nearest training image. Held-out images: {others:.2f}. Much less is a copy",
                others=course.near_others)),
    ]  # fmt: skip
    ends = {
        key: [float(table[few.Attempt(k, **few.REMEDIES[key])].curves["frechet"][-1]) for k in few.EXAMPLES]
        for key in remedies
    }
    mnist_here = data == "mnist"
    charts("few_measured", [
        draw.opinions_panel(course.curves, tr),
        draw.quality_panel(course.curves, without.curves, course.floor, tr),
        draw.fakes_panel(course.fakes, few.STEPS, tr),
        *([draw.originals_panel(originals(course.fakes, n), tr)] if mnist_here else []),
        draw.controller_panel(course.curves, augment.Controller.TARGET, tr),
        draw.remedies_panel(few.EXAMPLES, ends, remedies, remedy, n, tr, columns=6 if mnist_here else 12),
    ], numbers)  # fmt: skip
    if not mnist_here:
        st.caption(tr("Once MNIST is on this machine, the training image most like each fake stands beside it."))


@st.fragment
def augmented() -> None:
    """What translation and cutout make of an image."""
    left, right = st.columns([3, 1], vertical_alignment="bottom")
    p = left.slider(tr("Probability p of each"), 0.0, 1.0, 1.0, 0.1, key="few_p")
    if right.button(tr("Draw again"), key="few_redraw"):
        st.session_state.few_seed = st.session_state.get("few_seed", 0) + 1
    charts("few_seen", [draw.seen_panel(seen(data, SHOWN, p, st.session_state.get("few_seed", 0)), tr)])


def draw_live(now: few.Progress) -> None:
    """The same pictures of the visitor's own training."""
    charts("few_live", [
        draw.opinions_panel(now.curves, tr, live=True),
        draw.fakes_panel(now.fakes, now.step, tr),
    ], d_tiles(now.last.d_train, now.last.d_held_out, now.last.d_fake))  # fmt: skip


st.title(tr("Too few examples"))
st.markdown(text["intro"])
lessons.predict("few_examples", "heart", text["predict_heart"])
measured()
st.caption(tr("MNIST at 14 × 14, one seed, 5,000 steps of 64 images; measured by `python -m scripts.few_examples`."))
st.markdown(text["heart"])
lessons.predict("few_examples", "augment", text["predict_augment"])
augmented()
st.markdown(text["augmented"])
lessons.watch_out(text["watch_out"])
st.markdown(text["live"])
left, right = st.columns([1, 2], vertical_alignment="bottom")
examples = left.select_slider(
    tr("Training images"), LIVE_EXAMPLES, 100, key="few_live_n", format_func=lambda n: f"{n:,}"
)
against = right.segmented_control(tr("Against it"), list(remedies), format_func=remedies.get, default="nothing",
                                  required=True, key="few_live_remedy", wrap=True)  # fmt: skip
if data == "digits":
    st.caption(tr("These are the 8 × 8 digits of scikit-learn, since MNIST is not on this machine."))
lesson_training.live(
    "few_own", (data, examples, against),
    partial(few.Training, few.Attempt(examples, **few.REMEDIES[against]), data, LIVE_STRIDE), few.Training.progress,
    draw_live, steps=LIVE_STEPS,
)  # fmt: skip
st.markdown(text["try"])
lessons.code_behind(augment.Augment.forward, augment.translated, augment.covered)
lessons.footer(PATH, text["sources"])
