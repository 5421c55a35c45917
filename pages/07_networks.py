"""Inside the networks: layers and their shapes, what an activation is for, and what dropout really drops."""

import streamlit as st

from gan_core import networks
from gan_core.lessons import dropout, layers, nonlinearity
from pages.ui import lessons
from pages.ui.board import charts, tile
from pages.ui.controls import default_preset
from pages.ui.exhibits.networks import band_panel, count_panel, curve_panel, layers_picture, mask_panel, output_panel
from pages.ui.frame import page_header
from pages.ui.text import lesson, tr

PATH = "pages/07_networks.py"

page_header(PATH)
text = lesson("networks")

opinions = st.cache_data(dropout.opinions)


def palette() -> dict[str, str]:
    """The theme's colours by role."""
    theme = st.context.theme.type or "light"
    colors = st.get_option(f"theme.{theme}.chartCategoricalColors")
    roles = dict(zip(("data", "generator", "discriminator"), colors, strict=False))
    return roles | {"text": st.get_option(f"theme.{theme}.textColor")}


@st.fragment
def counted() -> None:
    """The layers of G and D side by side, with every parameter counted."""
    names = {"note": tr("The note's"), "1d": tr("The 1D page's"), "2d": tr("The 2D page's")}
    chosen = st.segmented_control(tr("Networks"), list(names), format_func=names.get, default="note", required=True,
                                  key="networks_which")  # fmt: skip
    if chosen == "note":
        g, d = layers.NOTE_G, layers.NOTE_D
    else:
        g, d = layers.of_config(default_preset({"1d": "line", "2d": "plane"}[chosen]))
    charts("networks_count", [], [
        tile("g", tr("Parameters of G"), f"{g.parameters:,}", "generator"),
        tile("d", tr("Parameters of D"), f"{d.parameters:,}", "discriminator"),
        tile("first", tr("First layer of G"), f"{g.layers[0].parameters:,}"),
    ])  # fmt: skip
    pictures = (
        (g, tr("Generator"), ("z", "x"), "generator"),
        (d, tr("Discriminator"), ("x", "D(x)" if d.layers[-1].activation else tr("logit")), "discriminator"),
    )
    for column, (net, title, ends, role) in zip(st.columns(2), pictures, strict=True):
        column.image(layers_picture(net, title, ends, role, palette(), tr), width="stretch",
                     alt=f"{title}: {' → '.join(map(str, net.sizes))}")  # fmt: skip
    st.caption(tr("B is the batch size: every row of the batch goes through the same weights."))


@st.fragment
def bend() -> None:
    """A random network as a curve, by activation."""
    kinds = {"relu": "ReLU", "leaky_relu": "Leaky ReLU", "tanh": "tanh", "none": tr("no activation")}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        kind = st.segmented_control(tr("Activation"), list(kinds), format_func=kinds.get, default="relu",
                                    required=True, key="networks_kind")  # fmt: skip
        depth = st.slider(tr("Hidden layers"), 1, 6, 2, key="networks_depth", width=260)
        if st.button(tr("Other weights"), icon=":material/casino:", key="networks_other"):
            st.session_state.networks_seed = st.session_state.get("networks_seed", 1) + 1
        clipped = st.toggle(tr("ReLU on the output, too"), key="networks_clipped")
    c = nonlinearity.curve(kind, depth, st.session_state.get("networks_seed", 1))
    charts("networks_bend", [curve_panel(c, tr), output_panel(c, clipped, tr)], [
        tile("parameters", tr("Parameters"), f"{c.parameters:,}"),
        tile("departure", tr("Off the straight line"), f"{c.departure:.3f}"),
        tile("lowest", tr("Lowest D(x)"), f"{(c.clipped_d if clipped else c.d).min():.3f}", "discriminator"),
    ])  # fmt: skip


@st.fragment
def masks() -> None:
    """Which neurons dropout takes, how many, and what D says meanwhile."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        p = st.slider(tr("Dropout p"), 0.0, 0.9, 0.5, 0.1, key="networks_p", width=360)
        if st.button(tr("Another mask"), icon=":material/shuffle:", key="networks_mask"):
            st.session_state.networks_draw = st.session_state.get("networks_draw", 2) + 1
    dropped = dropout.dropped_neurons(p, st.session_state.get("networks_draw", 2))
    expected, o = dropout.count(p), opinions(p)
    panels = [mask_panel(dropped, tr), count_panel(expected, int(dropped.sum()), tr), band_panel(o, tr)]
    charts("networks_dropout", panels, [
        tile("dropped", tr("Dropped this time"), f"{dropped.sum()}", "accent"),
        tile("expected", tr("Expected, 256 p"), f"{expected.mean:.1f}"),
        tile("deviation", tr("Standard deviation"), f"{expected.deviation:.1f}"),
        tile("scale", tr("Kept ones times"), f"{expected.scale:.2f}"),
        tile("width", tr("Width of the band"), f"{o.width:.3f}", "discriminator"),
        tile("error", tr("Mean |D − D*|"), f"{o.error:.3f}", "discriminator"),
    ])  # fmt: skip


st.title(tr("Inside the networks"))
st.markdown(text["intro"])
lessons.predict("networks", "biases", text["predict_biases"])
counted()
st.markdown(text["latent"])
with st.container(horizontal=True):
    st.page_link("pages/09_train_1d.py", label=tr("Train a 1D GAN"), icon=":material/show_chart:")
    st.page_link("pages/10_train_2d.py", label=tr("Train a 2D GAN"), icon=":material/bubble_chart:")
    st.page_link("pages/11_train_mnist.py", label=tr("Train on handwriting"), icon=":material/draw:")
st.markdown(text["bend"])
bend()
st.markdown(text["bent"])
lessons.watch_out(text["watch_out_output"])
st.markdown(text["dropout"])
lessons.predict("networks", "half", text["predict_half"])
masks()
st.markdown(text["dropped"])
lessons.watch_out(text["watch_out_dropout"])
st.markdown(text["try"])
lessons.code_behind(layers.linear_parameters, nonlinearity.collapse, networks.MLP.record)
lessons.footer(PATH, text["sources"])
