"""Maps that come as files of strangers: what is one comes back, all else gets a sentence, and nothing breaks its reader."""

import dataclasses
import io
import json
import math

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

from gan_core import map_columns, map_table
from gan_core.map_columns import read, read_apart
from gan_core.map_plan import Axis
from gan_core.settings_map import SettingsMap
from tests.gan_core.test_settings_map import PLANE, RATES, made_up

MOST = 100


def bytes_of(table, **how):
    file = io.BytesIO()
    parquet.write_table(table, file, **how)
    return file.getvalue()


def whole(plan=RATES, n=2, **changes):
    file = io.BytesIO()
    map_table.write(SettingsMap(plan, tuple(made_up(run, plan, **changes) for run in range(n))), file)
    return file.getvalue()


TABLE = parquet.read_table(io.BytesIO(whole()))


def with_column(name, values, kind=None):
    """The table with another column in the place of one of its own."""
    at = TABLE.column_names.index(name)
    return bytes_of(TABLE.set_column(at, name, pa.array(values, kind)))


def with_plan(text):
    attrs = text if isinstance(text, bytes) else json.dumps({"plan": text}).encode()
    return bytes_of(TABLE.replace_schema_metadata({b"PANDAS_ATTRS": attrs}))


@pytest.mark.parametrize(("plan", "size"), [(RATES, 50), (PLANE, 576)], ids=["line", "plane"])
@pytest.mark.parametrize("how", [read, lambda data, most: read_apart([data], most)], ids=["here", "apart"])
def test_a_map_comes_back_whoever_reads_it(how, plan, size):
    given = {"d_real": math.nan, "high_quality": math.nan, "picture": bytes(i % 256 for i in range(size))}
    data = whole(plan, **given)
    found = map_table.from_columns(how(data, MOST))
    assert found.plan == plan
    for run, outcome in enumerate(found.outcomes):
        assert outcome.picture == given["picture"]
        assert math.isnan(outcome.d_real)
        assert outcome.curve == (0.5, 0.25)
        assert repr(outcome) == repr(made_up(run, plan, **given))
    assert found == map_table.read(data) or math.isnan(found.outcomes[0].d_real)  # nan is not nan


NO_MAP = {
    "nothing": b"",
    "text": b"lr_g,lr_d\n1,2\n",
    "a zip": b"PK\3\4" + bytes(100),
    "another table": bytes_of(pa.table({"a": [1]})),
    "no plan": bytes_of(TABLE.replace_schema_metadata({})),
    "a plan that is no text": with_plan(7),
    "a plan that is too long": with_plan("x" * (map_columns._LONGEST_PLAN + 1)),
    "attributes that are no JSON": with_plan(b"{"),
    "attributes that are deep": with_plan(b"[" * 200_000),
    "no JSD": bytes_of(TABLE.drop_columns(["jsd"])),
    "a column twice": bytes_of(TABLE.append_column("jsd", TABLE.column("jsd"))),
    "JSDs that are texts": with_column("jsd", ["low", "high"]),
    "steps with a point": with_column("step", [1.5, 2.0]),
    "curves that are numbers": with_column("curve", [1.0, 2.0]),
    "curves of texts": with_column("curve", [["a"], ["b"]]),
    "pictures that are numbers": with_column("picture", [1, 2]),
    "pictures that are texts": with_column("picture", ["a" * 50, "b" * 50]),
    "verdicts that are numbers": with_column("verdict", [1, 2]),
}  # fmt: skip
DAMAGED = {
    "only its ends": b"PAR1" + bytes(40) + b"PAR1",
    "half": whole()[:1500],
    "its middle": whole()[:20] + bytes(40) + whole()[60:],
    "an empty cell": with_column("step", [1, None]),
    "a number that is too large": with_column("step", [1, 2**63], pa.uint64()),
    "pictures of different sizes": with_column("picture", [b"a" * 50, b"b" * 49]),
    "pictures that are too large": with_column("picture", [b"a" * 9999] * 2),
    "curves that are too long": with_column("curve", [[0.1] * 999] * 2, pa.list_(pa.float32())),
}  # fmt: skip


@pytest.mark.parametrize("data", NO_MAP.values(), ids=NO_MAP)
def test_what_is_no_map_is_refused(data):
    with pytest.raises(ValueError, match="is not a map of settings"):
        read(data, MOST)


@pytest.mark.parametrize("data", DAMAGED.values(), ids=DAMAGED)
def test_a_damaged_file_is_refused(data):
    with pytest.raises(ValueError, match="is damaged"):
        read(data, MOST)


def test_a_refusal_comes_out_of_the_process_of_its_own_with_what_a_translation_needs():
    for data in (NO_MAP["another table"], DAMAGED["half"]):
        with pytest.raises(ValueError) as here:
            read(data, MOST)
        with pytest.raises(ValueError) as there:
            read_apart([data], MOST)
        one, other = here.value.args[0], there.value.args[0]
        assert (one, one.template, one.values) == (other, other.template, other.values)


def test_a_file_with_too_many_runs_is_refused_before_they_are_read():
    with pytest.raises(ValueError, match="This map has 12 runs: 1 to 11 are possible here"):
        read(whole(n=12), 11)
    with pytest.raises(ValueError, match="This map has 0 runs"):
        read(bytes_of(TABLE.slice(0, 0)), MOST)


def bomb():
    """A tenth of a megabyte that unpacks to the memory of its reader."""
    row = TABLE.slice(0, 1)
    at, large = row.column_names.index("picture"), 2**26
    row = row.set_column(at, "picture", pa.array([bytes(large)]))
    file = io.BytesIO()
    with parquet.ParquetWriter(file, row.schema, compression="zstd", write_statistics=False) as writer:
        for _ in range(map_columns.MEMORY // large):
            writer.write_table(row)
    return file.getvalue()


def test_a_bomb_goes_off_in_the_process_of_its_own():
    data = bomb()
    assert len(data) < 2**20
    with pytest.raises(ValueError, match="takes more memory or time than a map of settings does"):
        read_apart([data], 10_000)


def test_random_damage_is_always_a_sentence():
    """Every byte of the file may be another one: a sentence, or a map whose figures are all possible."""
    rng, good, refusals = np.random.default_rng(0), whole(n=3), set()
    read_them = 0
    for _ in range(400):
        data = bytearray(good)
        for at in rng.integers(0, len(good), rng.integers(1, 4)):
            data[at] = rng.integers(256)
        try:
            found = map_table.from_columns(read(bytes(data), MOST))
        except ValueError as error:
            refusals.add(error.args[0].template)
        else:
            read_them += 1
            assert np.isfinite([o.jsd for o in found.outcomes]).all()
    assert read_them < 300
    assert len(refusals) >= 2


# ---- what a file says ----


@pytest.mark.parametrize(
    "changes",
    [
        {"jsd": math.nan}, {"jsd": math.inf}, {"jsd": -0.1}, {"jsd": 0.7}, {"verdict": "splendid"}, {"picture": b"1"},
        {"curve": (math.inf,)}, {"curve": (0.1,) * 22}, {"curve": (math.nan, 0.1)}, {"step": 10**6}, {"step": -1},
        {"modes": 3}, {"modes": -1}, {"d_real": 1.5}, {"d_fake": -0.5}, {"high_quality": 2.0}, {"diverged_at": 41},
    ],
)  # fmt: skip
def test_a_figure_that_no_run_can_have_is_refused_with_its_run(changes):
    with pytest.raises(ValueError, match="Run 0 of this map has a figure that no run can have"):
        map_table.read(whole(n=1, **changes))


@pytest.mark.parametrize("runs", [[0, 0], [0, 99], [-1, 0]])
def test_runs_that_are_not_of_the_plan_are_refused(runs):
    with pytest.raises(ValueError, match=r"not those of its plan|no run can have"):
        map_table.read(with_column("run", runs))


def test_a_plan_whose_settings_do_not_go_together_is_refused():
    text = RATES.to_json().replace('"width"', '"loss": "hinge", "width"').replace('"lr_d"', '"label_smoothing"')
    with pytest.raises(ValueError, match=r"label_smoothing = 0\.002 is not possible with loss"):
        map_table.read(with_plan(text))


def test_a_target_that_is_not_on_this_server_is_named():
    with pytest.raises(ValueError, match="uploaded table"):
        map_table.read(with_plan(RATES.to_json().replace('"width"', '"target": "points-0", "width"')))


def some(plan, *runs):
    file = io.BytesIO()
    map_table.write(SettingsMap(plan, tuple(made_up(run, plan, curve=(0.5,) * (run + 1)) for run in runs)), file)
    return file.getvalue()


def test_tiles_put_together_are_the_map():
    found = map_table.open_files([some(RATES, 3), some(RATES, 8, 2), some(RATES, 2, 3)])
    assert sorted(found.by_run) == [2, 3, 8]
    assert [len(found.by_run[run].curve) for run in (2, 3, 8)] == [3, 4, 9]


def test_files_of_different_maps_are_refused():
    longer = dataclasses.replace(RATES, steps=41)
    with pytest.raises(ValueError, match="files are of different maps"):
        map_table.open_files([some(RATES, 3), some(longer, 4)])


@pytest.mark.parametrize(
    ("field", "n", "seeds", "words"),
    [("lr_g", 65, 1, "65 × 2 cells, 1 seeds"), ("lr_g", 50, 101, "50 × 2 cells, 101 seeds")],
)
def test_a_map_that_is_too_large_for_a_page_is_refused(field, n, seeds, words):
    axis = Axis(field, tuple(np.linspace(0.001, 0.1, n).tolist()))
    plan = dataclasses.replace(RATES, x=axis, seeds=tuple(range(seeds)))
    with pytest.raises(ValueError, match=f"too large for a page: {words}"):
        map_table.open_files([some(plan, 0)])
