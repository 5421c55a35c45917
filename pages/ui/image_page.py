"""What only the page of images has: its data, and a closer look at single fakes."""

from collections.abc import Callable
from concurrent.futures import CancelledError
from typing import Any, TypeVar

import numpy as np
import streamlit as st
import torch

from gan_core import GANTrainer, RunGone, TrainConfig
from gan_core.images import data as image_data
from gan_core.images import mnist
from gan_core.images.idx import BadImageFile
from gan_core.images.neighbours import nearest
from gan_core.images.networks import ARCHITECTURES
from gan_core.images.problem import as_pixels, latent_walk
from gan_core.latents import draw_latents
from pages.ui import asking, image_figures
from pages.ui.board import charts
from pages.ui.figures import Panel
from pages.ui.live import LiveRun
from pages.ui.studio import studio
from pages.ui.text import language, tr, tr_message

PAGE, CLOSER = "mnist", "mnist_closer"  # keys
STRETCH = 40  # frames of the endless walk per leg
WALK_EVERY = 3.0  # seconds
NEIGHBOURS = 5
T = TypeVar("T")
PATIENCE = 2.0  # seconds that a script waits for a worker
_N_TYPICAL = 300  # held-out images whose nearest training images are looked up


def trouble() -> str:
    """Why MNIST cannot be used now, or ""."""
    try:
        image_data.load("mnist")
    except (image_data.ImagesMissing, BadImageFile) as error:
        return error.args[0]
    return ""


def images_here() -> str:
    """Key of the images for lessons whose shipped networks know MNIST: that itself, if it is here, or the small digits."""
    return "digits" if trouble() or not image_data.load("mnist").is_mnist else "mnist"


def adapt(config: TrainConfig) -> TrainConfig:
    """The config with images that are on this machine: the small digits if MNIST is not."""
    small = config.target == "mnist" and trouble()
    return config.replace(target="digits") if small else config


def data_notice(run: LiveRun) -> None:
    """Which images there are; where MNIST is missing, a button that gets it."""
    problem = trouble()
    if not problem:
        if not image_data.load("mnist").is_mnist:
            st.info(
                tr("These are your own images, from MNIST_DIR. A classifier for them is trained first: half a minute for "
                   "60,000 images."), icon=":material/image:",
            )  # fmt: skip
        for note in image_data.load("mnist").notes:
            st.info(tr_message(note), icon=":material/image:")
        if run.config.target == "digits":
            st.info(tr("MNIST is here: choose it under **Target** for 60,000 sharper digits."), icon=":material/image:")
        return
    with st.container(border=True):
        st.markdown(
            tr("**You are training on 1,797 handwritten digits of 8 × 8 pixels** that come with scikit-learn, because "
               "MNIST cannot be used: {problem}", problem=tr_message(problem))
        )  # fmt: skip
        if image_data.named_folder():  # a download would not be looked at
            return
        if st.button(tr("Get MNIST (12 MB)"), icon=":material/download:", type="primary") and _download():
            run.use(run.config.replace(target="mnist"))


def _download() -> bool:
    """Fetch MNIST with a progress bar; whether it is here now."""
    bar = st.progress(0.0, tr("Looking for a server …"))

    def show(file: str, done: int, total: int) -> None:
        bar.progress(min(done / total, 1.0) if total else 0.0, f"{file}: {done / 1e6:.1f} MB")

    try:
        mnist.download(show)
        image_data.load("mnist")
    except (mnist.DownloadFailed, image_data.ImagesMissing, BadImageFile) as error:
        bar.empty()
        st.error(tr_message(error.args[0]))
        return False
    return True


def picked() -> tuple[int, ...]:
    """Which fakes on the stage the visitor has picked."""
    return tuple(st.session_state.get(f"live_{PAGE}", {}).get("picked", ()))


def closer(run: LiveRun) -> None:
    """Nearest training images of the picked fakes, and a walk between two; without a pick, an endless walk."""
    st.fragment(_closer, run_every=WALK_EVERY, key=CLOSER)(run)


def _closer(run: LiveRun) -> None:
    chosen = picked()
    if not chosen:
        _endless_walk(run)
        return
    now = studio().call(run.id, asking.about) if run.id else None
    state = st.session_state.setdefault(f"{PAGE}_seen", {"serial": 0, "picked": None, "of": None})
    of = (run.id, chosen, now and (now.step, now.config), language())
    if of != state["of"]:  # the fakes have changed, or there are others
        found = _ask(run, _fakes_and_walk, chosen)
        if found is None:
            st.caption(tr("The trainer is busy; the answer comes in a moment."))
            return
        state["serial"] += chosen != state["picked"]
        state |= {"of": of, "picked": chosen, "panels": _panels(run, *found, state["serial"])}
    charts(f"{PAGE}_closer_charts", state["panels"])
    side = ARCHITECTURES[run.config.architecture].side
    low, high = _typical_distance(run.config.target, side)
    st.caption(
        tr("Distances are L2 over the pixels, from 0 (white) to 1 (black). Images that nobody trained on lie {low:.1f} to "
           "{high:.1f} from their nearest training image (the middle 80 %): a fake much nearer than that would be a copy.",
           low=low, high=high)
    )  # fmt: skip


def _panels(run: LiveRun, fakes: np.ndarray, walk: np.ndarray | None, serial: int) -> list[Panel]:
    panels = []
    if walk is not None:
        film = image_figures.film_panel(walk, serial, tr, cut=True)
        panels.append(film | {"title": tr("From 1 to 2"), "help": "", "rows": 2})
    for number, fake in enumerate(fakes, 1):
        panels.append(_neighbours_panel(run, number, fake, wide=walk is None))
    return panels


def _neighbours_panel(run: LiveRun, number: int, fake: np.ndarray, *, wide: bool) -> Panel:
    side = fake.shape[-1]
    train = image_data.load(run.config.target).pixels(side)[0].numpy()
    index, distance = nearest(fake.reshape(1, -1), train, NEIGHBOURS)
    pixels = np.concatenate([fake[None], train[index[0]].reshape(-1, side, side)])
    return image_figures.images_panel(
        f"neighbours_{number}", pixels, "data", across=1 + NEIGHBOURS,
        captions=[tr("fake {n}", n=number), *(f"{d:.1f}" for d in distance[0])],
        title=tr("Fake {n} and the training images nearest to it", n=number), help="",
        columns=12 if wide else 9, height=190,
    )  # fmt: skip


@st.cache_data(show_spinner=False)
def _typical_distance(target: str, side: int) -> tuple[float, float]:
    """10 % and 90 % quantile of the distance from held-out images to their nearest training image."""
    train, test = (pixels.numpy() for pixels in image_data.load(target).pixels(side))
    low, high = np.quantile(nearest(test[:_N_TYPICAL], train, 1)[1], [0.1, 0.9])
    return float(low), float(high)


def _fakes_and_walk(trainer: GANTrainer, picked: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray | None]:
    """The picked fakes as they are now, (k, side, side), and the walk between them if there are two."""
    z = trainer.fixed_latents(max(picked) + 1)[list(picked)]
    side = ARCHITECTURES[trainer.config.architecture].side
    fakes = as_pixels(trainer.generate(z)).reshape(-1, side, side)
    return fakes, latent_walk(trainer, z, STRETCH) if len(picked) == 2 else None


def _endless_walk(run: LiveRun) -> None:
    st.toggle(tr("Endless walk through the latents"), True, key=f"{PAGE}_walk")
    if not st.session_state[f"{PAGE}_walk"]:
        return
    state = st.session_state.setdefault(f"{PAGE}_way", {"serial": 0, "at": None})

    found = _ask(run, _stretch, 1000 + state["serial"], state["at"])
    if found is not None:
        frames, state["at"] = found
        state["serial"] += 1
        state["frames"] = frames
    if "frames" in state:
        charts(f"{PAGE}_walk_film", [image_figures.film_panel(state["frames"], state["serial"], tr) | {"columns": 4}])


def _stretch(trainer: GANTrainer, seed: int, start: torch.Tensor | None) -> tuple[np.ndarray, torch.Tensor]:
    """The next leg of the endless walk, from where it stands, and where it ends."""
    c = trainer.config
    rng = torch.Generator().manual_seed(seed)
    if start is None or start.shape[1] != c.latent_dim:
        start = draw_latents(c.latent, 1, c.latent_dim, rng)
    end = draw_latents(c.latent, 1, c.latent_dim, rng)
    return latent_walk(trainer, torch.cat([start, end]), STRETCH), end


def _ask(run: LiveRun, question: Callable[..., T], *args: Any) -> T | None:
    """What `question(trainer, *args)` makes of the trainer, or None if the worker is too busy or there is no trainer."""
    run_id = run.id
    if run_id is None:
        return None
    try:
        return studio().submit(run_id, asking.ask, question, *args).result(PATIENCE)
    except (TimeoutError, CancelledError, RunGone, RuntimeError):
        return None
