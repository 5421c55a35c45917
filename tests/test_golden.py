"""Same link, same training, bit for bit, across commits: short trainings against values made once."""

import json

import numpy as np
import pytest

from scripts import golden_values

GOLDEN = json.loads(golden_values.FILE.read_text("utf-8"))
SAME_BUILD = golden_values.build() == GOLDEN["build"]


def test_every_case_is_pinned():
    assert GOLDEN["cases"].keys() == golden_values.CASES.keys()


@pytest.mark.parametrize("case", golden_values.CASES)
def test_a_link_trains_as_it_always_did(case):
    """To the last bit where the same build of torch made the values on the same processor.

    Elsewhere products are rounded otherwise, and Adam, which divides by the size of a gradient, makes differences of 1e-7
    grow tenfold within a few steps: there the first step is held, and roughly where the weights end.
    """
    found, golden = golden_values.train(case), GOLDEN["cases"][case]
    if SAME_BUILD:
        assert found == golden
    else:
        for name in ("d_loss", "g_loss"):
            np.testing.assert_allclose(found[name][0], golden[name][0], rtol=1e-3, atol=1e-4)
        np.testing.assert_allclose(found["norms"], golden["norms"], rtol=5e-3)
