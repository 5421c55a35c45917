"""Runners for the tests, and runs on their worker; a process that knows no table."""

from collections import OrderedDict
from weakref import WeakValueDictionary

import pytest

from gan_core import own_targets
from gan_core.runner import Runner


@pytest.fixture
def make_runner():
    """A runner with one worker and short times, shut down after the test."""
    made = []

    def make(**options):
        made.append(
            Runner(**{"workers": 1, "slice_seconds": 0.01, "grace_seconds": 0.1, "keep_seconds": 0.1} | options)
        )
        return made[-1]

    yield make
    for runner in made:
        runner.shutdown()


@pytest.fixture
def runner(make_runner):
    return make_runner()


@pytest.fixture
def start(make_runner, runner):
    """A run of a config: all on one worker, except those with options of their own."""

    def start_run(config, **options):
        own = make_runner(**options) if options else runner
        return own.run(own.create(config))

    return start_run


@pytest.fixture
def forget(monkeypatch):
    """Lets the process know no table, as another one would."""

    def start_anew():
        monkeypatch.setattr(own_targets, "_points", OrderedDict())
        monkeypatch.setattr(own_targets, "_in_use", WeakValueDictionary())

    return start_anew
