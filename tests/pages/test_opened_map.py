"""Opening what a sweep has written on the page of maps; and all else gets a sentence in the visitor's language."""

import pytest
from distributed import Client

from gan_core import map_table
from gan_core.lessons.map_reading import read_map
from pages.ui import opened_map
from pages.ui.map_figures import best_cell
from scripts import sweep
from tests.gan_core.test_map_columns import DAMAGED, NO_MAP
from tests.pages.visit import shown, tiles, visit

PATH, BOARD = "pages/15_settings_map.py", "map_board"
COMMAND = {
    "line": "--target gaussian --x lr_g=.001,.004 --y dropout=0,.3 --seeds 3 --steps 20 --tile 8",
    "plane": "--target moons --x width=4,8,16 --y batch_size=16,32 --steps 20",
}
SMALL = "--set d_steps=1 lr_decay_steps=0"


@pytest.fixture(scope="module")
def swept(tmp_path_factory):
    """Kind -> the folder of what the real command has written: a map, and a folder of tiles."""
    folder = tmp_path_factory.mktemp("maps")
    with Client(processes=False, n_workers=1, threads_per_worker=1, dashboard_address=":0") as client:
        for kind, command in COMMAND.items():
            told = sweep.arguments().parse_args([*command.split(), *SMALL.split(), "--out", str(folder / kind)])
            plan = sweep.plan_of(told.target, told)
            tiles_of = sweep.TileFolder(told.out / "tiles", plan)
            assert sweep.sweep(client, [tiles_of], told.tile).failures == []
            tiles_of.merge(told.out / "map.parquet")
    return folder


def hand(at, *files):
    """Choose files on the page: paths, or bytes."""
    named = [
        (f.name, f.read_bytes(), "") if hasattr(f, "name") else (f"{k}.parquet", f, "") for k, f in enumerate(files)
    ]
    next(w for w in at.file_uploader if w.key == "map_files").set_value(named).run()
    assert not at.exception


def cells(at):
    return next(p for p in shown(at, BOARD)["panels"] if p["id"] == "map")


@pytest.mark.parametrize(("kind", "sides"), [("line", ["lr_g", "dropout"]), ("plane", ["width", "batch_size"])])
def test_a_sweep_opens_and_its_cells_are_links(swept, kind, sides):
    at = visit(PATH, map="file")
    assert not at.warning
    hand(at, swept / kind / "map.parquet")
    found = map_table.read(swept / kind / "map.parquet")
    assert tiles(at, BOARD)["converged"] == f"{read_map(found).converged} / {found.plan.n_runs}"
    assert (cells(at)["across"], cells(at)["up"]) == (len(found.plan.x.values), len(found.plan.y.values))
    link = next(page for page in at.get("page_link") if "d_steps=1" in page.proto.query_string)
    assert link.proto.page.endswith({"line": "train_1d", "plane": "train_2d"}[kind])
    config = found.plan.config(best_cell(found))
    for name in sides:
        if name in config.to_params():  # the defaults need not be said
            assert f"{name}={config.to_params()[name]}" in link.proto.query_string
    assert not [b for b in at.button if b.key == "map_train"]


def test_its_seeds_become_a_side(swept):
    at = visit(PATH, map="file")
    hand(at, swept / "line" / "map.parquet")
    at.selectbox(key="map_seeds").set_value("x").run()
    assert (cells(at)["xlabel"], cells(at)["xticks"]) == ("Seed", ["1", "2", "3"])
    assert cells(at)["yticks"] == ["0", ".3"]
    assert tiles(at, BOARD)["converged"].endswith("/ 6")


def test_tiles_open_as_one_map_with_the_plan_beside_them(swept):
    at = visit(PATH, map="file")
    files = sorted((swept / "line" / "tiles").iterdir())
    assert [f.suffix for f in files].count(".parquet") == 2
    hand(at, *files)
    assert tiles(at, BOARD)["converged"].endswith("/ 12")
    hand(at, *(f for f in files if f.name.startswith("000000")))  # one of them: the other runs are not known
    assert tiles(at, BOARD)["converged"].endswith("/ 8")


def test_an_opened_map_is_there_when_the_visitor_comes_back(swept):
    at = visit(PATH, map="file")
    hand(at, swept / "plane" / "map.parquet")
    at.switch_page("home.py").run()
    at.switch_page(PATH).run()
    assert tiles(at, BOARD)["converged"].endswith("/ 6")


@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize("what", ["another table", "no JSD", "text"])
def test_what_is_no_map_gets_a_sentence(what, language):
    at = visit(PATH, language, map="file")
    hand(at, NO_MAP[what])
    assert len(at.warning) == 1
    assert ("not a map of settings" if language == "en" else "설정의 지도가 아닙니다") in at.warning[0].value


@pytest.mark.parametrize("language", ["en", "ko"])
def test_a_damaged_file_and_too_much_of_them_get_a_sentence(language, monkeypatch):
    at = visit(PATH, language, map="file")
    hand(at, DAMAGED["half"])
    assert ("damaged" if language == "en" else "손상되었거나") in at.warning[0].value
    monkeypatch.setattr(opened_map, "_LARGEST", 0.0001)
    hand(at, DAMAGED["half"])
    assert ("1 files with 0 MB" if language == "en" else "파일 1개, 0 MB") in at.warning[0].value
