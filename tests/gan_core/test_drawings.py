"""A drawing as a target: its key carries it, its mass sits on its cells, a damaged one is refused."""

import base64
import contextlib
import re
import tracemalloc
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.ndimage import binary_dilation

from gan_core.own_targets import CELLS, from_cells, lookup, painted_cells
from tests.gan_core.targets import SMILE, window_edges

CELL_EDGES = np.linspace(-2.6, 2.6, CELLS + 1)

drawings = (
    st.one_of(
        st.binary(min_size=CELLS * CELLS // 8, max_size=CELLS * CELLS // 8),
        st.sets(st.integers(0, CELLS * CELLS // 8 - 1), min_size=1, max_size=8).map(
            lambda filled: bytes(255 * (i in filled) for i in range(CELLS * CELLS // 8))
        ),
    )
    .filter(any)
    .map(lambda data: np.unpackbits(np.frombuffer(data, np.uint8)).astype(bool).reshape(CELLS, CELLS))
)
some = settings(max_examples=40, deadline=None, derandomize=True, database=None)


def encoded(data):
    return "cells-" + base64.urlsafe_b64encode(data).decode().rstrip("=")


@some
@given(drawings)
def test_a_drawings_key_carries_it(painted):
    target = from_cells(painted)
    np.testing.assert_array_equal(painted_cells(target.key), painted)
    assert lookup(target.key).key == from_cells(painted.astype(int)).key == target.key
    assert len(target.key) < 200
    assert re.fullmatch(r"[\w-]+", target.key, re.ASCII)  # nothing that a link would have to escape


@some
@given(drawings)
def test_a_drawings_mass_sits_on_its_cells(painted):
    """Each Gaussian is half a cell wide: .466 of it lies in its cell, .9946 in the 3 x 3 around."""
    target, n = from_cells(painted), painted.sum()
    assert (target.dim, target.modes, target.separated) == (2, None, False)
    mass = target.grid_mass(CELL_EDGES, CELL_EDGES)
    assert mass[painted].min() >= 0.46606 / n
    assert mass[~binary_dilation(painted, np.ones((3, 3)))].sum() <= 0.0054
    assert target.grid_mass(*window_edges(target, 60, 60)).sum() > 0.997  # a lone corner reaches over the window


def test_a_drawing_is_not_turned_or_mirrored():
    """First index x from left to right, second y from bottom to top."""
    painted = np.zeros((CELLS, CELLS))
    painted[1, 20] = 1
    x = from_cells(painted).sample(2000, np.random.default_rng(0))
    cell = 5.2 / CELLS
    np.testing.assert_allclose(x.mean(0), (1.5 * cell - 2.6, 20.5 * cell - 2.6), atol=5 * cell / 2 / 2000**0.5)
    np.testing.assert_allclose(x.std(0), cell / 2, rtol=0.1)


@pytest.mark.parametrize(
    "key",
    [
        "cells-",
        "cells-!!!",
        "cells-é",
        "cells-AAAA",
        from_cells(SMILE).key[:20],
        from_cells(SMILE).key.replace("-", "-A", 1),
        encoded(b"not zipped"),
        encoded(zlib.compress(bytes([255] * (CELLS * CELLS // 8 - 1)))),
        encoded(zlib.compress(bytes([255] * (CELLS * CELLS // 8 + 1)))),
    ],
)
def test_a_damaged_drawing_is_refused(key):
    for read in (lookup, painted_cells):
        with pytest.raises(ValueError, match=r"The drawing in this link is damaged\. Draw it again"):
            read(key)


@some
@given(st.data())
def test_a_changed_key_is_refused_or_harmless(data):
    """The checksum sees to it that no typo draws another picture."""
    key = from_cells(SMILE).key
    at = data.draw(st.integers(len("cells-"), len(key) - 1))
    letter = data.draw(st.sampled_from("ABCXYZabcxyz0189-_"))
    with contextlib.suppress(ValueError):
        np.testing.assert_array_equal(painted_cells(key[:at] + letter + key[at + 1 :]), SMILE)


def test_a_bomb_is_not_unpacked():
    """20 MB of zeros fit into a key of 27,000 letters."""
    key = encoded(zlib.compress(bytes(20_000_000), 9))
    tracemalloc.start()
    with pytest.raises(ValueError, match="damaged"):
        lookup(key)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1_000_000


def test_an_empty_drawing_is_refused():
    for read in (lambda: from_cells(np.zeros((CELLS, CELLS))), lambda: lookup(encoded(zlib.compress(bytes(72))))):
        with pytest.raises(ValueError, match="The drawing is empty: paint at least one cell"):
            read()


def test_a_drawing_of_another_size_is_refused():
    with pytest.raises(ValueError, match=r"shape \(24, 23\); it needs \(24, 24\)"):
        from_cells(np.ones((24, 23)))
