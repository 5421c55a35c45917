"""Every page by AppTest, in both languages: what it shows, not only that it runs."""

import tomllib

import pytest

from gan_core import PRESETS
from pages.ui.cards import PICTURES, evidence
from pages.ui.frame import PAGES
from pages.ui.text import catalogue
from tests.pages.board import visit


@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.path)
def test_every_page_runs_in_both_languages(page, language):
    at = visit(page.path, lang=language)
    assert len(at.title) == 1
    # quotations are from the Korean note, in both languages
    shown = " ".join(m.value for m in [*at.title, *at.markdown, *at.caption] if not m.value.startswith(">"))
    assert any("가" <= c <= "힣" for c in shown) == (language == "ko")


@pytest.mark.parametrize("language", ["en", "ko"])
def test_the_gallery_has_a_card_with_a_picture_for_every_2d_preset(language):
    at = visit("pages/12_gallery.py", lang=language)
    shown = " ".join(m.value for m in [*at.markdown, *at.caption])
    for key, preset in PRESETS.items():
        if preset.config.kind == "plane":
            assert (PICTURES / f"{key}.webp").exists(), "run python -m benchmarks.gallery"
            assert (preset.story if language == "en" else catalogue()[preset.story]) in shown
            assert evidence(preset)


def test_nothing_is_left_untranslated():
    """Every English text in the code has its Korean one, and every lesson its sections in both languages."""
    from pages.ui import text
    from tests.pages.translations import keys_in_code

    missing = sorted(keys_in_code() - catalogue().keys())
    assert missing == []
    assert sorted(catalogue().keys() - keys_in_code()) == [], "in the catalogue, but no longer in the code"
    labels = [key for path in text.label_files() for key in tomllib.loads(path.read_text("utf-8"))]
    assert sorted({k for k in labels if labels.count(k) > 1}) == [], "in two files of labels"
    english = {p.name: set(text._sections(p)) for p in (text.TEXT / "en").glob("*.md")}
    korean = {p.name: set(text._sections(p)) for p in (text.TEXT / "ko").glob("*.md")}
    assert english == korean
