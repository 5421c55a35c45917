"""What a panel draws: how it fills its room, how pictures move from frame to frame, and the charts on a canvas."""

import pytest

from tests.browser.panels import FIELD, chart, on_panel
from tests.browser.test_board_frontend import frontend_page, runner_on

pytestmark = pytest.mark.browser


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
