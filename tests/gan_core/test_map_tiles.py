"""A map in tiles is the map, whatever happened while it was made."""

import io

import pytest

from gan_core import TrainConfig, map_table, tensor_files
from gan_core.map_plan import Axis, Plan
from gan_core.map_tiles import Tile, TileFolder, train_tile
from gan_core.settings_map import SettingsMap, train

BASE = TrainConfig(target="gaussian", width=8, batch_size=16, d_steps=1)
PLAN = Plan(BASE, Axis("lr_g", (1e-3, 4e-3, 0.1)), Axis("lr_d", (2e-3, 8e-3)), seeds=(1, 2), steps=20)


@pytest.fixture(scope="module")
def tiles():
    """The runs of the plan, five at a time and then two."""
    return [train_tile(PLAN, runs) for runs in [(0, 1, 2, 3, 4), (5, 6, 7, 8, 9), (10, 11)]]


@pytest.fixture
def folder(tmp_path):
    return TileFolder(tmp_path / "map", PLAN)


def again(folder):
    """As another process finds it."""
    return TileFolder(folder._folder, PLAN)


def test_all_is_missing_at_first(folder):
    assert folder.missing(5) == [(0, 1, 2, 3, 4), (5, 6, 7, 8, 9), (10, 11)]
    assert folder.known.outcomes == ()


def test_tiles_together_are_the_map_that_is_trained_at_once(folder, tiles, tmp_path):
    for tile in tiles:
        folder.add(tile)
    assert folder.missing(5) == []
    folder.merge(tmp_path / "whole.parquet")
    found = map_table.read(tmp_path / "whole.parquet")
    *_, last = train(PLAN)
    assert found.complete
    assert found.plan == PLAN
    for outcome in last.outcomes:
        assert found.by_run[outcome.run].jsd == outcome.jsd
        assert found.by_run[outcome.run].step == 20


def test_another_process_goes_on_from_what_is_there(folder, tiles):
    folder.add(tiles[1])
    assert again(folder).missing(4) == [(0, 1, 2, 3), (4, 10, 11)]
    assert again(folder).known == folder.known


def test_what_a_tile_costs_is_known(tiles):
    assert min(tile.cpu_seconds for tile in tiles) > 0


def test_another_plan_is_refused_by_what_differs(folder):
    other = Plan(BASE.replace(dropout=0.5), PLAN.x, PLAN.y, seeds=(1, 2), steps=40)
    with pytest.raises(ValueError, match=r"another plan \(base dropout, steps differ\): choose another folder"):
        TileFolder(folder._folder, other)


def test_a_folder_of_something_else_is_refused(tmp_path):
    (tmp_path / "thesis.txt").write_text("important")
    with pytest.raises(ValueError, match="in use for something else"):
        TileFolder(tmp_path, PLAN)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


@pytest.mark.parametrize("text", ["", "{}", "null", "[1]", '{"base": 3}'])
def test_a_manifest_that_is_none_is_refused(folder, text):
    (folder._folder / "plan.json").write_text(text)
    with pytest.raises(ValueError, match=r"another plan \(all differ\)"):
        again(folder)


def test_damaged_and_foreign_tiles_are_named_and_made_again(folder, tiles):
    for tile in tiles:
        folder.add(tile)
    half, foreign = sorted(folder._folder.glob("*.parquet"))[:2]
    half.write_bytes(half.read_bytes()[:500])
    other = Plan(BASE, PLAN.x, PLAN.y, seeds=(1, 2), steps=21)
    foreign.write_bytes(train_tile(other, (5, 6)).parquet)
    assert again(folder).damaged == [half.name, foreign.name]
    assert again(folder).missing(100) == [tuple(range(10))]


def test_a_tile_of_another_plan_or_half_done_is_not_kept(folder):
    other = train_tile(Plan(BASE, PLAN.x, PLAN.y, seeds=(1, 2), steps=21), (5, 6))
    half = io.BytesIO()
    first = next(train(PLAN, (5, 6)))
    map_table.write(SettingsMap(PLAN, first.outcomes), half)
    for tile in (other, Tile(half.getvalue(), 1.0), Tile(b"", 1.0)):
        with pytest.raises(ValueError):
            folder.add(tile)
    assert folder.known.outcomes == ()
    assert [path.name for path in folder._folder.iterdir()] == ["plan.json"]


def test_a_file_is_there_as_a_whole_or_as_it_was(tmp_path, monkeypatch):
    path = tmp_path / "a.parquet"
    tensor_files.write(path, b"old")

    def full(_):
        raise OSError("no space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="no space"):
        tensor_files.write(path, b"new")
    assert path.read_bytes() == b"old"
    assert [p.name for p in tmp_path.iterdir()] == ["a.parquet"]
