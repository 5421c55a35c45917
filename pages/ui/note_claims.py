"""The claims of the lecture note, read from the sections of pages/text/<language>/note_corrected.md."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

VERDICTS = ("right", "imprecise", "wrong")


@dataclass(frozen=True)
class Claim:
    """One claim of the note.

    Attributes:
        number: its place in the note, from 1.
        part: heading of the part of the note that it stands in, Markdown.
        verdict: one of VERDICTS.
        see: path of the page whose exhibit shows it.
        quote: what the note says, in Korean and, on the English page, in English; a Markdown quotation.
        text: the full version, Markdown.
    """

    number: int
    part: str
    verdict: str
    see: str
    quote: str
    text: str


def parse_claims(sections: Mapping[str, str]) -> list[Claim]:
    """The claims among the sections of a lesson, in their order.

    A section `claim_07` has the lines `verdict: …` and `see: …`, a quotation (lines that start with `>`) and the full
    version, with an empty line between them. It belongs to the last section `part_…` before it.

    Raises:
        ValueError: a section has another form, an unknown verdict, or a number out of turn.
    """
    claims: list[Claim] = []
    part = ""
    for name, body in sections.items():
        if name.startswith("part_"):
            part = body
        if not name.startswith("claim_"):
            continue
        found = re.fullmatch(r"verdict: (\w+)\nsee: (\S+)\n\n((?:>.*\n)+)\n(.+)", body, flags=re.DOTALL)
        if found is None:
            raise ValueError(f"{name}: two lines `verdict: …` and `see: …`, a quotation and a text are needed")
        verdict, see, quote, text = found.groups()
        if verdict not in VERDICTS:
            raise ValueError(f"{name}: verdict {verdict!r}; choose one of {', '.join(VERDICTS)}")
        if int(name.removeprefix("claim_")) != len(claims) + 1:
            raise ValueError(f"{name} stands at place {len(claims) + 1}")
        claims.append(Claim(len(claims) + 1, part, verdict, see, quote.strip(), text.strip()))
    return claims
