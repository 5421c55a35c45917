"""The Predict questions of the lessons, as they can be asked to a room: in both languages, with their reasons."""

import functools
import re

from gan_core.messages import Message
from pages.ui import lessons
from pages.ui.rooms.plain import plain
from pages.ui.rooms.poll import Choice, Wording
from pages.ui.text import LANGUAGES, lesson, speaking


@functools.lru_cache(100)
def predict_question(slug: str, name: str) -> Choice:
    """The question `name` of a lesson, see `lessons.predict`.

    Raises:
        ValueError: there is none.
    """
    if not all(re.fullmatch(r"\w{1,40}", word) for word in (slug, name)):
        raise ValueError(Message("There is no such question"))
    wordings, right = {}, 0
    for language in LANGUAGES:
        with speaking(language):
            try:
                section = lesson(slug)[f"predict_{name}"]
            except (KeyError, OSError, ValueError):
                raise ValueError(Message("There is no such question")) from None
        question, options, right, reason = lessons.parse_question(section)
        wordings[language] = Wording(plain(question), tuple(map(plain, options)), plain(reason))
    return Choice(wordings, right)
