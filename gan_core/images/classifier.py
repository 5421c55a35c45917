"""A small network that names handwritten digits: the judge behind the figures about images.

Its 64 features and ten probabilities turn pictures into numbers that can be compared. It is trained on the data alone,
never on a generator's output, so it judges all generators alike. It also gives noise a name: read its verdicts beside
its confidence.
"""

from functools import lru_cache
from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from gan_core.images.data import ImageSet, to_range
from gan_core.images.idx import SIDE
from gan_core.messages import Message

WEIGHTS = Path(__file__).parent / "weights" / "classifier.safetensors"
N_CLASSES = 10
N_FEATURES = 64
QUICK_EPOCHS = 2  # for images that no weights are shipped for: about 20 s on one core
_CHUNK = 250  # images at once: what fits into the cache
_BATCH = 128
_VARIANCE = 3.0  # mean variance of a feature over the data: then only ones read 250, digits 0 to 4 read 44, no eights 5


class Classifier(nn.Module):
    """Two strided convolutions and two linear layers, 114,314 parameters.

    Images are (n, 784), or (n, 196), which are enlarged by repeating pixels, with values in [-1, 1].
    """

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(1, 16, 5, stride=2, padding=2, dtype=torch.float32)
        self.conv2 = nn.Conv2d(16, 32, 5, stride=2, padding=2, dtype=torch.float32)
        self.hidden = nn.Linear(32 * 7 * 7, N_FEATURES, dtype=torch.float32)
        self.output = nn.Linear(N_FEATURES, N_CLASSES, dtype=torch.float32)

    def features(self, images: Tensor) -> Tensor:
        """(n, 784) or (n, 196) images -> (n, 64) features >= 0."""
        if images.ndim != 2 or images.shape[1] not in (SIDE**2, SIDE**2 // 4):
            raise ValueError(f"images have shape {tuple(images.shape)}; expected (n, 784) or (n, 196)")
        side = round(images.shape[1] ** 0.5)
        x = images.view(-1, 1, side, side)
        if side < SIDE:
            x = F.interpolate(x, scale_factor=2, mode="nearest")
        return F.relu(self.hidden(F.relu(self.conv2(F.relu(self.conv1(x)))).flatten(1)))

    def forward(self, images: Tensor) -> Tensor:
        """(n, 784) or (n, 196) images -> (n, 10) logits."""
        return self.output(self.features(images))

    @torch.no_grad()
    def probabilities_and_features(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """(n, 784) or (n, 196) images -> (n, 10) class probabilities and (n, 64) features, without gradients.

        About 25 ms for 1,000 images on one core.
        """
        features = torch.cat([self.features(chunk) for chunk in images.split(_CHUNK)])
        return self.output(features).softmax(1), features


def train(images: Tensor, labels: Tensor, *, seed: int, epochs: int) -> Classifier:
    """Train a classifier with Adam and one cycle of the learning rate (Smith and Topin, 2018).

    A batch in three is averaged over 2 x 2 pixels and enlarged again, so that the network also reads 14 x 14 images,
    and every batch is moved by up to two pixels. At the end the features are scaled to a mean variance of
    `_VARIANCE`, so that distances between features mean the same for every data set; the logits stay as they are.

    Args:
        images: (n, 28, 28) uint8. labels: (n,) int64, 0 to 9. seed: fixes the result. epochs: passes through the images.
    """
    rng = torch.Generator().manual_seed(seed)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = Classifier()
    size = min(_BATCH, len(images))
    n_batches = len(images) // size
    optimizer = torch.optim.Adam(model.parameters(), fused=True)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=4e-3, total_steps=epochs * n_batches + 1)
    for _ in range(epochs):
        for chosen in torch.randperm(len(images), generator=rng).split(size)[:n_batches]:
            batch = to_range(images[chosen][:, None])  # (128, 1, 28, 28)
            right, down, pooled = (int(torch.randint(k, (), generator=rng)) for k in (5, 5, 3))
            batch = F.pad(batch, (2, 2, 2, 2), value=-1)[..., down : down + SIDE, right : right + SIDE]
            if pooled == 0:
                batch = F.avg_pool2d(batch, 2)
            optimizer.zero_grad()
            with torch.enable_grad():  # whatever the caller's mode
                F.cross_entropy(model(batch.flatten(1)), labels[chosen]).backward()
            optimizer.step()
            schedule.step()
    model.eval().requires_grad_(False)
    _scale_features(model, images)
    return model


def _scale_features(model: Classifier, images: Tensor) -> None:
    """Bring the features of (n, 28, 28) uint8 images to a mean variance of `_VARIANCE`; the logits do not change."""
    sample = to_range(images[:5000].flatten(1))
    factor = (_VARIANCE / model.probabilities_and_features(sample)[1].var(0).mean().clamp_min(1e-12)) ** 0.5
    model.hidden.weight.mul_(factor)
    model.hidden.bias.mul_(factor)
    model.output.weight.div_(factor)


@lru_cache(maxsize=1)
def load() -> Classifier:
    """The shipped classifier for handwritten digits, the same object at every call."""
    return read(WEIGHTS)


def read(path: Path) -> Classifier:
    """The classifier in a safetensors file.

    Raises:
        ValueError: the file cannot be read, or its names, shapes or values are not those of a Classifier.
    """
    try:
        found = load_file(path)
    except (OSError, SafetensorError) as error:
        raise _bad(path, str(error)) from None
    model = Classifier()
    wanted = {name: tuple(value.shape) for name, value in model.state_dict().items()}
    shapes = {name: tuple(value.shape) for name, value in found.items()}
    if shapes != wanted:
        raise _bad(path, f"it holds {shapes} instead of {wanted}")
    for name, value in found.items():
        if not value.is_floating_point() or not bool(value.isfinite().all()):
            raise _bad(path, f"{name} has values that are no finite numbers")
    model.load_state_dict({name: value.float() for name, value in found.items()})
    return model.eval().requires_grad_(False)


def _bad(path: Path, problem: str) -> ValueError:
    return ValueError(
        Message(
            "The classifier {file} cannot be used: {problem}. Get the file anew from where this app came from.",
            file=path.name,
            problem=problem,
        )
    )


@lru_cache(maxsize=4)
def for_images(images: ImageSet) -> Classifier:
    """The judge of an image set: the shipped one for handwritten digits, else one trained now and kept."""
    if images.is_mnist or images.key == "digits":
        return load()
    return train(images.train, images.train_labels, seed=0, epochs=QUICK_EPOCHS)
