"""Visitors who come, play, switch pages, lose their connection and go, for minutes; what of it stays on the server.

    python -m benchmarks.soak [--minutes 4] [--visitors 3] [--keep 60]

Each visitor is a tab of a headless Chromium, so that sockets, reruns and the ends of sessions are real; the server
answers on the loopback only. Ends by itself. Prints the memory (PSS, in MB) of the server and of its processes of runs,
and the runs, trainers, sessions and threads in all of them, while they are in use and after the last run that nobody came
back to. Every page has been open before the first visitor comes, and growth is counted from the first third of the time
on: means of a sixth of the time, then and at the end, and of which kind of object there are more. It is of what is no file.

How many visitors come depends on the machine, and with them how many runs there are: what they cost, and what memory grows
by in an hour in which their number stays, is a fit to what was held. A deserted run is kept for ten minutes after its minute
of grace, so that there are ever more for eleven minutes: `--keep` makes that fewer seconds, for a shorter time.
"""

import argparse
import asyncio
import contextlib
import ctypes
import gc
import json
import operator
import os
import random
import subprocess
import sys
import threading
import time
from collections import Counter
from itertools import chain
from pathlib import Path
from statistics import mean
from typing import Any
from urllib.request import urlopen

import numpy as np

from benchmarks.harness import BOARD, FLAGS, ROOT, chromium_path, free_port, wait_until

LIVE = ("/train_1d", "/train_2d", "/train_mnist?target=digits&architecture=tiny")
COUNTED = ("runs", "trainers", "sessions", "threads")
REPORT_EVERY = 5.0  # seconds
LONGEST_KEPT = 720.0  # seconds, of a run that nobody comes back to
SHOWN = 6  # kinds of object
_CAN_BLIP = """
window.sockets = [];
const Native = window.WebSocket;
window.WebSocket = class extends Native { constructor(...a) { super(...a); window.sockets.push(this); } };
"""
State = dict[str, dict[str, Any]]  # process -> what it holds, see `held`


# ---- in the server, and in its processes of runs ----


def memory() -> tuple[float, float]:
    """Proportional set size of this process, MB, and what of it is no file: other users of PyTorch's files come and go."""
    lines = [line.split() for line in Path("/proc/self/smaps_rollup").read_text().splitlines()[1:]]
    size = {name: int(kb) / 1024 for name, kb, _ in lines}
    return size["Pss:"], size["Pss:"] - size["Pss_File:"]


def allocated() -> tuple[float, float]:
    """MB that glibc has handed out in this process, and MB that it holds for that."""
    names = ("arena", "ordblks", "smblks", "hblks", "hblkhd", "usmblks", "fsmblks", "uordblks", "fordblks", "keepcost")
    info = type("mallinfo2", (ctypes.Structure,), {"_fields_": [(name, ctypes.c_size_t) for name in names]})
    ask = ctypes.CDLL(None).mallinfo2
    ask.restype = info
    found = ask()
    return (found.uordblks + found.hblkhd) / 2**20, (found.arena + found.hblkhd) / 2**20


def held(keep: float | None) -> dict[str, Any]:
    """What this process holds.

    Args:
        keep: seconds that it is to keep deserted runs; None: as the app does.
    """
    from streamlit.runtime.app_session import AppSession

    from gan_core.training import GANTrainer
    from pages.ui import feed

    runner = feed.runner() if feed.runner.cache_info().currsize else None
    if runner and keep is not None:
        runner.keep_seconds = keep
    if not runner or not len(runner):
        gc.collect()  # as the next visitor would have it done
    # in one call, so that no thread goes on while we hold all objects: Python makes no tuple that others hold
    kinds = Counter(list(map(type, chain.from_iterable(map(operator.call, [gc.get_objects])))))
    state: dict[str, Any] = {
        "runs": len(runner) if runner else 0,
        "trainers": kinds[GANTrainer],
        "sessions": kinds[AppSession],
        "threads": threading.active_count(),
        "blocks": sys.getallocatedblocks(),
        "kinds": {f"{kind.__module__}.{kind.__qualname__}": n for kind, n in kinds.items() if n >= 20},
    }
    state["mb"], state["own"] = memory()
    state["allocated"], state["arenas"] = allocated()
    return state


def report_for_ever(path: Path, keep: float | None) -> None:
    """Write what the server and its processes hold to a file, as JSON, every five seconds. In the server."""
    from benchmarks import soak  # not __main__, which is another module in a process of runs
    from pages.ui import studio
    from pages.ui.relay import WorkerDied

    while True:
        here = soak.held(keep)
        with contextlib.suppress(WorkerDied):
            there = {name: answer.result() for name, answer in studio.studio().everywhere(soak.held, keep).items()}
            path.with_suffix(".new").write_text(json.dumps({"server": here} | there))
            path.with_suffix(".new").replace(path)
        time.sleep(REPORT_EVERY)


def serve(port: int, path: Path, keep: float | None) -> None:
    """The app in this process, with a thread that reports."""
    from streamlit.web.cli import main as streamlit

    threading.Thread(target=report_for_ever, args=[path, keep], daemon=True).start()
    streamlit(["run", "app.py", "--server.address", "127.0.0.1", "--server.port", str(port)])


# ---- the visitors ----


async def stay(browser, url: str, rng: random.Random, until: float) -> int:
    """One visitor after another in one place; returns how many came."""
    visits = 0
    while time.monotonic() < until:
        context = await browser.new_context()
        await context.add_init_script(_CAN_BLIP)
        page = await context.new_page()
        try:
            await visit(page, url, rng, until)
        except Exception as error:  # a slow machine: the next visitor may have more luck
            print(f"  a visitor gave up: {str(error).splitlines()[0]}", flush=True)
        await context.close()
        visits += 1
    return visits


async def warm_up(browser, url: str) -> None:
    """Open every live page once: what they import and load stays for all who come."""
    page = await browser.new_page()
    for path in LIVE:
        await page.goto(url + path)
        await page.wait_for_selector(f"{BOARD}[data-step]", timeout=120_000)
        await page.get_by_role("button", name="Play").first.click()
        await page.wait_for_timeout(3000)
    await page.close()


async def visit(page, url: str, rng: random.Random, until: float) -> None:
    """Two or three live pages: play, move a slider, lose the connection or load the page again."""
    for _ in range(rng.randrange(2, 4)):
        await page.goto(url + rng.choice(LIVE))
        await page.wait_for_selector(f"{BOARD}[data-step]", timeout=60_000)
        await page.get_by_role("button", name="Play").first.click()
        await page.wait_for_timeout(rng.uniform(2000, 5000))
        thumb = page.get_by_test_id("setting-dropout").get_by_role("slider")
        await thumb.press(rng.choice(["ArrowRight", "ArrowLeft"]))
        if rng.random() < 0.5:
            await page.evaluate("window.sockets.forEach(s => s.close())")
        elif rng.random() < 0.5:
            await page.reload()
        await page.wait_for_timeout(rng.uniform(2000, 4000))
        if time.monotonic() > until:
            return


async def soak(url: str, path: Path, minutes: float, visitors: int) -> None:
    """Send the visitors and print what the server holds."""
    from playwright.async_api import async_playwright

    rows: list[tuple[float, State]] = []
    start = until = 0.0

    async def watch() -> None:
        while time.monotonic() < until:
            rows.append((time.monotonic() - start, json.loads(path.read_text())))
            print(f"{rows[-1][0]:5.0f} s  {told(rows[-1][1])}", flush=True)
            await asyncio.sleep(15)

    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium_path(), args=FLAGS)
        await warm_up(browser, url)
        start = time.monotonic()
        until = start + 60 * minutes
        places = [stay(browser, url, random.Random(i), until) for i in range(visitors)]
        *came, _ = await asyncio.gather(*places, watch())
        print(f"{sum(came)} visits; waiting for the runs that nobody comes back to ...", flush=True)
        async with asyncio.timeout(LONGEST_KEPT):
            while total(json.loads(path.read_text()), "runs"):
                await asyncio.sleep(REPORT_EVERY)
        page = await browser.new_page()  # Streamlit drops old sessions when somebody comes and goes
        await page.goto(url)
        await page.wait_for_selector("h1")
        await browser.close()
        await asyncio.sleep(3 * REPORT_EVERY)
    print(f"      deserted  {told(json.loads(path.read_text()))}")
    compare(rows, 60 * minutes)


def total(state: State, what: str) -> float:
    """Of the server and its processes."""
    return sum(process[what] for process in state.values())


def told(state: State) -> str:
    """What the server and its processes hold, as a line."""
    counts = "  ".join(f"{total(state, name):3d} {name}" for name in COUNTED)
    each = ", ".join(f"{name} {process['mb']:.0f}" for name, process in state.items())
    return f"{total(state, 'mb'):6.1f} MB ({each})  {counts}"


def compare(rows: list[tuple[float, State]], seconds: float) -> None:
    """Print what there is more of at the end than after the first third."""
    warm = [state for at, state in rows if seconds / 3 <= at < seconds / 2] or [rows[0][1]]
    last = [state for at, state in rows if at >= seconds * 5 / 6] or [rows[-1][1]]

    def grown(name: str, of: Any) -> str:
        before, after = mean(map(of, warm)), mean(map(of, last))
        return f"{name:9s} {before:8.1f} -> {after:8.1f} ({after / before - 1:+.1%})"

    print("from the third sixth of the time to the last one:")
    print("; ".join(grown(what, lambda state: total(state, what)) for what in ("mb", "own", "runs")))  # noqa: B023
    late = [(at, state) for at, state in rows if at >= seconds / 3]
    known = np.array([(1, total(state, "runs"), at / 3600) for at, state in late])
    _, run, hour = np.linalg.lstsq(known, [total(state, "own") for _, state in late], rcond=None)[0]
    print(f"a run costs {run:.1f} MB; with as many runs as ever, an hour {hour:+.0f} MB")
    for name in warm[0].keys() & last[-1].keys():
        parts = ("mb", "own", "allocated", "arenas", "blocks")
        print(f"  {name}:", "; ".join(grown(what, lambda state: state[name][what]) for what in parts))  # noqa: B023
        more = Counter(last[-1][name]["kinds"])
        more.subtract(warm[0][name]["kinds"])
        print("   ", ", ".join(f"{kind} {n:+d}" for kind, n in more.most_common(SHOWN)))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--minutes", type=float, default=4)
    parser.add_argument("--visitors", type=int, default=3)
    parser.add_argument("--keep", type=float)
    parser.add_argument("--serve", nargs=2, metavar=("PORT", "FILE"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.serve:
        serve(int(arguments.serve[0]), Path(arguments.serve[1]), arguments.keep)
        return
    port = free_port()
    path = Path(f"/tmp/gan-soak-{os.getpid()}.json")
    keep = [] if arguments.keep is None else ["--keep", str(arguments.keep)]
    server = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.soak", "--serve", str(port), str(path), *keep],
        cwd=ROOT, stdout=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    try:
        wait_until(path.exists, 120, "the server did not start")
        wait_until(lambda: _healthy(port), 120, "the server did not answer")
        asyncio.run(soak(f"http://127.0.0.1:{port}", path, arguments.minutes, arguments.visitors))
    finally:
        server.terminate()
        server.wait(20)
        path.unlink(missing_ok=True)


def _healthy(port: int) -> bool:
    try:
        return urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=1).status == 200
    except OSError:
        return False


if __name__ == "__main__":
    main()
