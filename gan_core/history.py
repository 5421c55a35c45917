"""Curves over the steps of a training, with bounded memory."""

import math
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

Curves = Mapping[str, NDArray[np.float64]]  # column -> (rows,) values; one of them is "step"


def until(curves: Curves, step: int) -> dict[str, NDArray[np.float64]]:
    """The rows up to a step."""
    if "step" not in curves:
        return {}
    early = curves["step"] <= step
    return {name: values[early] for name, values in curves.items()}


class History:
    """Curves over steps with bounded memory: when full, every other row goes and the stride doubles.

    An hour of training thus costs no more memory, and no more evaluations per curve, than a minute.
    """

    def __init__(self, columns: tuple[str, ...], capacity: int = 400, stride: int = 20):
        self.columns = columns
        self.capacity = capacity
        self.stride = stride
        self._rows: list[tuple[float, ...]] = []

    def __len__(self) -> int:
        return len(self._rows)

    def wants(self, step: int) -> bool:
        """Whether a row is due at this step."""
        return step % self.stride == 0

    def append(self, **row: float) -> None:
        """Add a row; `step` must be one of the columns."""
        if len(self._rows) >= self.capacity:
            self.stride *= 2
            at = self.columns.index("step")
            self._rows = [r for r in self._rows if r[at] % self.stride == 0]
            if not self.wants(int(row["step"])):
                return
        self._rows.append(tuple(float(row[c]) for c in self.columns))

    def load(self, columns: Curves, stride: int | None = None) -> None:
        """Replace all rows by these, column name -> (n,) values; a column that is not given becomes nan.

        Args:
            stride: that of the history that they come from; all rows are kept then. Without it they are thinned to
                this one's.
        """
        steps = columns["step"]
        self.stride = stride or self.stride
        while not stride and (len(steps) > self.capacity or np.any(steps % self.stride)):
            self.stride *= 2
            keep = steps % self.stride == 0
            columns = {name: values[keep] for name, values in columns.items()}
            steps = columns["step"]
        unknown = [math.nan] * len(steps)
        values = (columns[c].tolist() if c in columns else unknown for c in self.columns)
        self._rows = list(zip(*values, strict=True))

    def arrays(self) -> dict[str, NDArray[np.float64]]:
        """A copy: column name -> (n,) values."""
        table = np.array(self._rows, dtype=np.float64).reshape(-1, len(self.columns))
        return dict(zip(self.columns, table.T.copy(), strict=True))
