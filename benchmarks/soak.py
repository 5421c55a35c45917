"""Visitors who come, play, switch pages, lose their connection and go, for minutes; what of it stays on the server.

    python -m benchmarks.soak [--minutes 4] [--visitors 3]

Each visitor is a tab of a headless Chromium, so that sockets, reruns and the ends of sessions are real; the server
answers on the loopback only. Ends by itself. Prints the server's own memory (PSS, in MB), runs, trainers, sessions and
threads, while it is in use and after the last visitor's grace period. Every page has been open before the first visitor
comes, and growth is counted from the first third of the time on.
"""

import argparse
import asyncio
import gc
import json
import os
import random
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from urllib.request import urlopen

from benchmarks.harness import BOARD, FLAGS, ROOT, chromium_path, wait_until

LIVE = ("/train_1d", "/train_2d", "/train_mnist?target=digits&architecture=tiny")
REPORT_EVERY = 5.0  # seconds
_CAN_BLIP = """
window.sockets = [];
const Native = window.WebSocket;
window.WebSocket = class extends Native { constructor(...a) { super(...a); window.sockets.push(this); } };
"""


def memory() -> float:
    """Proportional set size of this process, MB."""
    rollup = Path("/proc/self/smaps_rollup").read_text()
    return next(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:")) / 1024


def report_for_ever(path: Path) -> None:
    """Write what the server holds to a file, as JSON, every five seconds. In the server."""
    from streamlit.runtime.app_session import AppSession

    from gan_core.runner import Runner
    from gan_core.training import GANTrainer

    while True:
        held = gc.get_objects()
        kinds = {"trainers": GANTrainer, "sessions": AppSession}
        state = {name: sum(type(o) is kind for o in held) for name, kind in kinds.items()}
        state["runs"] = sum(len(o) for o in held if type(o) is Runner)
        state |= {"mb": memory(), "threads": threading.active_count()}
        del held
        path.with_suffix(".new").write_text(json.dumps(state))
        path.with_suffix(".new").replace(path)
        time.sleep(REPORT_EVERY)


def serve(port: int, path: Path) -> None:
    """The app in this process, with a thread that reports."""
    from streamlit.web.cli import main as streamlit

    threading.Thread(target=report_for_ever, args=[path], daemon=True).start()
    streamlit(["run", "app.py", "--server.address", "127.0.0.1", "--server.port", str(port)])


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

    rows: list[tuple[float, dict]] = []
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
        await browser.close()
    print(f"{sum(came)} visits; waiting for the runs that nobody comes back to ...", flush=True)
    wait_until(lambda: json.loads(path.read_text())["runs"] == 0, 90, "runs were left")
    warm = next((row for at, row in rows if at > 20 * minutes), rows[0][1])
    used, last = rows[-1][1], json.loads(path.read_text())
    print(f"      deserted  {told(last)}")
    print(f"from {warm['mb']:.1f} MB, when warm, to {used['mb']:.1f} MB in use: {used['mb'] / warm['mb'] - 1:+.1%}")


def told(state: dict) -> str:
    """What a server holds, as a line."""
    counts = "  ".join(f"{state[name]:3d} {name}" for name in ("runs", "trainers", "sessions", "threads"))
    return f"{state['mb']:6.1f} MB  {counts}"


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--minutes", type=float, default=4)
    parser.add_argument("--visitors", type=int, default=3)
    parser.add_argument("--serve", nargs=2, metavar=("PORT", "FILE"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.serve:
        serve(int(arguments.serve[0]), Path(arguments.serve[1]))
        return
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    path = Path(f"/tmp/gan-soak-{os.getpid()}.json")
    server = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.soak", "--serve", str(port), str(path)],
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
