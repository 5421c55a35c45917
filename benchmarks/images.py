"""How good the digits get: the default network from random weights, the shipped late stage, and the server's memory.

    MNIST_DIR=... python -m benchmarks.images [--seeds 3] [--first-digits]

`--first-digits` measures nothing but how soon the two quick presets have all ten digits: a minute for five seeds. Times are
seconds of one thread with all evaluations, as the page makes them; nothing is pretrained but the judge.
"""

import argparse
import time

import numpy as np
import torch

from benchmarks.harness import app_server, headless_chromium, open_board
from gan_core import PRESETS, evaluation, threads
from gan_core.frechet import frechet_distance, moments
from gan_core.images import data as image_data
from gan_core.images import parzen, warm_starts
from gan_core.images.metrics import class_shares, reference
from gan_core.images.neighbours import nearest
from gan_core.images.networks import ARCHITECTURES, ModuleNetwork
from gan_core.images.problem import as_pixels
from gan_core.latents import draw_latents
from gan_core.training import GANTrainer

N = 10_000  # fakes of the late stage
N_QUERIES = 1000  # images whose nearest training images are looked up
LIMIT = 180.0  # seconds of a run
GOALS = {
    "10 digits, confidence >= 0.75": lambda e: e.modes == 10 and e.confidence >= 0.75,
    "confidence >= 0.85": lambda e: e.modes == 10 and e.confidence >= 0.85,
    "Frechet distance < 60": lambda e: e.frechet < 60,
}


def first_digits(key: str, seeds: int) -> None:
    """Print when a preset has all ten digits, by seed and the median."""
    config, (goal, holds) = PRESETS[key].config, next(iter(GOALS.items()))
    GANTrainer(config)  # what is known about the real images is found once, when the page opens
    found = []
    for seed in range(1, seeds + 1):
        start = time.process_time()
        trainer = GANTrainer(config.replace(seed=seed))
        while not holds(trainer.last_evaluation[1]) and trainer.step_count < 5000:
            trainer.step()
        found.append((time.process_time() - start, trainer.step_count))
    runs = ", ".join(f"{seconds:.1f} s ({steps:,} steps)" for seconds, steps in found)
    print(f"{key}, {goal}: {runs}; median {np.median([seconds for seconds, _ in found]):.1f} s", flush=True)


def from_nothing(seed: int) -> None:
    """Print when the default preset reaches its goals."""
    start = time.process_time()
    trainer = GANTrainer(PRESETS["fast_start"].config.replace(seed=seed))
    reached: dict[str, float] = {}
    while (now := time.process_time() - start) < LIMIT and len(reached) < len(GOALS):
        trainer.step()
        step, evaluation = trainer.last_evaluation
        if step == trainer.step_count:
            reached |= {g: now for g, holds in GOALS.items() if g not in reached and holds(evaluation)}
    e = trainer.evaluate()
    times = ", ".join(f"{g}: {reached.get(g, np.nan):.1f} s" for g in GOALS)
    print(f"seed {seed}: {times}; then, after {trainer.step_count:,} steps, FD {e.frechet:.1f}, "
          f"confidence {e.confidence:.3f}, class JSD {e.class_jsd:.4f}", flush=True)  # fmt: skip


@torch.no_grad()
def late_stage() -> None:
    """Print the figures of the late stage on the real test set."""
    start = warm_starts.load("late")
    generator = ModuleNetwork(
        ARCHITECTURES[warm_starts.ARCHITECTURE].generator(warm_starts.LATENT_DIM), torch.Generator()
    )
    generator.flat.copy_(start.generator)
    z = draw_latents(warm_starts.LATENT, N, warm_starts.LATENT_DIM, torch.Generator().manual_seed(1))
    fakes = torch.cat([generator(block) for block in z.split(250)])
    images = image_data.load("mnist")
    ruler = reference(images, 28)
    train, test = images.pixels(28)
    probabilities, features = ruler.judge.probabilities_and_features(fakes)
    shares = class_shares(probabilities.argmax(1).numpy(), 10)
    truth = class_shares(images.test_labels.numpy(), 10)
    accuracy = ruler.judge.probabilities_and_features(image_data.to_range(test))[0].argmax(1) == images.test_labels
    print(f"\nnote's network, late: step {start.step:,}, {start.seconds / 60:.0f} minutes of one core")
    print(f"classes with at least 1 % of {N:,} fakes           {np.count_nonzero(shares >= 0.01):8d}")
    print(
        f"class-level JSD, nats                             {evaluation.divergences.js_divergence(truth, shares):8.4f}"
    )
    print(f"mean confidence                                   {probabilities.max(1).values.mean():8.3f}")
    found = frechet_distance(*ruler.moments, *moments(features.numpy()))
    floor = frechet_distance(*ruler.moments, *moments(ruler.features(train[:N])))
    print(f"Frechet distance to the test set (real: {floor:.2f})       {found:8.2f}")
    print(f"accuracy of the judge on the test set             {accuracy.float().mean():8.2%}")
    for name, score in parzen.load()["measured"].items():
        print(f"Parzen, {name:20} {score['log_likelihood']:8.1f} +- {score['standard_error']:.1f} nats")
    for name, query in (("fakes", as_pixels(fakes[:N_QUERIES])), ("test images", test[:N_QUERIES].numpy())):
        distance = nearest(query, train.numpy(), 1)[1][:, 0]
        low, median, high = np.quantile(distance, [0.01, 0.5, 0.99])
        print(f"nearest training image of {name:12} 1 %, median, 99 %: {low:.2f} {median:.2f} {high:.2f}")


def resident(pid: int) -> float:
    """Resident memory of a process, MB."""
    with open(f"/proc/{pid}/status") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("VmRSS")) / 1000


def memory() -> None:
    """Print what one run, and then a second one, add to the memory of a server whose 1D page is open."""
    for key in ("fast_start", "note"):
        query = "&".join(f"{k}={v}" for k, v in PRESETS[key].config.to_params().items())
        with app_server() as (url, pid), headless_chromium() as browser:
            open_board(browser.new_page(), f"{url}/train_1d")  # what every page needs is loaded now
            time.sleep(3)
            sizes = [resident(pid)]
            for _ in range(2):
                page = browser.new_context().new_page()
                open_board(page, f"{url}/train_mnist?{query}")
                page.get_by_role("button", name="Play").first.click()
                page.wait_for_timeout(15_000)
                sizes.append(resident(pid))
            one, two = np.diff(sizes)
            print(
                f"server memory, {key}: idle {sizes[0]:.0f} MB, one run {one:+.0f} MB, another {two:+.0f} MB",
                flush=True,
            )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--first-digits", action="store_true")
    arguments = parser.parse_args()
    seeds = arguments.seeds
    threads.use_one()
    if arguments.first_digits:
        for key in ("fast_start", "tiny"):
            first_digits(key, seeds)
        return
    for seed in range(1, seeds + 1):
        from_nothing(seed)
    late_stage()
    memory()


if __name__ == "__main__":
    main()
