"""How visitors ask for what they take away, and what is refused."""

import asyncio
import math
import re
import threading
from concurrent.futures import Future

import numpy as np
import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from pages.ui import feed, line, taking
from pages.ui.takeaway import animation, source
from pages.ui.takeaway.source import Source
from pages.ui.takeaway.takeaways import TAKEAWAYS
from tests.gan_core.background import wait_for
from tests.pages.takers import CONFIGS, ask, made, moved, take
from tests.pages.visitors import house


@pytest.fixture(scope="module")
def server():
    with pytest.MonkeyPatch.context() as patch, house(patch) as found:
        yield found


@pytest.fixture(scope="module")
def runs(server):
    """Kind -> the key of a run."""
    return {kind: moved(server.runner, config) for kind, config in CONFIGS.items()}


# ---- films ----


def test_a_film_is_asked_for_until_it_is_made_and_made_once(server, runs):
    key = runs["plane"]
    first, second = ask(server, key, "film"), ask(server, key, "film")
    assert (first.status_code, second.status_code) == (202, 202)
    job = first.json()["job"]
    assert second.json()["job"] == job
    wait_for(lambda: ask(server, key, "film", job=job).status_code == 200)
    assert ask(server, key, "film", job=job).content == ask(server, key, "film", job=job).content
    assert ask(server, key, "film").json()["job"] != job  # the run may have gone on


@pytest.mark.parametrize("job", ["nonsense", "한"])
def test_a_film_that_nobody_has_made_is_refused(server, runs, job):
    assert ask(server, runs["line"], "film", job=job).status_code == 404


def test_the_film_of_another_run_is_refused(server, runs):
    job = ask(server, runs["line"], "film").json()["job"]
    assert ask(server, runs["plane"], "film", job=job).status_code == 404
    assert ask(server, runs["line"], "film", lang="ko", job=job).status_code == 404


def test_a_film_that_nobody_waits_for_is_given_up(server, runs, monkeypatch):
    monkeypatch.setattr(taking, "UNASKED", -1)
    job = ask(server, runs["line"], "film").json()["job"]
    wait_for(lambda: ask(server, runs["line"], "film", job=job).status_code != 202)
    answer = ask(server, runs["line"], "film", job=job)
    assert (answer.status_code, "anew" in answer.json()["text"]) == (404, True)


def test_few_films_are_in_the_making_or_kept():
    workshop, go = taking.Workshop(), threading.Event()

    def make(progress):
        assert go.wait(10)
        return b"film"

    jobs = [workshop.job((str(i), "film", "en"), "", make) for i in range(taking.JOBS)]
    with pytest.raises(taking.Refused) as refused:
        workshop.job(("one more", "film", "en"), "", make)
    assert refused.value.args[0] == 503
    go.set()
    for job in jobs:
        assert job.file.result(10) == b"film"
    workshop.job(("one more", "film", "en"), "", make)
    with pytest.raises(taking.Refused):
        workshop.job(jobs[0].of, jobs[0].id, make)  # the oldest has gone
    assert workshop.job(jobs[1].of, jobs[1].id, make) is jobs[1]


def test_the_moments_of_a_film_are_few_and_go_from_the_first_to_the_last():
    most = animation.FPS * animation.SECONDS
    found = animation.chosen(range(0, 4000, 3))
    assert (found[0], found[-1], len(found)) == (0, 3999, most)
    assert np.ptp(np.diff(found)) <= 3
    assert animation.chosen([7]) == [7]
    with pytest.raises(LookupError):
        animation.chosen([])


# ---- who asks ----


def test_who_only_watches_may_take_pictures_but_no_weights(server, runs):
    key = server.runner.watch_key(runs["line"])
    for what, takeaway in TAKEAWAYS.items():
        answer = ask(server, key, what, lang="ko")
        assert answer.status_code == ((202 if takeaway.takes_long else 200) if takeaway.watchers else 403)
        if not takeaway.watchers:
            assert re.search("[가-힣]", answer.json()["text"])
    assert not TAKEAWAYS["weights"].watchers
    assert not TAKEAWAYS["recording"].watchers


@pytest.mark.parametrize("key", ["nonsense", "한국어", "%00", "."])
def test_a_key_that_opens_nothing_gets_a_sentence(server, key):
    answer = ask(server, key, "png")
    assert answer.status_code == 404
    if key != ".":  # which is no path
        assert "released" in answer.json()["text"]


@pytest.mark.parametrize("what", ["nonsense", "PNG", "png ", "__class__"])
def test_what_there_is_not_gets_a_sentence(server, runs, what):
    answer = ask(server, runs["line"], what)
    assert (answer.status_code, "name" in answer.json()["text"]) == (404, True)


@pytest.mark.parametrize(
    "asked", [{"at": "-1"}, {"at": "1.5"}, {"at": "now"}, {"at": "9" * 20}, {"at": "١"}, {"ghost": "<b>"}]
)
def test_an_impossible_moment_gets_a_sentence(server, runs, asked):
    answer = ask(server, runs["line"], "png", **asked)
    assert (answer.status_code, "moment" in answer.json()["text"]) == (400, True)


def test_another_language_is_english(server, runs):
    assert take(server, runs["line"], "columns", lang="xx").content == take(server, runs["line"], "columns").content


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://["])
def test_a_page_of_another_origin_gets_nothing(server, runs, origin):
    for what in TAKEAWAYS:
        assert ask(server, runs["line"], what, headers={"origin": origin}).status_code == 403
    assert ask(server, runs["line"], "png", headers={"origin": "http://testserver"}).status_code == 200


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_other_methods_are_refused(server, runs, method):
    assert getattr(server.client, method)(f"/gan/take/{runs['line']}/png").status_code == 405


def test_a_run_without_a_trainer_has_nothing_yet(monkeypatch):
    def broken(config):
        raise ValueError("no trainer")

    with house(monkeypatch, make_trainer=broken) as server:
        key = server.create()
        for what in TAKEAWAYS:
            answer = made(server, key, what)
            assert (answer.status_code, bool(answer.json()["text"])) == (409, True)


def test_a_bug_in_a_drawing_is_told_and_breaks_nothing_else(server, runs, monkeypatch, caplog):
    monkeypatch.setattr(taking, "made", lambda takeaway, source: 1 / 0)
    answer = ask(server, runs["line"], "png", lang="ko")
    assert (answer.status_code, bool(re.search("[가-힣]", answer.json()["text"]))) == (500, True)
    assert "ZeroDivisionError" in caplog.text


def test_what_cannot_be_written_says_why(server, monkeypatch):
    key = server.create()
    server.runner.settle(key)
    server.runner.ask(key, lambda trainer: trainer.generator.flat.fill_(math.nan)).result(10)
    answer = ask(server, key, "recording", lang="ko")
    assert (answer.status_code, "저장할 수 없습니다" in answer.json()["text"]) == (409, True)


def test_a_run_that_is_released_meanwhile_has_nothing(server):
    asked = Future()
    asked.cancel()
    run = server.runner.run(server.create())
    with pytest.raises(source.NothingYet):
        Source(run, feed.Look(), "en").wait(asked)


def test_too_many_at_once_are_told_to_wait():
    async def crowd():
        workshop, go = taking.Workshop(), threading.Event()
        waiting = [asyncio.create_task(workshop.make(lambda: go.wait(10))) for _ in range(taking.WAITING)]
        await asyncio.sleep(0)
        with pytest.raises(taking.Refused) as refused:
            await workshop.make(lambda: None)
        go.set()
        assert all(await asyncio.gather(*waiting))
        assert await workshop.make(lambda: "again") == "again"
        return refused.value.args[0]

    assert asyncio.run(crowd()) == 503


def test_the_files_lie_below_the_address_of_the_app(server, runs, monkeypatch):
    monkeypatch.setattr(line.st, "get_option", lambda name: "/deep/down/" if name == "server.baseUrlPath" else None)
    monkeypatch.setattr(line, "is_foreign", lambda headers: False)
    with TestClient(Starlette(routes=line.routes())) as client:
        assert client.get(f"/deep/down/gan/take/{runs['line']}/columns").status_code == 200
        assert client.get(f"/gan/take/{runs['line']}/columns").status_code == 404
