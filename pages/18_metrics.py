"""How good, as practised: FID, inception score, precision and recall, copying, and whom each of them lets pass."""

import numpy as np
import streamlit as st

from gan_core.distributions import DISTRIBUTIONS
from gan_core.lessons import cheats, frechet_bias, metrics
from pages.ui import lessons
from pages.ui.board import charts, tile
from pages.ui.exhibits import metrics as draw
from pages.ui.frame import page_header
from pages.ui.text import lesson, tr

PATH = "pages/18_metrics.py"
RING = DISTRIBUTIONS["ring_8"]
N, K = 2000, 3
CELLS = 130  # per side of the window, in which land is drawn
N_OUTLIERS = 20
REPEATS = 20
RULED = np.geomspace(frechet_bias.SIZES[0], frechet_bias.SIZES[-1], 60).round().astype(int)

page_header(PATH)
text = lesson("metrics")
names = {key: tr(cheat.name) for key, cheat in cheats.CHEATS.items()}


@st.cache_resource(max_entries=20, show_spinner=False)
def world(k: int, n_outliers: int) -> metrics.World:
    """What the fakes are measured against."""
    return metrics.world(RING, N, k, n_outliers)


@st.cache_data(max_entries=200, show_spinner=False)
def land(cheat: str, share: float, k: int, n_outliers: int) -> tuple[np.ndarray, np.ndarray]:
    """Where the balls of the data lie in the window, and those of the fakes: (CELLS, CELLS) booleans each."""
    of_data = world(k, n_outliers)
    of_fakes = metrics.Manifold(cheats.fakes(cheat, share, N, of_data, 0), k)
    return tuple(metrics.raster(m, RING.bounds, CELLS) for m in (of_data.manifold, of_fakes))


@st.cache_data(show_spinner=False)
def verdicts() -> dict[str, dict[str, cheats.Verdict]]:
    """Who catches whom."""
    return cheats.verdicts(world(K, 0))


@st.cache_data(show_spinner=False)
def measured(features: str) -> tuple[np.ndarray, np.ndarray]:
    """What perfect fakes read on average over `frechet_bias.SIZES`, and the rule for it over RULED."""
    variances = frechet_bias.features()[features].variances
    means = [frechet_bias.readings(variances, n, REPEATS, 0).mean() for n in frechet_bias.SIZES]
    return np.array(means), np.array([frechet_bias.bias_rule(variances, n) for n in RULED])


extrapolation = st.cache_data(max_entries=200, show_spinner=False)(frechet_bias.extrapolate)


@st.fragment
def clouds() -> None:
    """Choose fakes with a fault, and read seven rulers."""
    first, second, third, fourth = st.columns([5, 4, 3, 3], vertical_alignment="bottom")
    cheat = first.selectbox(
        tr("Fakes"), names, index=list(names).index("lump"), format_func=names.get, key="metrics_cheat"
    )
    share = second.slider(tr("Share that cheats, in %"), 0, 100, 100, 5, key="metrics_share") / 100
    k = third.select_slider(tr("Balls up to neighbour k"), (1, 3, 5, 10), K, key="metrics_k")
    strewn = N_OUTLIERS if fourth.toggle(tr("Real outliers"), key="metrics_outliers") else 0
    against = world(k, strewn)
    fakes = cheats.fakes(cheat, share, N, against, 0)
    readings = {key: ruler.measure(fakes, against) for key, ruler in metrics.RULERS.items()}
    usual = next(iter(verdicts().values()))
    numbers = [
        tile(key, tr(ruler.name), f"{readings[key]:.{ruler.digits}f}", "generator",
             tr("Perfect fakes read {value} on average", value=f"{usual[key].usual:.{ruler.digits}f}"))
        for key, ruler in metrics.RULERS.items()
    ]  # fmt: skip
    lands = land(cheat, share, k, strewn)
    on_data = against.manifold.contains(fakes)
    on_fakes = metrics.Manifold(fakes, k).contains(against.held_out)
    mixed = np.random.default_rng(0).permutation(N)  # those that cheat come first
    charts("metrics_clouds", [
        draw.land_panel("precision", lands[0], fakes[mixed], on_data[mixed], RING.bounds, readings["precision"], tr),
        draw.land_panel("recall", lands[1], against.held_out[mixed], on_fakes[mixed], RING.bounds, readings["recall"], tr),
    ], numbers)  # fmt: skip


@st.fragment
def bias() -> None:
    """The Fréchet distance of n fakes, the truth known."""
    first, second, third = st.columns(3)
    choices = {key: tr(f.name) for key, f in frechet_bias.features().items()}
    chosen = first.selectbox(tr("Features"), choices, index=3, format_func=choices.get, key="metrics_features")
    n = second.select_slider(tr("Fakes n"), (500, 1000, 2000, 5000, 10_000), 1000, key="metrics_n")
    truth = third.select_slider(tr("True distance"), (0.0, 0.1, 0.25, 0.5, 1.0, 2.0), 0.0, key="metrics_truth")
    variances = frechet_bias.features()[chosen].variances
    means, rule = measured(chosen)
    mean = float(means[frechet_bias.SIZES.index(n)]) + truth
    found = extrapolation(variances, n, truth, 0)
    numbers = [
        tile("truth", tr("Truth"), f"{truth:g}", "data"),
        tile("mean", tr("Mean reading"), f"{mean:.3f}", "generator", tr("Mean over 20 draws of n fakes")),
        tile("rule", tr("Truth + rule"), f"{truth + frechet_bias.bias_rule(variances, n):.3f}", "",
             tr("The bias by theory, in the code below")),
        tile("one", tr("One set of n"), f"{found.values[0]:.3f}", "generator"),
        tile("infinite", tr("Its line at 1/n = 0"), f"{found.intercept:.3f}", "accent",
             tr("What infinitely many fakes would read, were the line exact")),
    ]  # fmt: skip
    charts("metrics_few", [
        draw.bias_panel(frechet_bias.SIZES, means, (RULED, rule), truth, (n, mean), tr),
        draw.extrapolation_panel(found, truth, tr),
    ], numbers)  # fmt: skip


st.title(tr("How good, as practised"))
st.markdown(text["intro"])
st.page_link("pages/14_how_good.py", label=tr("How good is it?"), icon=":material/straighten:")
lessons.predict("metrics", "inception", text["predict_inception"])
clouds()
st.markdown(text["clouds"])
st.markdown(text["who"])
st.markdown(draw.verdict_table(verdicts(), names, metrics.RULERS, tr))
st.caption(text["legend"])
st.markdown(text["table"])
lessons.watch_out(text["watch_out"])
st.markdown(text["bias"])
lessons.predict("metrics", "bias", text["predict_bias"])
bias()
st.markdown(text["biased"])
st.markdown(text["try"])
lessons.code_behind(metrics.inception_score, metrics.Manifold, metrics.copying, frechet_bias.bias_rule)
lessons.footer(PATH, text["sources"])
