"""Sharing a view: what `hide=` in a link takes away from the page, and the QR code of a link."""

import io
import re
from xml.etree import ElementTree

import numpy as np
import pytest
import segno
from starlette.applications import Starlette
from starlette.testclient import TestClient

from pages.ui import files, line, link, qr
from pages.ui.text import lesson
from tests.pages.board import run_of, slide, stage_of, visit, widget
from tests.pages.test_controls import PAGES

HERE = "http://testserver"
SVG = "{http://www.w3.org/2000/svg}"


def headings(at):
    return [title.value for title in at.title]


def shown(at):
    """All Markdown, captions and labels of expanders on the page."""
    return [m.value for m in (*at.markdown, *at.caption)] + [e.label for e in at.expander]


# ---- hide= ----


@pytest.mark.parametrize("kind", PAGES)
def test_without_hide_everything_is_there(kind):
    at = visit(PAGES[kind], target={"line": "two_modes", "plane": "ring_8", "images": "digits"}[kind])
    assert stage_of(at)["hide"] == []
    assert widget(at.selectbox, "preset")
    assert "Sources" in shown(at)


@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize("kind", PAGES)
def test_hidden_menus_leave_the_title(kind, language):
    whole = visit(PAGES[kind], lang=language)
    at = visit(PAGES[kind], lang=language, hide="menus")
    assert headings(at) == headings(whole)
    assert len(at.title) == 1
    assert [
        w.key for w in (*at.selectbox, *at.select_slider, *at.text_input) if "_menus_" in w.key or "_more_" in w.key
    ] == []
    assert shown(whole)[-3:] == shown(at)[-3:]  # the prose stays


@pytest.mark.parametrize("kind", PAGES)
def test_hidden_prose_ends_the_page_below_the_stage(kind):
    at = visit(PAGES[kind], hide="prose")
    assert stage_of(at)["hide"] == ["prose"]
    assert widget(at.selectbox, "preset")
    intro = lesson({"line": "train_1d", "plane": "train_2d", "images": "train_mnist"}[kind])["intro"]
    assert intro not in shown(at)
    assert "Sources" not in shown(at)
    assert not any("Next:" in link.label for link in at.get("page_link"))
    components = {c.proto.component_name for c in at.get("bidi_component")}
    assert components - {"gan.painter", "gan.room"} == {"gan.stage"}  # own targets are painted in the menus


def test_menus_and_prose_are_hidden_together_and_the_stage_goes_on():
    at = visit(PAGES["line"], hide="menus,prose,losses", lr_g="0.001")
    assert stage_of(at)["hide"] == ["menus", "prose", "losses"]
    assert run_of(at).config.lr_g == 0.001
    slide(at, "dropout", 0.5)  # the widgets that would follow are not there
    assert run_of(at).config.dropout == 0.5


def test_settings_changed_on_the_stage_are_looked_for_in_no_widget_that_is_hidden(monkeypatch):
    from pages.ui import live

    seen = []
    monkeypatch.setattr(live.st, "rerun", seen.append)
    for hide, parts in (
        ("", {"menus", "more", "below", "problems"}),
        ("menus", {"below", "problems"}),
        ("prose", {"menus", "more", "problems"}),
        ("menus,prose", {"problems"}),
    ):
        monkeypatch.setattr(link, "hidden", lambda hide=hide: hide.split(","))
        run = object.__new__(live.LiveRun)
        run.page = "x"
        monkeypatch.setattr(live.LiveRun, "_fresh_widgets", lambda self, *parts: None)
        run._catch_up()
        assert set(seen.pop()) == {f"x_{part}" for part in parts}


@pytest.mark.parametrize(
    ("hide", "found"),
    [
        ("lr_g,losses,jsd,sentence,transport", ["lr_g", "losses", "jsd", "sentence", "transport"]),
        ("speed,reset,seed,step,tile_step", ["speed", "reset", "seed", "step", "tile_step"]),
        ("nothing_of_the_kind", ["nothing_of_the_kind"]),  # nobody asks for it
        ("a,,a, b,<b>,../x,'", ["a"]),
        ("x" * 41, []),
        (",".join(f"n{i}" for i in range(500)), [f"n{i}" for i in range(link.MOST_HIDDEN)]),
    ],
)
def test_the_stage_is_told_the_names_and_nothing_that_is_none(hide, found):
    at = visit(PAGES["line"], hide=hide)
    assert not at.warning
    assert stage_of(at)["hide"] == found


# ---- the QR code ----


@pytest.fixture(scope="module")
def client():
    with TestClient(Starlette(routes=files.routes())) as found:
        yield found


def ask(client, text, **headers):
    return client.get("/gan/qr", params={"text": text}, headers=headers)


def modules(svg):
    """The black modules that an SVG of strokes draws, its margin included."""
    root = ElementTree.parse(io.BytesIO(svg)).getroot()
    assert "width" not in root.attrib  # the page says how large it is
    _, _, n, m = map(int, root.attrib["viewBox"].split())
    ground, strokes = root.findall(f"{SVG}path")
    assert (ground.attrib["fill"], strokes.attrib["stroke"]) == ("#fff", "#000")
    assert ground.attrib["d"] == f"M0 0h{n}v{m}h-{n}z"
    black, x, y = np.zeros((m, n), dtype=int), 0.0, 0.0
    for command, arguments in re.findall(r"([Mmh])([-\d. ]*)", strokes.attrib["d"]):
        numbers = [float(v) for v in arguments.split()]
        if command == "h":
            (length,) = numbers
            black[int(y), int(x) : int(x + length)] = 1
            x += length
        else:
            x, y = numbers if command == "M" else (x + numbers[0], y + numbers[1])
    return black


@pytest.mark.parametrize(
    "text",
    [
        "https://gan.example/train_1d?lr_g=0.001&hide=losses%2Cprose&stage=full",
        "http://localhost:8501/train_2d?lang=ko&target=paint-" + "4f" * 300,
        "https://gan.example/" + "a" * (qr.LONGEST - 20),
        "x",
    ],
)
def test_the_code_holds_the_link(client, text):
    answer = ask(client, text)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/svg+xml")
    assert "max-age" in answer.headers["cache-control"]
    found = modules(answer.content)
    margin = found.copy()
    margin[qr.MARGIN : -qr.MARGIN, qr.MARGIN : -qr.MARGIN] = 0
    assert not margin.any()
    wanted = segno.make(text, error="l", micro=False)
    np.testing.assert_array_equal(
        found[qr.MARGIN : -qr.MARGIN, qr.MARGIN : -qr.MARGIN], np.array([list(row) for row in wanted.matrix])
    )


@pytest.mark.parametrize("text", ["", "x" * (qr.LONGEST + 1), "한" * (qr.LONGEST + 1)])
def test_a_text_of_no_or_too_many_characters_is_refused(client, text):
    answer = ask(client, text)
    assert answer.status_code == 400
    assert str(qr.LONGEST) in answer.text
    assert client.get("/gan/qr").status_code == 400


def test_2000_characters_of_more_than_one_byte_are_refused_or_drawn_but_break_nothing(client):
    assert ask(client, "한" * qr.LONGEST).status_code == 400  # they do not fit into any code
    assert ask(client, "한국어" * 100).status_code == 200
    assert ask(client, "<script>alert(1)</script>").content.count(b"script") == 0


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_other_methods_are_refused(client, method):
    assert getattr(client, method)("/gan/qr?text=x").status_code == 405


@pytest.mark.parametrize("origin", ["https://evil.example", "http://testserver.evil.example", "null", "http://["])
def test_a_page_of_another_origin_gets_no_code(client, origin):
    assert ask(client, "x", origin=origin).status_code == 403
    assert ask(client, "x", origin=HERE).status_code == 200


def test_the_code_lies_below_the_address_of_the_app(monkeypatch):
    monkeypatch.setattr(line.st, "get_option", lambda name: "/deep/down/" if name == "server.baseUrlPath" else None)
    monkeypatch.setattr(files, "is_foreign", lambda headers: False)
    with TestClient(Starlette(routes=files.routes())) as client:
        assert client.get("/deep/down/gan/qr?text=x").status_code == 200
        assert client.get("/gan/qr?text=x").status_code == 404
