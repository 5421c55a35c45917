"""Fifty who each play a run of their own, over 1, 2, 4, 8 processes of runs; with --ray over as many actors of a Ray cluster.

    python -m benchmarks.scaling [--players 50] [--seconds 12] [--processes 1 2 4 8] [--ray] [--call]

With --call only what one small question to a process of runs costs, there and back.

The players are those of `benchmarks.crowd`, on the same machine. With more processes than cores nothing gets faster; up to
there the sum of the steps shows whether they share a lock. Memory is that of the server and its processes, as its metrics say.
"""

import argparse
import asyncio
import contextlib
import os
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator

from prometheus_client.parser import text_string_to_metric_families

from benchmarks.crowd import crowd, server
from benchmarks.harness import ROOT
from benchmarks.ray_cluster import ray_cluster


@contextlib.contextmanager
def environment(variables: dict[str, str]) -> Iterator[None]:
    """Inside, the environment has these variables, too."""
    before = dict(os.environ)
    os.environ.update(variables)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def megabytes(address: str) -> float:
    """That the server and its processes hold."""
    with urllib.request.urlopen(f"http://{address}/gan/metrics", timeout=60) as answer:
        families = text_string_to_metric_families(answer.read().decode())
        return sum(s.value for f in families if f.name == "gan_memory_bytes" for s in f.samples) / 2**20


def measure(players: int, seconds: float, ray: bool) -> None:
    """One line of figures, with the environment's number of processes."""
    start = time.monotonic()
    with server(players) as (address, pid, keys, log):
        ready = time.monotonic() - start
        own = [f"ws://{address}/gan/line/{run}" for run in keys["runs"]]
        asyncio.run(crowd(own, 4, pid, plays=players))  # warm
        seen, took, _ = asyncio.run(crowd(own, seconds, pid, plays=players))
        steps = sum(s.last_step - s.first_step for s in seen) / took
        rates = sorted(s.updates / took for s in seen)
        waits = sorted(w for s in seen for w in s.waits)
        late = waits[int(0.95 * (len(waits) - 1))]
        print(
            f"{'Ray' if ray else 'own':4}{os.environ['GAN_WORKERS']:>3} processes {steps:7.0f} steps/s in all "
            f"{statistics.median(rates):5.1f} ({rates[0]:.1f}) updates/s each, median (least)  slider to visible "
            f"{1000 * statistics.median(waits):5.0f} (95 %: {1000 * late:.0f}) ms  {megabytes(address):6.0f} MB  "
            f"{players} runs ready after {ready:4.1f} s  {sum(bool(s.errors) for s in seen)} errors, "
            f"{log.read_text().count('Traceback')} tracebacks  load {os.getloadavg()[0]:.1f}",
            flush=True,
        )


def measure_call() -> None:
    """One small question to a process of runs, asked again and again."""
    code = (
        "import statistics, time\n"
        "from pages.ui import asking\n"
        "from pages.ui.controls import default_preset\n"
        "from pages.ui.studio import studio\n"
        "run, took = studio().begin(default_preset('line')), []\n"
        "for _ in range(600):\n"
        "    start = time.perf_counter()\n"
        "    studio().call(run, asking.lives)\n"
        "    took.append(time.perf_counter() - start)\n"
        "print(f'a call there and back {1000 * statistics.median(took[100:]):.3f} ms, median')\n"
        "studio().shutdown()\n"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, timeout=300, check=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--players", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=12)
    parser.add_argument("--processes", type=int, nargs="+", default=[1, 2, 4, 8])
    parser.add_argument("--ray", action="store_true")
    parser.add_argument("--call", action="store_true")
    arguments = parser.parse_args()
    for n in arguments.processes:
        # a cluster of its own each time: actors outlive the server
        with contextlib.ExitStack() as stack:
            cluster = stack.enter_context(ray_cluster()) if arguments.ray else {}
            stack.enter_context(environment(cluster | {"GAN_WORKERS": str(n)}))
            if arguments.call:
                measure_call()
            else:
                measure(arguments.players, arguments.seconds, arguments.ray)


if __name__ == "__main__":
    main()
