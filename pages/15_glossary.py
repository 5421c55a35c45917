"""Glossary and sources: symbols, terms in English and Korean, and papers, with a search over all of them."""

import streamlit as st

from pages.ui import lessons
from pages.ui.frame import PAGES, page_header
from pages.ui.glossary import Row, matching, parse_table
from pages.ui.text import lesson, tr

PATH = "pages/15_glossary.py"

page_header(PATH)
text = lesson("glossary")
titles = {page.path: page.title for page in PAGES}
icons = {page.path: page.icon for page in PAGES}


def link(path: str) -> None:
    """The way to the page that shows an entry."""
    st.page_link(path, label=tr(titles[path]), icon=icons[path])


def symbol_row(row: Row) -> None:
    """A symbol, its meaning, its unit, its page."""
    symbol, meaning, unit, see = row
    cells = st.columns([1.1, 4.6, 1.5, 2.2], vertical_alignment="center")
    cells[0].markdown(symbol)
    cells[1].markdown(meaning)
    cells[2].caption(unit)
    with cells[3]:
        link(see)


def term_row(row: Row) -> None:
    """A term in both languages, its meaning, its page."""
    english, korean, meaning, see = row
    cells = st.columns([2.6, 4.6, 2.2], vertical_alignment="center")
    cells[0].markdown(f"**{english}**  \n{korean}" if english != korean else f"**{english}**")
    cells[1].markdown(meaning)
    with cells[2]:
        link(see)


def paper_row(row: Row) -> None:
    """A paper, and what these pages take from it."""
    authors, title, where, year, arxiv, taken = row
    at = f" [arXiv:{arxiv}](https://arxiv.org/abs/{arxiv})" if arxiv else ""
    st.markdown(f"{authors}: *{title}*, {where} {year}.{at}  \n→ {taken}")


KINDS = {"symbols": symbol_row, "terms": term_row, "papers": paper_row}


@st.fragment
def entries() -> None:
    """A search field, and below it what it leaves of the three lists."""
    query = st.text_input(tr("Search"), key="find", type="search", live=True, bind="query-params",
                          placeholder=tr("a symbol, a word in either language, an author, a year"))  # fmt: skip
    found: dict[str, list[tuple[str, list[Row]]]] = {kind: [] for kind in KINDS}
    for name, section in text.items():
        kind = name.partition("_")[0]
        if kind in KINDS:
            table = parse_table(section)
            found[kind].append((table.heading, matching(table.rows, query)))
    n = {kind: sum(len(rows) for _, rows in groups) for kind, groups in found.items()}
    st.caption(tr("{symbols} symbols, {terms} terms, {papers} papers", **n))
    for tab, kind in zip(st.tabs([tr("Symbols"), tr("Terms"), tr("Papers")]), KINDS, strict=True):
        with tab:
            for heading, rows in found[kind]:
                if rows:
                    st.markdown(heading)
                    for row in rows:
                        KINDS[kind](row)
            if not n[kind]:
                st.caption(tr("Nothing here; look at the other lists, or search for less."))


st.title(tr("Glossary and sources"))
st.markdown(text["intro"])
entries()
lessons.watch_out(text["watch_out"])
lessons.footer(PATH)
