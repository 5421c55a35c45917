"""The pure parts of the board's frontend: its modules, loaded in a browser, against closed forms and numpy."""

import base64
import json
import math
from fractions import Fraction

import numpy as np
import pytest

from benchmarks.harness import ROOT
from pages.ui.board import pack

pytestmark = pytest.mark.browser

FRONTEND = ROOT / "pages" / "ui" / "board" / "frontend"
ADDRESS = "http://frontend.test/"


def frontend_page(browser, **options):
    """A page that has nothing but the board's modules and styles."""
    page = browser.new_page(**options)

    def serve(route):
        name = route.request.url.removeprefix(ADDRESS)
        if name:
            kind = "text/css" if name.endswith(".css") else "text/javascript"
            route.fulfill(content_type=kind, body=(FRONTEND / name).read_text(encoding="utf-8"))
        else:
            styles = '<link rel="stylesheet" href="/board.css"><style>body { margin: 0; font: 16px sans-serif }</style>'
            route.fulfill(content_type="text/html", body=f"<!doctype html>{styles}")

    page.route(f"{ADDRESS}**", serve)
    page.goto(ADDRESS)
    return page


def runner_on(page):
    """run(module, code, argument): the value of a JavaScript expression of `m`, the module, and `a`, the argument."""

    def evaluate(module, code, argument=None):
        return page.evaluate(f"async (a) => {{ const m = await import('/{module}.js'); return {code}; }}", argument)

    return evaluate


@pytest.fixture(scope="module")
def run(browser):
    page = frontend_page(browser)
    yield runner_on(page)
    page.close()


def contour(run, values: np.ndarray, level: float) -> np.ndarray:
    """Segments of the contour of a grid, (k, 2, 2) points in units of the indices."""
    n, m = values.shape
    argument = {"values": values.ravel().tolist(), "n": n, "m": m, "level": level}
    return np.array(run("geometry", "m.contour(a.values, a.n, a.m, a.level)", argument)).reshape(-1, 2, 2)


def total_length(segments: np.ndarray) -> float:
    return float(np.linalg.norm(segments[:, 1] - segments[:, 0], axis=1).sum())


@pytest.mark.parametrize(("slope_x", "slope_y"), [(1.0, 0.0), (0.0, -2.0), (1.0, 1.7), (-0.6, 2.0)])
def test_the_contour_of_a_plane_is_its_line_within_the_grid(run, slope_x, slope_y):
    i, j = np.meshgrid(np.arange(13), np.arange(9), indexing="ij")
    centre = np.array([6.0, 4.0])
    level = float(centre @ [slope_x, slope_y]) + 0.25
    segments = contour(run, slope_x * i + slope_y * j, level)
    assert np.allclose(segments @ [slope_x, slope_y], level)
    # the line c + t d leaves the box [0, 12] x [0, 8] where the first of its coordinates does
    normal = np.array([slope_x, slope_y])
    along = np.array([-slope_y, slope_x]) / np.hypot(slope_x, slope_y)
    on_line = centre + 0.25 * normal / (normal @ normal)
    with np.errstate(divide="ignore"):
        exits = np.stack([(np.zeros(2) - on_line) / along, (np.array([12.0, 8.0]) - on_line) / along])
    assert total_length(segments) == pytest.approx(exits.max(0).min() - exits.min(0).max())


def test_the_contour_of_a_bowl_is_one_closed_circle(run):
    x = np.linspace(-1, 1, 121)
    level = 0.5123  # through no point of the grid
    segments = contour(run, x[:, None] ** 2 + x[None, :] ** 2, level)
    radius = math.sqrt(level) * 60  # in steps of the grid
    assert np.linalg.norm(segments - 60, axis=-1) == pytest.approx(radius, abs=0.01)
    assert total_length(segments) == pytest.approx(2 * math.pi * radius, rel=1e-3)
    _, counts = np.unique(segments.reshape(-1, 2).round(9), axis=0, return_counts=True)
    assert set(counts) == {2}  # every point ends one segment and begins another


def test_a_level_that_nothing_reaches_has_no_contour(run):
    assert len(contour(run, np.ones((5, 5)), 2.0)) == 0
    assert len(contour(run, np.ones((5, 5)), 0.0)) == 0


@pytest.mark.parametrize(
    ("low", "high"), [(-1.5, 1.5), (-0.05, 1), (-0.02, 0.031), (97, 107), (-4000, 12000), (2, 9.9)]
)
def test_ticks_are_the_multiples_of_the_smallest_fitting_1_2_5_step(run, low, high):
    span = high - low
    steps = (m * Fraction(10) ** k for k in range(-6, 7) for m in (1, 2, 5))
    step = float(next(s for s in steps if s >= span / 5 * (1 - 1e-12)))
    inside = [k * step for k in range(math.floor(low / step), math.ceil(high / step) + 1)]
    expected = [v for v in inside if low + 0.04 * span <= v <= high - 0.04 * span]
    assert run("geometry", "m.ticks(a)", [low, high]) == pytest.approx(expected)
    assert 2 <= len(expected) <= 6


@pytest.mark.parametrize(
    ("value", "text"), [(0, "0"), (-1.5, "−1.5"), (0.30000000000000004, "0.3"), (4000, "4000"), (1.2549, "1.25")]
)
def test_numbers_of_ticks_are_short(run, value, text):
    assert run("geometry", "m.tickLabel(a)", value) == text


@pytest.mark.parametrize(
    ("all_", "texts"),
    [([1000.0, 1000.5, 1001.0], ["1000", "1000.5", "1001"]), ([4500000, 4500020], ["4500000", "4500020"]),
     ([-0.5, 0, 0.5], ["−0.5", "0", "0.5"])],
)  # fmt: skip
def test_numbers_of_ticks_tell_neighbours_apart(run, all_, texts):
    assert run("geometry", "a.map((v) => m.tickLabel(v, a))", all_) == texts


def test_a_square_window_has_a_scale_per_axis(run):
    call = "(() => { const v = m.viewport([0, 10], [0, 1000], 500, 300, { square: true, numbers: 60 }); return v; })()"
    view = run("geometry", call, {})
    assert view["width"] == pytest.approx(view["height"]) == pytest.approx(300 - 6 - 24)
    assert view["scaleX"] == pytest.approx(100 * view["scaleY"])
    assert view["left"] >= 60


@pytest.mark.parametrize(("width", "height"), [(600, 470), (330, 470), (900, 300)])
def test_a_window_has_one_scale_and_fits_its_room(run, width, height):
    x, y = (-2.0, 4.0), (-1.0, 2.0)
    call = "(() => { const v = m.viewport(a.x, a.y, a.width, a.height); return {...v, x: a.x.map(v.x), y: a.y.map(v.y)}; })()"
    view = run("geometry", call, {"x": x, "y": y, "width": width, "height": height})
    assert view["x"] == pytest.approx([view["left"], view["right"]])
    assert view["y"] == pytest.approx([view["bottom"], view["top"]])  # up is up
    assert (view["right"] - view["left"]) / 6 == pytest.approx((view["bottom"] - view["top"]) / 3)
    assert view["left"] > 0
    assert view["right"] < width
    assert view["below"] <= height
    across, up = width - 34 - 8, height - 6 - 24  # without the margins; one of the two is filled
    assert (view["width"] == pytest.approx(across)) != (view["height"] == pytest.approx(up))


GRIDS = [
    {"n": 64, "side": 28, "across": 8, "width": 600, "height": 590, "below": 11},
    {"n": 64, "side": 28, "across": 8, "width": 340, "height": 590, "below": 11},
    {"n": 5, "side": 8, "across": 8, "width": 500, "height": 200},
    {"n": 9, "side": 28, "across": 9, "width": 340, "height": 150, "below": 20, "step": 70},
    {"n": 1, "side": 28, "across": 1, "width": 90, "height": 400},
]


@pytest.mark.parametrize("ratio", [1, 1.25, 2])
@pytest.mark.parametrize("room", GRIDS)
def test_images_of_a_grid_lie_side_by_side_and_are_found_again(run, room, ratio):
    call = """(() => {
        const grid = new m.Grid(a.room, a.ratio);
        const corners = Array.from({ length: grid.n }, (_, k) => grid.corner(k));
        const found = corners.map(([x, y]) => grid.imageAt(x + grid.size / 2, y + grid.size / 2));
        return { ...grid, corners, found };
    })()"""
    grid = run("grid", call, {"room": room, "ratio": ratio})
    corners, size, below = np.array(grid["corners"]), grid["size"], round(room.get("below", 0) * ratio)
    assert grid["found"] == list(range(room["n"]))
    assert (corners >= 0).all()
    assert (corners + size <= [grid["width"], grid["height"] - below]).all()
    assert grid["height"] <= math.ceil(room["height"] * ratio) + 1
    dx, dy = np.abs(corners[:, None] - corners[None]).transpose(2, 0, 1)
    assert ((dx >= size) | (dy >= size + below) | np.eye(room["n"], dtype=bool)).all()  # none covers another
    assert size % 1 == 0


def test_what_python_packs_the_browser_unpacks(run):
    rng = np.random.default_rng(0)
    message = {
        "title": "KL(p_data‖p_g) · 한국어", "nothing": None, "flag": True, "empty": np.zeros(0),
        "panels": [
            {"pixels": rng.integers(0, 256, (3, 7, 7), dtype=np.uint8), "x": rng.normal(size=5)},
            {"pixels": np.arange(5, dtype=np.uint8), "y": np.array([[1.5, np.nan], [np.inf, -0.25]])},
        ],
    }  # fmt: skip
    call = """(() => {
        const text = (key, value) =>
            ArrayBuffer.isView(value) ? { type: value.constructor.name, values: Array.from(value, String) } : value;
        return JSON.stringify(m.unpack(Uint8Array.from(atob(a), (c) => c.charCodeAt(0))), text);
    })()"""
    got = json.loads(run("packing", call, base64.b64encode(pack(message)).decode()))

    def compare(sent, found):
        if isinstance(sent, np.ndarray):
            assert found["type"] == ("Uint8Array" if sent.dtype == np.uint8 else "Float32Array")
            values = [float(v.replace("Infinity", "inf")) for v in found["values"]]
            np.testing.assert_array_equal(np.array(values), sent.astype("f4").ravel())
        elif isinstance(sent, dict):
            assert sent.keys() == found.keys()
            for key in sent:
                compare(sent[key], found[key])
        elif isinstance(sent, list):
            for one, other in zip(sent, found, strict=True):
                compare(one, other)
        else:
            assert sent == found

    compare(message, got)


def test_a_sheet_shows_ink_on_paper(run):
    side, n, across, times = 4, 5, 3, 2
    pixels = np.random.default_rng(1).integers(0, 256, (n, side, side), dtype=np.uint8)
    paper, ink = np.array([16, 21, 27]), np.array([232, 237, 242])
    call = """(() => {
        const canvas = document.createElement("canvas");
        canvas.width = a.n * a.size;
        canvas.height = a.size;
        const sheet = new m.Sheet();
        sheet.set(Uint8Array.from(a.pixels), a.side, a.across, { background: "#10151B", text: "#E8EDF2" });
        const c = canvas.getContext("2d");
        for (let k = 0; k < a.n; k++) sheet.draw(c, k, k * a.size, 0, a.size);
        return Array.from(c.getImageData(0, 0, canvas.width, canvas.height).data);
    })()"""
    size = side * times
    argument = {"pixels": pixels.ravel().tolist(), "side": side, "across": across, "n": n, "size": size}
    shown = np.array(run("sheet", call, argument)).reshape(size, n * size, 4)
    values = np.concatenate(list(pixels), axis=1).repeat(times, 0).repeat(times, 1)[..., None] / 255
    assert (shown[..., 3] == 255).all()
    assert shown[..., :3] == pytest.approx(paper + (ink - paper) * values, abs=0.501)  # rounded to whole numbers


def test_a_forgotten_update_is_never_drawn_and_may_come_again(run):
    """Else a stage that turns to another line would ask it for what follows a frame of the old one, perhaps for ever."""
    content = {"panels": [], "tiles": [], "legend": [], "message": None, "attributes": {}}
    packed = [base64.b64encode(pack(content | {"version": version})).decode() for version in (1, 2)]
    drawn = run(
        "board",
        """await (async () => {
          const drawn = [];
          const [one, two] = a.map((text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0)));
          const board = new m.Board({ drawn: ({ version }) => drawn.push(version) });
          const frames = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
          board.mount(document.body);
          for (const [bytes, forgotten] of [[one, false], [two, true], [two, false]]) {
            board.update(bytes);
            if (forgotten) board.forget();
            await frames();
          }
          board.root.remove();
          return drawn;
        })()""",
        packed,
    )
    assert drawn == [1, 2]


def test_picks_follow_the_visitor_at_once_and_python_when_it_wishes(run):
    call = """(() => {
        const sent = [];
        const picks = new m.Picks((all) => sent.push([...all]));
        const seen = [];
        const look = () => seen.push([...picks.all]);
        picks.follow([], 64); look();
        picks.toggle(3); picks.toggle(7); look();
        picks.follow([3], 64); look();       // an echo on its way: no news
        picks.follow([3, 7], 64); look();    // the last echo
        picks.toggle(9); look();             // the oldest goes
        picks.toggle(7); look();
        picks.follow([1], 64); look();       // Python's own wish
        picks.follow([1], 1); look();        // there are fewer images now
        picks.toggle(0); picks.follow([0], 1); picks.toggle(0); picks.follow([], 1); look();
        picks.follow([0], 1); look();        // an echo comes once: this is Python's own wish
        return { seen, sent };
    })()"""
    got = run("picks", call)
    assert got["seen"] == [[], [3, 7], [3, 7], [3, 7], [7, 9], [9], [1], [], [], [0]]
    assert got["sent"] == [[3], [3, 7], [7, 9], [9], [0], []]


def test_roles_are_filled_in_and_other_values_stay(run):
    call = """m.colored(a, { data: "#0072B2", text: "#fff" }, (text) => text.toUpperCase())"""
    spec = {"line": {"color": "$data", "width": 2}, "fill": ["$data/0.25", "$text"], "name": "p_g", "none": None}
    filled = {"line": {"color": "#0072B2", "width": 2}, "fill": ["rgba(0,114,178,0.25)", "#fff"], "name": "P_G"}
    assert run("theme", call, spec) == filled | {"none": None}
    assert run("theme", "m.channels(a)", "rgb(10, 20, 30)") == [10, 20, 30, 255]
    assert run("theme", "m.channels(a)", "hsl(120 100% 50%)") == [0, 255, 0, 255]
