"""Brings the rows of one order together in constant memory, however far apart the file has them."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass

from django.utils.translation import gettext as _

from customers.sources.csv_rows import Row
from customers.sources.results import RefusedRow

BATCH = 500
# KiB of SQLite's page cache; everything past it lies in a temporary file that SQLite removes by itself
CACHE = 8_192
SCHEMA = """
CREATE TABLE groups (id INTEGER PRIMARY KEY, name TEXT UNIQUE NOT NULL);
CREATE TABLE rows (
    group_id INTEGER, line INTEGER, kind TEXT, cells TEXT, PRIMARY KEY (group_id, line)
) WITHOUT ROWID;
"""


@dataclass(frozen=True, slots=True)
class KindRow:
    """A row with what the mapping says it is, and the order it belongs to."""

    reference: str
    kind: str
    row: Row


@dataclass(frozen=True, slots=True)
class Group:
    """All rows of one order, in the file's order. `too_many`: there are more than the mapping allows."""

    reference: str
    rows: tuple[KindRow, ...]
    too_many: bool = False


def _scratch() -> sqlite3.Connection:
    """A private database on disk (SQLite's empty name), gone when it is closed."""
    scratch = sqlite3.connect("", isolation_level=None)
    for pragma in (f"cache_size = -{CACHE}", "temp_store = FILE", "journal_mode = OFF", "synchronous = OFF"):
        scratch.execute(f"PRAGMA {pragma}")
    scratch.executescript(SCHEMA)
    return scratch


class Spill:
    """Rows put aside on disk until the file is read, then given back order by order, first come first."""

    def __init__(self) -> None:
        self._scratch = _scratch()
        self._batch: list[KindRow] = []

    def add(self, row: KindRow) -> None:
        """Put one row aside."""
        self._batch.append(row)
        if len(self._batch) >= BATCH:
            self._write()

    def _write(self) -> None:
        names = [(row.reference,) for row in self._batch]
        self._scratch.execute("BEGIN")
        self._scratch.executemany("INSERT OR IGNORE INTO groups (name) VALUES (?)", names)
        self._scratch.executemany(
            "INSERT INTO rows SELECT id, ?, ?, ? FROM groups WHERE name = ?",
            [(one.row.line, one.kind, json.dumps(one.row.cells), one.reference) for one in self._batch],
        )
        self._scratch.execute("COMMIT")
        self._batch = []

    def rows(self) -> Iterator[KindRow]:
        """Every row, those of one order together; the scratch file is gone afterwards."""
        self._write()
        with closing(self._scratch):
            ordered = self._scratch.execute(
                "SELECT name, kind, line, cells FROM rows JOIN groups ON groups.id = group_id ORDER BY group_id, line"
            )
            for reference, kind, line, cells in ordered:
                yield KindRow(reference, kind, Row(line, json.loads(cells)))


class Seen:
    """Remembers on disk which orders are finished, for files said to keep an order's rows together."""

    def __init__(self) -> None:
        self._scratch = _scratch()

    def first_time(self, reference: str) -> bool:
        """Whether the order was not met before; remembers it."""
        made = self._scratch.execute("INSERT OR IGNORE INTO groups (name) VALUES (?)", (reference,))
        return made.rowcount == 1


def grouped(rows: Iterator[KindRow | RefusedRow], max_rows: int) -> Iterator[Group | RefusedRow]:
    """Rows that stand together as orders; refused rows pass. Past `max_rows`: marked pieces."""
    pending: list[KindRow] = []
    too_many = False
    for row in rows:
        if isinstance(row, RefusedRow):
            yield row
            continue
        if pending and pending[0].reference != row.reference:
            yield Group(pending[0].reference, tuple(pending), too_many)
            pending, too_many = [], False
        elif len(pending) >= max_rows:
            yield Group(row.reference, tuple(pending), too_many=True)
            pending, too_many = [], True
        pending.append(row)
    if pending:
        yield Group(pending[0].reference, tuple(pending), too_many)


def refuse_all(rows: tuple[KindRow, ...], code: str, detail: str) -> Iterator[RefusedRow]:
    """Every row of an order refused for one reason."""
    for row in rows:
        yield RefusedRow(row.row.line, code, detail, row.reference)


def refuse_split(group: Group) -> Iterator[RefusedRow]:
    """The rows of an order that came back after it was finished."""
    detail = _("Rows of this order stand apart in the file; set rows_of_an_order: anywhere in the mapping.")
    return refuse_all(group.rows, "order_split", detail)
