"""What one watcher of a run sees of it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Look:
    """What a watcher chooses to see.

    Attributes:
        at: the step that one looks back to; None: now.
        picked: indices of the fakes that one has picked.
        ghost: how the other training is shown, one of `ghosts.MODES`; "": as is usual for the kind of target.
    """

    at: int | None = None
    picked: tuple[int, ...] = ()
    ghost: str = ""


@dataclass(frozen=True)
class View:
    """What a frame depends on, beside its run.

    Attributes:
        language: "en" or "ko".
        look: what the watcher chooses to see.
        watching: whether the watcher may only watch.
    """

    language: str
    look: Look = Look()
    watching: bool = False
