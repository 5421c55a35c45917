"""The claims of the note: both languages tell the same of each, and the figures in their text are those of the core."""

import re
from collections import Counter

import numpy as np
import pytest
import torch

from gan_core import theory
from gan_core.lessons import bells
from gan_core.losses import LOSSES
from pages.ui.frame import PAGES
from pages.ui.note_claims import VERDICTS, parse_claims
from pages.ui.text import TEXT, _sections
from tests.pages.visit import visit

PATH = "pages/22_note_corrected.py"
languages = pytest.mark.parametrize("language", ["en", "ko"])


def claims(language):
    return parse_claims(_sections(TEXT / language / "note_corrected.md"))


@languages
def test_24_claims_in_order_with_links_to_pages_that_exist(language):
    found = claims(language)
    assert [c.number for c in found] == list(range(1, 25))
    assert {c.see for c in found} <= {p.path for p in PAGES}
    assert Counter(c.verdict for c in found) == {"right": 8, "imprecise": 13, "wrong": 3}
    assert all(c.part.startswith("### ") for c in found)


def test_both_languages_agree():
    for english, korean in zip(claims("en"), claims("ko"), strict=True):
        assert (english.verdict, english.see) == (korean.verdict, korean.see)
        original, _, translated = english.quote.split("\n")
        assert original == korean.quote
        assert translated.startswith("> “")
        assert _figures(english.text) == _figures(korean.text)


def _figures(text):
    """The decimal numbers of a text, in any order."""
    return sorted(re.findall(r"\d+\.\d+", text))


@languages
def test_the_figures_in_the_text_are_those_of_the_core(language):
    text = {c.number: c.text for c in claims(language)}
    half = torch.zeros(8, 1)
    p = np.full(4, 0.25)
    assert f"{theory.value_function(p, p, np.full(4, 0.5)):.3f}" == "-1.386"
    assert "-1.386" in text[9]
    log4 = theory.LOG4
    for figure in (np.log10(3), np.log(3)):
        assert f"{figure:.4f}" in text[10]
    assert f"{log4:.3f}" in text[10]
    assert f"{log4 / np.log(2):.0f} bits" in text[10] or f"{log4 / np.log(2):.0f}비트" in text[10]
    assert f"{log4 / np.log(10):.3f} dit" in text[10]
    apart = bells.shifted(4)
    for figure in (f"{apart.jeffreys:.2f}", f"{apart.jsd:.3f}", f"{np.log(2):.3f}"):
        assert figure in text[15]
    assert f"{256 * 0.5:.0f} ± {np.sqrt(256 * 0.5 * 0.5):.0f}" in text[20]
    loss = LOSSES["non_saturating"].d(half, half).value.item()
    assert f"{loss:.3f}" in text[23]
    assert f"{loss / 2:.3f}" in text[23]
    logit = torch.tensor([[0.01]], dtype=torch.float64).logit()
    steeper = LOSSES["non_saturating"].g(None, logit).by_fake / LOSSES["minimax"].g(None, logit).by_fake
    assert str(round(steeper.item())) in text[24]
    assert "0.01" in text[24]


def test_a_section_of_another_form_is_refused():
    good = "verdict: right\nsee: home.py\n\n> said\n\nfull"
    (claim,) = parse_claims({"part_a": "### A", "claim_01": good})
    assert (claim.part, claim.quote, claim.text) == ("### A", "> said", "full")
    with pytest.raises(ValueError, match="choose one of right, imprecise, wrong"):
        parse_claims({"claim_01": good.replace("right", "perhaps")})
    with pytest.raises(ValueError, match="claim_01: two lines"):
        parse_claims({"claim_01": good.replace("> said", "said")})
    with pytest.raises(ValueError, match="claim_02 stands at place 1"):
        parse_claims({"claim_02": good})


@languages
def test_the_filter_shows_the_claims_of_one_verdict(language):
    at = visit(PATH, language)
    assert _shown(at, language) == list(range(1, 25))
    for verdict, n in zip(VERDICTS, (8, 13, 3), strict=True):
        next(b for b in at.get("button_group") if b.key == "verdict").set_value(verdict).run()
        assert not at.exception
        assert _shown(at, language) == [c.number for c in claims(language) if c.verdict == verdict]
        assert len(_shown(at, language)) == n


def _shown(at, language):
    """The numbers of the claims whose full version is on screen."""
    on_screen = {m.value for m in at.markdown}
    return [c.number for c in claims(language) if c.text in on_screen and c.quote in on_screen]


def test_the_prediction():
    at = visit(PATH)
    at.radio(key="note_corrected_wrong").set_value(2).run()
    assert len(at.success) == 1
