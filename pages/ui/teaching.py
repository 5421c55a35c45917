"""Paths through the pages, and a sheet per lesson for whoever teaches it; the words stand in text/*/teaching.md."""

import re
from collections.abc import Iterator, Mapping
from urllib.parse import urlencode

from gan_core.presets import PRESETS
from pages.ui.frame import PAGES, Page
from pages.ui.lessons import parse_question
from pages.ui.text import language, lesson, tr

_LIVE = {
    "line": "train_1d",
    "plane": "train_2d",
    "images": "train_mnist",
}  # kind of a target -> the page that trains it


def slug(page: Page) -> str:
    """What a page is called in its address and in its text, e.g. "train_1d"."""
    return re.sub(r"^pages/\d+_|\.py$", "", page.path)


def lessons_with_sheets() -> list[Page]:
    """The pages that have a sheet, in the order of the menu."""
    return [page for page in PAGES if f"sheet_{slug(page)}" in lesson("teaching")]


def linked(text: str) -> str:
    """Markdown in which `[](page:train_1d)` and `[](preset:comb)` are links in the visitor's language.

    They lead from one page of this app to another, wherever it is served.

    Raises:
        KeyError: there is no such page or preset.
    """
    return re.sub(r"\[\]\((page|preset):(\w+)\)", lambda found: _link(*found.groups()), text)


def _link(kind: str, key: str) -> str:
    if kind == "page":
        name, place, query = {slug(page): page for page in PAGES}[key].title, key, {}
    else:
        preset = PRESETS[key]
        name, place, query = preset.name, _LIVE[preset.config.kind], preset.config.to_params()
    if language() != "en":
        query = query | {"lang": language()}
    return f"[{tr(name)}]({place}{'?' if query else ''}{urlencode(query)})"


def answers(text: Mapping[str, str]) -> Iterator[str]:
    """The questions of a lesson with the answers to expect, as Markdown.

    Args:
        text: its sections; the live pages ask in "predict" and answer in "answers".
    """
    for name, section in text.items():
        if name.startswith("predict_"):
            question, options, right, reason = parse_question(section)
            others = " · ".join(option for i, option in enumerate(options) if i != right)
            yield f"**{question}**\n\n✓ **{options[right]}** :gray[({others})]\n\n{reason}"
    if "answers" in text:
        yield re.sub(r"^#+ .*\n", "", text["predict"])
        yield text["answers"]
