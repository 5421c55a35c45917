"""Text in two languages. English is the default and the key; Korean stands beside it.

Labels: `tr("Play")` looks the English text up in text/ko/labels/*.toml. Lessons: `lesson("train_1d")` reads
text/<language>/train_1d.md, whose sections start with a line `<!-- name -->`.
"""

import contextlib
import functools
import re
import tomllib
from collections.abc import Iterator
from contextvars import ContextVar
from pathlib import Path
from typing import Any

import streamlit as st

from gan_core.messages import Message

LANGUAGES = {"en": "English", "ko": "한국어"}
TEXT = Path(__file__).parent.parent / "text"


_spoken: ContextVar[str] = ContextVar("spoken", default="")


@contextlib.contextmanager
def speaking(language: str) -> Iterator[None]:
    """Inside, this is the language, for what is made outside of a visitor's script."""
    token = _spoken.set(language)
    try:
        yield
    finally:
        _spoken.reset(token)


def language() -> str:
    """The visitor's language: "en" or "ko". Set by the sidebar or by ?lang=ko."""
    if spoken := _spoken.get():
        return spoken
    if "lang" not in st.session_state:
        asked = st.query_params.get("lang", "en")
        st.session_state.lang = asked if asked in LANGUAGES else "en"
    return st.session_state.lang


def label_files() -> list[Path]:
    """The Korean labels: one file for what pages share, one for each page with its own."""
    return sorted((TEXT / "ko" / "labels").glob("*.toml"))


@functools.cache
def catalogue() -> dict[str, str]:
    """English text -> Korean text, from all files of labels; each text stands in one of them."""
    found: dict[str, str] = {}
    for path in label_files():
        found |= tomllib.loads(path.read_text(encoding="utf-8"))
    return found


def tr(text: str, **values: Any) -> str:
    """`text` in the visitor's language, with {placeholders} filled in."""
    if language() == "ko":
        text = catalogue().get(text, text)
    return text.format(**values) if values else text


def tr_message(message: str) -> str:
    """A sentence of the core in the visitor's language."""
    if not isinstance(message, Message):
        return message
    values = {k: tr_message(v) if isinstance(v, Message) else v for k, v in message.values.items()}
    return tr(message.template, **values)


@functools.cache
def _sections(path: Path) -> dict[str, str]:
    parts = re.split(r"^<!-- (\w+) -->$", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return {name: body.strip() for name, body in zip(parts[1::2], parts[2::2], strict=True)}


def lesson(slug: str) -> dict[str, str]:
    """The prose of one page in the visitor's language, as section name -> Markdown."""
    return _sections(TEXT / language() / f"{slug}.md")
