"""A moment of a run, packed small: what a recording keeps of a snapshot.

Numbers stay what they are; arrays get 16 bits per value between their least and their largest, which no picture can tell
from the original, and bytes stay bytes. Fields of an evaluation or a view that are marked ONCE are the same at every moment
of a run, and come back from a snapshot of it; those marked NEVER are needed for the numbers only, and come back empty.

Nothing in a packed moment is ever executed, and everything is checked against the snapshot that it has to be like.
"""

import dataclasses
import json
import math
import string
import zlib
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gan_core.config import SETTINGS, TrainConfig
from gan_core.diagnosis import CAUSES, WORDS, Diagnosis
from gan_core.keeping import NEVER, ONCE, kept
from gan_core.messages import Message
from gan_core.snapshot import PAUSED, Snapshot

MAX_MOMENT = 2**20  # bytes of a moment when it is unpacked; the largest, of images, has 60 kB
_NAN, _LOW, _HIGH = 0, 1, 65535  # codes of nan and the two infinities; between the last two lie the finite values


class Damaged(ValueError):
    """What was unpacked cannot be a moment of such a run."""

    def __init__(self) -> None:
        super().__init__(Message("its pictures are damaged"))


def pack(s: Snapshot, first: TrainConfig) -> bytes:
    """A moment; `first` is the config with which its run began."""
    arrays: list[bytes] = []
    changed = {n: v for n, v in vars(s.config).items() if v != getattr(first, n)}
    body = {
        "step": s.step, "changed": changed, "evaluation": _apart(s.evaluation, arrays), "view": _apart(s.view, arrays),
        "diagnosis": _said(s.diagnosis),
    }  # fmt: skip
    header = json.dumps(body, separators=(",", ":"), ensure_ascii=False).encode()
    return zlib.compress(len(header).to_bytes(4, "little") + header + b"".join(arrays), level=1)


def unpack(packed: bytes, like: Snapshot) -> Snapshot:
    """The moment, without history and marks.

    Args:
        like: a snapshot of the same run, with the config with which it began.
    Raises:
        Damaged: these bytes are none, or it is of another run.
    """
    inflate = zlib.decompressobj()
    try:
        data = inflate.decompress(packed, MAX_MOMENT)
        length = int.from_bytes(data[:4], "little")
        body = json.loads(data[4 : 4 + length])
        if inflate.unconsumed_tail or not inflate.eof or body.keys() != _PARTS:
            raise Damaged
        codes = _Codes(data[4 + length :])
        if not all(SETTINGS[name].live for name in body["changed"]):
            raise Damaged
        config = like.config.replace(**body["changed"])
        moment = dataclasses.replace(
            like, step=_number(body["step"], like.step), state=PAUSED, message="", steps_per_second=0.0, config=config,
            evaluation=_whole(body["evaluation"], like.evaluation, codes), view=_whole(body["view"], like.view, codes),
            diagnosis=_diagnosis(body["diagnosis"], config), history={}, marks=(),
        )  # fmt: skip
        codes.end()
    except (zlib.error, ValueError, KeyError, TypeError, AttributeError, RecursionError, OverflowError):
        raise Damaged from None
    return moment


_PARTS = {"step", "changed", "evaluation", "view", "diagnosis"}


def bare(s: Snapshot) -> Snapshot:
    """A snapshot to unpack moments like it: without what never comes back."""
    return dataclasses.replace(s, evaluation=_bare(s.evaluation), history={}, marks=())


def weight(s: Snapshot) -> int:
    """Bytes of the arrays of a bare snapshot."""
    parts = (s.evaluation, s.view)
    return sum(a.nbytes for part in parts for a in vars(part).values() if isinstance(a, np.ndarray))


def _bare(measured: Any) -> Any:
    """Without what is kept never."""
    names = [f.name for f in dataclasses.fields(measured) if kept(f) == NEVER]
    return dataclasses.replace(measured, **{name: getattr(measured, name)[:0].copy() for name in names})


# ---- values ----


def _apart(value: Any, arrays: list[bytes]) -> Any:
    """As JSON, the arrays put aside in order."""
    if dataclasses.is_dataclass(value):
        fields = (f for f in dataclasses.fields(value) if kept(f) is None)
        return {f.name: _apart(getattr(value, f.name), arrays) for f in fields}
    if isinstance(value, np.ndarray):
        return _put_aside(value, arrays)
    if isinstance(value, tuple):
        return [_apart(v, arrays) for v in value]
    return value.item() if isinstance(value, np.generic) else value


def _whole(found: Any, like: Any, codes: "_Codes") -> Any:
    """The inverse of `_apart`, of the kind of `like`."""
    if dataclasses.is_dataclass(like):
        fields = dataclasses.fields(like)
        if found.keys() != {f.name for f in fields if kept(f) is None}:
            raise Damaged
        made = {f.name: _field(f, found, like, codes) for f in fields}
        return dataclasses.replace(like, **made)  # type: ignore[type-var]
    if isinstance(like, np.ndarray):
        return codes.take(found, like)
    if isinstance(like, tuple):
        if not isinstance(found, list) or len(found) != len(like):
            raise Damaged
        return tuple(_whole(f, item, codes) for f, item in zip(found, like, strict=True))
    return _number(found, like)


def _field(field: Any, found: Mapping[str, Any], like: Any, codes: "_Codes") -> Any:
    there = getattr(like, field.name)
    if kept(field) == ONCE:
        return there
    return there[:0] if kept(field) == NEVER else _whole(found[field.name], there, codes)


def _number(found: Any, like: Any) -> Any:
    """A number of the kind of `like`."""
    if isinstance(like, bool | np.bool):
        good = isinstance(found, bool)
    elif isinstance(like, int | np.integer):
        good = type(found) is int and 0 <= found < 2**53
    else:
        good = isinstance(found, int | float) and not isinstance(found, bool)
    if not good:
        raise Damaged
    return float(found) if isinstance(like, float | np.floating) else found


# ---- arrays ----


def _put_aside(a: NDArray[Any], arrays: list[bytes]) -> list[float]:
    """Add the codes of an array; returns least and largest finite value, or nothing for bytes."""
    if a.dtype == np.uint8:
        arrays.append(np.ascontiguousarray(a).tobytes())
        return []
    finite = np.isfinite(a)
    values = a[finite].astype(np.float64)
    low, high = (float(values.min()), float(values.max())) if len(values) else (0.0, 0.0)
    codes = np.where(np.isnan(a), _NAN, np.where(a < 0, _LOW, _HIGH)).astype("<u2")
    codes[finite] = 2 + np.round((values - low) * (_HIGH - 3) / (high - low or 1.0)).astype("<u2")
    arrays.append(codes.tobytes())
    return [low, high]


class _Codes:
    """The arrays of a moment, one after the other."""

    def __init__(self, data: bytes):
        self._data = data

    def take(self, ends: Any, like: NDArray[Any]) -> NDArray[Any]:
        """The next one, of the shape and type of `like`."""
        raw = like.dtype == np.uint8
        size = like.size * (1 if raw else 2)
        if len(self._data) < size or not isinstance(ends, list) or len(ends) != (0 if raw else 2):
            raise Damaged
        codes, self._data = np.frombuffer(self._data[:size], "u1" if raw else "<u2"), self._data[size:]
        if raw:
            return codes.reshape(like.shape)
        low, high = (_number(end, 0.0) for end in ends)
        if not (math.isfinite(high - low) and low <= high):
            raise Damaged
        values = low + (codes.astype(np.float64) - 2) * ((high - low) / (_HIGH - 3))
        values[codes == _NAN], values[codes == _LOW], values[codes == _HIGH] = np.nan, -np.inf, np.inf
        return values.astype(like.dtype).reshape(like.shape)

    def end(self) -> None:
        """There must be no more."""
        if self._data:
            raise Damaged


# ---- sentences ----

_CAUSES = {cause.key: cause for cause in CAUSES}


def _said(d: Diagnosis) -> dict[str, Any]:
    return {"key": d.key, "values": _values(d.sentence), "change": dict(d.change)}


def _diagnosis(found: Any, config: TrainConfig) -> Diagnosis:
    cause = _CAUSES[found["key"]]
    change = config.replace(**found["change"])  # checks the values
    return Diagnosis(
        cause.key, cause.kind, Message(cause.sentence, **_spoken(found["values"], cause.sentence)), cause.advice,
        {name: getattr(change, name) for name in found["change"]},
    )  # fmt: skip


def _named(template: str) -> Iterator[str]:
    return (name for _, name, _, _ in string.Formatter().parse(template) if name)


def _values(message: Message) -> dict[str, Any]:
    """What the sentence names, of all that it could."""
    found = {}
    for name in _named(message.template):
        value = message.values[name]
        said = [value.template, _values(value)] if isinstance(value, Message) else value
        found[name] = said.item() if isinstance(said, np.generic) else said
    return found


def _spoken(found: Any, template: str) -> dict[str, Any]:
    """The inverse: numbers, and those words that sentences are made of."""
    if found.keys() != set(_named(template)):
        raise Damaged
    made: dict[str, Any] = {}
    for name, value in found.items():
        if isinstance(value, list):
            word, values = value
            if word not in WORDS:
                raise Damaged
            made[name] = Message(word, **_spoken(values, word))
        elif isinstance(value, int | float) and not isinstance(value, bool) and not abs(value) > 1e300:
            made[name] = value
        else:
            raise Damaged
    return made
