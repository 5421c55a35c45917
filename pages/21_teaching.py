"""Paths through the pages for three readers, and a sheet per lesson for whoever teaches it, to read and to print."""

import streamlit as st

from pages.ui import lessons, teaching
from pages.ui.frame import page_header
from pages.ui.text import lesson, tr

PATH = "pages/21_teaching.py"
ALL = "all"
# a sheet begins on a page of its own, and the paper shows what is to be read, not what is to be clicked
PRINT = """<style>@media print {
[data-testid=stSidebar], [data-testid=stHeader], .st-key-teaching_choice, .st-key-path, .stPageLink { display: none !important; }
[data-testid=stApp], [data-testid=stAppViewContainer], [data-testid=stMain] { position: static; overflow: visible; height: auto; }
[class*=st-key-sheet_] { break-before: page; border: none; }
}</style>"""

page_header(PATH)
text = lesson("teaching")
pages = teaching.lessons_with_sheets()


def sheet(page: teaching.Page) -> None:
    """What to show, what to ask, and what the answers are."""
    slug = teaching.slug(page)
    with st.container(border=True, key=f"sheet_{slug}"):
        st.markdown(f"### {tr(page.title)}")
        st.page_link(page.path, label=tr("Open the lesson"), icon=page.icon)
        st.markdown(teaching.linked(text[f"sheet_{slug}"]))
        expected = list(teaching.answers(lesson(slug)))
        if expected:
            st.markdown(f"#### {tr('Questions, and the answers to expect')}")
        for question in expected:
            st.markdown(question)


st.html(PRINT)
st.title(tr("Paths and sheets"))
st.markdown(text["intro"])
st.markdown(f"### {tr('A path')}")
paths = {"quarter": tr("15 minutes"), "lecture": tr("One lecture"), "week": tr("A week")}
path = st.segmented_control(tr("How much time is there?"), paths, format_func=paths.get, default="quarter", required=True,
                            key="path")  # fmt: skip
st.markdown(teaching.linked(text[f"path_{path}"]))
with st.container(key="teaching_choice"):
    st.markdown(f"### {tr('A sheet')}")
    titles = {ALL: tr("All sheets, to print")} | {teaching.slug(page): tr(page.title) for page in pages}
    asked = [*titles].index(st.query_params["sheet"]) if st.query_params.get("sheet") in titles else 1
    chosen = st.selectbox(tr("Lesson"), titles, asked, format_func=titles.__getitem__, key="sheet")
    st.query_params["sheet"] = chosen
for page in pages:
    if chosen in (ALL, teaching.slug(page)):
        sheet(page)
lessons.footer(PATH)
