"""Nicknames, as harmless as they are short: whatever a visitor typed, it is a line of text that moves nothing else."""

import unicodedata

LONGEST = 24  # characters
_JOINER, _LOOKS = "\u200d", "\ufe0f"  # inside emoji
_MARKS = 2  # of accents and the like on one letter


def cleaned(typed: object) -> str:
    """The name that is shown for what was typed: no controls, no marks of direction, no towers of accents; perhaps ""."""
    if not isinstance(typed, str):
        return ""
    kept, marks = [], 0
    for c in unicodedata.normalize("NFC", typed[: 40 * LONGEST]):
        marks = marks + 1 if unicodedata.category(c) in ("Mn", "Me") else 0
        if c.isspace():
            kept.append(" ")
        elif _is_shown(c) and marks <= _MARKS:
            kept.append(c)
    name = " ".join("".join(kept).split())[:LONGEST]
    return name.strip(f" {_JOINER}{_LOOKS}") if any(_is_seen(c) for c in name) else ""


def _is_shown(c: str) -> bool:
    return c in (_JOINER, _LOOKS) or unicodedata.category(c)[0] not in "CZ"


def _is_seen(c: str) -> bool:
    return unicodedata.category(c)[0] in "LNPS"
