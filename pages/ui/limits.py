"""How much one visitor, one address and one run may have at a time, so that nobody starves the others.

Each is an environment variable. A visitor is a browser, as far as its cookie names its runs; an address is that of the
connection, or the one that a proxy reports which uvicorn trusts (FORWARDED_ALLOW_IPS). A class behind one router is one
address; the machine itself has no limits, since a proxy that reports nothing looks like it.
"""

import contextlib
import ipaddress
import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Limit:
    """A number of things at a time.

    Attributes:
        variable: of the environment, in which another number can be set. usual: the number otherwise.
    """

    variable: str
    usual: int

    @property
    def value(self) -> int:
        """The number, at least 1."""
        asked = os.environ.get(self.variable, "")
        return max(int(asked), 1) if asked.isascii() and asked.isdigit() else self.usual


RUNS_PER_VISITOR = Limit("GAN_RUNS_PER_VISITOR", 6)
RUNS_PER_ADDRESS = Limit("GAN_RUNS_PER_ADDRESS", 60)
MAPS_PER_PROCESS = Limit("GAN_MAPS", 3)
TRAININGS_PER_PROCESS = Limit("GAN_LESSON_TRAININGS", 50)
LINES_PER_RUN = Limit("GAN_LINES_PER_RUN", 500)
LINES_PER_ADDRESS = Limit("GAN_LINES_PER_ADDRESS", 1000)


class TooMany(RuntimeError):
    """There are as many as there may be."""


@dataclass
class Held:
    """Who holds how many of something, e.g. of lines."""

    count: Counter[tuple[Limit, str]] = field(default_factory=Counter)

    @contextlib.contextmanager
    def one(self, *holders: tuple[Limit, str]) -> Iterator[None]:
        """Inside, each of these holders has one more; "" holds nothing.

        Raises:
            TooMany: one of them has as many as it may.
        """
        claims = [holder for holder in holders if holder[1]]
        if any(self.count[claim] >= claim[0].value for claim in claims):
            raise TooMany
        self.count.update(claims)
        try:
            yield
        finally:
            self.count.subtract(claims)
            for claim in claims:
                if self.count[claim] <= 0:
                    del self.count[claim]


LINES = Held()


def outside(address: str | None) -> str:
    """An address; "" for none, and for this machine. One of IPv4 by way of a socket of IPv6, "::ffff:192.0.2.7", is itself."""
    try:
        found = ipaddress.ip_address(address or "")
    except ValueError:  # a name, of a test or a socket of Unix
        return address or ""
    found = getattr(found, "ipv4_mapped", None) or found
    return "" if found.is_loopback else str(found)
