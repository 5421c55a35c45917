"""Sixty points in the forms that programs write them."""

import numpy as np


def sixty_points():
    """Two lumps, with three decimals as a program writes them; some below 1, so that 0,892 decides what a comma is."""
    rng = np.random.default_rng(7)
    side = rng.integers(2, size=(60, 1)) * 2 - 1
    return np.round(side * [2.0, -1.0] + 0.2 * rng.standard_normal((60, 2)), 3)


POINTS = sixty_points()


def lines(separator=",", decimal=".", form="{:.3f}", header=None, before=(), after=(), end="\n", points=POINTS):
    rows = [separator.join(form.format(v).replace(".", decimal) for v in row) for row in points]
    return end.join([*before, *([separator.join(header)] if header else []), *rows, *after]) + end


def numbered(text, separator=",", first="", start=0, quote=""):
    """With a column in front that numbers the rows; the header, too, unless `first` is None (as R writes it)."""
    header, *rows = text.splitlines()
    head = header if first is None else first + separator + header
    return "\n".join([head, *(f"{quote}{i}{quote}{separator}{row}" for i, row in enumerate(rows, start))])


XY = lines(header="xy")


def as_bytes(data):
    return data if isinstance(data, bytes) else data.encode()
