"""What is no table is refused in a sentence, and no file breaks the reader."""

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
from tests.gan_core.table_files import POINTS, XY, as_bytes, lines


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
