"""What a visitor can do with a run, by the names in the messages of the line: `COMMANDS`."""

import secrets
from typing import Any

from gan_core import TrainConfig
from gan_core.config import SETTINGS
from gan_core.messages import Message
from pages.ui import feed
from pages.ui.stage_frames import widgets_show


def command(run_id: str, asked: dict[str, Any]) -> None:
    """Do what a visitor has asked for, e.g. {"do": "step", "n": 10}.

    Raises:
        ValueError: it is not possible; the message says why.
        RunGone: the run was released.
        KeyError: there is no such command.
    """
    COMMANDS[asked["do"]](run_id, asked)


def _step(run_id: str, asked: dict[str, Any]) -> None:
    feed.runner().step(run_id, _whole(asked.get("n"), 1, 10_000))


def _speed(run_id: str, asked: dict[str, Any]) -> None:
    speed = asked.get("value")
    if isinstance(speed, bool) or not isinstance(speed, int | float) or not 0 <= speed <= 1e6:
        raise ValueError(Message("That is no speed: choose one of the buttons"))
    feed.runner().set_speed(run_id, speed)


def _seed(run_id: str, asked: dict[str, Any]) -> None:
    feed.runner().reset(run_id, feed.runner().config(run_id).replace(seed=secrets.randbelow(10_000)))


def _set(run_id: str, asked: dict[str, Any]) -> None:
    values = asked.get("values")
    if not isinstance(values, dict) or not values or len(values) > len(SETTINGS):
        raise ValueError(Message("Those are no settings"))
    change(run_id, values, of_twin=asked.get("which") == "b")


def _twin(run_id: str, asked: dict[str, Any]) -> None:
    values = asked.get("values")
    if not isinstance(values, dict) or len(values) > len(SETTINGS):
        raise ValueError(Message("Those are no settings"))
    _check_known(values)
    feed.runner().start_twin(run_id, **values)


def _check_known(values: dict[str, Any]) -> None:
    if unknown := [name for name in values if name not in SETTINGS]:
        raise ValueError(Message("{name} is not a setting, and is left out", name=unknown[0]))


def change(run_id: str, values: dict[str, Any], *, from_widgets: bool = False, of_twin: bool = False) -> None:
    """Change settings of a run: a live one in the running training, others start it again from step 0.

    Args:
        from_widgets: whether Streamlit's widgets show the new values already.
        of_twin: whether it is live ones of the run's twin.
    Raises:
        ValueError: an unknown setting, or a value out of range.
    """
    now = feed.runner().config(run_id)
    _check_known(values)
    if of_twin:
        if not all(SETTINGS[name].live for name in values):
            raise ValueError(Message("Only live settings of a twin can change"))
        feed.runner().update(run_id, of_twin=True, **values)
        return
    changed = {name: value for name, value in values.items() if value != getattr(now, name)}
    if all(SETTINGS[name].live for name in changed):
        if changed:
            if from_widgets:
                widgets_show(run_id, now.replace(**changed))
            feed.runner().update(run_id, **changed)
        return
    implied: dict[str, Any] = {}
    for name, value in changed.items():
        if implies := SETTINGS[name].implies:
            implied |= implies(SETTINGS[name].check(name, value))
    config = now.replace(**{**implied, **changed})
    if config.kind != now.kind:
        raise ValueError(Message("The link names a target of another page: {target}", target=config.target))
    restart(run_id, config, from_widgets=from_widgets)


def restart(run_id: str, config: TrainConfig, *, from_widgets: bool = False) -> None:
    """Start a run again from step 0 with these settings; see `change`."""
    if from_widgets:
        widgets_show(run_id, config)
    feed.runner().reset(run_id, config)


def _branch(run_id: str, asked: dict[str, Any]) -> None:
    feed.runner().branch(run_id, _whole(asked.get("at"), 0, 2**53))


def _whole(value: Any, low: int, high: int) -> int:
    if type(value) is not int or not low <= value <= high:
        raise ValueError(Message("That is no number of steps: choose one of the buttons"))
    return value


COMMANDS = {
    "play": lambda run_id, asked: feed.runner().play(run_id),
    "pause": lambda run_id, asked: feed.runner().pause(run_id),
    "step": _step,
    "speed": _speed,
    "reset": lambda run_id, asked: feed.runner().reset(run_id),
    "seed": _seed,
    "set": _set,
    "branch": _branch,
    "twin": _twin,
    "end_twins": lambda run_id, asked: feed.runner().run(run_id).end_twin(),
    "keep_ghost": lambda run_id, asked: feed.runner().run(run_id).keep_ghost(),
    "drop_ghost": lambda run_id, asked: feed.runner().run(run_id).set_ghost(None),
}
