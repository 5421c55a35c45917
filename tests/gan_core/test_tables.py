"""What people's own files hold, to the last digit: the same sixty points in the forms that programs write them."""

import codecs
import io
import json
import struct
import tracemalloc
import zipfile
import zlib

import numpy as np
import pytest

from gan_core.messages import Message
from gan_core.tables import read_table


def sixty_points():
    """Two lumps, with three decimals as a program writes them; some below 1, so that 0,892 decides what a comma is."""
    rng = np.random.default_rng(7)
    side = rng.integers(2, size=(60, 1)) * 2 - 1
    return np.round(side * [2.0, -1.0] + 0.2 * rng.standard_normal((60, 2)), 3)


POINTS = sixty_points()


def lines(separator=",", decimal=".", form="{:.3f}", header=None, before=(), after=(), end="\n", points=POINTS):
    rows = [separator.join(form.format(v).replace(".", decimal) for v in row) for row in points]
    return end.join([*before, *([separator.join(header)] if header else []), *rows, *after]) + end


def numbered(text, separator=",", first="", start=0, quote=""):
    """With a column in front that numbers the rows; the header, too, unless `first` is None (as R writes it)."""
    header, *rows = text.splitlines()
    head = header if first is None else first + separator + header
    return "\n".join([head, *(f"{quote}{i}{quote}{separator}{row}" for i, row in enumerate(rows, start))])


XY = lines(header="xy")

SAME_POINTS = {
    "commas": XY,
    "no header": lines(),
    "CRLF": lines(header="xy", end="\r\n"),
    "CR": lines(header="xy", end="\r"),
    "no line end at the end": XY.rstrip(),
    "byte order mark": "\ufeff" + XY,
    "byte order mark, no header": "\ufeff" + lines(),
    "tabs": lines("\t", header="xy"),
    "bars": lines("|", header="xy"),
    "spaces": lines(" "),
    "aligned": lines("", form="{:12.4f}"),
    "aligned, with commas": lines(",", form="{:12.4f}"),
    "semicolons, decimal commas": lines(";", ",", header="xy"),
    "a point in the header of decimal commas": lines(";", ",", header=('"Sepal.Length"', '"Petal.Width"')),
    "tabs, decimal commas": lines("\t", ","),
    "tabs, decimal commas, a header": lines("\t", ",", header="ab"),
    "spaces, decimal commas": lines("  ", ","),
    "quoted decimal commas": lines(",", ",", form='"{:.3f}"', header="xy"),
    "quoted decimal commas, semicolons": lines(";", ",", form='"{:.3f}"', header="xy"),
    "decimal commas, digits trimmed": lines(";", ",", form="{:g}", header="xy"),
    "Windows-1252": lines(";", ",", header=("Größe", "Höhe")).encode("cp1252"),
    "CP949": lines(header=("가로", "세로")).encode("cp949"),
    "UTF-8 letters": lines(";", ",", header=("Größe", "Höhe")),
    "UTF-16 of Excel": lines("\t", header="xy").encode("utf-16"),
    "UTF-16, big end first": codecs.BOM_UTF16_BE + lines("\t", header="xy").encode("utf-16-be"),
    "UTF-16 without a mark": lines("\t", header="xy").encode("utf-16-le"),
    "UTF-32": XY.encode("utf-32"),
    "one damaged letter in UTF-8": lines(header=("가로", "세로")).encode().replace(b"\xec", b"\xff", 1),
    "pandas' index": numbered(XY),
    "pandas' index, twice": numbered(XY, first="Unnamed: 0"),
    "a shuffled index": "\n".join([",x,y", *(f"{7 * i % 61},{r}" for i, r in enumerate(lines().split(), 1))]),
    "R's write.csv": numbered(lines(header=('"x"', '"y"')), first='""', start=1, quote='"'),
    "R's write.table": numbered(lines(" ", header=('"x"', '"y"')), " ", None, 1, '"'),
    "R's write.table with tabs": numbered(lines("\t", header="xy"), "\t", None, 1),
    "numbered rows without a header": "\n".join(f"{i},{r}" for i, r in enumerate(lines().split())),
    "words in front": "\n".join(["id,x,y", *(f"a{i},{r}" for i, r in enumerate(lines().split()))]),
    "a label in front": "\n".join(["label,x,y", *(f"{i % 2},{r}" for i, r in enumerate(lines().split()))]),
    "a label at the end": "\n".join(["x,y,label", *(f"{r},{i % 2}" for i, r in enumerate(lines().split()))]),
    "dates in front": "\n".join(["t,x,y", *(f"2024-01-{1 + i % 28:02d} 10:00,{r}" for i, r in enumerate(lines().split()))]),
    "sep=;": "sep=;\n" + lines(";", ",", header="xy"),
    "sep=,": "sep=,\r\n" + lines(header="xy", end="\r\n"),
    "a title": "Points of my experiment\n" + XY,
    "a title and a blank": "Points of my experiment\n\n" + XY,
    "a title in a spreadsheet": "Points of my experiment,\n,\n" + XY,
    "an instrument's head": "Instrument: 12\nRate: 100 Hz\nDate: 2024-01-05, 10:00\n\n" + XY,
    "units": lines(header="xy").replace("\n", "\nmm,mm\n", 1),
    "a footer": XY + "mean,0\n",
    "a footer of words": XY + "\nEnd of data\n",
    "empty rows of Excel": XY + ",\n,\n",
    "an empty column of Excel": XY.replace("\n", ",\n"),
    "blank lines between": XY.replace("\n", "\n\n"),
    "an instrument's head without a blank": "Date: 2024-01-05, 10:00\n" + XY,
    "names and units of one word": "Body Mass,Height of them\nkg,m\n" + lines(),
    "savetxt": lines(" ", form="{:.18e}", before=["# x y"]),
    "savetxt with commas": lines(before=["# x,y"]),
    "savetxt, names with spaces over commas": lines(before=["# x y"]),
    "comments": lines(before=["# made by me", "# on a Tuesday", "# x,y"]),
    "gnuplot": lines("\t", before=["# x\ty"]),
    "LaTeX comments": lines(" ", before=["% x y"]),
    "Fortran": lines(" ", form="{:.5E}").replace("E", "D"),
    "a unicode minus": XY.replace("-", "−"),
    "a dash of Windows for a minus": XY.replace("-", "–").encode("cp1252"),
    "plus signs": lines(form="{:+.3f}"),
    "a list of lists": json.dumps(POINTS.tolist()).replace("], ", "],\n"),
    "tuples": "\n".join(f"({x}, {y})" for x, y in POINTS),
    "a printed array": str(POINTS).replace("...", ""),
    "a header over two lines": '"x\n(mm)","y\n(mm)"\n' + lines(),
    "numbers for names": "0,1\n" + lines(),
    "years for names": "2019,2020\n" + lines(),
    "half a number for names": "x,2020\n" + lines(),
    "a quote that is never closed": 'a 5" pipe\n' + '"broken,title\n' + lines(),
    "a zero byte at the end": XY + "\0\0\x1a",
    "units behind every number": lines(form="{:.3f} %", header="xy"),
}  # fmt: skip


def as_bytes(data):
    return data if isinstance(data, bytes) else data.encode()


@pytest.mark.parametrize("kind", SAME_POINTS)
def test_the_same_points_in_every_form(kind):
    table = read_table(as_bytes(SAME_POINTS[kind]))
    points, _ = table.select(table.suggested(2))
    np.testing.assert_array_equal(points, POINTS)
    assert all(isinstance(note, Message) for note in table.notes)


@pytest.mark.parametrize(
    ("kind", "names"),
    {
        "commas": ("x", "y"), "no header": ("column 1", "column 2"), "Windows-1252": ("Größe", "Höhe"),
        "CP949": ("가로", "세로"), "a title": ("x", "y"), "units": ("x", "y"), "savetxt": ("x", "y"),
        "savetxt, names with spaces over commas": ("x", "y"), "R's write.table": ("x", "y"),
        "pandas' index": ("x", "y"), "years for names": ("2019", "2020"), "half a number for names": ("x", "2020"),
        "an instrument's head": ("x", "y"), "a header over two lines": ("x (mm)", "y (mm)"),
        "a point in the header of decimal commas": ("Sepal.Length", "Petal.Width"),
        "an instrument's head without a blank": ("x", "y"), "a title in a spreadsheet": ("x", "y"),
        "names and units of one word": ("Body Mass", "Height of them"),
        "a label in front": ("label", "x", "y"), "comments": ("x", "y"),
    }.items(),
)  # fmt: skip
def test_columns_are_named_after_the_header(kind, names):
    assert read_table(as_bytes(SAME_POINTS[kind])).names == names


@pytest.mark.parametrize(
    ("kind", "says"),
    [
        ("commas", "Read as: UTF-8, between columns: comma, decimal sign: point."),
        ("tabs, decimal commas", "Read as: UTF-8, between columns: tab, decimal sign: comma."),
        ("CP949", "Read as: CP949,"),
        ("Windows-1252", "Read as: Windows-1252, between columns: semicolon, decimal sign: comma."),
        ("UTF-16 of Excel", "Read as: UTF-16, between columns: tab"),
        ("a title", "Lines left out: 1 (Points of my experiment)."),
        ("units", "Lines left out: 2 (mm, mm)."),
        ("a footer", "Lines left out: 62 (mean, 0)."),
        ("empty rows of Excel", "Empty rows left out: lines 62, 63."),
        ("an instrument's head", "Lines left out: 1 (Instrument: 12), 2 (Rate: 100 Hz), 3 (Date: 2024-01-05, 10:00)."),
        ("pandas' index", "Column 1 was left out: it only numbers the rows."),
        ("words in front", "Columns left out, because they hold text: id."),
        ("numbers for names", "Line 1 (0, 1) was taken for the names of the columns."),
    ],
)
def test_what_was_understood_is_said(kind, says):
    notes = read_table(as_bytes(SAME_POINTS[kind])).notes
    assert any(note.startswith(says) for note in notes), notes


def test_row_numbers_are_the_lines_of_the_file():
    text = "sep=,\nA title of mine\n" + XY
    assert read_table(text.encode()).lines.tolist() == list(range(4, 64))
    broken = XY.splitlines()
    broken[6] = "nan,1"
    broken[8] = ",2"
    broken[10] = "1,inf"
    broken[12] = "n/a,NULL"
    table = read_table("\n".join(broken).encode())
    points, notes = table.select((0, 1))
    np.testing.assert_array_equal(points, np.delete(POINTS, [5, 7, 9, 11], 0))
    assert "lines 7, 9, 11." in " ".join(notes)
    assert "Lines left out: 13 (n/a, NULL)." in table.notes


def test_ranges_are_told_apart():
    street = 52.52 + 1e-5 * POINTS
    table = read_table(lines(header=("lat", "lon"), form="{:.7f}", points=street).encode())
    points, notes = table.select((0, 1))
    np.testing.assert_allclose(points, street, atol=5e-8)
    low, high = (float(v) for v in notes[0].split("lat ")[1].split(",")[0].split(" … "))
    assert low == pytest.approx(street[:, 0].min(), abs=1e-7)
    assert high == pytest.approx(street[:, 0].max(), abs=1e-7)


@pytest.mark.parametrize("sentinel", [-9999, 9999, -1e30, 999.0])
def test_a_sentinel_is_said_and_left_out_on_demand(sentinel):
    table = read_table(XY.replace(f"{POINTS[5, 1]:.3f}", str(sentinel), 1).encode())
    kept, notes = table.select((0, 1))
    assert len(kept) == 60 - (abs(sentinel) >= 1e18)
    assert any("line 7" in note for note in notes)
    cleaned, notes = table.select((0, 1), drop_far=True)
    np.testing.assert_array_equal(cleaned, np.delete(POINTS, 5, 0))
    assert any(note.startswith("Left out") and "line 7" in note for note in notes)


THOUSANDS = np.round(10_000 + 400 * POINTS + [0, 3_000], 1)
GROUPED = {
    "quoted, Excel": lines(form='"{:,.1f}"', header="xy", points=THOUSANDS),
    "tabs": lines("\t", form="{:,.1f}", header="xy", points=THOUSANDS),
    "German": "\n".join(";".join(f"{v:,.1f}".translate(str.maketrans(",.", ".,")) for v in row) for row in THOUSANDS),
    "French": "\n".join(";".join(f"{v:,.1f}".translate(str.maketrans(",.", "\u202f,")) for v in row) for row in THOUSANDS),
    "plain spaces": lines("\t", form="{:,.1f}", points=THOUSANDS).replace(",", " "),
    "Swiss": lines(";", form="{:,.1f}", points=THOUSANDS).replace(",", "'"),
    "dollars": lines(form='"${:,.1f}"', header="xy", points=THOUSANDS),
}  # fmt: skip


@pytest.mark.parametrize("kind", GROUPED)
def test_separators_of_thousands(kind):
    np.testing.assert_array_equal(read_table(GROUPED[kind].encode()).values, THOUSANDS)


@pytest.mark.parametrize(
    ("separator", "form", "factor"),
    [("\t", "{}", 1e-3), (";", "{}", 1e-3), (" ", "{}", 1e-3), (",", '"{}"', 1)],
    ids=["tabs", "semicolons", "spaces", "quoted"],
)
def test_an_ambiguous_comma_is_said(separator, form, factor):
    """12,345 everywhere: a decimal sign where something else stands between the columns, else of thousands."""
    whole = np.random.default_rng(0).integers(11_111, 99_999, size=(30, 2))
    text = "\n".join(separator.join(form.format(f"{v:,}") for v in row) for row in whole)
    table = read_table(text.encode())
    np.testing.assert_allclose(table.values, whole * factor, rtol=1e-15)
    assert any("another decimal sign" in note for note in table.notes)


def test_a_comma_is_not_ambiguous_beside_whole_numbers_below_a_thousand():
    whole = np.array([[500 + 100 * i, 900 + 37 * i] for i in range(30)])
    text = "\n".join("\t".join(f"{v:,}" for v in row) for row in whole)
    np.testing.assert_array_equal(read_table(text.encode()).values, whole)


def test_pairs_of_whole_numbers_stay_pairs():
    pairs = np.random.default_rng(0).integers(100, 999, size=(50, 2))
    table = read_table("\n".join(f"{x},{y}" for x, y in pairs).encode())
    np.testing.assert_array_equal(table.values, pairs)


def test_one_column():
    for header in ("x\n", ""):
        table = read_table((header + "\n".join(f"{v:.3f}" for v in POINTS[:, 0])).encode())
        np.testing.assert_array_equal(table.values, POINTS[:, :1])
        comma = header + "\n".join(f"{v:.3f}".replace(".", ",") for v in POINTS[:, 1])
        np.testing.assert_array_equal(read_table(comma.encode()).values, POINTS[:, 1:])


def test_many_columns_and_the_two_that_are_suggested():
    rng = np.random.default_rng(0)
    flowers = np.round(rng.normal(5, 1, size=(60, 4)), 1)
    text = "no,a,b,c,d,species\n" + "\n".join(
        f"{i},{','.join(map(str, row))},s{i % 3}" for i, row in enumerate(flowers, 1)
    )
    table = read_table(text.encode())
    assert table.names == ("no", "a", "b", "c", "d")
    assert table.suggested(2) == (1, 2)
    np.testing.assert_array_equal(table.select((4, 2))[0], flowers[:, [3, 1]])
    digits = rng.integers(256, size=(30, 785))
    text = ",".join(f"p{i}" for i in range(785)) + "\n" + "\n".join(",".join(map(str, row)) for row in digits)
    np.testing.assert_array_equal(read_table(text.encode()).values, digits)


def test_a_column_of_one_value_is_taken_where_there_is_no_other():
    vertical = np.c_[np.full(60, 3.0), POINTS[:, 1]]
    table = read_table(lines(points=vertical).encode())
    np.testing.assert_array_equal(table.select(table.suggested(2))[0], vertical)


def test_names_are_told_apart():
    table = read_table(("x,x,\n" + "\n".join(f"{a},{b},{a * b}" for a, b in POINTS)).encode())
    assert table.names == ("x", "x (2)", "column 3")


# ---- what is no table ----


def excel():
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as book:
        book.writestr("xl/workbook.xml", "<workbook/>")
    return packed.getvalue()


REFUSED = {
    "empty": (b"", "empty"),
    "blank": (b"\n\n  \n", "empty"),
    "commas only": (b",,,\n,,,\n", "empty"),
    "zero bytes": (bytes(5000), "empty"),
    "prose": (b"once upon\na time\n", "No column of numbers"),
    "a header only": (b"x,y\n", "No column of numbers"),
    "every byte": (bytes(range(256)) * 20, "no text, not a table"),
    "Excel": (excel(), "an Excel workbook"),
    "old Excel": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "an old Excel workbook"),
    "PNG": (b"\x89PNG\r\n\x1a\n" + zlib.compress(b"x" * 100), "a picture"),
    "gzip": (b"\x1f\x8b\x08" + bytes(100), "a gzip file"),
    "PDF": (b"%PDF-1.7\n1 0 obj\n", "a PDF file"),
    "npy": (b"\x93NUMPY\x01\x00" + bytes(100), "a NumPy array"),
    "JSON": (b'[{"x": 1, "y": 2}, {"x": 3, "y": 4}]', "JSON"),
    "a web page": (b"<!DOCTYPE html><html><body>403</body></html>", "a web page"),
    "floats": (np.random.default_rng(0).normal(size=5000).tobytes(), "no text, not a table"),
    "a line of 20,000 columns": (b",".join([b"1.5"] * 20_000) + b"\n" + b",".join([b"2"] * 20_000), "20,000 columns"),
    "500,000 columns": (b"1," * 500_000, "Line 1 of the file has 1,000,000 characters"),
    "empty columns": ((b"," * 200_000 + b"\n") * 3, "empty"),
    "empty columns, one number": ((b"1" + b"," * 200_000 + b"\n") * 3, "Line 1 of the file has 200,00"),
    "columns of spaces": (b"1 " * 40_000, "40,000 columns"),
    "tabs": (b"1\t" * 40_000, "40,001 columns"),
    "a million rows": (b"1,2\n" * 1_000_000, "1,000,000 lines"),
    "a million blank lines": (b"\n" * 1_000_000 + b"1,2\n", "1,000,001 lines"),
    "cells": ((b"1," * 900 + b"\n") * 5_000, "up to 1,000 columns and 2,000,000 cells"),
    "12 MB": (b"1.5,2.5\n" * 1_500_000, "12.0 MB; up to 10 MB"),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_what_is_no_table_is_refused_in_a_sentence(kind):
    data, says = REFUSED[kind]
    tracemalloc.start()
    try:
        with pytest.raises(ValueError, match=says) as refusal:
            read_table(data)
        assert tracemalloc.get_traced_memory()[1] < 25 * len(data) + 5e6
    finally:
        tracemalloc.stop()
    assert isinstance(refusal.value.args[0], Message)


def hostile_tables():
    """Files that nobody would call a table, and some that only look like one."""
    rng = np.random.default_rng(0)
    text = XY
    yield from (rng.bytes(n) for n in (1, 2, 3, 100, 10_000, 1_000_000))
    yield from (b"1,2\n" * 30 + rng.bytes(n) for n in (5, 500, 50_000))
    yield from (as_bytes(text)[:n] for n in (1, 2, 7, 50))
    yield from (as_bytes(text).replace(b"\n", end) for end in (b"\r\r\n", b"\n\r", b"\x0b", b"\x0c", b"\x1e", b"\x85"))
    yield from ("".join(f"{r}{e}" for r, e in zip(lines().split(), "\n\r" * 30, strict=True)).encode() for _ in "1")
    yield from (as_bytes(text).replace(b",", s) for s in (b"\0", b"::", b"&", b" , ", b",,", b"\xa0", b"\x01", b"~"))
    yield from (('"' * n + "\n" + text).encode() for n in (1, 2, 3, 1001, 90_000))
    yield from ((text + '"' * n).encode() for n in (1, 3, 1001))
    yield from ((q * 20_000).encode() for q in ('"', '","', '""', "'", '"\n', "\\", "[", "](", "(1,2),"))
    yield from ((text + "9" * n + ",1\n").encode() for n in (300, 5_000, 99_000))
    yield from ((text + "x" * n + "\n").encode() for n in (200, 131_072, 5_000_000))
    yield text.encode("utf-16-le")[1:]
    yield text.encode("utf-16-be")
    yield text.encode("utf-32-le")
    yield codecs.BOM_UTF16_LE + text.encode()
    yield codecs.BOM_UTF8 + text.encode("utf-16")
    yield text.encode("utf-7")
    yield text.encode("cp037")
    yield from (f"1{s}2\n".encode() * 50 for s in ("e9999,", "e-9999,", "_", "__,", ",1e,", ",0x1p3,", ",--", ",+-"))
    yield from (f"sep={s}\n{text}".encode() for s in (";", "|", "\t", ",,", "", '"', "\n"))
    yield from (json.dumps(v).encode() for v in (POINTS.tolist(), {"x": 1}, [1, 2], "x", None, [[[1]]] * 9))
    yield struct.pack("<1000d", *range(1000))
    yield struct.pack("<1000i", *range(1000))
    yield ("\u202e" + text).encode()
    yield "\n".join(",".join("1" * (i % 7)) for i in range(200)).encode()  # ragged
    yield "\n".join(",".join(["1"] * (i % 90)) for i in range(2_000)).encode()
    yield "１，２\n".encode() * 50
    yield "١,٢\n".encode() * 50
    yield b"1,2\n" * 25_000
    yield (b"a,1," * 249 + b"1\n") * 300
    yield (b'"1,5",' * 200 + b"2\n") * 300
    yield (b"nan,inf,-inf,NA\n") * 100
    yield b"%s" % b"\n".join(b"%d" % i for i in range(20_000))


@pytest.mark.slow
def test_no_file_breaks_the_reader():
    n = 0
    for data in hostile_tables():
        n += 1
        try:
            table = read_table(data)
        except ValueError as error:
            refusal = error.args[0]
        else:
            refusal = None
        if refusal is not None:
            assert isinstance(refusal, Message), data[:60]
            continue
        assert table.values.shape == (len(table.lines), len(table.names))
        assert len(set(table.names)) == len(table.names) > 0
        chosen = table.suggested(2)
        points, notes = table.select(chosen)
        assert np.isfinite(points).all()
        assert points.shape[1] == len(chosen)
        assert all(isinstance(note, Message) for note in (*table.notes, *notes))
    assert n >= 60
