"""Make a large map of settings: settings x seeds x targets, on all cores of this machine or on many machines, by Dask.

    python -m scripts.sweep --target two_modes,ring_8 --x lr_g=.0005:.01:8 --y lr_d=.0005:.01:8 --seeds 4 --out build/maps
    python -m scripts.sweep ... --scheduler tcp://10.0.0.5:8786   # workers: `dask worker ADDRESS --nthreads 1`, in this folder

An axis is `field=low:high:n`, values at equal ratios (at equal distances from low = 0 on), or `field=value,value,…`.
What all runs have in common is that of a link without parameters, but for `--set field=value`.

For every target there is a folder of finished tiles, and in the end a map, TARGET.parquet, that the page opens. The same
command goes on where it was interrupted. A tile whose worker dies is trained by another. Beside `requirements.txt` it
needs `requirements-sweep.txt`.
"""

import argparse
import logging
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from distributed import Client, LocalCluster, as_completed

from gan_core.config import LINK_VERSION, SETTINGS, TrainConfig
from gan_core.map_plan import Axis, Plan
from gan_core.map_tiles import TileFolder, train_tile

RETRIES = 3  # of a tile, beside those after the loss of a worker
PATIENCE = 30  # seconds for a scheduler to answer


def axis(text: str) -> Axis:
    """An axis from `field=low:high:n` or `field=value,value,…`.

    Raises:
        ValueError: it is none.
    """
    field, _, told = text.partition("=")
    try:
        if ":" not in told:
            values = [float(value) for value in told.split(",")]
        else:
            low, high, n = told.split(":")
            spread = np.geomspace if float(low) > 0 else np.linspace
            values = [float(f"{value:.3g}") for value in spread(float(low), float(high), int(n))]
    except ValueError:
        raise ValueError(
            f"{text} is no axis: write field=low:high:n or field=value,value,…, as lr_g=.0005:.01:8"
        ) from None
    if field in SETTINGS and SETTINGS[field].type is int:
        values = [round(value) for value in values]
    return Axis(field, tuple(dict.fromkeys(values)))


def plan_of(target: str, told: argparse.Namespace) -> Plan:
    """The plan for a target that the command line asks for.

    Raises:
        ValueError: it is not possible.
    """
    params = {
        "v": str(LINK_VERSION),
        "target": target,
        "latent_dim": "2" if TrainConfig(target).kind == "plane" else "1",
    }
    for text in told.set:
        name, equals, value = text.partition("=")
        if not equals:
            raise ValueError(f"--set {text} sets nothing: write field=value")
        params[name] = value
    threshold = {} if told.threshold is None else {"threshold": told.threshold}
    seeds = tuple(range(1, told.seeds + 1))
    plan = Plan(TrainConfig.from_params(params), axis(told.x), axis(told.y), seeds, told.steps, **threshold)
    plan.check()  # refused now, and not after an hour
    return plan


class Spent:
    """What a sweep has cost so far, and what is left of it.

    Attributes:
        failures: sentences on tiles that could not be trained.
    """

    def __init__(self, runs: int):
        """Args: the number of runs to do."""
        self._runs, self._done, self._steps, self._cpu, self._begun = runs, 0, 0, 0.0, time.monotonic()
        self.failures: list[str] = []

    def add(self, steps: int, runs: int, cpu_seconds: float) -> None:
        """Count a tile."""
        self._steps, self._done, self._cpu = self._steps + steps, self._done + runs, self._cpu + cpu_seconds

    def fail(self, sentence: str) -> None:
        """Count a tile that could not be trained."""
        self.failures.append(sentence)

    def show(self) -> None:
        """Draw the progress, over the one before."""
        seconds = time.monotonic() - self._begun
        bar = "#" * (30 * self._done // max(self._runs, 1))
        left = f", {clock(seconds / self._done * (self._runs - self._done))} left" if self._done else ""
        print(f"\r[{bar:30}] {self._done:,} of {self._runs:,} runs, {clock(seconds)}{left} ", end="", file=sys.stderr)

    def __str__(self) -> str:
        if not self._done:
            return "no run was finished"
        seconds, per_step = time.monotonic() - self._begun, self._cpu / self._steps
        return (
            f"{self._done:,} runs in {clock(seconds)}: {self._cpu / self._done:.2f} s of CPU a run, "
            f"{1000 * per_step:.3f} ms a step; 1,000 runs of 4,000 steps would take "
            f"{per_step * 4e6 / 3600:.2f} hours of CPU, here {clock(seconds / self._steps * 4e6)}"
        )


@contextmanager
def cluster(address: str | None, workers: int | None) -> Iterator[Client]:
    """A client of the scheduler at this address, or of a cluster of processes on this machine.

    Raises:
        OSError: no scheduler answers.
    """
    if address:
        try:
            client = Client(address, timeout=PATIENCE)
        except (OSError, ValueError) as error:
            raise OSError(f"no Dask scheduler answers at {address}: {error}") from None
        with client:
            yield client
        return
    # Ctrl-C is for this process: workers that it reaches too would answer with tracebacks
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        # a tile takes little memory and always the same, so none is put aside; lost workers are no news, see `sweep`
        local = LocalCluster(
            n_workers=workers,
            threads_per_worker=1,
            memory_limit=0,
            dashboard_address=":0",
            silence_logs=logging.CRITICAL,
        )
    finally:
        signal.signal(signal.SIGINT, before)
    with local, Client(local) as client:
        yield client


def sweep(client: Client, folders: Sequence[TileFolder], size: int) -> Spent:
    """Train all that is missing, and keep every tile as it comes.

    Raises:
        OSError: a tile cannot be written.
    """
    whose = {
        client.submit(train_tile, folder.plan, runs, pure=False, retries=RETRIES): (folder, runs)
        for folder in folders
        for runs in folder.missing(size)
    }
    spent = Spent(sum(len(runs) for _, runs in whose.values()))
    spent.show()
    for future in as_completed(list(whose)):
        folder, runs = whose.pop(future)
        try:
            tile = future.result()  # waits once more, should the worker that holds it have died since
        except Exception as error:
            spent.fail(f"runs {runs[0]} to {runs[-1]} of {folder.plan.base.target}: {error}")
        else:
            folder.add(tile)
            spent.add(len(runs) * folder.plan.steps, len(runs), tile.cpu_seconds)
        future.release()  # a tile that is kept need not stay in the worker's memory
        spent.show()
    print(file=sys.stderr)
    return spent


def clock(seconds: float) -> str:
    """As 1:02:03 or 2:03."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes // 60}:{minutes % 60:02}:{rest:02}" if minutes >= 60 else f"{minutes}:{rest:02}"


def positive(text: str) -> int:
    """A whole number from 1 on, for argparse."""
    number = int(text)
    if number < 1:
        raise ValueError
    return number


positive.__name__ = "number from 1 on"  # argparse names it: "invalid number from 1 on value: '0'"


def arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m scripts.sweep", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--target", required=True, help="one, or several: two_modes,ring_8")
    parser.add_argument("--x", required=True, help="the setting along the map, as lr_g=.0005:.01:8")
    parser.add_argument("--y", required=True, help="the setting up the map")
    parser.add_argument(
        "--seeds", type=positive, default=1, help="every pair is trained with the seeds 1, 2, … up to this"
    )
    parser.add_argument("--steps", type=positive, default=2000)
    parser.add_argument("--threshold", type=float, help="JSD in nats up to which a run counts as converged")
    parser.add_argument("--set", nargs="+", default=[], metavar="FIELD=VALUE", help="what is the same for all runs")
    parser.add_argument("--out", type=Path, required=True, help="folder of the tiles and maps")
    parser.add_argument("--tile", type=positive, default=32, help="runs that one worker trains together (32)")
    parser.add_argument("--workers", type=positive, help="processes on this machine; as many as cores by default")
    parser.add_argument("--scheduler", help="address of a Dask scheduler, instead of workers on this machine")
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """See the module. Returns the exit status: 0 if all runs are there, 1 if not, 130 if interrupted."""
    parser = arguments()
    told = parser.parse_args(argv)
    try:
        plans = {target: plan_of(target, told) for target in told.target.split(",")}
        folders = {
            told.out / f"{target}.parquet": TileFolder(told.out / target, plan) for target, plan in plans.items()
        }
    except (ValueError, OSError) as error:
        parser.exit(2, f"{error}\n")
    for file, folder in folders.items():
        for name in folder.damaged:
            print(f"{name} in {file.with_suffix('')} is damaged, or of an older version: its runs are trained again")
    status = 0
    try:
        if any(not folder.known.complete for folder in folders.values()):
            with cluster(told.scheduler, told.workers) as client:
                spent = sweep(client, [*folders.values()], told.tile)
            print(spent, *spent.failures, sep="\n")
            status = 1 if spent.failures else 0
        else:
            print("nothing was left to do")
    except OSError as error:
        parser.exit(2, f"{error}\n")
    except KeyboardInterrupt:
        print(file=sys.stderr)  # leave the line of the progress
        status = 130
    for file, folder in folders.items():
        folder.merge(file)
        done, all_runs = len(folder.known.outcomes), folder.plan.n_runs
        rest = "" if folder.known.complete else "; the same command goes on from there"
        print(f"{file}: {done:,} of {all_runs:,} runs, {file.stat().st_size / 1000:.0f} kB{rest}")
    return status


if __name__ == "__main__":
    sys.exit(main())
