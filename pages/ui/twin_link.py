"""The twin of a run in the address of a page: `twin=loss:minimax,lr_d:0.001` names the settings that differ."""

from collections.abc import Mapping
from typing import Any

from gan_core import Run, TrainConfig
from gan_core.config import SETTINGS
from gan_core.messages import Message
from gan_core.race import differing
from gan_core.twin import twin_of

NAME = "twin"  # in the address


def of(run: Run) -> dict[str, str]:
    """What a link to the run says of its twin; nothing without one."""
    return {NAME: written(run.config, run.twin.config)} if run.twin else {}


def written(config: TrainConfig, twin: TrainConfig) -> str:
    """The settings in which a twin differs, as in an address; "same" if it does in none."""
    pairs = [f"{name}:{_text(theirs)}" for name, (_, theirs) in differing(config, twin).items()]
    return ",".join(pairs) or "same"


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def read(asked: str, config: TrainConfig, problems: list[Message]) -> Mapping[str, Any] | None:
    """The settings that differ; None without a twin.

    Args:
        problems: what is wrong with the link is added here.
    """
    if not asked:
        return None
    found: dict[str, Any] = {}
    for pair in asked.split(",") if asked != "same" else ():
        name, _, text = pair.partition(":")
        if name not in SETTINGS:
            problems.append(Message("{name} is not a setting, and is left out", name=name[:40]))
            continue
        try:
            value = SETTINGS[name].parse(name, text)
            twin_of(config, {**found, name: value})
            found[name] = value
        except ValueError as error:
            problems.append(error.args[0])
    return found
