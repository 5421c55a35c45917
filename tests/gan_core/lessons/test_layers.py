"""Shapes and counts of parameters, against PyTorch and against the networks that are really trained."""

import pytest
from torch import nn

from gan_core import GANTrainer, TrainConfig
from gan_core.lessons import layers


@pytest.mark.parametrize(("n_in", "n_out"), [(100, 256), (784, 1024), (1, 1)])
def test_a_layer_has_as_many_parameters_as_in_torch(n_in, n_out):
    layer = nn.Linear(n_in, n_out)
    assert layers.linear_parameters(n_in, n_out) == sum(p.numel() for p in layer.parameters())


def test_the_networks_of_the_note():
    g, d = layers.NOTE_G, layers.NOTE_D
    assert [layer.parameters for layer in g.layers] == [25_856, 131_584, 525_312, 803_600]
    assert [layer.parameters for layer in d.layers] == [803_840, 524_800, 131_328, 257]
    assert (g.parameters, d.parameters) == (1_486_352, 1_460_225)
    assert g.sizes == [100, 256, 512, 1024, 784]
    assert d.sizes == [784, 1024, 512, 256, 1]


def test_the_last_layer_is_special():
    g, d = layers.NOTE_G, layers.NOTE_D
    assert [layer.activation for layer in g.layers] == ["leaky_relu"] * 3 + ["tanh"]
    assert [layer.activation for layer in d.layers] == ["leaky_relu"] * 3 + ["sigmoid"]
    assert [layer.dropout for layer in d.layers] == [0.5, 0.5, 0.5, 0.0]
    assert not any(layer.dropout for layer in g.layers)


@pytest.mark.parametrize("config", [
    TrainConfig(), TrainConfig(target="ring_8", latent_dim=2, width=32, depth=3), TrainConfig(packing=2, dropout=0.3),
])  # fmt: skip
def test_live_networks_are_described_as_they_are_built(config):
    g, d = layers.of_config(config)
    trainer = GANTrainer(config)
    assert g.sizes == trainer.generator.sizes
    assert d.sizes == trainer.discriminator.sizes
    assert g.parameters == trainer.generator.flat.numel()
    assert d.parameters == trainer.discriminator.flat.numel()
    assert {layer.dropout for layer in d.layers[:-1]} == {config.dropout}
    assert (d.layers[-1].activation, d.layers[-1].dropout) == ("", 0.0)
