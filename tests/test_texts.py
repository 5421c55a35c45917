"""The Korean texts follow one style, and what every page tells the browser about its language."""

import re

import pytest

from pages.ui.frame import PAGES
from pages.ui.text import TEXT, catalogue
from tests.pages.visit import visit

LESSONS = [p for language in ("en", "ko") for p in sorted((TEXT / language).glob("*.md"))]
EVERY_LESSON = pytest.mark.parametrize("path", LESSONS, ids=lambda p: f"{p.parent.name}-{p.stem}")
HANGUL = "[가-힣]"


def prose(markdown):
    """Without formulas, code, and quotations of the lecture note."""
    markdown = re.sub(r"\$\$.*?\$\$|\$[^$\n]*\$|`[^`]*`", "", markdown, flags=re.DOTALL)
    return re.sub(r"^>.*$", "", markdown, flags=re.MULTILINE)


def korean():
    """(where, text) of all that a Korean visitor reads: the prose, and the labels."""
    for path in LESSONS:
        if path.parent.name == "ko":
            yield path.name, prose(path.read_text("utf-8"))
    yield from catalogue().items()


def misses(pattern):
    return [(where, found[0]) for where, text in korean() for found in re.finditer(pattern, text)]


@EVERY_LESSON
def test_hangul_is_never_slanted(path):
    """Emphasis by one asterisk or underscore slants; Hangul has no italics, and browsers make it lean by force."""
    text = re.sub(r"\$\$.*?\$\$|\$[^$\n]*\$|`[^`]*`", "", path.read_text("utf-8"), flags=re.DOTALL)
    text = re.sub(r"\\[*_]|\*\*", "", text)
    slanted = re.findall(r"(?<!\w)([*_])(?=\S)([^*_\n]*(?:\n(?!\n)[^*_\n]*)?)(?<=\S)\1", text)
    assert [words for _, words in slanted if re.search(HANGUL, words)] == []


def test_labels_are_never_slanted():
    assert misses(rf"(?<![*\\\w])\*(?=[^*\s])[^*\n]*{HANGUL}[^*\n]*(?<=[^*\s])\*(?!\*)") == []


@EVERY_LESSON
def test_the_star_of_d_is_escaped(path):
    """Two stars on a line would slant what lies between them, and vanish."""
    assert re.findall(r".{0,20}(?<![*\\\w])D\*(?!\*).{0,20}", prose(path.read_text("utf-8"))) == []


@EVERY_LESSON
def test_hangul_under_a_brace_has_room(path):
    """KaTeX knows no measures of Hangul and would cut its lower part off; a rule without width makes the room."""
    for formula in re.findall(r"\$\$.*?\$\$", path.read_text("utf-8"), flags=re.DOTALL):
        if re.search(rf"_\{{\\text\{{[^}}]*{HANGUL}", formula):
            assert r"\rule[-0.5em]{0pt}{0.5em}" in formula


def test_percent_signs_follow_their_number_at_once():
    assert misses(r".{0,10}[\d}]\s+%") == []


def test_questions_invite():
    """ "-(으)ㄹ까요?", as one thinks along; "-(스)ㅂ니까?" interrogates."""
    assert misses(r".{0,20}니까[?,]") == []


def test_readers_are_addressed_in_one_way():
    assert misses(r".{0,10}(?:당신|너희|귀하).{0,5}") == []


def test_sentences_end_with_a_full_stop_not_a_colon():
    assert misses(r".{0,20}[다요까]\**:(?=\s|$)") == []


@pytest.mark.parametrize(
    ("word", "instead_of"),
    [("모멘텀", "관성"), ("버튼", "단추"), ("픽셀", "화소"), ("오차역전파", "오차 역전파"), ("실시간", "라이브 "),
     ("파젠 창", "파르젠"), ("지지집합", "받침"), ("평활", "뭉개")],
)  # fmt: skip
def test_one_thing_has_one_name(word, instead_of):
    found = [(where, text) for where, text in misses(f".{{0,10}}{instead_of}.{{0,10}}")]
    assert [f for f in found if f[0] != "glossary.md"] == [], f"elsewhere: {word}"  # the glossary lists other names


@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.path)
def test_every_page_tells_the_browser_its_language(page, language):
    found = [e.proto.body for e in visit(page.path, language).sidebar.get("html")]
    assert any(f"document.documentElement.lang = '{language}'" in body for body in found)
