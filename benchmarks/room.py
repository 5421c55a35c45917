"""A full room on one server: all watch the host's run, come at once, get a question, and answer it.

    python -m benchmarks.room [--members 300] [--seconds 20]

Synthetic members speak the room's socket and the direct line of its run; they run in a process of their own, on the same
machine and the loopback only, so what they cost is part of what is measured.
"""

import argparse
import asyncio
import json
import random
import statistics
import time
import urllib.request
from collections.abc import Callable
from typing import Any

from benchmarks.crowd import crowd, server, told

ANSWERS = ("G", "D", "both", "nobody")
WITHIN = 2.0  # seconds in which all vote


class Member:
    """A browser in the room: what it was told last, and when."""

    def __init__(self, url: str, hello: dict[str, Any]):
        self.url, self.hello = url, hello
        self.room: dict[str, Any] = {}
        self.heard = 0
        self.socket: Any = None
        self._changed = asyncio.Event()

    async def join(self) -> None:
        """Open the socket and wait for the first word; listens from then on."""
        import websockets

        self.socket = await websockets.connect(self.url, max_size=None, open_timeout=120)
        await self.say(**self.hello)
        self.listening = asyncio.create_task(self._listen())
        await self.until(lambda room: bool(room))

    async def say(self, **message: Any) -> None:
        """Send a message."""
        await self.socket.send(json.dumps(message))

    async def _listen(self) -> None:
        async for text in self.socket:
            message = json.loads(text)
            self.heard += 1
            if message["note"] == "room":
                self.room = message
            changed, self._changed = self._changed, asyncio.Event()
            changed.set()

    async def until(self, condition: Callable[[dict[str, Any]], bool]) -> float:
        """Wait until the room is so; returns the time."""
        while not condition(self.room):
            await asyncio.wait_for(self._changed.wait(), 120)
        return time.monotonic()

    async def leave(self) -> None:
        """Close the socket."""
        await self.socket.close()
        await self.listening


def open_room(address: str) -> dict[str, str]:
    """A new room: its code and its secret."""
    asked = urllib.request.Request(f"http://{address}/gan/room", method="POST")
    return json.load(urllib.request.urlopen(asked, timeout=60))


def spread(name: str, seconds: list[float]) -> None:
    """Print how long it took: median, 95 %, longest."""
    ordered = sorted(seconds)
    late = ordered[min(int(0.95 * len(ordered)), len(ordered) - 1)]
    print(
        f"{name:44} {1000 * statistics.median(ordered):6.0f} ms median {1000 * late:6.0f} ms 95 % {1000 * ordered[-1]:6.0f} ms last"
    )


async def arrive(host: Member, members: list[Member]) -> None:
    """All join at once."""
    start = time.monotonic()

    async def join(member: Member) -> float:
        await member.join()
        return time.monotonic() - start

    spread(f"{len(members)} join at once", await asyncio.gather(*(join(member) for member in members)))
    everybody = await host.until(lambda room: room["present"] == len(members))
    print(f"{'the host sees them all after':44} {1000 * (everybody - start):6.0f} ms")


async def poll(host: Member, members: list[Member]) -> None:
    """The host asks, all vote within two seconds, and the answers are revealed.

    Raises:
        AssertionError: a vote was lost.
    """
    before = [member.heard for member in members]
    asked = time.monotonic()
    await host.say(do="ask", question="Who wins?", options=list(ANSWERS))
    arrived = await asyncio.gather(*(member.until(lambda room: bool(room["poll"])) for member in members))
    spread("while the run plays, a question reaches all", [at - asked for at in arrived])

    voting, expected = time.monotonic(), [0] * len(ANSWERS)

    async def vote(k: int, member: Member) -> None:
        await asyncio.sleep(random.random() * WITHIN)
        expected[k % len(ANSWERS)] += 1
        await member.say(do="vote", poll=1, answer=k % len(ANSWERS))

    await asyncio.gather(*(vote(k, member) for k, member in enumerate(members)))
    last = time.monotonic()
    counted = await host.until(lambda room: room["poll"]["answered"] == len(members))
    assert [votes for _, votes in host.room["poll"]["bars"]] == expected, "votes were lost"
    print(
        f"{f'{len(members)} votes in {last - voting:.1f} s, all counted':44} {1000 * (counted - last):6.0f} ms after the last"
    )
    revealed = time.monotonic()
    await host.say(do="reveal")
    arrived = await asyncio.gather(*(m.until(lambda room: room["poll"]["state"] == "revealed") for m in members))
    spread("the answers reach all", [at - revealed for at in arrived])
    messages = statistics.mean(m.heard - b for m, b in zip(members, before, strict=True))
    print(f"{'messages of the room to each meanwhile':44} {messages:6.1f}")


async def measure(n: int, seconds: float) -> None:
    """The figures."""
    with server(1) as (address, pid, keys, log):
        run = f"ws://{address}/gan/line/{keys['runs'][0]}"
        await crowd([run], 5, pid, plays=1)  # warm
        alone = told("the host alone", *await crowd([run], seconds, pid, plays=1), pid)

        opened = open_room(address)
        url = f"ws://{address}/gan/room/{opened['code']}?lang="
        host = Member(url + "en", {"do": "hello", "device": "host".ljust(20, "-"), "secret": opened["secret"]})
        await host.join()
        await host.say(do="show", page="pages/09_train_1d.py", run=keys["runs"][0], look={})
        members = [
            Member(url + ("en", "ko")[k % 2], {"do": "hello", "device": f"member-{k:014d}", "name": f"name {k}"})
            for k in range(n)
        ]
        await arrive(host, members)

        watching = f"ws://{address}/{host.room['run']['line']}"
        playing = asyncio.create_task(crowd([run, *[watching] * n], seconds + 10, pid, plays=1))
        await asyncio.sleep(5)
        await poll(host, members)
        together = told(f"{n} watch meanwhile", *await playing, pid)
        print(f"{'':28} steps/s of the run, of it alone {together / (n + 1) / alone:5.2f}")
        await asyncio.gather(*(member.leave() for member in [*members, host]))
        print(f"tracebacks in the server's log: {log.read_text().count('Traceback')}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--members", type=int, default=300)
    parser.add_argument("--seconds", type=float, default=20)
    arguments = parser.parse_args()
    asyncio.run(measure(arguments.members, arguments.seconds))


if __name__ == "__main__":
    main()
