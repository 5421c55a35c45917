"""Questions to a room: votes are counted once a device, shown when they are revealed, and exported as counts."""

import csv
import io
import re
from collections import Counter

import pytest

from pages.ui.rooms import room
from pages.ui.rooms.plain import plain
from pages.ui.rooms.poll import MOST_BARS, Choice, Number, Poll, Wording, asked
from pages.ui.rooms.questions import predict_question
from pages.ui.rooms.room import Room
from pages.ui.text import TEXT

WHO = Choice(
    {"en": Wording("Who wins?", ("G", "D", "nobody")), "ko": Wording("누가 이길까요?", ("G", "D", "아무도"))}, right=2
)


def predicts():
    """(lesson, name) of all Predict questions."""
    for path in sorted((TEXT / "en").glob("*.md")):
        for name in re.findall(r"^<!-- predict_(\w+) -->$", path.read_text("utf-8"), flags=re.MULTILINE):
            yield path.stem, name


PREDICTS = list(predicts())


# ---- votes ----


def test_a_device_has_one_vote_and_changes_its_mind_until_the_answers_are_revealed():
    poll = Poll(1, WHO)
    for answer in (0, 1, 1):
        poll.vote("a", answer)
    poll.vote("b", 2)
    assert [bar.n for bar in poll.bars("en")] == [0, 1, 1]
    poll.reveal()
    with pytest.raises(ValueError, match="too late"):
        poll.vote("a", 2)
    assert [bar.n for bar in poll.bars("en")] == [0, 1, 1]


@pytest.mark.parametrize("answer", [-1, 3, 1.0, "1", None, True, [0], 10**30, float("nan")])
def test_what_is_no_answer_is_not_counted(answer):
    poll = Poll(1, WHO)
    with pytest.raises(ValueError, match="none of the answers"):
        poll.vote("a", answer)
    assert poll.votes == {}


def test_members_see_neither_votes_nor_the_right_answer_before_they_are_revealed():
    poll = Poll(1, WHO)
    poll.vote("a", 2)
    told = poll.told("ko")
    assert told == {
        "id": 1,
        "state": "open",
        "kind": "choice",
        "question": "누가 이길까요?",
        "options": ("G", "D", "아무도"),
    }
    host = poll.told("en", everything=True)
    assert (host["bars"], host["answered"]) == ([["G", 0], ["D", 0], ["nobody", 1]], 1)
    assert "right" not in host, "it is on the projector"
    poll.reveal()
    told = poll.told("en")
    assert (told["bars"], told["right"], told["reason"]) == (host["bars"], 2, "")


# ---- numbers ----


@pytest.mark.parametrize(
    ("low", "high", "step", "size"),
    [(0, 10, 1, 11), (0, 200, 1, 201), (0, 201, 2.01, 101), (0, 1, 0.01, 101), (-3, 3, 1, 7), (0.5, 2.5, 0.02, 101), (0, 3, 0.03, 101)],
)  # fmt: skip
def test_a_number_goes_from_end_to_end_in_steps(low, high, step, size):
    number = Number("How many?", low, high)
    assert number.step == pytest.approx(step)
    assert number.size == size
    assert float(number.label(0, "en")) == low
    assert float(number.label(size - 1, "en")) == pytest.approx(high)


@pytest.mark.parametrize("high", [5, 19, 20, 21, 100, 199])
def test_every_vote_is_in_one_bar_of_the_histogram(high):
    number = Number("How many?", 0, high)
    votes = Counter({i: i + 1 for i in range(number.size)})
    bars = number.bars(votes, "en")
    assert len(bars) <= MOST_BARS
    assert sum(bar.n for bar in bars) == votes.total()
    assert bars[0].label.startswith("0")
    assert bars[-1].label.endswith(str(high))


# ---- what a host may ask ----


def test_a_host_asks_a_choice_or_a_number():
    choice = asked({"question": " Who\n wins? ", "options": ["G ", "", " D"]})
    assert choice.told("ko") == {"kind": "choice", "question": "Who wins?", "options": ("G", "D")}
    number = asked({"question": "JSD?", "low": 0, "high": 0.7})
    assert (number.told("en")["low"], number.size) == (0, 101)


BAD = [
    {}, {"question": ""}, {"question": "  ", "options": ["a", "b"]}, {"question": 7, "options": ["a", "b"]}, {"question": "?"},
    {"question": "?", "options": []}, {"question": "?", "options": ["a"]}, {"question": "?", "options": ["a", "a"]},
    {"question": "?", "options": list("abcdefg")}, {"question": "?", "options": [1, 2]}, {"question": "?", "options": "ab"},
    {"question": "?", "low": 1, "high": 1}, {"question": "?", "low": 2, "high": 1}, {"question": "?", "low": "0", "high": 1},
    {"question": "?", "low": float("nan"), "high": 1}, {"question": "?", "low": 0, "high": float("inf")},
    {"question": "?", "low": True, "high": 5}, {"question": "?", "low": 0, "high": 10**400},
]  # fmt: skip


@pytest.mark.parametrize("message", BAD, ids=range(len(BAD)))
def test_a_question_that_cannot_be_asked_is_refused_with_a_sentence(message):
    with pytest.raises(ValueError, match=r"question needs|choice needs|number needs"):
        asked(message)


def test_long_questions_are_cut_and_controls_taken_out():
    question = asked({"question": "a\u202eb\x00" * 1000, "options": ["x" * 1000, "y"]}).told("en")
    assert (len(question["question"]), len(question["options"][0])) == (300, 120)
    assert question["question"].isprintable()


# ---- the questions of the lessons ----


def test_there_are_predict_questions():
    assert len(PREDICTS) >= 20


@pytest.mark.parametrize(("slug", "name"), PREDICTS, ids=["-".join(p) for p in PREDICTS])
def test_every_predict_question_reads_as_plain_text_in_both_languages(slug, name):
    question = predict_question(slug, name)
    english, korean = (question.wording(language) for language in ("en", "ko"))
    assert len(english.options) == len(korean.options) == question.size
    assert english.question != korean.question
    assert 0 <= question.right < question.size
    for words in (english, korean):
        for text in (words.question, *words.options, words.reason):
            assert text
            assert not re.search(r"[$\\{}`]|\*\*|[_^]\(?$", text), text


@pytest.mark.parametrize(
    ("slug", "name"), [("the_game", "nothing"), ("nothing", "perfect"), ("../en/the_game", "perfect"), ("", "")]
)
def test_a_question_that_no_lesson_has_is_refused(slug, name):
    with pytest.raises(ValueError, match="no such question"):
        predict_question(slug, name)


def test_formulas_read_as_one_writes_them_by_hand():
    assert plain(r"$V=\log\tfrac12+\log\tfrac12=-\log 4$") == "V=log ½+log ½=−log 4"
    assert plain(r"$KL=\theta^2/2$ **and** *W* is D\*") == "KL=θ²/2 and W is D*"
    assert (
        plain(r"$\sqrt{2h}$, $\log_{10}x=\ln x/\ln 10$, $D^*=0/(0+p_g)$") == "√(2h), log₁₀ x=ln x/ln 10, D*=0/(0+p_g)"
    )
    assert plain(r"$1-e^{-9/2}=98.89\,\%$ of `it`") == "1−e^(−9/2)=98.89 % of it"


# ---- in a room ----


@pytest.fixture
def class_room():
    made = Room("BCDFG")
    made.host_comes()
    return made


def test_a_new_question_takes_the_place_of_the_one_before(class_room):
    seat = class_room.enter("a" * 16)
    first, second = class_room.ask(WHO), class_room.ask(Number("JSD?", 0, 1))
    with pytest.raises(ValueError, match="over"):
        class_room.vote(seat.device, first.id, 0)
    class_room.vote(seat.device, second.id, 100)
    class_room.put_away()
    for poll in (second.id, None, 99, "2"):
        with pytest.raises(ValueError, match="over"):
            class_room.vote(seat.device, poll, 0)


def test_questions_are_so_many_and_no_more(class_room, monkeypatch):
    monkeypatch.setattr(room, "MOST_POLLS", 2)
    class_room.ask(WHO), class_room.ask(WHO)
    with pytest.raises(ValueError, match="2 questions are enough"):
        class_room.ask(WHO)


def test_the_table_has_counts_and_nobody_in_it(class_room):
    seats = [class_room.enter(f"device-of-number-{k}", f"name{k}") for k in range(5)]
    poll = class_room.ask(WHO)
    for k, seat in enumerate(seats):
        class_room.vote(seat.device, poll.id, k % 2)
    number = class_room.ask(Number('How "many", really?', 0, 10))
    class_room.vote(seats[0].device, number.id, 7)
    class_room.vote(seats[1].device, number.id, 3)
    class_room.vote(seats[2].device, number.id, 7)
    table = class_room.table("en")
    assert list(csv.reader(io.StringIO(table))) == [
        ["poll", "question", "answer", "votes", "right"],
        ["1", "Who wins?", "G", "3", ""], ["1", "Who wins?", "D", "2", ""], ["1", "Who wins?", "nobody", "0", "right"],
        ["2", 'How "many", really?', "3", "1", ""], ["2", 'How "many", really?', "7", "2", ""],
    ]  # fmt: skip
    assert "device" not in table
    assert "name" not in table
