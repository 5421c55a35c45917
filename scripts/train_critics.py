"""Train the critics that the lesson "A critic instead of a judge" shows, and keep their scores.

    python -m scripts.train_critics

Writes gan_core/lessons/critics.npz, and prints what each has come to.
"""

from pathlib import Path

import numpy as np

from gan_core.lessons import critic

OUT = Path(critic.__file__).parent / "critics.npz"


def main() -> None:
    scores = {}
    for way, limits in critic.WAYS.items():
        for limit in limits:
            name = critic.recorded_name(way, limit)
            scores[name] = critic.train_critic(way, limit).astype(np.float16)
            r = critic.read_critic(scores[name][-1])
            print(f"{name:20} steepest {r.steepest:.3f}  says {r.says:.3f}  proven {r.proven:.3f} of {r.w1:.3f}")
    np.savez_compressed(OUT, **scores)
    print(f"{OUT}: {OUT.stat().st_size / 1e3:.0f} kB")


if __name__ == "__main__":
    main()
