"""A live lesson in a real headless Chromium: updates per second, re-mounts, latency, speed beside the browser.

    python -m benchmarks.live [--page 1d|2d|mnist]

The 2D lesson is measured with all its layers on, and layers are switched between the slider moves.

Chromium draws in software here and shares the cores with the server, as on a laptop without a GPU. Live and bare
training are measured in turn, so that a noisy machine hits both.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time

import torch

from benchmarks.harness import BOARD, app_server, board, headless_chromium, open_board
from gan_core import PRESETS, Run, TrainConfig
from pages.ui.board import pack
from pages.ui.looks import View
from pages.ui.stage_frames import frame
from pages.ui.text import speaking

KINDS = {"1d": "line", "2d": "plane", "mnist": "images"}
LAYERS = ".lb-chips button"
OFF_LAYERS = f"{LAYERS}[aria-pressed=false]"

BARE = """
import json, sys, time, torch
from gan_core import TrainConfig
from gan_core.training import GANTrainer
torch.set_num_threads(1)
trainer = GANTrainer(TrainConfig.from_params(json.loads(sys.argv[1])))
for _ in range(50): trainer.step()
start, first = time.monotonic(), trainer.step_count
while time.monotonic() - start < 6: trainer.step()
print((trainer.step_count - first) / (time.monotonic() - start))
"""


def cpu_seconds(pid: int) -> float:
    """User and system time of a process so far."""
    with open(f"/proc/{pid}/stat") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def bare_rate(config: TrainConfig) -> float:
    """Steps per second of the trainer alone, in a process of its own."""
    output = subprocess.run(
        [sys.executable, "-c", BARE, json.dumps(config.to_params())], capture_output=True, text=True
    )
    return float(output.stdout)


def press(page, name: str) -> None:
    """Click a button of the lesson."""
    page.get_by_role("button", name=name).first.click()


def watch(page, seconds: float) -> tuple[float, float]:
    """Board updates per second and training steps per second over a while."""
    before, start = board(page), time.monotonic()
    page.wait_for_timeout(seconds * 1000)
    after, elapsed = board(page), time.monotonic() - start
    return tuple((int(after[k]) - int(before[k])) / elapsed for k in ("updates", "step"))


def slider_latency(page, field: str, key: str) -> float:
    """Milliseconds from a key press on a slider until the board shows a snapshot trained with the new value."""
    page.get_by_test_id(f"setting-{field}").get_by_role("slider").focus()
    page.evaluate(
        """selector => {
            const board = document.querySelector(selector), old = board.dataset.lastChange;
            window.latency = new Promise(resolve => addEventListener('keydown', e => {
                const observer = new MutationObserver(() => {
                    if (board.dataset.lastChange !== old) { observer.disconnect(); resolve(performance.now() - e.timeStamp); }
                });
                observer.observe(board, { attributes: true });
                setTimeout(() => resolve(Infinity), 10000);
            }, { once: true, capture: true }));
        }""",
        BOARD,
    )
    page.keyboard.press(key)
    return page.evaluate("window.latency")


def show_all_layers(page) -> None:
    """Switch every layer of the plane on."""
    while page.locator(OFF_LAYERS).count():
        page.locator(OFF_LAYERS).first.click()


def goals(page, kind: str) -> dict[str, bool]:
    """What should come true after Play: a JSD of 0.02 in 1D; all modes, then most fakes near one, in 2D; digits."""
    if kind == "images":
        now = board(page)
        confidence, frechet, all_ten = float(now["confidence"]), float(now["frechet"]), now["modes"] == "10"
        return {
            "10 digits, confidence >= 0.75": all_ten and confidence >= 0.75,
            "Frechet distance < 60": frechet < 60,
            "confidence >= 0.85": all_ten and confidence >= 0.85,
        }
    if kind == "line":
        return {"JSD <= 0.02": float(board(page)["jsd"]) <= 0.02}
    modes, quality = (
        page.locator(f"[data-tile={tile}] .lb-tile-value").text_content() for tile in ("modes", "quality")
    )
    found, n_modes = modes.split(" / ")
    share = float(quality.rstrip("%"))
    return {f"all modes, {least} % within 3 sigma": found == n_modes and share >= least for least in (80, 90)}


def openings(page, url: str, name: str) -> None:
    """How long a visitor waits: on a cold server, and for a link to a live page."""
    start = time.monotonic()
    page.goto(url)
    page.wait_for_selector("[data-testid=stButton]", timeout=60_000)
    print(f"cold server: home page interactive after                  {time.monotonic() - start:6.1f} s")
    page.wait_for_timeout(5000)
    start = time.monotonic()
    open_board(page, f"{url}/train_{name}")
    print(f"{name} page by link, charts drawn after                     {time.monotonic() - start:6.1f} s")


def idle_cost(page, pid: int) -> None:
    """What a run that stands still costs the server."""
    page.wait_for_timeout(3000)
    cpu = cpu_seconds(pid)
    page.wait_for_timeout(10_000)  # ms: a hundredth of a second is .1 %
    print(f"server CPU while the run stands still                 {10 * (cpu_seconds(pid) - cpu):6.1f} %")


def frame_cost(config: TrainConfig) -> None:
    """What a frame costs the server beside the training: its scene, packed, in this process."""
    run = Run(config, schedule=(queue := []).append)
    for _ in range(20):
        run.step(10)
        while queue:
            queue.pop(0)()
    snapshot = run.latest
    view = View("en")
    costs = []
    for _ in range(50):
        start = time.perf_counter()
        with speaking("en"):
            packed = pack(frame(run, snapshot, view))
        costs.append(time.perf_counter() - start)
    print(f"a frame: scene and packing                            {1000 * statistics.median(costs):6.2f} ms, "
          f"{len(packed) / 1000:.0f} kB")  # fmt: skip


def pictures(page) -> None:
    """Distinct pictures of the plane per second while it trains."""
    plane = page.get_by_test_id("panel-plane")
    if not plane.count():
        return
    press(page, "Play")
    page.wait_for_timeout(1500)
    before, start = int(plane.get_attribute("data-pictures")), time.monotonic()
    page.wait_for_timeout(8000)
    drawn = (int(plane.get_attribute("data-pictures")) - before) / (time.monotonic() - start)
    press(page, "Pause")
    print(f"pictures of the plane per second while training       {drawn:6.1f}")


def pace(page, config: TrainConfig) -> None:
    """Updates and steps per second while it trains, beside those of the bare trainer."""
    rows = []
    for _ in range(3):
        press(page, "Play")
        page.wait_for_timeout(1500)
        updates, steps = watch(page, 8)
        press(page, "Pause")
        page.wait_for_timeout(1000)
        rows.append((updates, steps, bare_rate(config)))
        press(page, "Reset")
    updates, steps, bare = (statistics.median(column) for column in zip(*rows, strict=True))
    ratio = statistics.median(s / b for _, s, b in rows)
    print(f"frames drawn per second while training                {updates:6.1f}")
    print(f"live steps/s, bare loop, ratio (median of 3)   {steps:6.0f} {bare:6.0f} {ratio:6.2f}")


def sliders(page) -> None:
    """Latency of sliders, and whether charts are ever mounted anew, in a minute of playing about."""
    press(page, "Play")
    page.wait_for_timeout(1500)
    mounts, begin, latencies = board(page)["mounts"], time.monotonic(), []
    while time.monotonic() - begin < 60:
        field = ("dropout", "lr_g", "lr_d")[len(latencies) % 3]
        latencies.append(slider_latency(page, field, "ArrowRight" if len(latencies) % 6 < 3 else "ArrowLeft"))
        layers = page.locator(LAYERS)
        if layers.count():  # off and on again
            for _ in range(2):
                layers.nth(len(latencies) % layers.count()).click()
        page.wait_for_timeout(1500)
    press(page, "Pause")
    anew = int(board(page)["mounts"]) - int(mounts)
    print(f"re-mounts in 60 s with {len(latencies)} slider moves                   {anew:4d}")
    print(f"slider to visible, median (worst)            {statistics.median(latencies):6.0f} ({max(latencies):.0f}) ms")


def way_to_the_goals(page, kind: str) -> None:
    """Seconds from Play until each goal is reached, three minutes at most."""
    press(page, "Play")
    begin = time.monotonic()
    reached: dict[str, float] = {}
    while time.monotonic() - begin < 180:
        now = goals(page, kind)
        for goal in now.keys() - reached.keys():
            if now[goal]:
                reached[goal] = time.monotonic() - begin
                print(f"from Play to {goal:<33}        {reached[goal]:6.1f} s")
        if reached.keys() == now.keys():
            break
        page.wait_for_timeout(50)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--page", choices=tuple(KINDS), default="1d")
    name = parser.parse_args().page
    kind = KINDS[name]
    config = next(p for p in PRESETS.values() if p.config.kind == kind).config
    torch.set_num_threads(1)
    with app_server() as (url, pid), headless_chromium() as browser:
        page = browser.new_page(viewport={"width": 1280, "height": 720})
        openings(page, url, name)
        frame_cost(config)
        idle_cost(page, pid)
        pace(page, config)
        show_all_layers(page)
        pictures(page)
        sliders(page)
        page.wait_for_timeout(1000)
        page.goto(f"{url}/train_{name}")
        page.wait_for_selector(f"{BOARD}[data-step]", timeout=60_000)
        way_to_the_goals(page, kind)


if __name__ == "__main__":
    main()
