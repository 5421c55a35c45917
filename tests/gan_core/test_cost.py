"""What a turn costs, against counts of the real thing, and what is refused."""

import random
from functools import partial

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from gan_core import PRESETS, GANTrainer, TrainConfig
from gan_core.config import DEFAULT_CONFIG, SETTINGS
from gan_core.cost import LOWERABLE, Budget, Cost, TooDear, check, estimate, fit, visits, work_of
from gan_core.images.networks import ARCHITECTURES
from tests.gan_core.hostile import random_config

MONSTER = TrainConfig(
    target="ring_8", latent_dim=128, batch_size=8192, width=512, depth=6, packing=8, d_steps=20, r1_gamma=1.0,
    loss="wasserstein_gp",
)  # fmt: skip
SOME = [
    TrainConfig(target="two_modes"),
    TrainConfig(target="ring_8", latent_dim=2, width=128, depth=3, packing=4),
    *(TrainConfig(target="digits", architecture=a, latent_dim=8, batch_size=32) for a in ARCHITECTURES),
]


def counted(work) -> int:
    """Multiply-adds of a piece of work, as PyTorch counts them."""
    with FlopCounterMode(display=False) as counter:
        work()
    return counter.get_total_flops() // 2


@pytest.mark.parametrize("config", SOME, ids=lambda c: f"{c.kind} {c.architecture}")
def test_a_row_costs_what_the_networks_of_a_trainer_do_with_it(config):
    trainer = GANTrainer(config)
    side = trainer.pack(next(trainer.real_batches)).shape[1]
    for network, work, n in zip(
        (trainer.generator, trainer.discriminator), work_of(config), (config.latent_dim, side), strict=True
    ):
        by_autograd = partial(
            network.by_autograd, torch.zeros(1, n), network.flat
        )  # as products of matrices, all of it
        assert counted(by_autograd) == work.multiply_adds
        norms = network.flat.numel() - getattr(network, "_n_parameters", network.flat.numel())  # running statistics
        assert network.flat.numel() - norms == work.parameters


@pytest.mark.parametrize("changes", [
    {}, {"width": 256, "depth": 3}, {"d_steps": 10, "batch_size": 4096}, {"r1_gamma": 1.0, "batch_size": 4096},
    {"loss": "wasserstein_gp", "r1_gamma": 1.0, "batch_size": 4096},
    {"packing": 8, "batch_size": 2048}, {"target": "two_modes", "latent_dim": 1}, {"target": "two_modes"},
])  # fmt: skip
def test_a_whole_turn_is_counted_within_a_quarter(changes):
    config = TrainConfig(**{"target": "ring_8", "latent_dim": 2} | changes)
    trainer = GANTrainer(config)

    def turn():
        trainer.step()
        trainer.view(trainer.evaluate())

    assert visits(config)[0] == pytest.approx(counted(turn), rel=0.25)


@pytest.mark.parametrize("preset", PRESETS.values(), ids=lambda p: p.key)
def test_every_preset_is_within_the_default_budget(preset):
    assert fit(preset.config, Budget()) == (preset.config, [])


def test_a_link_that_would_stop_the_server_is_refused_with_values_that_go():
    assert estimate(MONSTER).seconds > 10
    nearest, problems = fit(MONSTER, Budget())
    assert Budget().allows(estimate(nearest))
    lowered = {p.values["name"]: p.values["nearest"] for p in problems}
    assert lowered
    assert nearest == MONSTER.replace(**lowered)
    with pytest.raises(TooDear, match="asks too much of this server"):
        check(MONSTER, Budget())


def next_higher(config, field):
    """The config with the next value on offer."""
    return config.replace(**{field: min(v for v in SETTINGS[field].options if v > getattr(config, field))})


@pytest.mark.parametrize("field", ["batch_size", "width", "depth", "d_steps"])
def test_the_setting_that_was_moved_is_the_one_to_lower_and_its_value_is_the_largest_that_goes(field):
    asked = TrainConfig(target="ring_8", latent_dim=2, batch_size=1024, width=256, depth=4, d_steps=10)
    start = asked.replace(**{field: int(SETTINGS[field].options[0])})
    assert Budget().share(estimate(start)) > 0.01
    budget = Budget(seconds=(estimate(start).seconds + estimate(asked).seconds) / 2)
    nearest, (problem,) = fit(asked, budget, field)
    assert problem.values["name"] == field
    assert nearest == asked.replace(**{field: problem.values["nearest"]})
    assert budget.allows(estimate(nearest))
    assert not budget.allows(estimate(next_higher(nearest, field)))


def test_memory_alone_can_be_too_dear():
    config = TrainConfig(target="ring_8", latent_dim=128, batch_size=8192, width=4, depth=1)
    budget = Budget(seconds=1e9)
    assert estimate(config).megabytes > budget.megabytes
    nearest, problems = fit(config, budget)
    assert {p.values["name"] for p in problems} <= {"latent_dim", "batch_size"}
    assert budget.allows(estimate(nearest))


def test_what_is_within_the_budget_is_left_alone_and_any_legal_experiment_comes_within_it():
    rng = random.Random(0)
    configs = [random_config(rng) for _ in range(500)]
    dear = 0
    for config in configs:
        nearest, problems = fit(config, Budget())
        assert Budget().allows(estimate(nearest))
        assert (nearest == config) == (not problems) == Budget().allows(estimate(config))
        changed = {f for f in SETTINGS if getattr(nearest, f) != getattr(config, f)}
        assert changed <= set(LOWERABLE)
        assert changed == {p.values["name"] for p in problems}
        dear += bool(problems)
    assert 0 < dear < len(configs)


def test_each_setting_that_costs_costs_more_the_higher_it_is():
    for field in LOWERABLE[:-1]:  # packs are fewer rows for D
        costs = [estimate(DEFAULT_CONFIG.replace(**{field: int(v)})) for v in SETTINGS[field].options]
        assert [c.seconds for c in costs] == sorted(c.seconds for c in costs)
        assert costs[-1].seconds > costs[0].seconds


def test_a_budget_is_used_up_by_whichever_is_scarcer():
    budget = Budget(seconds=2.0, megabytes=100.0)
    assert budget.share(Cost(1.0, 80.0)) == 0.8
    assert budget.share(Cost(3.0, 80.0)) == 1.5
    assert budget.allows(Cost(2.0, 100.0))
    assert not budget.allows(Cost(0.1, 100.1))
