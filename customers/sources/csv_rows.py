"""Rows out of a CSV nobody vouches for: bounded memory, every unusable row reported, reading goes on."""

from __future__ import annotations

import csv
import gzip
import io
import zlib
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import IO

from django.utils.translation import gettext as _

from customers.sources.mapping import OrderMapping
from customers.sources.mapping_file import FileFormat
from customers.sources.results import RefusedRow, SourceUnreadable, shown

# The csv module's own limit for one field is as large, so a record never holds more than this.
LONGEST_RECORD = 131_072
GZIP_MAGIC = b"\x1f\x8b"


@dataclass(frozen=True, slots=True)
class Layout:
    """The columns of a file and how it is written; `closed`: a column that is not named here is a mistake."""

    columns: tuple[str, ...]
    optional: tuple[str, ...] = ()
    file: FileFormat = field(default_factory=FileFormat)
    empty: frozenset[str] = frozenset({""})
    closed: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """One row: the line of the file it begins on, and the mapping's columns; an empty cell is None."""

    line: int
    cells: Mapping[str, str | None]


class _RecordTooLong(Exception):
    pass


class _Lines:
    """Lines for the csv reader, counted, bounded, and put back when a record breaks in the middle."""

    def __init__(self, text: io.TextIOWrapper) -> None:
        self._text = text
        self._back: deque[str] = deque()
        self.taken: list[str] = []
        self.number = 0
        self._size = 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._back.popleft() if self._back else self._read()
        if not line:
            raise StopIteration
        self.number += 1
        self.taken.append(line)
        self._size += len(line)
        if self._size > LONGEST_RECORD:
            raise _RecordTooLong
        return line

    def _read(self) -> str:
        line = piece = self._text.readline(LONGEST_RECORD + 1)
        while len(piece) > LONGEST_RECORD and not piece.endswith(("\n", "\r")):
            piece = self._text.readline(LONGEST_RECORD + 1)
        return line

    def begin_record(self) -> int:
        """The number of the line that comes next."""
        self.taken = []
        self._size = 0
        return self.number + 1

    def put_back_continuation(self) -> None:
        """Give the lines after the first to the next record: an open quote costs one row, not the file."""
        continuation = self.taken[1:]
        self._back.extendleft(reversed(continuation))
        self.number -= len(continuation)


def decompressed(binary: IO[bytes]) -> io.BufferedReader[io.RawIOBase] | gzip.GzipFile:
    """The same bytes, or what is inside when they are gzip."""
    raw: io.RawIOBase = _Raw(binary)
    buffered = io.BufferedReader(raw)
    if buffered.peek(2)[:2] == GZIP_MAGIC:
        return gzip.GzipFile(fileobj=buffered)
    return buffered


class _Raw(io.RawIOBase):
    """Any object with `read` as a raw stream."""

    def __init__(self, binary: IO[bytes]) -> None:
        self._binary = binary

    def readable(self) -> bool:
        """Always: it exists to be read."""
        return True

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]
        """Fill the buffer as far as one read goes."""
        data = self._binary.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)


def rows_of(binary: IO[bytes], mapping: OrderMapping) -> Iterator[Row | RefusedRow]:
    """Every row of a CSV, gzip or not, in order. Raises SourceUnreadable when the file as a whole fails."""
    layout = Layout(tuple(mapping.columns), file=mapping.file, empty=mapping.formats.empty)
    return rows_laid_out(binary, layout)


def rows_laid_out(binary: IO[bytes], layout: Layout) -> Iterator[Row | RefusedRow]:
    """Every row of a CSV with these columns; an optional column that is not there is empty. Raises SourceUnreadable."""
    encoding = layout.file.encoding
    try:
        text = io.TextIOWrapper(decompressed(binary), encoding=encoding, errors="surrogateescape", newline="")
        yield from _rows(_Lines(text), layout)
    except (OSError, EOFError, zlib.error) as error:
        raise SourceUnreadable(_("The file breaks off or is damaged: %(error)s.") % {"error": error}) from error
    except UnicodeError as error:
        detail = _("The file is not written in the mapping's encoding, %(encoding)s.")
        raise SourceUnreadable(detail % {"encoding": encoding}) from error


def _rows(lines: _Lines, layout: Layout) -> Iterator[Row | RefusedRow]:
    records = _records(lines, layout.file)
    places, width = _header(records, layout)
    for record in records:
        if isinstance(record, RefusedRow):
            yield record
        elif any(record.cells):
            yield _row(record, places, width, layout)


@dataclass(frozen=True, slots=True)
class _Record:
    line: int
    cells: list[str]


def _records(lines: _Lines, file: FileFormat) -> Iterator[_Record | RefusedRow]:
    reader = csv.reader(lines, delimiter=file.delimiter, quotechar=file.quote, strict=True)
    while True:
        line = lines.begin_record()
        try:
            yield _Record(line, next(reader))
        except StopIteration:
            return
        except (csv.Error, _RecordTooLong) as error:
            lines.put_back_continuation()
            yield _broken(line, error)


def _broken(line: int, error: Exception) -> RefusedRow:
    if isinstance(error, _RecordTooLong) or "field larger" in str(error):
        detail = _("The row, or what an open quote makes of it, is longer than %(limit)d characters.")
        return RefusedRow(line, "row_too_long", detail % {"limit": LONGEST_RECORD})
    return RefusedRow(line, "malformed_row", _("The quotes in this row do not match."))


def _header(records: Iterator[_Record | RefusedRow], layout: Layout) -> tuple[dict[str, int], int]:
    """Where each column stands, and how many cells a row has."""
    if not layout.file.header:
        return {name: at for at, name in enumerate(layout.columns)}, len(layout.columns)
    first = next(records, None)
    if not isinstance(first, _Record) or not any(first.cells):
        raise SourceUnreadable(_("The file has no row of column names."))
    names = [name.strip() for name in first.cells]
    missing = [name for name in layout.columns if name not in names]
    if missing:
        detail = _("The file has no column %(missing)s. Its columns: %(found)s.")
        found = ", ".join(shown(name) for name in names[:30])
        raise SourceUnreadable(detail % {"missing": ", ".join(missing), "found": found})
    wanted = [*layout.columns, *layout.optional]
    twice = [name for name in wanted if names.count(name) > 1]
    if twice:
        raise SourceUnreadable(_("The column %(twice)s stands in the file twice.") % {"twice": ", ".join(twice)})
    _refuse_unknown(names, wanted, layout)
    return {name: names.index(name) for name in wanted if name in names}, len(names)


def _refuse_unknown(names: list[str], wanted: list[str], layout: Layout) -> None:
    unknown = [name for name in names if name not in wanted]
    if layout.closed and unknown:
        detail = _("There is no column %(unknown)s here. The columns are: %(known)s.")
        words = {"unknown": ", ".join(map(shown, unknown[:30])), "known": ", ".join(wanted)}
        raise SourceUnreadable(detail % words)


def _row(record: _Record, places: Mapping[str, int], width: int, layout: Layout) -> Row | RefusedRow:
    cells = record.cells
    if len(cells) < width or any(cells[width:]):
        code = "short_row" if len(cells) < width else "long_row"
        detail = _("The row has %(found)d cells where the header has %(width)d.")
        return RefusedRow(record.line, code, detail % {"found": len(cells), "width": width})
    problem = _bad_characters("".join(cells))
    if problem:
        return RefusedRow(record.line, *problem)
    empty = layout.empty
    stripped = ((name, cells[at].strip()) for name, at in places.items())
    found = {name: None if text in empty else text for name, text in stripped}
    return Row(record.line, {**dict.fromkeys(layout.optional), **found} if layout.optional else found)


def _bad_characters(text: str) -> tuple[str, str] | None:
    if "\0" in text:
        return "bad_characters", _("The row has a NUL character.")
    if text.isascii():
        return None
    try:
        text.encode()
    except UnicodeEncodeError:
        return "bad_encoding", _("The row has bytes that are not text in the mapping's encoding.")
    return None
