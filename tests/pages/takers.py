"""Visitors who take something away from runs of every kind of target, by HTTP."""

import time

from tests.gan_core.background import DIGITS, SMALL

CONFIGS = {"line": SMALL, "plane": SMALL.replace(target="ring_8", latent_dim=2), "images": DIGITS}
CHANGED, STEPS = 20, 45  # the step of a live change; of the runs


def moved(runner, config):
    """The key of a run that has moved and been changed on its way."""
    key = runner.create(config)
    for _ in range(4):
        runner.step(key, CHANGED // 4)
        runner.settle(key)
    runner.update(key, lr_d=0.004)
    runner.step(key, STEPS - CHANGED)
    runner.settle(key)
    return key


def ask(server, key, what, headers=None, **asked):
    return server.client.get(f"/gan/take/{key}/{what}", params=asked, headers=headers)


def made(server, key, what, **asked):
    """The answer, once nothing is in the making any more."""
    answer = ask(server, key, what, **asked)
    while answer.status_code == 202:
        told = answer.json()
        assert 0 <= told["done"] < 1
        time.sleep(0.05)
        answer = ask(server, key, what, **asked, job=told["job"])
    return answer


def take(server, key, what, **asked):
    """The file."""
    answer = made(server, key, what, **asked)
    assert answer.status_code == 200, answer.text
    return answer
