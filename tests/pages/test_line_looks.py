"""What each watcher chooses to see of a run over the line: an earlier step, another training beside it; and branches."""

import numpy as np
import pytest

from gan_core.settings import KINDS
from pages.ui import feed, ghosts
from tests.gan_core.background import DIGITS, SMALL
from tests.gan_core.filming import assert_close
from tests.pages.visitors import at, house

TOYS = {"line": SMALL, "plane": SMALL.replace(target="ring_8", latent_dim=2)}


@pytest.fixture
def server(monkeypatch):
    with house(monkeypatch) as found:
        yield found


def panel(frame, name):
    return next(p for p in frame["panels"] if p["id"] == name)


def trace(frame, name, number=1):
    return np.asarray(panel(frame, name)["data"][number]["y"])


def stepped(visitor, *totals):
    """The frame at each of these steps."""
    frames, step = [], 0
    for total in totals:
        visitor.say("step", n=total - step)
        frames.append(visitor.see_until(lambda f, total=total: at(f, "step") == str(total)))
        step = total
    return frames


def look(visitor, **chosen):
    visitor.say("look", **chosen)
    visitor.say("next", have=0)
    return visitor.get()


# ---- back ----


def test_looking_back_shows_what_there_was(server):
    key = server.create()
    with server.open(key) as visitor, server.open(key) as other:
        first = visitor.see()
        seen = stepped(visitor, 20, 40, 60)
        assert {0, 20, 40, 60} <= set(seen[-1]["timeline"]["steps"])
        for step, then in zip((0, 20, 40, 60), [first, *seen], strict=True):
            found = look(visitor, at=step)
            assert (found["timeline"]["at"], found["timeline"]["now"], at(found, "step")) == (step, 60, str(step))
            assert_close(trace(found, "density"), trace(then, "density"))
            assert_close(trace(found, "discriminator"), trace(then, "discriminator"))
            assert len(trace(found, "losses", 0)) >= len(trace(then, "losses", 0))  # curves are those of the whole run
        now = look(visitor)
        assert (now["timeline"]["at"], at(now, "step")) == (None, "60")
        np.testing.assert_array_equal(trace(now, "density"), trace(seen[-1], "density"))
        assert other.see()["timeline"]["at"] is None  # each has a look of their own


@pytest.mark.parametrize("asked", [0, 1, 29, 31, 10**6, 2**53 - 1])
def test_the_nearest_moment_is_shown(server, asked):
    with server.open(server.create()) as visitor:
        visitor.see()
        steps = stepped(visitor, 20, 40, 60)[-1]["timeline"]["steps"]
        assert abs(look(visitor, at=asked)["timeline"]["at"] - asked) == min(abs(step - asked) for step in steps)


def test_the_training_goes_on_while_one_looks_back(server):
    with server.open(server.create()) as visitor:
        visitor.see()
        stepped(visitor, 20)
        visitor.say("look", at=20)
        visitor.say("play")
        frame = visitor.see_until(lambda f: f["timeline"]["now"] > 100)
        assert (frame["timeline"]["at"], at(frame, "step"), frame["transport"]["state"]) == (20, "20", "playing")
        visitor.say("look", at=None)
        assert visitor.see_until(lambda f: int(at(f, "step")) > 100)["timeline"]["at"] is None


def test_live_changes_are_marked_on_the_timeline(server):
    with server.open(server.create()) as visitor:
        visitor.see()
        stepped(visitor, 20)
        visitor.say("set", values={"lr_d": 5e-4})
        visitor.say("step", n=10)
        visitor.see_until(lambda f: at(f, "step") == "30")
        frame = look(visitor, at=0)
        assert [(m["step"], m["kind"]) for m in frame["timeline"]["marks"] if m["kind"] == "change"] == [(20, "change")]
        assert "0.0005" in frame["timeline"]["marks"][0]["text"]
        assert at(frame, "last-change") == ""  # then it had not been made


def test_who_looks_at_many_moments_makes_the_server_keep_few(server):
    key = server.create()
    with server.open(key) as visitor:
        visitor.see()
        stepped(visitor, 20)
        for step in range(3 * feed.FRAMES):
            assert look(visitor, at=step)["version"] == visitor.version
        assert len(feed.CHANNELS._open[key]._frames) <= feed.FRAMES


# ---- a ghost ----


def with_ghost(visitor, **changed):
    """A run to step 40, its ghost, and another one to step 20."""
    visitor.see()
    stepped(visitor, 20, 40)
    visitor.say("keep_ghost")
    visitor.say("set", values={"seed": 7, **changed})
    visitor.see_until(lambda f: at(f, "step") == "0")
    return stepped(visitor, 10, 20)[-1]


@pytest.mark.parametrize("kind", TOYS)
def test_the_modes_of_a_ghost(server, kind):
    with server.open(server.create(TOYS[kind])) as visitor:
        frame = with_ghost(visitor, lr_d=1e-3, batch_size=32)
        ghost = frame["ghost"]
        assert (ghost["mode"], ghost["modes"], ghost["last"]) == ("behind", list(ghosts.MODES), 40)
        names = {mode: [p["id"] for p in look(visitor, ghost=mode)["panels"]] for mode in ghosts.MODES}
        assert names["behind"] == names["off"] == [p["id"] for p in frame["panels"]]
        heroes = [p["id"] for p in frame["panels"] if p["place"] == "hero"]
        assert [n for n in names["side"] if n not in names["off"]] == [f"other_{name}" for name in heroes]
        off = look(visitor, ghost="off")
        drawn = {mode: drawings(look(visitor, ghost=mode)) for mode in ghosts.MODES}
        assert sum(drawn["behind"].values()) > sum(drawn["off"].values())
        assert all(drawn["side"][name] == drawn["off"][name] for name in heroes)
        assert drawn["side"]["losses"] == drawn["behind"]["losses"] == 2 * drawn["off"]["losses"]
        assert off["ghost"]["race"]["names"] == ["this run", "ghost"]
        differs = " ".join(off["ghost"]["race"]["differs"])
        assert "Batch size 32 / 16" in differs
        assert "Learning rate of D 0.001 / 0.008" in differs
        assert "Seed 7 / 1" in differs
        visitor.say("drop_ghost")
        assert visitor.see_until(lambda f: f["ghost"] is None)


def drawings(frame):
    """Panel -> how many curves or layers it has that are of a run."""
    found = {}
    for p in frame["panels"]:
        found[p["id"]] = sum(bool(one.get("of_run")) for one in p.get("data") or p.get("layers") or ())
    return found


def test_the_ghost_of_then_stands_beside_the_run_of_then(server):
    with server.open(server.create()) as visitor:
        visitor.see()
        before = stepped(visitor, 20, 40)
        visitor.say("keep_ghost")
        visitor.say("reset")
        visitor.see_until(lambda f: at(f, "step") == "0")
        stepped(visitor, 20, 40)
        for step, then in zip((20, 40), before, strict=True):
            frame = look(visitor, at=step, ghost="side")
            shown = np.asarray(panel(frame, "other_density")["data"][1]["y"])
            assert_close(shown, trace(then, "density"))
            assert_close(trace(frame, "density"), shown)  # the same training


def test_a_ghost_of_images_stands_at_the_side(server):
    with server.open(server.create(DIGITS)) as visitor:
        frame = with_ghost(visitor)
        assert frame["ghost"]["mode"] == "side"
        assert panel(frame, "other_fakes")["pick"] is None
        assert np.any(panel(frame, "other_fakes")["pixels"] != panel(frame, "fakes")["pixels"])


def test_a_ghost_of_another_kind_is_not_shown(server):
    key = server.create()
    with server.open(key) as visitor:
        with_ghost(visitor)
        run = server.runner.run(key)
        run.reset(TOYS["plane"])
        frame = visitor.see_until(lambda f: at(f, "target") == "ring_8" if "target" in f["attributes"] else False)
        assert frame["ghost"] is None
        assert run.ghost is not None


def test_every_kind_has_a_usual_way_to_show_a_ghost():
    assert feed.USUAL.keys() <= set(KINDS)
    assert set(feed.USUAL.values()) <= set(ghosts.MODES)


# ---- a branch ----


def test_a_branch_goes_on_from_a_state_and_leaves_a_ghost(server):
    with server.open(server.create()) as visitor:
        visitor.see()
        frame = stepped(visitor, 60, 110, 130)[-1]
        assert frame["timeline"]["branched"] is None
        start = frame["timeline"]["starts"][1]
        assert frame["timeline"]["starts"][0] == 0
        assert 100 <= start <= 110
        visitor.say("branch", at=125)
        frame = visitor.see_until(lambda f: at(f, "step") == str(start))
        assert (frame["timeline"]["branched"], frame["timeline"]["now"], frame["ghost"]["last"]) == (start, start, 130)
        assert frame["transport"]["state"] == "paused"
        visitor.say("step", n=130 - start)
        again = visitor.see_until(lambda f: at(f, "step") == "130")
        beside = look(visitor, ghost="side")
        assert_close(np.asarray(panel(beside, "other_density")["data"][1]["y"]), trace(again, "density"))
        visitor.say("branch", at=0)
        assert visitor.see_until(lambda f: at(f, "step") == "0")["timeline"]["branched"] == 0


@pytest.mark.parametrize("value", [None, "now", "20", 1.5, True, -1, 2**53 + 1, 10**30, [20], {}])
def test_no_branch_from_what_is_no_step(server, value):
    key = server.create()
    with server.open(key) as visitor:
        visitor.see()
        stepped(visitor, 20)
        visitor.want()
        visitor.say("branch", at=value)
        assert "no number of steps" in visitor.refusal()
    assert server.runner.settle(key).step == 20
    assert server.runner.run(key).ghost is None


# ---- who only watches ----


def test_who_watches_looks_back_and_chooses_but_cannot_branch(server):
    key = server.create()
    with server.open(key) as player:
        player.see()
        stepped(player, 20, 40)
        with server.open(server.runner.watch_key(key)) as watcher:
            for command in ({"do": "branch", "at": 20}, {"do": "keep_ghost"}, {"do": "drop_ghost"}):
                watcher.say(**command)
                assert "only who started this run" in watcher.refusal()
            assert look(watcher, at=20)["timeline"]["at"] == 20
            player.say("keep_ghost")
            assert watcher.see_until(lambda f: f["ghost"])["ghost"]["mode"] == "behind"
            assert look(watcher, ghost="side")["ghost"]["mode"] == "side"
        assert look(player)["ghost"]["mode"] == "behind"
    assert server.runner.settle(key).step == 40
