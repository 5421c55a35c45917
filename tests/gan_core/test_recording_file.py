"""A recording comes back from its file as it was, and plays on bit for bit; all other files are refused with a sentence."""

import csv
import dataclasses
import io
import json
import random
import tracemalloc

import numpy as np
import pytest
import torch
from safetensors.torch import save as pack_tensors

from gan_core import film, recording_file, save, saving, tensor_files
from gan_core.cost import Budget
from gan_core.images import mnist
from gan_core.images.warm_starts import path as path_of_warm_start
from gan_core.messages import Message
from gan_core.own_targets import from_points, lookup
from gan_core.recording import ROOMS, Kept, Room
from gan_core.snapshot import PAUSED
from tests.gan_core.experiments import DRAWING, SMALL, TABLE, trained
from tests.gan_core.filming import RICH, Studio, assert_alike
from tests.gan_core.images.experiments import TINY
from tests.gan_core.test_damaged_saves import mutated
from tests.gan_core.test_saving import MIXTURE, assert_same

FILMED = RICH | {"a drawing": SMALL.replace(target=DRAWING, latent_dim=2), "a mixture": SMALL.replace(target=MIXTURE)}


def filmed(config):
    """A run to step 250 with changes, states, a branch and a break in its past."""
    studio = Studio(config)
    studio.do(60)
    studio.run.update(lr_g=5e-4, ema_decay=0.8)
    studio.do(45)
    studio.do(25)
    studio.run.branch(125)
    studio.do(5)
    studio.run.update(dropout=0.25)
    studio.do(250 - studio.run.trainer.step_count)
    studio.run.recording.note_break(91)
    return studio


def reopened(studio):
    return recording_file.loads(recording_file.dumps(studio.tape()))


def opened_by(other, tape):
    other.run.open(tape)
    other.run.snapshot()
    other.work()
    return other


# ---- as it was ----


@pytest.mark.parametrize("kind", FILMED)
def test_a_recording_comes_back_as_it_was_and_plays_on_bit_for_bit(kind):
    studio = filmed(FILMED[kind])
    tape = studio.tape()
    found = recording_file.loads(recording_file.dumps(tape))
    ours, theirs = found.recording, tape.recording
    assert ours.moments == theirs.moments
    assert len(ours.moments) >= 4
    for name in ("config", "marks", "breaks", "branched_at", "last_step", "starts", "steps"):
        assert getattr(ours, name) == getattr(theirs, name)
    assert (ours.branched_at, ours.breaks, len(ours.marks)) == (theirs.starts[1], (91,), 3)
    assert ours.events() == theirs.events()
    assert ours.curves.keys() == theirs.curves.keys()
    for name, column in theirs.curves.items():
        assert ours.curves[name].tobytes() == column.tobytes()
    for a, b in zip(ours.states, theirs.states, strict=True):
        assert (a.step, a.config) == (b.step, b.config)
        assert_same(a.state, b.state)
    for step in theirs.steps:
        a, b = ours.at(step), theirs.at(step)
        assert (a.step, a.config, a.marks, a.diagnosis) == (b.step, b.config, b.marks, b.diagnosis)
        for part in ("evaluation", "view"):
            for field in dataclasses.fields(getattr(b, part)):
                np.testing.assert_equal(
                    *(_plain(getattr(getattr(s, part), field.name)) for s in (a, b)), err_msg=field.name
                )
    assert found.end.config == tape.end.config
    assert_same(found.end.state, tape.end.state)

    other = opened_by(Studio(SMALL), found)
    assert (other.run.state, other.run.latest.step, other.run.config) == (PAUSED, 250, tape.end.config)
    for each in (studio, other):
        each.do(25)
    assert_same(other.run.trainer.state(), studio.run.trainer.state())
    assert other.run.recording.steps[-1] == 275


def _plain(value):
    return vars(value) if dataclasses.is_dataclass(value) else value


def test_a_reopened_run_branches_as_the_first_one_would():
    studio = filmed(SMALL)
    other = opened_by(Studio(SMALL), reopened(studio))
    for each in (studio, other):
        each.run.branch(120)
        each.run.update(lr_d=5e-3)
        each.do(40)
    assert_same(other.run.trainer.state(), studio.run.trainer.state())
    assert other.run.recording.branched_at == studio.run.recording.branched_at
    assert other.run.ghost.steps[-1] == 250


def test_opening_changes_nothing_of_the_tape():
    tape = reopened(filmed(SMALL))
    moments, states = tape.recording.moments, tape.recording.states
    first, second = (opened_by(Studio(SMALL), tape) for _ in range(2))
    first.do(200)
    assert (tape.recording.moments, tape.recording.states) == (moments, states)
    second.do(200)
    assert_same(first.run.trainer.state(), second.run.trainer.state())


def test_a_tape_is_taken_without_stopping_the_run(start):
    run = start(SMALL)
    run.play()
    tape = run.tape().result(20)
    assert tape.recording.steps[-1] == tape.end.step == tape.recording.last_step
    assert run.state == "playing"
    run.pause()
    run.settle()
    assert recording_file.loads(recording_file.dumps(tape)).recording.steps == tape.recording.steps


def test_a_runner_opens_a_tape(make_runner):
    runner, tape = make_runner(), reopened(filmed(SMALL))
    run = runner.open(tape)
    s = runner.settle(run)
    assert (s.step, s.state) == (250, PAUSED)
    assert runner.config(run) == tape.end.config
    assert runner.run(run).recording.steps == tape.recording.steps
    assert len(runner) == 1


def test_an_opened_recording_can_be_a_ghost():
    tape, studio = reopened(filmed(SMALL)), Studio(SMALL.replace(seed=2))
    studio.run.set_ghost(tape.recording)
    studio.do(5)
    assert studio.run.ghost is tape.recording
    assert_alike(studio.run.ghost.at(250).view, tape.recording.at(250).view)


def test_opening_takes_the_place_of_a_run_of_another_kind():
    studio = Studio(TINY)
    studio.do(3)
    opened_by(studio, reopened(filmed(SMALL)))
    assert studio.run.latest.config.kind == "line"
    assert studio.run.latest.step == 250


def test_a_recording_from_its_very_beginning():
    studio = Studio(SMALL)
    tape = reopened(studio)
    assert (tape.recording.steps, tape.recording.states, tape.end.step) == ((0,), (), 0)
    other = opened_by(Studio(SMALL), tape)
    other.do(30)
    assert_same(other.run.trainer.state(), trained(30).state())


def test_a_diverged_run_comes_back_with_its_break():
    studio = filmed(SMALL)
    studio.run.ask(lambda trainer: trainer.discriminator.flat.fill_(torch.nan))
    studio.do(1)
    assert studio.run.why_stopped
    tape = studio.tape()
    found = recording_file.loads(recording_file.dumps(tape))
    assert found.recording.breaks == (91, 251)
    assert found.recording.moments == tape.recording.moments
    assert_same(found.end.state, tape.end.state)


def test_a_state_that_had_broken_already_is_left_out():
    tape = filmed(SMALL).tape()
    kept = tape.recording.states[-1]
    kept.state.discriminator.fill_(torch.nan)
    found = recording_file.loads(recording_file.dumps(tape))
    assert found.recording.starts == tape.recording.starts[:-1]
    broken = dataclasses.replace(tape.end.state, generator=torch.full_like(tape.end.state.generator, torch.inf))
    with pytest.raises(ValueError, match=r"This recording cannot be saved\. The reason: generator has values"):
        recording_file.dumps(tape._replace(end=Kept(tape.end.step, broken, tape.end.config)))


def test_a_table_goes_along(tmp_path, forget):
    key = from_points(TABLE, "My table", axes=("a", "größe")).key
    studio = filmed(SMALL.replace(target=key))
    recording_file.save(studio.tape(), tmp_path / "run.gan")
    studio.do(5)
    forget()
    with pytest.raises(ValueError, match="upload the table again"):
        lookup(key)
    other = opened_by(Studio(SMALL), recording_file.load(tmp_path / "run.gan"))
    other.do(5)
    assert other.run.trainer.target.axes == ("a", "größe")
    assert_same(other.run.trainer.state(), studio.run.trainer.state())


@pytest.mark.parametrize(
    ("kind", "most"), [("line", 4e6), ("plane", 4e6), ("images", 25e6 + tensor_files.MAX_BYTES / 2)]
)
def test_a_file_is_as_small_as_its_recording(kind, most):
    tape = filmed(RICH[kind]).tape()
    size = len(recording_file.dumps(tape))
    assert size < tape.recording.n_bytes + tape.end.state.size + 100_000
    assert sum(tape.recording.room) + tape.end.state.size < most


# ---- files that are none ----


@pytest.fixture(scope="module")
def good():
    """A small one with all that a file may hold, but no table."""
    return recording_file.dumps(filmed(SMALL.replace(width=4, depth=1)).tape())


def parts(data):
    return tensor_files.unpack(data)


def again(meta, tensors):
    return tensor_files.pack(tensors, meta)


def assert_refused(data, match, **options):
    with pytest.raises(ValueError, match=match) as caught:
        recording_file.loads(data, **options)
    message = caught.value.args[0]
    assert isinstance(message, Message)
    assert message.startswith("This recording cannot be opened. The reason: ")
    assert isinstance(message.values["problem"], Message)


def table():
    written = io.StringIO()
    csv.writer(written).writerows(TABLE)
    return written.getvalue().encode()


FOREIGN = {
    "nothing": (b"", "it is empty"),
    "a picture": (b"\x89PNG\r\n\x1a\n" + bytes(5000), "a file of another kind"),
    "a table": (table(), "a file of another kind"),
    "a page": (b"<!doctype html><title>404</title>" * 9, "a file of another kind"),
    "a zip": (b"PK\x03\x04" + bytes(500), "a file of another kind"),
    "a few bytes": (b"\x01", "a file of another kind"),
    "other tensors": (pack_tensors({"weight": torch.zeros(3)}), "metadata are missing"),
    "another model": (pack_tensors({"weight": torch.zeros(3)}, {"gan": "{}"}), "a file of another kind"),
    "a warm start": (path_of_warm_start("early").read_bytes(), "a file of another kind"),
}  # fmt: skip


@pytest.mark.parametrize("kind", FOREIGN)
def test_a_foreign_file_is_named(kind):
    assert_refused(*FOREIGN[kind])


def test_a_saved_training_is_no_recording(tmp_path):
    save(trained(3), tmp_path / "file")
    assert_refused((tmp_path / "file").read_bytes(), "it is a saved training, which has no recording")


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(ValueError, match=r"cannot be opened\. The reason: it is not there") as caught:
        recording_file.load(tmp_path / "none")
    assert isinstance(caught.value.args[0], Message)


@pytest.mark.parametrize("share", [0.01, 0.3, 0.9, 0.999])
def test_a_part_of_one_is_named(good, share):
    assert_refused(good[: int(share * len(good))], "it is only a part of one")
    assert_refused(good[:-1], "it is only a part of one")


def said(name, value):
    return lambda meta, tensors: meta.update({name: value})


def put(name, change):
    return lambda meta, tensors: tensors.update({name: change(tensors[name])})


def swapped(lengths):
    """The first two parts the other way round."""
    return torch.cat([lengths[1:2], lengths[:1], lengths[2:]])


def of_another(seed=2, **changes):
    """Its states come from another training."""

    def change(meta, tensors):
        other = recording_file.dumps(filmed(SMALL.replace(width=4, depth=1, seed=seed, **changes)).tape())
        for name in ("states", "states.lengths"):
            tensors[name] = parts(other)[1][name]

    return change


META, STEPS, LACKS, PICTURES = "its metadata are", "its number of steps", "it lacks", "its pictures are damaged"
DAMAGES = {
    "a later version": (said("version", 2), "it has version 2 of the format, and only version 1 can be read"),
    "no version": (said("version", None), META),
    "another format": (said("format", "album"), "a file of another kind"),
    "no config": (said("config", None), META),
    "a config of numbers": (said("config", {"lr_g": 1}), META),
    "an impossible config": (said("config", {"lr_g": "-1"}), "lr_g = '-1' is not possible"),
    "a config from the future": (said("config", {"v": "99"}), "not a version of links"),
    "another training's config": (said("config", {"v": "2"}), "its parts are of different trainings"),
    "another training's states": (of_another(), "its parts are of different trainings"),
    "states of other networks": (of_another(1, packing=2), "its parts are of different trainings"),
    "endless breaks": (said("breaks", list(range(21))), META),
    "breaks of nothing": (said("breaks", None), META),
    "a break at no step": (said("breaks", ["1"]), STEPS),
    "a branch in words": (said("branched_at", "now"), STEPS),
    "a branch from the future": (said("branched_at", 251), STEPS),
    "no end": (lambda meta, tensors: tensors.pop("end"), LACKS),
    "no moments": (lambda meta, tensors: tensors.pop("moments"), LACKS),
    "no lengths": (lambda meta, tensors: tensors.pop("moments.lengths"), LACKS),
    "an empty film": (lambda meta, tensors: tensors.update({
        "moments": torch.zeros(0, dtype=torch.uint8), "moments.lengths": torch.zeros(0, dtype=torch.int64)}), PICTURES),
    "half an end": (put("end", lambda t: t[:1000].clone()), "no safetensors file"),
    "an end of zeros": (put("end", torch.zeros_like), "no safetensors file"),
    "an end in floats": (put("end", lambda t: t.float()), "instead of"),
    "an end as a matrix": (put("end", lambda t: t[None].clone()), "instead of"),
    "half the moments": (put("moments", lambda t: t[: len(t) // 2].clone()), META),
    "moments of zeros": (put("moments", torch.zeros_like), PICTURES),
    "lengths that are too long": (put("moments.lengths", lambda t: t + 1), META),
    "negative lengths": (put("moments.lengths", lambda t: torch.cat([t, torch.tensor([5, -5])])), META),
    "huge lengths": (put("moments.lengths", lambda t: t * 2**40), META),
    "lengths in floats": (put("states.lengths", lambda t: t.double()), "instead of"),
    "moments cut elsewhere": (put("moments.lengths", swapped), PICTURES),
    "too many moments": (lambda meta, tensors: tensors.update({
        "moments": torch.zeros(10_001, dtype=torch.uint8), "moments.lengths": torch.ones(10_001, dtype=torch.int64)}), META),
    "the film twice": (lambda meta, tensors: tensors.update({
        name: tensors[name].repeat(2) for name in ("moments", "moments.lengths")}), STEPS),
    "the states twice": (lambda meta, tensors: tensors.update({
        name: tensors[name].repeat(2) for name in ("states", "states.lengths")}), STEPS),
}  # fmt: skip


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_file_is_refused(good, damage):
    change, match = DAMAGES[damage]
    meta, tensors = parts(good)
    change(meta, tensors)
    assert_refused(again(meta, tensors), match)


def test_a_good_file_that_was_taken_apart_is_good(good):
    assert recording_file.loads(again(*parts(good))).recording.steps


def test_what_has_no_room_is_refused(good, monkeypatch):
    for room in (Room(10_000, 10**7), Room(10**7, 10_000)):
        monkeypatch.setitem(ROOMS, "line", room)
        assert_refused(good, "it holds more than a recording may")


def test_a_file_beyond_the_bound_is_refused_before_it_is_read(tmp_path):
    with (tmp_path / "file").open("wb") as opened:
        opened.truncate(tensor_files.MAX_BYTES + 1)  # of holes
    with pytest.raises(ValueError, match="it has 64 MB; up to 64 MB are possible"):
        recording_file.load(tmp_path / "file")


def with_config(data, config):
    """The same file, but for the settings with which it began and ended."""
    meta, tensors = parts(data)
    saved = saving.loads(tensors["end"].numpy().tobytes())
    end = tensor_files.pack(saved.tensors, saved.meta | {"config": config.to_params()})
    tensors["end"] = torch.frombuffer(bytearray(end), dtype=torch.uint8)
    return again(meta | {"config": config.to_params()}, tensors)


def test_what_costs_too_much_is_refused_before_it_is_built(good, monkeypatch):
    monkeypatch.setattr(recording_file, "GANTrainer", lambda config: pytest.fail("it was built"))
    dear = with_config(good, SMALL.replace(width=512, depth=6, batch_size=8192))
    assert_refused(dear, "asks too much of this server", budget=Budget())


def test_a_recording_within_the_budget_is_opened(good):
    assert recording_file.loads(good, Budget()).end.step == 250


def test_a_recording_on_mnist_without_mnist_says_what_to_do(good, monkeypatch, tmp_path):
    monkeypatch.delenv("MNIST_DIR", raising=False)
    monkeypatch.setattr(mnist, "cache", lambda: tmp_path)
    assert_refused(with_config(good, TINY.replace(target="mnist")), r"MNIST is not on this machine yet\. Download it")


def deep(rng, data):
    """A file in which a moment, a state or the end is mutated, but not what holds them."""
    meta, tensors = parts(data)
    name = rng.choice(["end", "states", "moments", "states"])
    part = tensors[name].numpy().tobytes()
    if name == "moments":
        changed = bytearray(part)
        changed[rng.randrange(len(part))] ^= 1 << rng.randrange(8)
    elif name == "end":
        changed = mutated(rng, part)
    else:
        lengths = tensors["states.lengths"].tolist()
        changed = mutated(rng, part[: lengths[0]]) + part[lengths[0] :]
        tensors["states.lengths"][0] += len(changed) - len(part)
    tensors[name] = torch.frombuffer(bytearray(changed), dtype=torch.uint8)
    return again(meta, tensors)


def reworded(rng, data):
    """Another value somewhere in the metadata."""
    meta, tensors = parts(data)
    values = [None, True, -1, 0, 2**64, 1e308, float("nan"), "", "x" * 5000, [], {}, [[]], [1], {"v": "2"}, "recording"]
    home = rng.choice([meta, meta["config"]])
    home[rng.choice([*home, "lr_g"])] = rng.choice(values)
    return pack_tensors(tensors, {"gan": json.dumps(meta)})


@pytest.mark.parametrize("way", [lambda rng, data: mutated(rng, data), deep, reworded], ids=["bytes", "parts", "words"])
def test_mutated_files_are_refused_or_are_recordings(good, way):
    """Five hundred in all; never another error, never more memory than a small multiple of the file and its training."""
    rng, refused, opened = random.Random(3), 0, 0
    n = 170
    tracemalloc.start()
    try:
        for _ in range(n):
            try:
                tape = recording_file.loads(way(rng, good))
            except ValueError as error:
                refused += isinstance(error.args[0], Message) and isinstance(error.args[0].values["problem"], Message)
                continue
            opened += 1
            assert tape.recording.at(0).step >= 0
            assert tape.recording.last().config.kind == "line"
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert refused + opened == n
    assert refused > n / 4
    assert peak < 6 * len(good) + 8 * film.MAX_MOMENT
