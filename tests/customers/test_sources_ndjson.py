"""NDJSON of order documents: streamed, every line counted, a bad one reported."""

from __future__ import annotations

import io
import json
import tracemalloc

import pytest

from customers.sources.ndjson import LONGEST_LINE, read_ndjson
from customers.sources.results import RefusedRow, SourceOrder


def read(data: bytes) -> list[tuple[int, str]]:
    """(line, number or code) of every result."""
    return [
        (result.row, result.code)
        if isinstance(result, RefusedRow)
        else (result.rows[0], result.document.get("number", ""))
        for result in read_ndjson(io.BytesIO(data))
    ]


def test_every_line_is_a_document() -> None:
    assert read(b'{"number": "1"}\n{"number": "2"}\r\n\n{"number": "3"}') == [(1, "1"), (2, "2"), (4, "3")]


def test_a_byte_order_mark_is_no_part_of_the_document() -> None:
    assert read(b'\xef\xbb\xbf{"number": "1"}\n') == [(1, "1")]


@pytest.mark.parametrize(
    "line",
    [
        b"{",
        b"[]",
        b'"text"',
        b"null",
        b'{"a": NaN}',
        b'{"a": -Infinity}',
        b'{"a": 1, "a": 2}',
        b'{"a": "\\u0000"}',
        b'{"a": "\\ud800"}',
        b'{"\\u0000": 1}',
        b'{"a": "\x00"}',
        b'{"a": "\xff"}',
        b'{"a": ' + b"9" * 10_000 + b"}",
        b'{"a": ' + b"[" * 100_000 + b"}",
        b'{"a": ' + b"[" * 50 + b"]" * 50 + b"}",
        b'{"a": 1} {"b": 2}',
    ],
)
def test_a_line_that_is_no_document_is_reported_and_the_next_is_read(line: bytes) -> None:
    assert read(b'{"number": "1"}\n' + line + b'\n{"number": "3"}\n') == [
        (1, "1"),
        (2, "malformed"),
        (3, "3"),
    ]


def test_escapes_that_are_text_are_kept() -> None:
    [order] = read_ndjson(io.BytesIO(b'{"a": "\\u0105\\\\u0000 \\ud83d\\ude00"}'))
    assert isinstance(order, SourceOrder)
    assert order.document == {"a": "ą\\u0000 😀"}


def test_a_line_too_long_is_skipped_without_being_held() -> None:
    class Long(io.RawIOBase):
        left = 60

        def readline(self, size: int | None = -1, /) -> bytes:
            self.left -= 1
            if self.left > 0:
                return b"x" * (size or 0)
            return {0: b"\n", -1: b'{"number": "2"}\n'}.get(self.left, b"")

    tracemalloc.start()
    results = list(read_ndjson(Long()))
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 10 * LONGEST_LINE
    assert [getattr(result, "code", "read") for result in results] == ["line_too_long", "read"]


def test_the_longest_line_allowed_is_read() -> None:
    line = json.dumps({"number": "1", "pad": ""})
    padded = json.dumps({"number": "1", "pad": "x" * (LONGEST_LINE - len(line))}).encode()
    assert len(padded) == LONGEST_LINE
    assert read(padded + b"\n") == [(1, "1")]
    assert read(padded[:-2] + b'x"}\n') == [(1, "line_too_long")]
