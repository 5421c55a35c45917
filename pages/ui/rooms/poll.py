"""A question to all who are in a room, and their votes: one a device, changeable until the answer is revealed.

poll = Poll(1, Choice({"en": Wording("Who wins?", ("G", "D"))}))
poll.vote("a device", 0)
poll.bars("en")
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from gan_core.messages import Message

OPEN, REVEALED = "open", "revealed"
MOST_BARS = 20
OPTIONS = range(2, 7)  # so many
LONGEST, LONGEST_OPTION = 300, 120  # characters
_TICKS = 100  # of a slider over a range that is not one of whole numbers
_WHOLE = 200  # steps at most from one end of a range of whole numbers to the other


@dataclass(frozen=True)
class Bar:
    """So many have voted for this."""

    label: str
    n: int


@dataclass(frozen=True)
class Wording:
    """A choice in one language; `reason`: why the right one is right."""

    question: str
    options: tuple[str, ...]
    reason: str = ""


class Question(Protocol):
    """What a poll asks. A vote is the index of an option, or of a place on a slider."""

    @property
    def size(self) -> int:
        """How many answers are possible."""

    def told(self, language: str) -> dict[str, Any]:
        """ "kind" ("choice", "number"), "question", and what there is to answer."""

    def answer(self, language: str) -> dict[str, Any]:
        """ "right", the index of the right answer or None, and "reason"."""

    def label(self, vote: int, language: str) -> str:
        """An answer in words."""

    def bars(self, votes: Counter[int], language: str) -> list[Bar]:
        """The votes as bars, in the order of the answers."""


@dataclass(frozen=True)
class Choice:
    """One of a few options.

    Attributes:
        wordings: language -> its words; with one language alone it is shown to all.
        right: index of the right option; None: there is none.
    """

    wordings: Mapping[str, Wording]
    right: int | None = None

    def wording(self, language: str) -> Wording:
        """Its words in this language, if there are some."""
        return self.wordings.get(language) or next(iter(self.wordings.values()))

    @property
    def size(self) -> int:
        """See `Question`."""
        return len(next(iter(self.wordings.values())).options)

    def told(self, language: str) -> dict[str, Any]:
        """See `Question`."""
        words = self.wording(language)
        return {"kind": "choice", "question": words.question, "options": words.options}

    def answer(self, language: str) -> dict[str, Any]:
        """See `Question`."""
        return {"right": self.right, "reason": self.wording(language).reason}

    def label(self, vote: int, language: str) -> str:
        """See `Question`."""
        return self.wording(language).options[vote]

    def bars(self, votes: Counter[int], language: str) -> list[Bar]:
        """See `Question`."""
        return [Bar(option, votes[i]) for i, option in enumerate(self.wording(language).options)]


@dataclass(frozen=True)
class Number:
    """A number from `low` to `high`, both included, in steps."""

    question: str
    low: float
    high: float

    @property
    def step(self) -> float:
        """From one place on the slider to the next."""
        whole = self.low == int(self.low) and self.high == int(self.high) and self.high - self.low <= _WHOLE
        return 1.0 if whole and self.high - self.low >= 4 else (self.high - self.low) / _TICKS

    @property
    def size(self) -> int:
        """See `Question`."""
        return round((self.high - self.low) / self.step) + 1

    def told(self, language: str) -> dict[str, Any]:
        """See `Question`."""
        return {"kind": "number", "question": self.question, "low": self.low, "step": self.step, "size": self.size}

    def answer(self, language: str) -> dict[str, Any]:
        """See `Question`."""
        return {"right": None, "reason": ""}

    def label(self, vote: int, language: str) -> str:
        """See `Question`."""
        return f"{self.low + vote * self.step:.6g}"

    def bars(self, votes: Counter[int], language: str) -> list[Bar]:
        """See `Question`; neighbours share a bar where there are many."""
        wide = -(-self.size // MOST_BARS)
        bars = []
        for first in range(0, self.size, wide):
            last = min(first + wide, self.size) - 1
            ends = [self.label(first, language)] + [self.label(last, language)] * (last > first)
            bars.append(Bar(" … ".join(ends), sum(votes[i] for i in range(first, last + 1))))
        return bars


def asked(message: Mapping[str, Any]) -> Choice | Number:
    """The free question of a host: {"question", "options"} or {"question", "low", "high"}.

    Raises:
        ValueError: it cannot be asked so; the message says why.
    """
    question = _line(message.get("question"), LONGEST)
    if not question:
        raise ValueError(Message("A question needs words"))
    options = message.get("options")
    if isinstance(options, list):
        found = tuple(text for text in (_line(option, LONGEST_OPTION) for option in options[:20]) if text)
        if len(found) not in OPTIONS or len(set(found)) < len(found):
            raise ValueError(Message("A choice needs two to six different answers"))
        return Choice({"en": Wording(question, found)})
    low, high = (_number(message.get(name)) for name in ("low", "high"))
    if low is None or high is None or not low < high:
        raise ValueError(Message("A number needs a smallest and a larger largest value"))
    return Number(question, low, high)


def _line(typed: object, longest: int) -> str:
    text = typed if isinstance(typed, str) else ""
    shown = "".join(c if c.isprintable() else " " for c in text)
    return " ".join(shown.split())[:longest]


def _number(typed: object) -> float | None:
    if isinstance(typed, bool) or not isinstance(typed, int | float) or not abs(typed) <= 1e9:
        return None
    return float(typed)


@dataclass
class Poll:
    """A question that is asked.

    Attributes:
        id: its number in the room. state: "open" or "revealed". votes: device -> index of its answer.
    """

    id: int
    question: Question
    state: str = OPEN
    votes: dict[str, int] = field(default_factory=dict)

    def vote(self, device: str, answer: object) -> None:
        """This device answers so, or changes its mind.

        Raises:
            ValueError: there is no such answer, or it is too late.
        """
        if type(answer) is not int or not 0 <= answer < self.question.size:
            raise ValueError(Message("That is none of the answers"))
        if self.state != OPEN:
            raise ValueError(Message("The answers are revealed already: it is too late to vote"))
        self.votes[device] = answer

    def reveal(self) -> None:
        """From now on everybody sees the votes, and no vote changes."""
        self.state = REVEALED

    def bars(self, language: str) -> list[Bar]:
        """The votes as bars."""
        return self.question.bars(Counter(self.votes.values()), language)

    def told(self, language: str, *, everything: bool = False) -> dict[str, Any]:
        """What a browser shows of it; the votes only to who may see `everything`, until they are revealed."""
        told = {"id": self.id, "state": self.state} | self.question.told(language)
        if everything or self.state == REVEALED:
            told |= {"answered": len(self.votes), "bars": [[bar.label, bar.n] for bar in self.bars(language)]}
        if self.state == REVEALED:
            told |= self.question.answer(language)
        return told

    def rows(self, language: str) -> list[tuple[str, str, int, str]]:
        """(question, answer, votes, "right" if it is) of each answer; of numbers, each that somebody gave."""
        told, right = self.question.told(language), self.question.answer(language)["right"]
        counts = Counter(self.votes.values())
        shown = sorted(counts) if told["kind"] == "number" else range(self.question.size)
        return [
            (told["question"], self.question.label(i, language), counts[i], "right" if i == right else "")
            for i in shown
        ]
