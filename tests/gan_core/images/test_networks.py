"""Networks for images: one vector of weights behind any module."""

import pytest
import torch
from torch import nn

from gan_core.images.networks import ARCHITECTURES, Dropout, ModuleNetwork
from gan_core.lessons.layers import NOTE_D, NOTE_G
from tests.gan_core.images.examples import discriminator, every_architecture, generator, images, latents, norms, seeded

# ---- the registry ----


@every_architecture
def test_shapes_and_ranges(key):
    architecture = ARCHITECTURES[key]
    assert architecture.key == key
    assert architecture.name
    assert architecture.summary
    g, d = generator(key), discriminator(key)
    x = g(latents())
    assert x.shape == (16, architecture.side**2)
    assert x.min() >= -1
    assert x.max() <= 1
    assert d(x).shape == (16, 1)
    d.flat.mul_(100)  # a logit, not a probability
    assert d(x).abs().max() > 1


@every_architecture
def test_any_latent_dimension(key):
    for n in (1, 128):
        network = ModuleNetwork(ARCHITECTURES[key].generator(n), seeded())
        assert network(torch.randn(3, n)).shape == (3, ARCHITECTURES[key].side ** 2)


def test_the_note_has_the_parameters_of_the_note():
    g, d = generator("note"), discriminator("note")
    assert len(g.flat) == NOTE_G.parameters == 1_486_352
    assert len(d.flat) == NOTE_D.parameters == 1_460_225
    for network, layers in ((g, NOTE_G.layers), (d, NOTE_D.layers)):
        linear = [m for m in network.module if isinstance(m, nn.Linear)]
        assert [(m.in_features, m.out_features) for m in linear] == [(layer.n_in, layer.n_out) for layer in layers]
    assert not norms(g.module)
    assert [isinstance(m, Dropout) for m in d.module].count(True) == 3  # after every hidden layer
    slopes = [m.negative_slope for n in (g, d) for m in n.module if isinstance(m, nn.LeakyReLU)]
    assert slopes == [0.2] * 6


@every_architecture
def test_only_generators_have_batch_norm(key):
    """D would otherwise see from a batch whether it is real."""
    assert not norms(ARCHITECTURES[key].discriminator())


# ---- weights ----


@every_architecture
@pytest.mark.parametrize("make", [generator, discriminator])
def test_flat_holds_all_that_the_module_holds(key, make):
    network = make(key)
    tensors = [*network.module.parameters(), *(b for b in network.module.buffers() if b.is_floating_point())]
    assert len(network.flat) == sum(t.numel() for t in tensors) == len(network.gradient)
    network.flat.copy_(torch.arange(float(len(network.flat))))
    torch.testing.assert_close(torch.cat([t.detach().flatten() for t in tensors]), network.flat, rtol=0, atol=0)
    with torch.no_grad():
        for t in tensors:
            t.fill_(7)
    assert (network.flat == 7).all()
    for view, t in zip(network.split(network.flat), tensors, strict=True):
        assert view.shape == t.shape
        assert view.data_ptr() == t.data_ptr()


@every_architecture
def test_a_changed_vector_changes_the_output(key):
    g, d = generator(key), discriminator(key)
    z = latents()
    x = g(z)
    l = d(x)
    g.flat.mul_(0.5)
    d.flat.mul_(0.5)
    assert not torch.allclose(g(z), x, atol=1e-3)
    assert not torch.allclose(d(x), l, atol=1e-4)
    g.flat.copy_(generator(key).flat)
    assert torch.equal(g(z), x)


@every_architecture
def test_same_seed_same_weights_and_nobody_elses_randomness(key):
    before = torch.get_rng_state()
    first = generator(key, 3), discriminator(key, 3, 0.5)
    torch.set_rng_state(torch.Generator().manual_seed(99).get_state())
    second = generator(key, 3), discriminator(key, 3, 0.5)
    for a, b in zip(first, second, strict=True):
        assert torch.equal(a.flat, b.flat)
    assert not torch.equal(first[0].flat, generator(key, 4).flat)
    torch.set_rng_state(before)


@every_architecture
def test_nobody_elses_randomness_is_used_up(key):
    """Building a plain module draws from the global generator; after that nothing may."""
    g, d = generator(key), discriminator(key, dropout=0.5)
    before = torch.get_rng_state()
    x, tape = g.record(latents())
    logits, d_tape = d.record(x)
    g.backward(tape, d.backward(d_tape, torch.ones_like(logits), inputs=True))
    g.in_training(latents())
    assert torch.equal(torch.get_rng_state(), before)


def hidden_scales(network, x, kinds):
    """Root mean square of what leaves each layer of these kinds."""
    scales = []
    hooks = [
        layer.register_forward_hook(lambda m, i, out: scales.append(out.square().mean().sqrt().item()))
        for layer in network.module.modules()
        if isinstance(layer, kinds)
    ]
    network.in_training(x)
    for hook in hooks:
        hook.remove()
    return scales


@every_architecture
@pytest.mark.parametrize("make", [generator, discriminator])
def test_the_signal_keeps_its_size(key, make):
    """Within a factor 2 from layer to layer of what goes in, whose root mean square is 1."""
    x = latents(200) if make is generator else torch.randn(200, ARCHITECTURES[key].side ** 2, generator=seeded())
    scales = hidden_scales(make(key), x, (nn.Linear, nn.Conv2d, nn.ConvTranspose2d))
    assert len(scales) >= 3
    # what leaves a layer before leaky ReLU has sqrt(2/1.04) of the size that leaves it afterwards
    assert all(0.5 < s / (2 / 1.04) ** 0.5 < 2 for s in scales)


def test_by_default_the_notes_signal_would_fade():
    x = latents(200)
    g = generator("note")
    for layer in g.module.modules():
        if isinstance(layer, nn.Linear):
            layer.reset_parameters()  # PyTorch's default, into the same memory
    faded = hidden_scales(g, x, nn.Linear)
    ours = hidden_scales(generator("note"), x, nn.Linear)
    assert faded[-1] < 0.1
    assert ours[-1] > 10 * faded[-1]


# ---- dropout ----


@every_architecture
@pytest.mark.parametrize("p", [0.3, 0.9])
def test_dropout_drops_its_share_and_keeps_the_mean(key, p):
    d = discriminator(key, dropout=p)
    layer = next(m for m in d.module.modules() if isinstance(m, Dropout))
    d.module.train()
    dropped = layer(torch.ones(200_000))
    assert dropped.unique().tolist() == pytest.approx([0, 1 / (1 - p)])
    assert (dropped == 0).float().mean().item() == pytest.approx(p, abs=0.005)
    assert dropped.mean().item() == pytest.approx(1, abs=0.03)


@every_architecture
def test_dropout_acts_in_training_only(key):
    plain, dropping = discriminator(key), discriminator(key, dropout=0.5)
    x = images(key)
    assert torch.equal(plain.flat, dropping.flat)
    assert torch.equal(dropping(x), plain(x))
    assert torch.equal(dropping.record(x, dropout=False)[0], plain.record(x)[0])
    torch.testing.assert_close(dropping.by_autograd(x, dropping.flat), plain(x))
    assert not torch.allclose(dropping.record(x)[0], plain(x), atol=1e-3)
    assert torch.equal(dropping(x), plain(x))
    dropping.dropout = 0.0
    assert dropping.dropout == 0.0
    assert torch.equal(dropping.record(x)[0], plain.record(x)[0])
    dropping.dropout = 0.3
    assert not torch.allclose(dropping.record(x)[0], plain(x), atol=1e-3)


def test_masks_are_those_of_the_seed():
    first, second, other = (discriminator("note", seed, 0.5) for seed in (5, 5, 6))
    other.flat.copy_(first.flat)
    x = images("note")
    a = [first.record(x)[0] for _ in range(3)]
    torch.rand(10)  # nobody else's randomness
    b = [second.record(x)[0] for _ in range(3)]
    assert all(torch.equal(p, q) for p, q in zip(a, b, strict=True))
    assert not torch.equal(a[0], a[1])  # fresh masks every time
    assert not torch.equal(other.record(x)[0], a[0])


def test_backward_sees_the_masks_of_its_tape():
    """What was dropped learns nothing: weights that leave a dropped neuron have no gradient."""
    d = discriminator("note", dropout=0.9)
    output, tape = d.record(images("note", 1))
    d.backward(tape, torch.ones_like(output))
    last = d.split(d.gradient)[-2]  # (1, 256), the last layer's weights
    assert (last == 0).float().mean() > 0.8
    d.dropout = 0.0
    output, tape = d.record(images("note", 1))
    d.backward(tape, torch.ones_like(output))
    assert (d.split(d.gradient)[-2] == 0).float().mean() < 0.01
