"""The stack of what D proves: it names the measure of the loss, and shows where that is infinite."""

import math

import numpy as np

from gan_core import LOSSES
from gan_core.proof import PROOFS
from pages.ui import proof_charts
from pages.ui.step_charts import Moment


def test_every_measure_has_the_name_unit_and_top_of_its_proof():
    proofs = {key: (p.name, p.unit, p.top) for key, p in PROOFS.items()}
    wasserstein = proof_charts.MEASURES["wasserstein"]
    assert proofs | {"wasserstein": wasserstein} == proof_charts.MEASURES


def moment(key, proven, provable):
    step = np.arange(len(proven)) * 20
    history = {"step": step, "proven": np.array(proven), "provable": np.array(provable), "proven_error": 0.0 * step}
    return Moment(history=history, step=int(step[-1]), loss=LOSSES[key])


def test_an_infinite_measure_is_a_triangle_at_the_top_and_what_d_proves_stays_in_sight():
    m = moment("f_kl", [0.5, 1.5, 0.2], [math.inf, math.inf, 0.9])
    _, whole, infinite = proof_charts.stack(proof_charts.PROOF.curves, m, str)
    assert whole["name"] == "KL"
    np.testing.assert_array_equal(whole["y"], [math.nan, math.nan, 0.9])
    assert "fill" not in whole
    assert infinite["x"].tolist() == [0, 20]
    assert infinite["name"] == "KL = ∞"
    top = proof_charts.proof_axis(m, str)["range"][1]
    assert 1.5 < infinite["y"][0] < top


def test_a_measure_that_is_never_finite_has_no_line():
    m = moment("f_kl", [0.5, 1.5], [math.inf, math.inf])
    proven, infinite = proof_charts.stack(proof_charts.PROOF.curves, m, str)
    assert (proven["name"], infinite["name"]) == ("proven by D", "KL = ∞")


def test_a_finite_measure_has_none():
    m = moment("f_hellinger", [0.1, 0.2], [0.4, 0.3])
    assert [trace["name"] for trace in proof_charts.stack(proof_charts.PROOF.curves, m, str)] == [
        "proven by D", "squared Hellinger",
    ]  # fmt: skip
    assert proof_charts.proof_axis(m, str)["range"] == [0, 2.16]


def test_where_the_whole_cannot_be_counted_no_sum_is_claimed():
    said = proof_charts.proof_help(
        moment("f_pearson", [0.5, 0.2], [math.nan, math.nan]), lambda text, **v: text.format(**v)
    )
    assert said == "a part of Pearson χ²; samples do not tell the whole"
    said = proof_charts.proof_help(moment("f_kl", [0.5, 0.2], [0.6, 0.3]), lambda text, **v: text.format(**v))
    assert said == "proven + not yet proven = KL"
