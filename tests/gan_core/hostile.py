"""What nobody sensible asks for: random legal experiments, and links full of rubbish."""

import random
import string

from gan_core.config import SETTINGS, TrainConfig

RUBBISH = (
    "", " ", "\0", "\ufeff", "nan", "inf", "-inf", "1e999", "-1", "0", "1e-400", "0x10", "1_000", "１２", "٣", "½", "1,5",
    "True", "TRUE", "none", "None", "null", "[]", "{}", "{0}", "{value}", "{name.__class__}", "%s", "%n", "../../etc/passwd",
    "<script>alert(1)</script>", "'; drop table runs; --", "](javascript:alert(1))", "$\\frac{", "`", "\ud83c\udfad" * 3,
    "\u202egnirts", "a" * 5000, "9" * 400, "9" * 5000, "-0.0", "1e5", "2147483648", "cells-", "points-", "cells-!!!",
    "points-0123456789abcdef", "cells-" + "A" * 3000, "cells-" + "f" * 20, "points-../../x", "ring_8 ", "RING_8", "mnist\n",
    "\x01\x02\x7f", "\udcff",
)  # fmt: skip


def rubbish(rng: random.Random) -> str:
    """A value that was not meant for us, or only just not."""
    kind = rng.randrange(4)
    if kind == 0:
        return rng.choice(RUBBISH)
    if kind == 1:
        return "".join(rng.choice(string.printable) for _ in range(rng.randrange(30)))
    if kind == 2:
        return repr(rng.choice([-1, 1]) * 10 ** rng.uniform(-12, 12))
    good = rng.choice(["ring_8", "two_modes", "mnist", "true", "0.5", "512", "hinge", "tanh", "uniform"])
    at = rng.randrange(len(good) + 1)
    return good[:at] + rng.choice(RUBBISH)[:20] + good[at:]


def random_value(rng: random.Random, name: str):
    """Any value in the range of a setting, often one of the ends."""
    record = SETTINGS[name]
    if record.choices:
        return rng.choice([c for c in record.choices if c != "mnist"])
    if record.type is bool:
        return rng.random() < 0.5
    if rng.random() < 0.4:
        return record.type(rng.choice([record.low, record.high, record.default]))
    if record.options and rng.random() < 0.5:
        return record.type(rng.choice(record.options))
    value = rng.uniform(record.low, record.high)
    return round(value) if record.type is int else value


def random_config(rng: random.Random, **fixed) -> TrainConfig:
    """Any legal experiment without MNIST."""
    while True:
        try:
            return TrainConfig(**{name: random_value(rng, name) for name in SETTINGS} | fixed)
        except ValueError:  # settings that do not go together
            continue
