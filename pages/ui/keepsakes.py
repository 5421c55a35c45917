"""What a process of runs tells the web server, so that another one can take its place."""

from typing import NamedTuple

from gan_core import TrainConfig, own_targets
from gan_core.history import until
from gan_core.state import State
from pages.ui import census, feed
from pages.ui.asking import begin


class Keepsake(NamedTuple):
    """What a run can be brought back from, if its process ends.

    Attributes:
        state: from which it goes on; None: from the beginning. address: see `census.address_of`.
    """

    run_id: str
    watch_key: str
    config: TrainConfig
    state: State | None
    address: str = ""


def begin_and_keep(config: TrainConfig) -> tuple[str, Keepsake]:
    """See `begin`."""
    run_id = begin(config)
    return run_id, Keepsake(run_id, feed.runner().watch_key(run_id), config, None)


_sent: dict[str, tuple[int, TrainConfig]] = {}  # run -> of its last keepsake: step, settings


def keepsakes() -> list[Keepsake]:
    """Of the runs that have moved on since the last call; a run that is gone leaves none."""
    news = []
    for run_id in feed.runner().alone():
        run = feed.runner().run(run_id)
        kept = run.recording.states[-1] if run.recording.states else None
        now = (kept.step if kept else -1, run.config)
        if _sent.get(run_id) != now:
            _sent[run_id] = now
            state = kept.state.with_history(until(run.recording.curves, kept.step)) if kept else None
            config, address = kept.config if kept else run.config, census.address_of(run_id)
            news.append(Keepsake(run_id, feed.runner().watch_key(run_id), config, state, address))
    for gone in [run_id for run_id in _sent if run_id not in feed.runner()]:
        del _sent[gone]
    return news


def forget_what_was_sent() -> None:
    """The next keepsakes are of all runs."""
    _sent.clear()


def revive(keepsake: Keepsake) -> None:
    """Bring a run back whose process has ended."""
    feed.runner().revive(keepsake.run_id, keepsake.watch_key, keepsake.config, keepsake.state)
    if keepsake.address:
        census.belongs(keepsake.run_id, keepsake.address)


def learn(table: own_targets.Table) -> None:
    """Know a visitor's table as a target."""
    own_targets.from_points(table.points, table.name, axes=table.axes, keep_proportions=table.keep_proportions)
