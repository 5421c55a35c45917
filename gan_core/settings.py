"""One record per setting of an experiment: what it allows, what it is called, and where a page puts it."""

import dataclasses
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from gan_core.messages import Message

KIND_OF_DIM = {1: "line", 2: "plane"}  # of targets with a density, by the dimension of x
KINDS = (*KIND_OF_DIM.values(), "images")


def _always(config: Any) -> bool:
    return True


@dataclass(frozen=True)
class Setting:
    """All there is to know about one field of `TrainConfig`, beside its name.

    Attributes:
        default: its value where nobody says anything; its type is that of the setting, see `type`.
        low, high: the range of a number.
        registry: the choices, by key -> a name, or a record with a `name`. Empty for numbers and switches.
        also: whether a value is allowed beside the choices; may raise ValueError.
        group: where its widget stands: among the "menus", the live "sliders", the "more" live settings or those of the
            "network"; within a group in the order of the fields. "" if the page draws it in a way of its own.
        label, help: of its widget; English, and keys of the translations.
        options: the steps that its slider offers; a number without them is typed in.
        kinds: the kinds of target for which it means something.
        shown, enabled: whether it means something beside these other settings, TrainConfig -> bool: if not shown, its
            widget is left out; if not enabled, it is there, but cannot be moved.
        implies: a new value -> the other settings that have to change along with it.
    """

    default: Any
    low: float = -math.inf
    high: float = math.inf
    registry: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    also: Callable[[str], bool] | None = None
    group: Literal["", "menus", "sliders", "more", "network"] = ""
    label: str = ""
    help: str = ""
    options: tuple[float, ...] = ()
    kinds: tuple[str, ...] = KINDS
    shown: Callable[[Any], bool] = _always
    enabled: Callable[[Any], bool] = _always
    implies: Callable[[Any], Mapping[str, Any]] | None = None

    @property
    def type(self) -> type:
        """int, float, bool or str."""
        return type(self.default)

    @property
    def live(self) -> bool:
        """Whether it may change in a running trainer; the others need new networks."""
        return self.group in ("sliders", "more")

    @property
    def choices(self) -> tuple[str, ...]:
        """The keys of the registry."""
        return tuple(self.registry)

    @property
    def names(self) -> dict[str, str]:
        """Choice -> its name; English, and a key of the translations."""
        return {key: record if isinstance(record, str) else record.name for key, record in self.registry.items()}

    def check(self, name: str, value: Any) -> Any:
        """The value, converted exactly to `type`; ValueError naming field, value and allowed range otherwise."""
        is_number = isinstance(value, int | float | np.number) and not isinstance(value, bool)
        if self.type is bool and isinstance(value, bool):
            return value
        if self.type is str and value in self.choices:
            return value
        if self.type is str and self.also and isinstance(value, str) and self.also(value):
            return value
        if self.type in (int, float) and is_number and self.low <= value <= self.high and self.type(value) == value:
            return self.type(value)
        raise ValueError(self._refusal(name, value))

    def parse(self, name: str, text: str) -> Any:
        """The value written as `text`; ValueError as in `check`."""
        if self.type is str:
            return self.check(name, text)
        try:
            return self.check(name, {"true": True, "false": False}[text] if self.type is bool else self.type(text))
        except (KeyError, ValueError):
            raise ValueError(self._refusal(name, text)) from None

    def _refusal(self, name: str, value: Any) -> Message:
        given: dict[str, Any] = {"name": name, "value": repr(value)}
        if self.choices:
            return Message("{name} = {value} is not possible: choose one of {choices}", **given,
                           choices=", ".join(self.choices))  # fmt: skip
        if self.type is bool:
            return Message("{name} = {value} is not possible: choose true or false", **given)
        given |= {"low": self.low, "high": self.high}
        if self.type is int:
            return Message("{name} = {value} is not possible: choose a whole number from {low:g} to {high:g}", **given)
        return Message("{name} = {value} is not possible: choose a number from {low:g} to {high:g}", **given)


def setting(default: Any, low: float = -math.inf, high: float = math.inf, **about: Any) -> Any:
    """A field of a dataclass with its `Setting`; the arguments are those of `Setting`."""
    return dataclasses.field(default=default, metadata={"setting": Setting(default, low, high, **about)})


def settings_of(config: type) -> dict[str, Setting]:
    """Field name -> record, of a dataclass whose fields are made by `setting`."""
    return {f.name: f.metadata["setting"] for f in dataclasses.fields(config)}
