"""What counts say, against exact expectations: of an estimator over all counts, of KLs by closed forms."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom

from gan_core.counts import best_accuracy_of_counts, jsd_of_counts, kl_reading, kl_readings_of_counts
from gan_core.divergences import js_divergence, js_divergence_debiased

properties = settings(max_examples=60, deadline=None, derandomize=True, database=None)
N = 20_000


def histograms(q, n, draws, seed=0):
    return np.random.default_rng(seed).multinomial(n, q, size=draws) / n


@pytest.mark.parametrize("per_cell", [4, 8, 20, 100])
@pytest.mark.parametrize("q", ["equal", "half missing", "tilted", "squeezed", "junk"])
def test_the_jsd_of_counts_has_no_bias(q, per_cell):
    """Down to a few samples per cell, where the first-order correction alone strays further."""
    n_cells = N // per_cell
    p = np.full(n_cells, 1 / n_cells)
    place = np.linspace(-1, 1, n_cells)
    q = {
        "equal": p,
        "half missing": np.where(place > 0, 1.0, 0.0),
        "tilted": 1.01 + place,
        "squeezed": np.exp(-(place**2) * 8),
        "junk": np.where(place > 0.9, 10.0, 0.5),
    }[q]
    q = q / q.sum()
    truth = js_divergence(p, q)
    drawn = histograms(q, N, 60)
    found = np.array([jsd_of_counts(p, h, N) for h in drawn])
    tolerance = 4 * found.std() / np.sqrt(60)
    assert found.mean() == pytest.approx(truth, abs=tolerance + 0.002)
    first_order = np.mean([js_divergence_debiased(p, h, N) for h in drawn])
    assert abs(found.mean() - truth) <= abs(first_order - truth) + tolerance + 1e-3


def test_the_first_order_alone_is_not_enough():
    """Five thousand cells, four samples each: it leaves .007 of a JSD of 0."""
    p = np.full(5000, 1 / 5000)
    (h,) = histograms(p, N, 1)
    assert js_divergence_debiased(p, h, N) > 0.004
    assert jsd_of_counts(p, h, N) == pytest.approx(0, abs=0.004)


def test_many_samples_need_the_first_order_only():
    p = np.full(50, 1 / 50)
    (h,) = histograms(p, N, 1)
    assert jsd_of_counts(p, h, N) == js_divergence_debiased(p, h, N)


@properties
@given(st.integers(2, 30), st.integers(0, 1000))
def test_best_accuracy_by_leaving_each_one_out(n, seed):
    """Against the definition: for every fake, a judge made from the others, asked about it and about the data."""
    rng = np.random.default_rng(seed)
    p = rng.dirichlet(np.ones(5))
    fakes = rng.integers(5, size=n)
    right = []
    for i, fake in enumerate(fakes):
        others = np.bincount(np.delete(fakes, i), minlength=5) / (n - 1)
        doubt = np.sqrt(p * (n - 1) + 0.5)
        says_real = (1 + np.clip((p - others) * (n - 1) / doubt, -1, 1)) / 2
        right.append((p @ says_real + 1 - says_real[fake]) / 2)
    found = best_accuracy_of_counts(p, np.bincount(fakes, minlength=5) / n, n)
    assert found == pytest.approx(np.mean(right), abs=1e-12)


@pytest.mark.parametrize(("p", "q"), [(0.5, 0.5), (0.3, 0.3), (0.5, 0.7), (0.2, 0.05)])
@pytest.mark.parametrize("n", [5, 40])
def test_expected_accuracy_by_enumeration(p, q, n):
    """Two cells, all counts: 1/2 where p_g = p_data, never more than the best D."""
    p, q = np.array([p, 1 - p]), np.array([q, 1 - q])
    k = np.arange(n + 1)
    found = [best_accuracy_of_counts(p, np.array([c, n - c]) / n, n) for c in k]
    expected = binom.pmf(k, n, q[0]) @ found
    best = (1 + np.abs(p - q).sum() / 2) / 2
    assert expected <= best + 1e-12
    if (p == q).all():
        assert expected == pytest.approx(0.5, abs=1e-12)
    elif n == 40:
        assert expected > 0.5 + 0.5 * (best - 0.5)


def test_kl_by_hand():
    a, b = np.log([0.5, 0.5]), np.log([0.25, 0.75])
    kl = kl_reading(a, b)
    assert kl.value == kl.at_least == pytest.approx(0.5 * np.log(2) + 0.5 * np.log(2 / 3))
    assert kl.missed == 0


def test_a_kl_that_is_infinite_has_a_bound_and_a_reason():
    """.1 is missed: were exp(-100) hidden there, the KL would be .9 log(.9/1) + .1 log(.1/e^-100)."""
    with np.errstate(divide="ignore"):
        a, b = np.log([0.9, 0.1]), np.log([1.0, 0.0])
    kl = kl_reading(a, b, hidden=-100)
    assert (kl.value, kl.missed) == (np.inf, pytest.approx(0.1))
    assert kl.at_least == pytest.approx(0.9 * np.log(0.9) + 0.1 * (np.log(0.1) + 100))
    assert kl_reading(a, b).at_least == np.inf


def test_rounding_is_not_missed():
    with np.errstate(divide="ignore"):
        a, b = np.log([1 - 1e-8, 1e-8]), np.log([1.0, 0.0])
    kl = kl_reading(a, b)
    assert (kl.value, kl.missed) == (pytest.approx(0, abs=1e-7), 0)


def test_masses_below_the_smallest_number_still_count():
    """KL of cells whose masses are e^-2000 and the like: no underflow."""
    a, b = np.array([np.log(0.5), np.log(0.5)]), np.array([0.0, -2000.0])
    assert kl_reading(a, b).value == pytest.approx(1000 - np.log(2), rel=1e-12)


def test_kls_of_counts():
    """No bias in either direction; a cell without fakes bounds one of them, fakes off the support the other."""
    p = np.linspace(1, 3, 40)
    p /= p.sum()
    q = p[::-1]
    truth = float(np.sum(p * np.log(p / q)))
    both = [kl_readings_of_counts(p, h, N) for h in histograms(q, N, 40)]
    for way in (0, 1):
        assert np.mean([b[way].value for b in both]) == pytest.approx(truth, abs=0.003)
    q = np.where(np.arange(40) < 10, 0, p)
    forward, reverse = kl_readings_of_counts(p, histograms(q / q.sum(), N, 1)[0], N)
    missed = p[:10].sum()
    assert forward.value == np.inf
    assert forward.missed == pytest.approx(missed)
    expected = missed * np.log(missed / (3 / N)) + (1 - missed) * np.log(1 - missed)
    assert forward.at_least == pytest.approx(expected, abs=0.01)
    assert reverse.value == pytest.approx(-np.log(1 - missed), abs=0.01)
    p[-1] = 0
    forward, reverse = kl_readings_of_counts(p / p.sum(), np.full(40, 1 / 40), N)
    assert reverse.value == reverse.at_least == np.inf
    assert reverse.missed == pytest.approx(1 / 40)
    assert np.isfinite(forward.value)
