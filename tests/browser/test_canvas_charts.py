"""Charts of curves on a canvas: that what is drawn is what was given."""

import math

import numpy as np
import pytest

from pages.ui.figures import level, line, log_level, marks_layout, rug, with_levels
from tests.browser.panels import X, chart, on_panel
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
