"""A class on one server: visitors who all play runs of their own, and visitors who all watch one run.

    python -m benchmarks.crowd [--players 50] [--watchers 200] [--seconds 20]

Synthetic visitors speak the direct line, see `pages.ui.line`: each asks for the next frame when it has read the last, and
players move a slider now and then. They run in a process of their own, on the same machine and the loopback only, so
what they cost is part of what is measured. With a Chromium, a page is opened while the players play.
"""

import argparse
import asyncio
import json
import socket
import statistics
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.harness import ROOT, chromium_path, headless_chromium, open_board, wait_until
from benchmarks.live import cpu_seconds

EVERY = 4.0  # seconds from one move of a slider to the next
PAINT = 1 / 12  # seconds that a browser takes from one frame to the next question, at least


def serve(port: int, n_runs: int, keys: Path) -> None:
    """The app in this process, with runs that wait for their players."""
    from streamlit.web.cli import main as streamlit

    from pages.ui import asking
    from pages.ui.controls import default_preset
    from pages.ui.studio import studio

    config = default_preset("line")
    runs = [studio().begin(config.replace(seed=seed)) for seed in range(n_runs)]
    for run in runs:
        wait_until(lambda run=run: studio().call(run, asking.about).step == 0, 120, "a run was not built")
    keys.write_text(json.dumps({"runs": runs, "watch": studio().call(runs[0], asking.watch_key)}))
    streamlit(["run", "app.py", "--server.address", "127.0.0.1", "--server.port", str(port)])


@dataclass
class Seen:
    """What one visitor has seen."""

    updates: int = 0
    first_step: int = 0
    last_step: int = 0
    waits: list[float] = field(default_factory=list)  # seconds from a slider to its effect
    errors: list[str] = field(default_factory=list)


def header(frame: bytes) -> dict[str, Any]:
    """The JSON of a packed frame, without its arrays."""
    (length,) = struct.unpack_from("<I", frame)
    return json.loads(frame[4 : 4 + length])


async def visit(url: str, until: float, seen: Seen, *, offset: float = 0.0, plays: bool = True) -> None:
    """One visitor until the time is over; a player moves a slider now and then."""
    import websockets

    try:
        async with websockets.connect(url, max_size=None, open_timeout=60) as line:
            have, moved_at, expected = 0, 0.0, ""
            move_at, values = time.monotonic() + offset, iter(range(1, 10_000))
            if plays:
                await line.send(json.dumps({"do": "play"}))
            while (now := time.monotonic()) < until:
                if plays and not expected and now >= move_at:
                    value = 0.004 + 0.001 * (next(values) % 5)  # a setting that does not change what a step costs
                    expected, moved_at, move_at = f"lr_d {value:g}", now, now + EVERY
                    await line.send(json.dumps({"do": "set", "values": {"lr_d": value}}))
                await line.send(json.dumps({"do": "next", "have": have}))
                frame = header(await asyncio.wait_for(line.recv(), 60))
                have, shown = frame["version"], frame["attributes"]
                seen.updates += 1
                seen.last_step = int(shown["step"])
                seen.first_step = seen.first_step or seen.last_step
                if expected and shown["last-change"] == expected:
                    seen.waits.append(time.monotonic() - moved_at)
                    expected = ""
                await asyncio.sleep(PAINT)
            if expected:
                seen.waits.append(time.monotonic() - moved_at)  # at least
            if plays:
                await line.send(json.dumps({"do": "pause"}))
    except Exception as error:
        seen.errors.append(f"{type(error).__name__}: {error}")


async def crowd(urls: list[str], seconds: float, pid: int, *, plays: int) -> tuple[list[Seen], float, float]:
    """What so many visitors see; the first `plays` of them play. Also the seconds that it took, and of CPU."""
    start, cpu = time.monotonic(), cpu_of_all(pid)
    seen = [Seen() for _ in urls]
    visits = (
        visit(url, start + seconds, s, offset=2 + EVERY * i / len(urls), plays=i < plays)
        for i, (url, s) in enumerate(zip(urls, seen, strict=True))
    )
    await asyncio.gather(*visits)
    return seen, time.monotonic() - start, cpu_of_all(pid) - cpu


def told(name: str, seen: list[Seen], seconds: float, cpu: float, pid: int) -> float:
    """Print what they saw; returns the sum of their steps per second."""
    rates = sorted(s.updates / seconds for s in seen)
    steps = sum(s.last_step - s.first_step for s in seen) / seconds
    waits = sorted(w for s in seen for w in s.waits)
    errors = [e for s in seen for e in s.errors]
    print(f"{name:28} {statistics.median(rates):5.1f} {rates[0]:5.1f} updates/s each (median, least) "
          f"{steps:7.0f} steps/s in all  CPU {100 * cpu / seconds:4.0f} %  {memory(pid):5.0f} MB  {len(errors)} errors")  # fmt: skip
    if waits:
        late = waits[min(int(0.95 * len(waits)), len(waits) - 1)]
        print(f"{'':28} slider to visible {1000 * statistics.median(waits):5.0f} ms, 95 %: {1000 * late:5.0f} ms, "
              f"{len(waits)} moves")  # fmt: skip
    for error in errors[:3]:
        print("   ", error)
    return steps


def family(pid: int) -> list[int]:
    """The server's process, and those in which runs live."""
    children = " ".join(path.read_text() for path in Path(f"/proc/{pid}/task").glob("*/children")).split()
    return [pid, *map(int, children)]


def cpu_of_all(pid: int) -> float:
    """Seconds of CPU of the server and its processes so far."""
    return sum(cpu_seconds(one) for one in family(pid))


def memory(pid: int) -> float:
    """Resident, of the server and its processes, MB."""
    lines = [line for one in family(pid) for line in Path(f"/proc/{one}/status").read_text().splitlines()]
    return sum(int(line.split()[1]) for line in lines if line.startswith("VmRSS:")) / 1024


@contextmanager
def server(n_runs: int) -> Iterator[tuple[str, int, dict[str, Any], Path]]:
    """The app with so many runs: its address, process id, keys, and log."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        keys, log = Path(folder, "keys.json"), Path(folder, "log")
        with log.open("w") as output:
            process = subprocess.Popen(
                [sys.executable, "-m", "benchmarks.crowd", "--serve", str(port), str(n_runs), str(keys)],
                cwd=ROOT, stdout=output, stderr=output,
            )  # fmt: skip
        try:
            wait_until(keys.exists, 300, "the runs were not ready")
            wait_until(lambda: _open(port), 60, "the server did not start")
            yield f"127.0.0.1:{port}", process.pid, json.loads(keys.read_text()), log
        finally:
            process.terminate()
            process.wait(30)


def _open(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def opening(address: str, seconds: list[float]) -> None:
    """How long a newcomer waits for a live page, in a Chromium."""
    with headless_chromium() as browser:
        page = browser.new_page(viewport={"width": 1280, "height": 720})
        start = time.monotonic()
        open_board(page, f"http://{address}/train_1d")
        seconds.append(time.monotonic() - start)


async def measure(players: int, watchers: int, seconds: float) -> None:
    """The figures."""
    with server(players) as (address, pid, keys, log):
        own = [f"ws://{address}/gan/line/{run}" for run in keys["runs"]]
        watching = f"ws://{address}/gan/line/{keys['watch']}"
        await crowd(own[:1], 5, pid, plays=1)  # warm
        alone = told("1 plays", *await crowd(own[:1], seconds, pid, plays=1), pid)
        together = told(f"{players} play, each their own", *await crowd(own, seconds, pid, plays=players), pid)
        print(f"{'':28} sum of steps/s, of one alone {together / alone:5.2f}")
        if chromium_path():  # by itself: a browser that starts takes the cores from all others
            waits: list[float] = []
            opens = asyncio.to_thread(_after, 5, address, waits)
            await asyncio.gather(crowd(own, 20, pid, plays=players), opens)
            print(f"{'':28} a page is opened meanwhile in {waits[0]:5.1f} s")
        again = told("1 plays", *await crowd(own[:1], seconds, pid, plays=1), pid)
        urls = [own[0], *[watching] * watchers]
        watched = told(f"{watchers} watch one run", *await crowd(urls, seconds, pid, plays=1), pid)
        # every visitor counts the same steps
        print(f"{'':28} steps/s of the run, of it alone {watched / len(urls) / again:5.2f}")
        print(f"tracebacks in the server's log: {log.read_text().count('Traceback')}")


def _after(seconds: float, address: str, waits: list[float]) -> None:
    time.sleep(seconds)
    opening(address, waits)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--players", type=int, default=50)
    parser.add_argument("--watchers", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--serve", nargs=3, metavar=("PORT", "RUNS", "FILE"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.serve:
        port, runs, keys = arguments.serve
        serve(int(port), int(runs), Path(keys))
        return
    asyncio.run(measure(arguments.players, arguments.watchers, arguments.seconds))


if __name__ == "__main__":
    main()
