"""What a panel draws: how it fills its room, how pictures move from frame to frame, and the charts on a canvas."""

import math

import numpy as np
import pytest

from pages.ui.figures import level, line, log_level, marks_layout, rug, with_levels
from tests.browser.test_board_frontend import frontend_page, runner_on

pytestmark = pytest.mark.browser

THEME = {
    "text": "#000000", "background": "#ffffff", "data": "#0000ff", "generator": "#ff0000", "discriminator": "#00ff00",
    "accent": "#ff00ff", "muted": "#808080", "grid": "#f8f8f8", "track": "#eeeeee", "font": "sans-serif", "type": 15,
}  # fmt: skip
SETTLED = "for (let i = 0; i < 3; i++) await new Promise(requestAnimationFrame);"


@pytest.fixture(scope="module")
def page(browser):
    page = frontend_page(browser, viewport={"width": 1500, "height": 1000})
    yield page
    page.close()


@pytest.fixture(scope="module")
def run(page):
    return runner_on(page)


# ---- moves between frames ----

# the clock in our hand; `seen` after every look at a share of the usual time
TWEEN = """(() => {
    let clock = 1000;
    performance.now = () => clock;
    const tween = new m.Tween();
    const set = (parts, jump) => tween.set(parts.map((p) => ({ ...p })), { jump });
    const seen = [];
    const plain = (v) => (ArrayBuffer.isView(v) ? Array.from(v, String) : v);
    const look = () => seen.push(tween.now().map((p) => Object.fromEntries(Object.entries(p).map(([k, v]) => [k, plain(v)]))));
    const wait = (ms) => { clock += ms; };
    const f = (...values) => Float32Array.from(values);
    %s
    delete performance.now;
    return seen;
})()"""


def test_points_move_from_where_they_are_seen_to_where_they_are_now(run):
    steps = """
        set([{ id: "fake", type: "points", x: f(0, 10), color: "red" }]); look();
        wait(100); set([{ id: "fake", type: "points", x: f(8, 10), color: "blue" }]);
        wait(34); look();   // one step of the screen ahead: half of 100 ms
        set([{ id: "fake", type: "points", x: f(4, 10) }]);
        wait(1000); look();
    """
    first, between, last = run("tween", TWEEN % steps)
    assert first[0]["x"] == ["0", "10"]
    assert [float(v) for v in between[0]["x"]] == pytest.approx([4, 10])
    assert between[0]["color"] == "blue"
    assert last[0]["x"] == ["4", "10"]


def test_values_between_two_frames_lie_on_the_line_between_them(run):
    steps = """
        set([{ id: "d", type: "heat", values: f(1, 2, NaN, 4), range: [0, 1, 2] }]);
        wait(100); set([{ id: "d", type: "heat", values: f(3, NaN, 5, Infinity), range: [0, 3, 6] }]);
        for (const ms of [9, 25, 25]) { wait(ms); look(); }
    """
    for share, (part,) in zip((0.25, 0.5, 0.75), run("tween", TWEEN % steps), strict=True):
        assert float(part["values"][0]) == pytest.approx(1 + 2 * share)
        assert part["values"][1:] == ["NaN", "5", "Infinity"]  # nothing lies between a number and none
        assert [float(v) for v in part["range"]] == pytest.approx([0, 1 + 2 * share, 2 + 4 * share])


@pytest.mark.parametrize(
    "after",
    ["[{ id: 'a', type: 'points', x: f(5, 6) }], true", "[{ id: 'a', type: 'points', x: f(5, 6, 7) }]",
     "[{ id: 'b', type: 'points', x: f(5, 6) }]", "[{ id: 'a', type: 'points', x: f(5, 6) }, { id: 'b', x: f(1) }]"],
    ids=["a reset", "more points", "another layer", "more layers"],
)  # fmt: skip
def test_nothing_moves_between_pictures_that_do_not_belong_together(run, after):
    steps = f"set([{{ id: 'a', type: 'points', x: f(0, 0) }}]); wait(100); set({after}); wait(20); look();"
    ((part, *_),) = run("tween", TWEEN % steps)
    assert [float(v) for v in part["x"]][:2] == [5, 6]


def test_classes_do_not_move(run):
    steps = "set([{ type: 'classes', values: f(0, 3) }]); wait(100); set([{ type: 'classes', values: f(2, 3) }]); wait(34); look();"
    assert run("tween", TWEEN % steps)[0][0]["values"] == ["2", "3"]


def test_what_stays_is_the_same_array_so_that_its_contours_are_kept(run):
    call = """(() => {
        const tween = new m.Tween();
        const values = Float32Array.from([1, 2]);
        tween.set([{ id: "p_data", type: "contour", values }]);
        tween.set([{ id: "p_data", type: "contour", values: Float32Array.from([1, 2]) }]);
        return tween.now()[0].values === values && !tween.now()[0].moves;
    })()"""
    assert run("tween", call)


FIELD = {
    "id": "plane", "kind": "field", "title": "Plane", "help": "choose", "columns": 6, "height": 300, "pace": "fast",
    "x": [-1, 1], "y": [-1, 1], "xlabel": "x", "ylabel": "y", "square": True,
}  # fmt: skip

# a board with one panel, which is drawn as often as it asks to be
PANEL = """
    const { Panel } = await import('/panel.js');
    document.body.replaceChildren();
    const cell = document.createElement('div');
    cell.style.cssText = `display: grid; grid-template-rows: ${a.height}px; width: ${a.width}px; height: ${a.height}px`;
    document.body.append(cell);
    let asked = 0;
    const panel = new Panel(a.spec, { redraw: () => { asked += 1; requestAnimationFrame(() => panel.isDue && panel.draw(a.theme)); } });
    panel.element.classList.toggle('lb-fit', a.fits ?? true);
    cell.append(panel.element);
    const show = (spec, change) => { panel.set(spec, change); panel.draw(a.theme); };
"""


def on_panel(page, spec, code, *, width=400, height=300, fits=True):
    argument = {"spec": spec, "theme": THEME, "width": width, "height": height, "fits": fits}
    return page.evaluate(f"async (a) => {{ {PANEL} {code} }}", argument)


MOVE = """
    const at = (v) => ({ ...a.spec, layers: [{ id: 'fake', type: 'points', x: [v], y: [v], color: '$generator', size: 3 }] });
    show(at(0));
    for (let i = 0; i < 4; i++) { await new Promise((r) => setTimeout(r, 100)); show(at(0.1 * i), { reset: %s }); }
    await new Promise((r) => setTimeout(r, 400));
    return Number(panel.element.dataset.pictures);
"""


def test_more_pictures_than_frames_are_seen(page):
    assert on_panel(page, FIELD, MOVE % "false") >= 5 + 3 * 2  # five frames; in all but the first two a point moves


def test_each_frame_is_one_picture_after_a_reset(page):
    assert on_panel(page, FIELD, MOVE % "true") == 5


def test_nothing_moves_for_those_who_prefer_reduced_motion(browser):
    page = frontend_page(browser, reduced_motion="reduce")
    assert on_panel(page, FIELD, MOVE % "false") == 5
    page.close()


def test_a_panel_out_of_sight_draws_nothing(page):
    code = """
        panel.visible = false;
        panel.set(a.spec);
        return [panel.isDue, panel.element.dataset.pictures ?? null];
    """
    assert on_panel(page, FIELD | {"layers": []}, code) == [False, None]


# ---- room ----

X = np.linspace(0, 1, 50)


def chart(**layout):
    axes = {
        "xaxis": {"title": {"text": "step"}, "range": [0, 1]},
        "yaxis": {"title": {"text": "nats"}, "range": [0, 2]},
    }
    return {
        "id": "chart", "title": "How far apart?", "help": "JSD", "columns": 4, "height": 225, "pace": "slow",
        "data": [{**line(X.tolist(), (2 * X).tolist(), "$data", "JSD")}], "layout": axes | layout,
    }  # fmt: skip


IMAGES = {
    "id": "fakes", "kind": "images", "title": "Fakes at step 12,000", "columns": 6, "height": 590, "pace": "fast",
    "pixels": [0] * (64 * 16), "side": 4, "across": 8, "opinions": [0.5] * 64,
}  # fmt: skip
KINDS = {"chart": chart(), "field": FIELD | {"layers": []}, "images": IMAGES}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("width", "height"), [(180, 150), (300, 230), (600, 300), (1400, 1000)])
def test_a_panel_fills_the_height_that_it_is_given(page, kind, width, height):
    code = """
        show(a.spec);
        const box = (e) => { const { left, top, right, bottom } = e.getBoundingClientRect(); return { left, top, right, bottom }; };
        return { panel: box(panel.element), room: box(panel.room), canvas: box(panel.room.querySelector('canvas')) };
    """
    boxes = on_panel(page, KINDS[kind], code, width=width, height=height)
    panel, room, canvas = boxes["panel"], boxes["room"], boxes["canvas"]
    assert panel["bottom"] - panel["top"] == pytest.approx(height, abs=1)
    assert room["bottom"] <= panel["bottom"]
    assert panel["bottom"] - room["bottom"] < 8
    for before, after in ((room["left"], canvas["left"]), (room["top"], canvas["top"])):
        assert after >= before - 0.5
    for before, after in ((room["right"], canvas["right"]), (room["bottom"], canvas["bottom"])):
        assert after <= before + 0.5
    above, below = canvas["top"] - room["top"], room["bottom"] - canvas["bottom"]
    assert above == pytest.approx(below, abs=1.5)  # in the middle
    full = {"across": canvas["right"] - canvas["left"] >= room["right"] - room["left"] - 1, "up": above < 1.5}
    assert full["up"] if kind == "chart" else any(full.values())


def test_a_panel_is_drawn_again_when_its_height_changes(page):
    code = """
        show(a.spec);
        panel.measure();
        const before = panel.isDue;
        cell.style.height = '200px';
        cell.style.gridTemplateRows = '200px';
        panel.measure();
        const due = panel.isDue;
        panel.draw(a.theme);
        return [before, due, panel.room.querySelector('canvas').clientHeight <= 200];
    """
    assert on_panel(page, KINDS["chart"], code) == [False, True, True]


@pytest.mark.parametrize("width", [180, 215, 300, 600])
@pytest.mark.parametrize(
    ("title", "help"),
    [("What D says, D(x), and the best possible answer D*(x)", "D* = p_data / (p_data + p_g)"),
     ("Losses", "dotted: at p_g = p_data. Nobody's has to fall"), ("얼마나 다른가?", "두 KL은 ▲ = ∞일 수 있습니다")],
)  # fmt: skip
def test_no_title_is_cut_and_no_help_is_lost(page, title, help, width):
    code = """
        show(a.spec);
        const { element: line, help, hint } = panel.title;
        return {
            cut: line.scrollWidth > line.clientWidth, high: line.clientHeight, help: !help.hidden, hint: !hint.element.hidden,
            behind: hint.box.textContent, said: line.firstChild.textContent,
        };
    """
    said = on_panel(page, chart() | {"title": title, "help": help}, code, width=width)
    assert not said["cut"]
    assert said["high"] <= 2 * 1.35 * 16.4 or (width < 300 and len(title) > 40)
    assert said["help"] != said["hint"]
    if said["hint"]:
        assert said["behind"].replace("data", "_data").replace("g", "_g").count("=") == help.count("=")


def test_the_help_behind_a_tap_opens_and_closes(page):
    on_panel(
        page, chart() | {"help": "a long help that has no room at all", "tip": "and a tip"}, "show(a.spec);", width=180
    )
    button = page.locator(".lb-hint button")
    box = page.locator(".lb-hint-box")
    button.focus()
    page.keyboard.press("Enter")
    assert box.inner_text() == "a long help that has no room at all · and a tip"
    assert box.is_visible()
    page.keyboard.press("Escape")
    assert not box.is_visible()
    button.click()
    assert box.is_visible()
    page.mouse.click(900, 900)
    assert not box.is_visible()


# ---- charts on a canvas ----


def packed(spec):
    """As JSON takes it."""
    if isinstance(spec, dict):
        return {k: packed(v) for k, v in spec.items()}
    if isinstance(spec, list | tuple | np.ndarray):
        return [packed(v) for v in spec]
    if isinstance(spec, float | np.floating):
        return float(spec) if math.isfinite(spec) else None
    return spec


DRAWN = """
    show(a.spec);
    const canvas = panel.room.querySelector('canvas');
    const frame = panel.view.drawer.hover.frame;
    const c = canvas.getContext('2d');
    const color = (x, y) => Array.from(c.getImageData(Math.floor(x * devicePixelRatio), Math.floor(y * devicePixelRatio), 1, 1).data);
"""


@pytest.mark.parametrize("fits", [True, False])
def test_a_curve_passes_through_its_points(page, fits):
    spec = chart()
    spec["data"] = [line(X.tolist(), (1 + 0.5 * np.sin(6 * X)).tolist(), "$data", "f", width=4)]
    code = (
        DRAWN
        + "return [3, 10, 25, 40].map((i) => color(frame.x.at(a.spec.data[0].x[i]), frame.y.at(a.spec.data[0].y[i])));"
    )
    for color in on_panel(page, packed(spec), code, fits=fits):
        assert color[:3] == pytest.approx([0, 0, 255], abs=40)


def test_an_area_is_filled_down_to_zero_and_between_two_curves(page):
    spec = chart()
    spec["data"] = [
        line([0, 1], [0.5, 0.5], "$data", "low", fill="tozeroy", fillcolor="rgb(200,200,0)"),
        line([0, 1], [1.5, 1.5], "$data", "high", fill="tonexty", fillcolor="rgb(0,200,200)"),
    ]
    code = DRAWN + "return [0.25, 1, 1.75].map((v) => color(frame.x.at(0.37), frame.y.at(v)));"
    low, between, above = on_panel(page, spec, code)
    assert low[:3] == [200, 200, 0]
    assert between[:3] == [0, 200, 200]
    assert above[3] == 0


def test_a_gap_is_left_where_there_is_no_value(page):
    spec = chart()
    spec["data"] = [line([0, 0.4, 0.5, 0.6, 1], [1, 1, None, 1, 1], "$data", "f", width=6)]
    code = DRAWN + "return [0.2, 0.5, 0.8].map((v) => color(frame.x.at(v), frame.y.at(1) ));"
    left, gap, right = on_panel(page, spec, code)
    assert left[:3] == right[:3] == [0, 0, 255]
    assert gap[:3] != [0, 0, 255]


def test_levels_of_a_logarithmic_axis_stand_at_their_values(page):
    axis = {
        "type": "log",
        "range": [-3, 1],
        "tickvals": [0.001, 0.01, 0.1, 1, 10],
        "ticktext": ["0.001", "0.01", "0.1", "1", "10"],
    }
    spec = chart(yaxis=axis)
    spec["layout"] = with_levels(spec["layout"], [log_level(0.1, "noise floor", color="$generator", dash="solid")])
    code = (
        DRAWN
        + "return [color(frame.x.at(0.3), frame.y.at(0.1)), (frame.y.at(0.1) - frame.y.at(1)) / (frame.y.at(1) - frame.y.at(10))];"
    )
    color, ratio = on_panel(page, packed(spec), code)
    assert color[0] > color[2] + 50  # the level's colour, mixed with nothing but the background
    assert ratio == pytest.approx(1)  # decades are equally far apart


def test_the_values_under_the_pointer_are_told(page):
    spec = chart()
    spec["data"] = [line(X.tolist(), (X**2).tolist(), "$data", "KL(p_data‖p_g)"), line(X.tolist(), X.tolist(), "$text", "JSD"),
                    rug(np.array([0.5]), 0, 0.1, "$data", "samples") ]  # fmt: skip
    code = (
        DRAWN
        + """
        const box = canvas.getBoundingClientRect();
        const point = { clientX: box.left + frame.x.at(a.spec.data[0].x[20]), clientY: box.top + frame.y.at(0.3), pointerType: 'mouse' };
        canvas.dispatchEvent(new PointerEvent('pointermove', point));
        const tip = panel.room.querySelector('.lb-values');
        const said = [...tip.children].map((row) => row.textContent);
        canvas.dispatchEvent(new PointerEvent('pointerleave', { pointerType: 'mouse' }));
        return [said, tip.querySelectorAll('sub').length, tip.hidden];
    """
    )
    said, subscripts, gone = on_panel(page, packed(spec), code)
    x = X[20]
    assert said == [f"step = {x:.4g}", f"KL(pdata‖pg) = {x**2:.4g}", f"JSD = {x:.4g}"]
    assert subscripts == 2
    assert gone


@pytest.mark.parametrize(
    ("axis", "px", "texts"),
    [
        ({"range": [0, 1], "dtick": 0.25}, 300, ["0", "0.25", "0.5", "0.75", "1"]),
        ({"range": [0, 1], "dtick": 0.25}, 90, ["0", "0.5", "1"]),
        ({"range": [0, 1000], "nticks": 5, "tickformat": "~s"}, 300, ["0", "200", "400", "600", "800", "1k"]),
        ({"range": [0, 2048000], "nticks": 5, "tickformat": "~s"}, 300, ["0", "500k", "1M", "1.5M", "2M"]),
        ({"range": [0, 108], "dtick": 25, "ticksuffix": "%"}, 300, ["0%", "25%", "50%", "75%", "100%"]),
        ({"range": [-3.5, 3.5], "nticks": 7}, 300, ["−3", "−2", "−1", "0", "1", "2", "3"]),
        (
            {"type": "log", "range": [-3, 1], "tickvals": [0.001, 0.1, 10], "ticktext": ["a", "b", "c"]},
            300,
            ["a", "b", "c"],
        ),
    ],
)
def test_numbers_of_an_axis(run, axis, px, texts):
    call = "new m.Axis(a.axis, 0, a.px).ticks(() => 30).map((t) => t.text)"
    assert run("axis", call, {"axis": axis, "px": px}) == texts


def drawable(run, panel):
    return run("drawable", "m.drawable(a)", packed(panel))


def test_curves_are_drawn_on_a_canvas_and_what_else_there_is_by_plotly(run):
    marks = marks_layout([(10, "lr 0.1")], labels=True)
    assert drawable(run, chart(**marks))
    assert drawable(run, {**chart(), "layout": with_levels(chart()["layout"], [level(1, "log 2")])})
    assert not drawable(run, {**chart(), "data": [{"type": "bar", "x": [1], "y": [1]}]})
    arrow = {"x": 0, "y": 0, "text": "", "showarrow": True}
    assert not drawable(run, chart(annotations=[arrow]))
    assert not drawable(run, chart(yaxis={"range": [0, 1], "rangemode": "tozero"}))
    assert not drawable(run, chart(yaxis={"nticks": 5}))  # Plotly finds the range
