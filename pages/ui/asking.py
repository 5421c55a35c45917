"""What pages ask of a run, each a function that the studio carries to the process of the run; see `studio`."""

from collections.abc import Callable, Mapping
from concurrent.futures import Future
from typing import Any, NamedTuple

from gan_core import Snapshot, TrainConfig
from gan_core.recording import Recording, Tape
from pages.ui import feed
from pages.ui.figures import Panel
from pages.ui.looks import View
from pages.ui.stage_frames import frame
from pages.ui.text import speaking


class About(NamedTuple):
    """What a page has to know of a run.

    Attributes:
        config: its settings, with changes that are still on their way. configs, twin_configs: all that it and its twins
            ever had, the latest last.
        step: of its latest snapshot, -1 without one.
    """

    config: TrainConfig
    configs: tuple[TrainConfig, ...]
    twin_configs: tuple[TrainConfig, ...]
    step: int


def begin(config: TrainConfig) -> str:
    """A new paused run; see `Runner.create`."""
    return feed.runner().create(config)


def about(run_id: str) -> About:
    """See `About`; asks for the next snapshot as well."""
    run = feed.runner().run(run_id)
    now = run.snapshot()
    return About(run.config, tuple(run.configs), tuple(run.twin_configs), now.step if now else -1)


def find(key: str) -> tuple[str, bool]:
    """See `Runner.find`."""
    return feed.runner().find(key)


def watch_key(run_id: str) -> str:
    """See `Runner.watch_key`."""
    return feed.runner().watch_key(run_id)


def lives(run_id: str) -> bool:
    """Whether there is this run."""
    return run_id in feed.runner()


def waits(run_id: str, config: TrainConfig) -> bool:
    """Whether it waits for its visitor to come back, with these settings."""
    return feed.runner().deserted([run_id], config) is not None


def attach(run_id: str, *, watching: bool = False) -> None:
    """See `Runner.attach`."""
    feed.runner().attach(run_id, watching=watching)


def detach(run_id: str, *, watching: bool = False) -> None:
    """See `Runner.detach`."""
    feed.runner().detach(run_id, watching=watching)


def ask(run_id: str, question: Callable[..., Any], *args: Any) -> Future[Any]:
    """What `question(trainer, *args)` makes of the trainer between two slices."""
    return feed.runner().ask(run_id, lambda trainer: question(trainer, *args))


class Film(NamedTuple):
    """What there is to see of a run.

    Attributes:
        now: its latest snapshot; None without one. config: its settings.
    """

    recording: Recording
    now: Snapshot | None
    config: TrainConfig


def film(run_id: str) -> Film:
    """See `Film`."""
    run = feed.runner().run(run_id)
    return Film(run.recording, run.latest, run.config)


def heroes(run_id: str, view: View) -> list[Panel]:
    """The panels that one looks at first, as they are on the stage; those of another training beside them as well."""
    run = feed.runner().run(run_id)
    if not run.recording.moments:
        return []
    with speaking(view.language):
        shown = frame(run, run.latest or run.recording.last(), view)
    return [panel for panel in shown["panels"] if panel["place"] == "hero"]


def tape(run_id: str) -> Future[Tape]:
    """See `Run.tape`."""
    return feed.runner().run(run_id).tape()


def open_tape(run_id: str, tape: Tape) -> TrainConfig:
    """See `Run.open`."""
    return feed.runner().run(run_id).open(tape)


def set_ghost(run_id: str, recording: Recording) -> None:
    """See `Run.set_ghost`."""
    feed.runner().run(run_id).set_ghost(recording)


def start_over(run_id: str, config: TrainConfig) -> None:
    """Stand paused at the beginning of another experiment, alone."""
    run = feed.runner().run(run_id)
    feed.runner().pause(run_id)
    run.end_twin()
    feed.runner().reset(run_id, config)


def start_twin(run_id: str, differing: Mapping[str, Any]) -> None:
    """See `Runner.start_twin`."""
    feed.runner().start_twin(run_id, **differing)
