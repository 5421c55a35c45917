"""What a visitor takes something of: a run at the moment that is on their stage, in their language."""

import functools
from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from dataclasses import dataclass
from typing import TypeVar

from gan_core import LOSSES, PRESETS, GANTrainer, Run, Snapshot
from gan_core.config import SETTINGS
from gan_core.messages import Message
from gan_core.own_targets import lookup
from gan_core.recording import Recording
from pages.ui import controls, feed
from pages.ui.figures import Panel
from pages.ui.takeaway.ink import fonts
from pages.ui.text import speaking, tr

T = TypeVar("T")
PATIENCE = 30.0  # seconds that a run may take to answer


class NothingYet(Exception):
    """The run has nothing of the kind yet; args: a sentence."""


@dataclass(frozen=True)
class Source:
    """A run, and how one looks at it.

    Attributes:
        run: what it is of. look: see `feed.Look`. language: "en" or "ko".
        progress: told the share of the work that is done, from 0 to 1; what it raises ends the work.
    """

    run: Run
    look: feed.Look
    language: str
    progress: Callable[[float], object] = lambda done: None

    @functools.cached_property
    def recording(self) -> Recording:
        """Of the run; it may grow meanwhile."""
        if not self.run.recording.moments:
            raise NothingYet(
                Message("There is nothing to take away yet: the training is only being built. Try again in a moment.")
            )
        return self.run.recording

    @functools.cached_property
    def now(self) -> Snapshot:
        """The latest snapshot."""
        return self.run.latest or self.recording.last()

    @functools.cached_property
    def shown(self) -> Snapshot:
        """The moment that is on the stage."""
        return self.now if self.look.at is None else self.recording.at(self.look.at)

    def ask(self, question: Callable[[GANTrainer], T]) -> T:
        """What the trainer says between two slices."""
        return self.wait(self.run.ask(question))

    def wait(self, answer: "Future[T]") -> T:
        """The answer of the run.

        Raises:
            NothingYet: it did not come in time, there is no trainer, or the run was released meanwhile.
        """
        try:
            return answer.result(PATIENCE)
        except (TimeoutError, RuntimeError, CancelledError):
            raise NothingYet(Message("The training did not answer in time. Try again in a moment.")) from None

    # ---- how it is drawn ----

    @property
    def drawn_in(self) -> str:
        """The language of pictures: English where no font on this machine writes the visitor's."""
        return self.language if fonts(self.language) else "en"

    @property
    def fonts(self) -> tuple[str, ...]:
        """Of pictures."""
        return fonts(self.drawn_in)

    def heroes(self) -> list[Panel]:
        """The panels that one looks at first, as they are on the stage; those of another training beside them as well."""
        view = feed.View(self.language, self.look)
        return [panel for panel in feed.frame(self.run, self.now, view)["panels"] if panel["place"] == "hero"]

    # ---- what it is called ----

    def title(self, s: Snapshot | None = None) -> str:
        """Experiment, step and distance of a moment, by default of the one that is shown."""
        s = s or self.shown
        return " · ".join((experiment(s), tr("step {step}", step=f"{s.step:,}"), distance(s)))

    def name(self, suffix: str, step: int) -> str:
        """Of a file."""
        target = self.run.config.target.partition("-")[0]  # of an own target the kind
        return f"gan-{target}-step-{step}{suffix}"


def experiment(s: Snapshot) -> str:
    """The preset, or target and loss, in the language that is spoken."""
    preset = controls.preset_of(s.config)
    if preset != controls.CUSTOM:
        return tr(PRESETS[preset].name)
    target = SETTINGS["target"].names.get(s.config.target) or lookup(s.config.target).name
    return f"{tr(target)}, {tr(LOSSES[s.config.loss].name)}"


def distance(s: Snapshot) -> str:
    """How far p_g is from p_data."""
    if s.config.kind == "images":
        return f"{tr('Fréchet')} {s.evaluation.frechet:.1f}"
    return f"JSD {s.evaluation.jsd:.4f}"


def in_drawing(source: Source, draw: Callable[[], T]) -> T:
    """What this draws, in the language of pictures."""
    with speaking(source.drawn_in):
        return draw()
