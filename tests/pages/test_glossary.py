"""The glossary: complete, the same in both languages, and searchable."""

import re
import unicodedata

import pytest

from pages.ui.frame import PAGES
from pages.ui.glossary import matching, parse_table, plain
from pages.ui.text import LANGUAGES, TEXT, _sections
from tests.pages.visit import visit

PATH = "pages/23_glossary.py"
KINDS = ("symbols", "terms", "papers")
languages = pytest.mark.parametrize("language", LANGUAGES)


def tables(language):
    sections = _sections(TEXT / language / "glossary.md")
    return {name: parse_table(body) for name, body in sections.items() if name.partition("_")[0] in KINDS}


def rows(kind, language="en"):
    return [row for name, table in tables(language).items() if name.startswith(kind) for row in table.rows]


def test_both_languages_have_the_same_entries():
    english, korean = tables("en"), tables("ko")
    assert list(english) == list(korean)
    for name in english:
        same = {"symbols": (0, 3), "terms": (0, 1, 2, 4), "papers": (0, 1, 2, 3, 4)}[name.partition("_")[0]]
        for a, b in zip(english[name].rows, korean[name].rows, strict=True):
            assert [a[i] for i in same] == [b[i] for i in same]


def test_entries_are_distinct_and_link_to_pages():
    assert len({row[0] for row in rows("symbols")}) == len(rows("symbols"))
    assert len({row[0] for row in rows("terms")}) == len(rows("terms"))
    assert len({row[1] for row in rows("papers")}) == len(rows("papers"))
    assert {row[-1] for row in rows("symbols") + rows("terms")} <= {p.path for p in PAGES}
    for *_, year, arxiv, _ in rows("papers"):
        assert re.fullmatch(r"(19|20)\d\d", year)
        assert re.fullmatch(r"(\d{4}\.\d{4,5})?", arxiv)
        # a preprint comes out up to two years before the paper; that of the last day of 2016 counts as 2017
        assert not arxiv or -1 <= int(year) - (2000 + int(arxiv[:2])) <= 2


def key(title):
    """A title in the form in which shortened titles are found: letters and digits only, "GANs" for the long name."""
    title = unicodedata.normalize("NFKD", title).casefold()
    title = re.sub(r"generative\s+adversarial\s+networks", "gans", title)
    return re.sub(r"[^a-z0-9]", "", title)


@languages
@pytest.mark.parametrize("slug", [p.stem for p in sorted((TEXT / "en").glob("*.md"))])
def test_every_paper_that_a_lesson_cites_is_here(slug, language):
    sources = re.sub(r"\$[^$]*\$", "", _sections(TEXT / language / f"{slug}.md").get("sources", ""))  # no formulas
    papers = [(row[0].split(",")[0].split()[-1], key(row[1]), row[3]) for row in rows("papers")]
    cited = re.split(r"(?<![\w*\\])\*(?=[^\s*])([^*]+)\*(?!\*)", sources)  # titles are in italics; D* is none
    for before, title, after in zip(cited[0::2], cited[1::2], cited[2::2], strict=False):
        found = [p for p in papers if key(title) in p[1] and key(p[0]) in key(before)]
        assert found, f"*{title}* is not in the glossary, or its first author is not named before it"
        year = re.search(r"(?:19|20)\d\d", after)
        assert year is None or year[0] in {p[2] for p in found}, f"*{title}*: {year[0]} or {found}?"


def test_search():
    symbols = rows("symbols")
    assert matching(symbols, "") == symbols
    assert matching(symbols, "P_DATA")[0][0] == "$p_{data}$"
    assert matching(symbols, "p_data") == matching(symbols, "$p_{data}$")
    assert [row[0] for row in matching(rows("terms"), "붕괴")] == ["mode collapse"]
    assert [row[1] for row in matching(rows("papers"), "goodfellow 2014")] == ["Generative Adversarial Nets"]
    assert matching(rows("terms"), "mode zebra") == []
    assert plain(r"$\tfrac12(V+\log4)$") == "tfrac12(v+log4)"


# as the lecture note writes them, and the words by which it means them
NOTE = {
    "렐루": "activation function", "활성함수": "activation function", "드랍아웃": "dropout", "손실함수": "loss",
    "바이너리 크로스 엔트로피": "binary cross-entropy", "KLD": "Kullback-Leibler divergence (KL)", "minmax": "minimax game",
    "구분자": "discriminator D", "생성모델": "generator G", "확률분포": "distribution", "확분": "distribution",
    "랜덤벡터": "latent code, latent variable", "노이즈": "latent code, latent variable", "잠재공간": "latent space",
    "샘플링": "sample", "오차역전파": "back-propagation", "매개변수": "weight, bias", "과적합": "over-fitting",
    "비지도학습": "unsupervised learning", "상용로그": "nat, bit, dit", "선형레이어": "multi-layer perceptron (MLP)",
}  # fmt: skip


@languages
@pytest.mark.parametrize("word", NOTE)
def test_the_words_of_the_note_are_found(word, language):
    assert NOTE[word] in [row[0] for row in matching(rows("terms", language), word)]
    assert NOTE[word] in [row[0] for row in matching(rows("terms", language), word.casefold())]


@pytest.mark.parametrize(
    ("one", "other"), [("손실 함수", "손실함수"), ("정규 분포", "정규분포"), ("overfitting", "OVER-FITTING")]
)
def test_spaces_beside_hangul_and_hyphens_do_not_matter(one, other):
    for kind in ("symbols", "terms"):
        assert matching(rows(kind, "ko"), one) == matching(rows(kind, "ko"), other)
    assert matching(rows("symbols", "ko") + rows("terms", "ko"), other)


def test_a_word_is_not_found_across_the_space_between_two_others():
    row = ("training and testing", "학습")
    assert matching([row], "gan") == []
    assert matching([row], "training testing") == [row]


def test_a_table_of_another_form_is_refused():
    assert parse_table("#### A\n\n| x | y |\n|---|---|\n| $a\\|b$ | 2 |").rows == ((r"$a\|b$", "2"),)
    with pytest.raises(ValueError, match="3 cells instead of 2"):
        parse_table("#### A\n\n| x | y |\n|---|---|\n| 1 | 2 | 3 |")
    with pytest.raises(ValueError, match="a table is needed"):
        parse_table("#### A\n\nno table")


@languages
def test_the_page_filters_what_it_shows(language):
    at = visit(PATH, language)
    assert _counted(at) == [len(rows(kind)) for kind in KINDS]
    assert any(m.value == "$p_{data}$" for m in at.markdown)
    at.text_input(key="find").set_value("붕괴").run()
    assert not at.exception
    assert _counted(at)[1] == 1
    shown = [m.value for m in at.markdown]
    assert "**mode collapse**  \n모드 붕괴" in shown
    assert "$p_{data}$" not in shown
    at.text_input(key="find").set_value("zebra").run()
    assert _counted(at) == [0, 0, 0]


def _counted(at):
    """Symbols, terms and papers, as the line below the search field counts them."""
    line = next(c.value for c in at.caption if len(re.findall(r"\d+", c.value)) == 3)
    return [int(n) for n in re.findall(r"\d+", line)]
