"""Draw me a 7: conditional GANs, which are told the label, on digits and on the ring of eight modes."""

from functools import partial

import streamlit as st
import torch

from gan_core import GANTrainer, conditional
from gan_core.conditional import Course
from gan_core.images import conditional as digits
from gan_core.lessons import conditional as ring
from pages.ui import image_page, lesson_training, lessons
from pages.ui.board import charts, tile
from pages.ui.exhibits import draw_a_seven as draw
from pages.ui.frame import page_header
from pages.ui.text import lesson, tr

PATH = "pages/17_draw_a_seven.py"
STYLES, WAY, OF_EACH = 32, 10, 60  # images of one digit; images of a way; points of each mode
STEPS = 5000  # of a training on this page

page_header(PATH)
text = lesson("draw_a_seven")
DIGITS = range(10)
data = image_page.images_here()
starts = {"scratch": tr("From random weights"), "trained": tr("From the trained start")}


@st.cache_resource
def trained(data: str) -> GANTrainer:
    """The shipped GAN; nobody trains it here."""
    return digits.trainer(data, trained=True)


@st.cache_data
def measured(data: str) -> tuple[conditional.ConditionalEvaluation, float, float]:
    """It, measured; what the judge says of real images; and how much of its slant a row shares."""
    gan = trained(data)
    return gan.evaluate(), digits.labelled(data).real_accuracy(), digits.shared_slant(gan)


@st.fragment
def order() -> None:
    """Choose a digit; the same latents draw it 32 times."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        digit = st.segmented_control(
            tr("Draw me a"), DIGITS, default=7, required=True, key="seven_digit", width="content", wrap=True
        )
        if st.button(tr("Other styles"), icon=":material/casino:", key="seven_styles"):
            st.session_state.seven_seed = st.session_state.get("seven_seed", 0) + 1
    gan, (found, real, shared) = trained(data), measured(data)
    z = digits.styles(STYLES, st.session_state.get("seven_seed", 0))
    fakes = digits.write(gan, z, torch.full((STYLES,), digit))
    numbers = [
        tile("digit", tr("{digit}s that look like a {digit}", digit=digit), f"{found.by_label[digit]:.0%}", "generator",
             tr("Of 100 fakes, by the classifier")),
        tile("accuracy", tr("All ten digits"), f"{found.accuracy:.1%}", "generator"),
        tile("real", tr("Real digits"), f"{real:.1%}", "data", tr("Images that nobody trained on: what perfect fakes would read")),
        tile("chance", tr("By chance"), "10%"),
        tile("spread", tr("Spread within a digit"), f"{found.spread:.2f}", "accent",
             tr("Standard deviation of a pixel among fakes of one digit, of that among real ones; 0: always the same picture")),
        tile("slant", tr("Slant shared by a row"), f"{shared:.2f}", "accent",
             tr("Correlation, over 200 z, between the slants of two digits that one z draws; mean of all pairs of digits")),
    ]  # fmt: skip
    panels = [draw.ordered_panel(fakes, digit, tr), draw.table_panel(digits.table(gan), len(DIGITS), tr)]
    charts("seven_order", panels, numbers)


@st.fragment
def ways() -> None:
    """Between two styles of a digit, and between two digits of a style."""
    first, second, third = st.columns([2, 2, 1], vertical_alignment="bottom")
    digit = first.select_slider(tr("Digit"), DIGITS, 7, key="seven_from")
    other = second.select_slider(tr("Other digit"), DIGITS, 1, key="seven_to")
    if third.button(tr("Other styles"), icon=":material/casino:", key="seven_ends"):
        st.session_state.seven_pair = st.session_state.get("seven_pair", 0) + 1
    gan = trained(data)
    a, b = digits.styles(2, 100 + st.session_state.get("seven_pair", 0))
    within = digits.write(gan, digits.between(a, b, WAY), torch.full((WAY,), digit))
    mixed = digits.write(gan, a.repeat(WAY, 1), conditional.mixture(digit, other, WAY, len(DIGITS)))
    charts("seven_ways", [
        draw.strip_panel("within", within, tr("One label, from one z to another"), tr("always a {digit}", digit=digit)),
        draw.strip_panel("mixed", mixed, tr("One z, from one label to another"),
                         tr("{digit} → {other}: a mixture that G has never seen", digit=digit, other=other)),
    ])  # fmt: skip


def draw_digits(now: Course) -> None:
    """The table, and the curves."""
    found, real = now.evaluation, measured(data)[1]
    numbers = [
        tile("accuracy", tr("Accuracy"), f"{found.accuracy:.1%}", "generator"),
        tile("spread", tr("Spread within a digit"), f"{found.spread:.2f}", "accent"),
        tile("d_real", tr("D on real pairs"), f"{found.d_real:.2f}", "data"),
        tile("d_fake", tr("D on fake pairs"), f"{found.d_fake:.2f}", "generator"),
    ]
    charts("seven_live", [
        draw.table_panel(now.fakes, len(DIGITS), tr, step=now.step, height=330),
        draw.course_panel(now.curves, real, 0.1, tr, height=300),
    ], numbers)  # fmt: skip


def draw_ring(now: Course) -> None:
    """Choose a mode while it trains."""
    mode = st.select_slider(tr("Make the mode"), range(8), 2, key="seven_mode", format_func=lambda k: f"{45 * k}°")
    found, real = now.evaluation, ring.labelled().real_accuracy()
    numbers = [
        tile("mode", tr("This mode"), f"{found.by_label[mode]:.0%}", "generator"),
        tile("all", tr("All eight"), f"{found.accuracy:.1%}", "generator"),
        tile("ceiling", tr("Real samples"), f"{real:.1%}", "data", tr("Within 3 σ of their mode")),
    ]
    charts("seven_ring", [
        draw.modes_panel(ring.TARGET, now.fakes[:, :OF_EACH].reshape(-1, 2), now.fakes[mode], mode, now.step, tr),
        draw.accuracy_bars(found.by_label, real, [f"{45 * k}°" for k in range(8)], tr("mode that was ordered"), tr),
        draw.course_panel(now.curves, real, 1 / 8, tr),
    ], numbers)  # fmt: skip


st.title(tr("Draw me a 7"))
st.markdown(text["intro"])
lessons.predict("draw_a_seven", "same", text["predict_same"])
order()
if data == "digits":
    st.caption(
        tr(
            "The GAN was trained on MNIST, which is not on this machine. “Real” are here the 8 × 8 digits of scikit-learn."
        )
    )
st.markdown(text["ordered"])
lessons.predict("draw_a_seven", "ignores", text["predict_ignores"])
st.markdown(text["pairs"])
ways()
st.markdown(text["ways"])
lessons.watch_out(text["watch_out"].format(real=f"{measured(data)[1]:.1%}"))
st.markdown(text["live"])
start = st.segmented_control(tr("Start"), list(starts), format_func=starts.get, default="scratch", required=True,
                             key="seven_start")  # fmt: skip
lesson_training.live(
    "seven_digits", (data, start), partial(digits.trainer, data, trained=start == "trained"), digits.course, draw_digits,
    steps=STEPS,
)  # fmt: skip
st.markdown(text["ring"])
lesson_training.live("seven_modes", "ring", ring.trainer, ring.course, draw_ring, steps=STEPS)
st.markdown(text["try"])
lessons.code_behind(
    conditional.with_label, conditional.LabelledGenerator.forward, conditional.ProjectionDiscriminator.forward
)
lessons.footer(PATH, text["sources"])
