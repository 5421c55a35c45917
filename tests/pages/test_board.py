"""The board's messages: packed arrays, and what comes back from the browser."""

import math

import numpy as np
import pytest

from pages.ui import board
from pages.ui.board import pack, unpack


def test_pack_and_unpack():
    message = {"a": np.array([1.5, math.nan, math.inf]), "b": [{"c": np.arange(3)}], "d": "é ∞", "e": np.float64(2)}
    back = unpack(pack(message))
    np.testing.assert_array_equal(back["a"], message["a"].astype(np.float32))
    np.testing.assert_array_equal(back["b"][0]["c"], [0, 1, 2])
    assert (back["d"], back["e"]) == ("é ∞", 2)
    with pytest.raises(TypeError, match="set cannot be sent"):
        pack({"a": {1}})


@pytest.mark.parametrize("n", range(6))
def test_bytes_are_packed_beside_floats(n):
    """Whatever stands between them, floats stay on multiples of four bytes."""
    message = {"a": np.arange(n, dtype=np.uint8), "b": np.array([math.pi]), "c": np.full((2, n), 255, np.uint8)[:, ::-1],
               "d": np.array([True, False])}  # fmt: skip
    packed = pack(message)
    assert len(packed) % 4 == 0
    back = unpack(packed)
    assert back["a"].dtype == back["c"].dtype == np.uint8
    np.testing.assert_array_equal(back["a"], message["a"])
    np.testing.assert_array_equal(back["b"], message["b"].astype(np.float32))
    np.testing.assert_array_equal(back["c"], message["c"].ravel())
    np.testing.assert_array_equal(back["d"], [1, 0])


@pytest.mark.parametrize(
    ("sent", "picks"),
    [([], []), ([0], [0]), ([63, 2], [63, 2]), ([64], []), ([-1], []), ([1, 1], []), ([1, 2, 3], []), ([1.0], []),
     ([True], []), (["1"], []), ("12", []), ({"0": 1}, []), (None, []), ([None], []), ([[1]], [])],
)  # fmt: skip
def test_only_possible_picks_come_from_the_browser(sent, picks):
    assert board.ON_OFFER == 64
    assert board._picks(sent) == picks
