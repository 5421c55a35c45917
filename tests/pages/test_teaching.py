"""Paths and sheets: complete, in both languages, and never at odds with the lessons."""

import re
from urllib.parse import parse_qsl, urlsplit

import pytest

from gan_core import PRESETS, TrainConfig
from pages.ui import teaching
from pages.ui.frame import PAGES
from pages.ui.text import LANGUAGES, TEXT, _sections, speaking
from tests.pages.board import visit

PATH = "pages/21_teaching.py"
WITHOUT = {"home.py", "pages/21_teaching.py", "pages/23_glossary.py"}
languages = pytest.mark.parametrize("language", LANGUAGES)


def sections(language):
    return _sections(TEXT / language / "teaching.md")


@languages
def test_every_lesson_has_a_sheet_and_a_place_on_the_way_of_a_week(language):
    slugs = {teaching.slug(page) for page in PAGES if page.path not in WITHOUT}
    assert {name.removeprefix("sheet_") for name in sections(language) if name.startswith("sheet_")} == slugs
    assert set(re.findall(r"\(page:(\w+)\)", sections(language)["path_week"])) == slugs


@languages
@pytest.mark.parametrize(("path", "minutes"), [("quarter", 15), ("lecture", 90)])
def test_a_path_takes_as_long_as_it_says(path, minutes, language):
    assert sum(int(n) for n in re.findall(r"\((\d+) ?(?:min|분)\)", sections(language)[f"path_{path}"])) == minutes


def test_both_languages_lead_to_the_same_places():
    english, korean = sections("en"), sections("ko")
    for name in english:
        assert re.findall(r"\]\((.+?)\)", english[name]) == re.findall(r"\]\((.+?)\)", korean[name]), name


@languages
def test_links_open_the_experiments_they_name(language):
    with speaking(language):
        text = teaching.linked("\n".join(sections(language).values()))
    assert "[](" not in text
    places = {teaching.slug(page) for page in PAGES}
    presets = [preset.config for preset in PRESETS.values()]
    for link in re.findall(r"\]\((.+?)\)", text):
        parts, query = urlsplit(link), dict(parse_qsl(urlsplit(link).query))
        assert parts.path in places
        assert query.pop("lang", "en") == language
        assert not query or TrainConfig.from_params(query) in presets


@languages
def test_a_sheet_asks_what_the_lesson_asks(language):
    at = visit(PATH, lang=language)
    at.selectbox(key="sheet").select("why_it_spins").run()
    shown = "\n".join(m.value for m in at.markdown)
    lesson = _sections(TEXT / language / "why_it_spins.md")
    with speaking(language):
        expected = list(teaching.answers(lesson))
    assert len(expected) == sum(name.startswith("predict_") for name in lesson) == 3
    assert all(question in shown for question in expected)
    assert not at.exception


def test_all_sheets_stand_on_one_page_to_print():
    at = visit(PATH, sheet="all")  # by its address, too
    titles = "\n".join(m.value for m in at.markdown)
    assert all(f"### {page.title}" in titles for page in PAGES if page.path not in WITHOUT)
