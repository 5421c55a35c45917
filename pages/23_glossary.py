"""Glossary and sources: symbols, terms in English and Korean, and papers, with a search over all of them."""

import streamlit as st

from pages.ui import lessons
from pages.ui.frame import PAGES, page_header
from pages.ui.glossary import Row, matching, parse_table, plain
from pages.ui.text import lesson, tr

PATH = "pages/23_glossary.py"

page_header(PATH)
text = lesson("glossary")
titles = {page.path: page.title for page in PAGES}
icons = {page.path: page.icon for page in PAGES}


def link(path: str) -> None:
    """The way to the page that shows an entry."""
    st.page_link(path, label=tr(titles[path]), icon=icons[path])


def symbol_row(row: Row) -> None:
    """A symbol, its meaning with the unit, its page."""
    symbol, meaning, unit, see = row
    cells = st.columns([1.5, 6, 2], gap="xxsmall", vertical_alignment="center")
    cells[0].markdown(symbol)
    cells[1].markdown(f"{meaning} :gray[· {unit}]" if unit else meaning)
    with cells[2]:
        link(see)


def term_row(row: Row) -> None:
    """A term in both languages, other words for it, its meaning, its page."""
    english, korean, also, meaning, see = row
    names = [f"**{english}**", korean if korean != english else "", f":gray[{also}]" if also else ""]
    cells = st.columns([2.6, 4.9, 2], gap="xxsmall", vertical_alignment="center")
    cells[0].markdown("  \n".join(filter(None, names)))
    cells[1].markdown(meaning)
    with cells[2]:
        link(see)


def paper_row(row: Row) -> None:
    """A paper, and what these pages take from it."""
    authors, title, where, year, arxiv, taken = row
    at = f" [arXiv:{arxiv}](https://arxiv.org/abs/{arxiv})" if arxiv else ""
    st.markdown(f"{authors}: *{title}*, {where} {year}.{at}  \n→ {taken}")


KINDS = {"symbols": symbol_row, "terms": term_row, "papers": paper_row}
names = {"symbols": tr("Symbols"), "terms": tr("Terms"), "papers": tr("Papers")}


tables = {kind: [parse_table(text[name]) for name in text if name.startswith(kind)] for kind in KINDS}


@st.fragment
def search() -> None:
    """A search field; below it what was found, or without a search all entries, kind by kind."""
    query = st.text_input(tr("Search"), key="find", type="search", live=True, bind="query-params",
                          placeholder=tr("a symbol, a word in either language, an author, a year"))  # fmt: skip
    found = {kind: [row for table in tables[kind] for row in matching(table.rows, query)] for kind in KINDS}
    st.caption(tr("{symbols} symbols, {terms} terms, {papers} papers", **{kind: len(found[kind]) for kind in KINDS}))
    if plain(query).strip():
        for kind, draw in KINDS.items():
            if found[kind]:
                st.subheader(names[kind])
            for row in found[kind]:
                draw(row)
        return
    for tab, (kind, draw) in zip(
        st.tabs(list(names.values()), key="list", on_change="rerun"), KINDS.items(), strict=True
    ):
        if tab.open:  # the others are drawn once they are opened
            with tab:
                for table in tables[kind]:
                    st.markdown(table.heading)
                    for row in table.rows:
                        draw(row)


st.title(tr("Glossary and sources"))
st.markdown(text["intro"])
search()
lessons.watch_out(text["watch_out"])
lessons.footer(PATH)
