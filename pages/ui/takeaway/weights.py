"""The weights of G and D as safetensors: named tensors, and the experiment in the metadata.

Networks of lines and planes are named as the layers of an `nn.Sequential` of linear layers and activations, those of images
as their modules name them.
"""

import dataclasses
import json
from typing import Any

from torch import Tensor

from gan_core import GANTrainer
from gan_core.images.networks import ModuleNetwork
from gan_core.networks import MLP, Network


def weights(trainer: GANTrainer) -> tuple[dict[str, Tensor], dict[str, str]]:
    """Copies of the tensors, and metadata: "config", all settings as JSON; "link", those that differ from the defaults;
    "step"; "center" and "unit": the networks of lines and planes see (x − center) / unit."""
    networks = {"generator": trainer.generator, "discriminator": trainer.discriminator}
    if trainer.config.ema_decay:
        networks["averaged_generator"] = trainer.averaged
    tensors = {f"{who}.{name}": tensor.clone() for who, network in networks.items() for name, tensor in _named(network)}
    meta: dict[str, Any] = {"config": dataclasses.asdict(trainer.config), "link": trainer.config.to_params(),
                            "step": trainer.step_count}  # fmt: skip
    if trainer.config.kind != "images":
        meta |= {"center": trainer.target.center.tolist(), "unit": trainer.target.unit.tolist()}
    return tensors, {name: json.dumps(value) for name, value in meta.items()}


def packed(trainer_says: tuple[dict[str, Tensor], dict[str, str]]) -> bytes:
    """The bytes of the file."""
    from safetensors.torch import save

    tensors, meta = trainer_says
    return save({name: tensor.contiguous() for name, tensor in tensors.items()}, meta)


def _named(network: Network) -> list[tuple[str, Tensor]]:
    if isinstance(network, ModuleNetwork):
        return list(network.module.state_dict().items())
    assert isinstance(network, MLP)
    layers = enumerate(network.layers)
    return [
        (f"{2 * i}.{name}", part) for i, pair in layers for name, part in zip(("weight", "bias"), pair, strict=True)
    ]
