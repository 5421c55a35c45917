"""Large maps by Dask: interrupted, with workers lost, or asked for what is not possible."""

import os
import re
import shlex
import signal
import sys
import threading
import time
import types
from contextlib import contextmanager

import numpy as np
import pytest
from distributed import Client, LocalCluster

from benchmarks.harness import ROOT
from gan_core import GANTrainer, TrainConfig, map_table
from gan_core.map_plan import Axis, Plan
from gan_core.map_tiles import TileFolder, train_tile
from scripts import sweep
from scripts.sweep import axis, clock

ASKED = ["--x", "lr_g=.001:.004:2", "--y", "lr_d=.002,.008,.1", "--steps", "20", "--seeds", "2", "--tile", "4"]
SMALL = ["--set", "width=8", "batch_size=16", "d_steps=1"]


@pytest.fixture(scope="module")
def client():
    with Client(processes=False, n_workers=1, threads_per_worker=1, dashboard_address=":0") as client:
        yield client


@pytest.fixture
def run(client, monkeypatch, tmp_path, capsys):
    """The command, without the processes: its exit status and what it printed."""

    @contextmanager
    def here(address, workers):
        yield client

    monkeypatch.setattr(sweep, "cluster", here)

    def run(*more, target="gaussian"):
        status = sweep.main(["--target", target, *ASKED, *SMALL, "--out", str(tmp_path), *more])
        return status, capsys.readouterr().out

    return run


def test_maps_of_all_targets_are_made(run, tmp_path):
    status, said = run("--seeds", "1", target="gaussian,moons")
    assert status == 0
    for target, kind in (("gaussian", "line"), ("moons", "plane")):
        found = map_table.read(tmp_path / f"{target}.parquet")
        assert found.complete
        assert found.plan.base.kind == kind
        assert found.plan.shape == (3, 2, 1)
        assert (found.plan.base.width, found.plan.base.batch_size) == (8, 16)
        assert f"{target}.parquet: 6 of 6 runs" in said
    assert "12 runs in 0:" in said
    assert "hours of CPU" in said


def test_the_same_command_goes_on_and_what_is_done_is_not_done_again(run, tmp_path, monkeypatch):
    add, seen = TileFolder.add, []

    def interrupted(folder, tile):
        if len(seen) == 2:
            raise KeyboardInterrupt
        add(folder, tile)
        seen.append(folder.known)

    monkeypatch.setattr(TileFolder, "add", interrupted)
    status, said = run()
    assert status == 130
    assert "8 of 12 runs" in said
    assert "goes on from there" in said
    assert len(map_table.read(tmp_path / "gaussian.parquet").outcomes) == 8
    monkeypatch.setattr(TileFolder, "add", add)
    assert "4 runs in 0:" in run()[1]
    status, said = run()
    assert status == 0
    assert "nothing was left to do" in said
    assert map_table.read(tmp_path / "gaussian.parquet").complete


def test_a_tile_that_fails_is_named_and_the_others_are_kept(run, monkeypatch):
    def failing(plan, runs):
        if 0 in runs:
            raise RuntimeError("out of luck")
        return train_tile(plan, runs)

    monkeypatch.setattr(sweep, "train_tile", failing)
    monkeypatch.setattr(sweep, "RETRIES", 1)
    status, said = run()
    assert status == 1
    assert "runs 0 to 3 of gaussian: out of luck" in said
    assert "8 of 12 runs" in said


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        (["--x", "lr_g"], "is no axis: write field=low:high:n"),
        (["--x", "lr_g=1:2"], "is no axis"),
        (["--x", "lr_g=.001:.002:x"], "is no axis"),
        (["--x", "lr_g=.001:nan:3"], "lr_g = "),
        (["--x", "speed=1:2:3"], "speed cannot be an axis of a map; these can: lr_g"),
        (["--x", "seed=1:2:2"], "there are no others: choose one seed"),
        (["--x", "lr_g=.001:7:3"], "lr_g = 7.0 is not possible: choose a number from 0 to 0.1"),
        (["--x", "lr_d=.001:.002:2"], "two settings, not lr_d twice"),
        (["--target", "moon"], "target = 'moon' is not possible: choose one of"),
        (["--target", "mnist"], "a map needs a target on a line or on a plane"),
        (["--set", "width"], "--set width sets nothing: write field=value"),
        (["--set", "widht=3"], "widht"),
        (["--set", "loss=hinge", "label_smoothing=0.1"], "label"),
        (["--seeds", "0"], "--seeds: invalid number from 1 on value: '0'"),
        (["--steps", "3"], "steps = 3 is not possible"),
        (["--threshold", "1"], "a JSD lies between 0 and log 2"),
        (["--tile", "x"], "--tile: invalid number from 1 on"),
    ],
)
def test_what_is_not_possible_gets_a_sentence(more, sentence, tmp_path, capsys):
    with pytest.raises(SystemExit) as stopped:
        sweep.main(["--target", "gaussian", *ASKED, "--out", str(tmp_path / "maps"), *more])
    assert stopped.value.code == 2
    assert sentence in capsys.readouterr().err
    assert not (tmp_path / "maps").exists()


def test_a_scheduler_that_does_not_answer_gets_a_sentence(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(sweep, "PATIENCE", 0.5)
    with pytest.raises(SystemExit) as stopped:
        sweep.main(["--target", "gaussian", *ASKED, "--out", str(tmp_path), "--scheduler", "tcp://127.0.0.1:9"])
    assert stopped.value.code == 2
    assert "no Dask scheduler answers at tcp://127.0.0.1:9" in capsys.readouterr().err


def test_a_scheduler_elsewhere_does_the_work(tmp_path, capsys):
    with LocalCluster(
        n_workers=1, threads_per_worker=1, processes=False, protocol="tcp://", dashboard_address=":0"
    ) as elsewhere:  # fmt: skip
        there = ["--scheduler", elsewhere.scheduler_address]
        assert sweep.main(["--target", "gaussian", *ASKED, *SMALL, "--out", str(tmp_path), *there]) == 0
    assert "12 of 12 runs" in capsys.readouterr().out


def test_an_axis_is_spread_at_equal_ratios_or_from_zero_on_at_equal_distances():
    assert axis("lr_g=.001:.008:4").values == (0.001, 0.002, 0.004, 0.008)
    assert axis("dropout=0:.6:4").values == (0, 0.2, 0.4, 0.6)
    assert axis("dropout=.5,.1").values == (0.5, 0.1)
    assert axis("d_steps=1:8:4").values == (1, 2, 4, 8)
    assert axis("d_steps=1:3:8").values == (1, 2, 3)


def test_clock():
    assert [clock(s) for s in (0, 61, 3723)] == ["0:00", "1:01", "1:02:03"]


@pytest.mark.slow
def test_a_worker_that_is_killed_loses_nothing(tmp_path, monkeypatch):
    """One of two processes is killed while it trains; every tile arrives, and each is kept once."""
    # processes begin by what is the main module here: the page of a test before this one, as Streamlit has it
    monkeypatch.setitem(sys.modules, "__main__", types.ModuleType("__main__"))
    plan = Plan(TrainConfig(target="gaussian", width=32), Axis("lr_g", (1e-3, 2e-3)), Axis("lr_d", (1e-3, 2e-3)),
                seeds=(1, 2, 3, 4), steps=400)  # fmt: skip
    folder, kept = TileFolder(tmp_path, plan), []
    add = folder.add

    def counted(tile):
        before = set(folder.known.by_run)
        add(tile)
        kept.extend(set(folder.known.by_run) - before)

    monkeypatch.setattr(folder, "add", counted)
    with LocalCluster(
        n_workers=2, threads_per_worker=1, memory_limit=0, dashboard_address=":0", silence_logs="CRITICAL"
    ) as local, Client(local) as client:  # fmt: skip
        done = []
        sweeping = threading.Thread(target=lambda: done.append(sweep.sweep(client, [folder], 2)))
        sweeping.start()
        while not kept:
            time.sleep(0.02)
        pids = client.run(os.getpid)
        busy = next(address for address, tasks in client.processing().items() if tasks)
        os.kill(pids[busy], signal.SIGKILL)
        sweeping.join(120)
        assert pids[busy] not in client.run(os.getpid).values()
    assert done[0].failures == []
    assert sorted(kept) == list(range(16))
    assert len(list(tmp_path.glob("*.parquet"))) == 8
    assert TileFolder(tmp_path, plan).known.complete


# ---- what is shipped ----

SHIPPED = map_table.read(ROOT / "gan_core/lessons/maps/ring_8.parquet")


def test_the_shipped_map_is_what_the_documented_command_makes():
    text = (ROOT / "docs/SWEEPS.md").read_text("utf-8").replace("\\\n", "")
    command = next(
        c for c in re.findall(r"^python -m scripts\.sweep (.+)$", text, re.MULTILINE) if "--target ring_8" in c
    )
    told = sweep.arguments().parse_args(shlex.split(command))
    assert sweep.plan_of("ring_8", told) == SHIPPED.plan
    assert SHIPPED.complete


@pytest.mark.parametrize("run", [3, 60, 100])
def test_a_run_of_the_shipped_map_is_that_of_its_link(run):
    """As long as rounding, which differs between processors, has not grown into anything."""
    trainer = GANTrainer(SHIPPED.plan.config(run))
    for _ in range(SHIPPED.plan.moments[1]):
        trainer.step()
    assert trainer.evaluate().jsd == pytest.approx(SHIPPED.by_run[run].curve[1], abs=0.01)
    assert SHIPPED.by_run[run].curve[0] != pytest.approx(SHIPPED.by_run[run].curve[1], abs=0.02)


def test_what_the_documents_say_of_the_shipped_map():
    assert min(SHIPPED.values("jsd").ravel()) > 0.16
    along_g = dict(zip(SHIPPED.plan.x.values, SHIPPED.share_along("x"), strict=True))
    assert along_g[0.001] == 7 / 8
    assert max(share for rate, share in along_g.items() if rate > 0.004) == 0
    along_d = SHIPPED.share_along("y")
    assert (np.diff(along_d) >= 0).all()
    good = SHIPPED.converged == 1
    assert good.sum() == 39
    assert (SHIPPED.values("modes")[good] == 8).sum() == 36
