"""The columns of a map's Parquet file as arrays: what is in them is checked before anything is believed.

`read_apart` is for files of strangers: they are read by a process of its own, which may take so much memory and time and
no more. Nothing in a file is ever executed.
"""

import contextlib
import io
import json
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from types import MappingProxyType

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow import parquet

from gan_core.messages import Message

PLAN = "plan"  # among the table's `attrs`, which pandas keeps in a Parquet file
INTEGERS = ("run", "step", "diverged_at", "modes", "n_modes")
FLOATS = ("jsd", "high_quality", "d_real", "d_fake")
_KINDS: Mapping[str, tuple[Callable[[pa.DataType], bool], ...]] = MappingProxyType({
    **dict.fromkeys(INTEGERS, (pa.types.is_integer,)),
    **dict.fromkeys(FLOATS, (pa.types.is_floating,)),
    "verdict": (pa.types.is_string, pa.types.is_large_string),
    "curve": (pa.types.is_list, pa.types.is_large_list),
    "picture": (pa.types.is_binary, pa.types.is_large_binary, pa.types.is_fixed_size_binary),
})  # fmt: skip
_MOST_MOMENTS, _LARGEST_PICTURE, _LONGEST_PLAN = 100, 4096, 2**20  # numbers and bytes; maps have far fewer
MEMORY, SECONDS = 640 * 2**20, 10  # that the process of its own may take; half of the memory are libraries
_REFUSED = 3  # exit status: its words are on stdout
_readers = threading.BoundedSemaphore(2)  # at a time


@dataclass(frozen=True, eq=False)
class Columns:
    """What a file says, a row a run.

    Attributes:
        plan: as text, see `settings_map.Plan`.
        integers, floats: (n, 5) and (n, 4), the columns of INTEGERS and FLOATS.
        verdicts: (n,) texts.
        curves: (n, m), nan after a curve's end. lengths: (n,) of the curves.
        pictures: (n, size) bytes.
    """

    plan: str
    integers: NDArray[np.int64]
    floats: NDArray[np.float64]
    verdicts: NDArray[np.str_]
    curves: NDArray[np.float32]
    lengths: NDArray[np.int64]
    pictures: NDArray[np.uint8]


def read(data: bytes, most: int) -> Columns:
    """The columns of a file.

    Args:
        data: all of it. most: rows that it may have.
    Raises:
        ValueError: it is no Parquet file, damaged, or not the table of a map; the message says which.
    """
    if data[:4] != b"PAR1":
        raise _no_map()
    try:
        file = parquet.ParquetFile(
            pa.BufferReader(data), pre_buffer=False, arrow_extensions_enabled=False,
            thrift_string_size_limit=2 * _LONGEST_PLAN, thrift_container_size_limit=100_000,
        )  # fmt: skip
        plan, schema, rows = _plan(file.schema_arrow), file.schema_arrow, file.metadata.num_rows
        _check(schema)
        _check_rows(rows, most)
        table = file.read([*_KINDS], use_threads=False)
    except (MemoryError, pa.ArrowMemoryError):
        raise _too_dear() from None
    except (pa.ArrowException, OSError, OverflowError):
        raise _damaged() from None
    return _columns(plan, table)


def _plan(schema: pa.Schema) -> str:
    """The text of the plan, which pandas has left in the file."""
    try:
        told = json.loads((schema.metadata or {})[b"PANDAS_ATTRS"])[PLAN]
    except (KeyError, TypeError, ValueError, RecursionError):
        raise _no_map() from None
    if not isinstance(told, str) or len(told) > _LONGEST_PLAN:
        raise _no_map()
    return told


def _check(schema: pa.Schema) -> None:
    """Refuse a table without the columns of a map, or with other things in them."""
    if missing := [name for name in _KINDS if len(schema.get_all_field_indices(name)) != 1]:
        raise ValueError(
            Message("This file is not a map of settings: it has no column {names}, or more than one; choose one that "
                    "`python -m scripts.sweep` has written", names=", ".join(missing))
        )  # fmt: skip
    wrong = [name for name, kinds in _KINDS.items() if not any(is_a(schema.field(name).type) for is_a in kinds)]
    if "curve" not in wrong and not pa.types.is_floating(schema.field("curve").type.value_type):
        wrong.append("curve")
    if wrong:
        raise ValueError(
            Message("This file is not a map of settings: something else than in a map stands in {names}; choose one that "
                    "`python -m scripts.sweep` has written", names=", ".join(wrong))
        )  # fmt: skip


def _check_rows(rows: int, most: int) -> None:
    if not 0 < rows <= most:
        raise ValueError(Message("This map has {n:,} runs: 1 to {most:,} are possible here", n=rows, most=most))


def _columns(plan: str, table: pa.Table) -> Columns:
    columns = {name: table.column(name).combine_chunks() for name in table.column_names}
    if any(column.null_count for name, column in columns.items() if name not in FLOATS):  # pandas writes nan as null
        raise _damaged()
    pictures = columns["picture"].to_pylist()
    sizes = {len(picture) for picture in pictures}
    if len(sizes) != 1 or max(sizes) > _LARGEST_PICTURE:
        raise _damaged()
    lengths = np.asarray(columns["curve"].value_lengths(), np.int64)
    values = np.asarray(columns["curve"].flatten().fill_null(np.nan), np.float32)
    longest = int(lengths.max())
    if longest > _MOST_MOMENTS or len(values) != lengths.sum():
        raise _damaged()
    curves = np.full((len(lengths), longest), np.nan, np.float32)
    curves[np.arange(longest) < lengths[:, None]] = values
    verdicts = [str(verdict)[:40] for verdict in columns["verdict"].to_pylist()]
    return Columns(
        plan, np.stack([_whole(columns[name]) for name in INTEGERS], 1),
        np.stack([np.asarray(columns[name].fill_null(np.nan), np.float64) for name in FLOATS], 1), np.array(verdicts), curves, lengths,
        np.frombuffer(b"".join(pictures), np.uint8).reshape(len(pictures), -1),
    )  # fmt: skip


def _whole(column: pa.Array) -> NDArray[np.int64]:
    try:
        return np.asarray(column.cast(pa.int64()), np.int64)  # refuses what does not fit
    except pa.ArrowInvalid:
        raise _damaged() from None


def _no_map() -> ValueError:
    return ValueError(
        Message("This file is not a map of settings: choose one that `python -m scripts.sweep` has written")
    )


def _damaged() -> ValueError:
    return ValueError(Message("This file is damaged, or no Parquet file: fetch it again from where it was made"))


def _too_dear() -> ValueError:
    return ValueError(
        Message("This file breaks its reader, or takes more memory or time than a map of settings does: choose one that "
                "`python -m scripts.sweep` has written")
    )  # fmt: skip


def joined(parts: Sequence[Columns]) -> Columns:
    """What several files, one at least, say of one map; of a run that is in two of them, what the first says.

    Raises:
        ValueError: they are of different maps.
    """
    if len({(part.plan, part.pictures.shape[1]) for part in parts}) != 1:
        raise ValueError(
            Message(
                "These files are of different maps: take the others away again, so that one map is left, or the tiles of one"
            )
        )
    longest = max(part.curves.shape[1] for part in parts)
    wide = [
        np.pad(part.curves, ((0, 0), (0, longest - part.curves.shape[1])), constant_values=np.nan) for part in parts
    ]
    known: set[int] = set()
    new = []
    for part in parts:
        runs = part.integers[:, 0].tolist()
        new += [run not in known for run in runs]
        known.update(runs)
    kept = np.array(new)
    return Columns(
        parts[0].plan, np.concatenate([part.integers for part in parts])[kept],
        np.concatenate([part.floats for part in parts])[kept], np.concatenate([part.verdicts for part in parts])[kept],
        np.concatenate(wide)[kept], np.concatenate([part.lengths for part in parts])[kept],
        np.concatenate([part.pictures for part in parts])[kept],
    )  # fmt: skip


# ---- in a process of its own ----


def read_apart(files: Sequence[bytes], most: int) -> Columns:
    """As `read`, for files of a stranger, one at least, that hold one map: whatever they do to their reader, the caller
    goes on.

    Raises:
        ValueError: as of `read` and `joined`, or they take more memory or time to read than a map does.
    """
    packed = b"".join(len(data).to_bytes(8, "big") + data for data in files)
    with _readers:
        try:
            done = subprocess.run(
                [sys.executable, "-m", "gan_core.map_columns", str(most)], input=packed, capture_output=True,
                cwd=Path(__file__).parents[1], timeout=6 * SECONDS, check=False,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            raise _too_dear() from None
    if done.returncode == _REFUSED:
        told = json.loads(done.stdout)
        raise ValueError(Message(told["template"], **told["values"]))
    if done.returncode:
        raise _too_dear()
    with np.load(io.BytesIO(done.stdout), allow_pickle=False) as found:
        return Columns(str(found["plan"]), **{name: found[name] for name in found.files if name != "plan"})


def _serve() -> int:
    """Read the files of stdin, within bounds; on stdout the columns as `numpy.savez` writes them, or the words of a
    refusal."""
    # where the system knows no such bounds the timeout is left
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    most, parts = int(sys.argv[1]), []
    try:
        while size := sys.stdin.buffer.read(8):
            parts.append(read(sys.stdin.buffer.read(int.from_bytes(size, "big")), most))
        found = joined(parts)
        _check_rows(len(found.lengths), most)
    except ValueError as error:
        refusal = error.args[0]
        sys.stdout.write(json.dumps({"template": refusal.template, "values": refusal.values}))
        return _REFUSED
    file = io.BytesIO()
    np.savez(file, **asdict(found))
    sys.stdout.buffer.write(file.getvalue())
    return 0


if __name__ == "__main__":
    sys.exit(_serve())
