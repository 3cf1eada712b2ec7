"""The ledger as a file that is written while it is read: CSV for spreadsheets, JSON for programs."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from customers.sources.report import inert
from refunds.actions.ledger_rows import COLUMNS, FIGURES, Entry, ledger
from refunds.actions.span import Span

BOM = "\ufeff"


class _Echo:
    """A file that hands back what is written to it."""

    def write(self, text: str) -> str:
        """The text itself."""
        return text


def csv_lines(columns: Sequence[str], rows: Iterable[Entry], *, figures: frozenset[str] = FIGURES) -> Iterator[str]:
    """A table as CSV (RFC 4180), a line at a time; cells that a spreadsheet would run are made inert.

    `figures` are columns that we write ourselves: a negative amount stays a number.
    """
    writer = csv.writer(_Echo(), lineterminator="\r\n")
    yield writer.writerow(columns)
    for row in rows:
        yield writer.writerow([_cell(name, row.get(name), figures) for name in columns])


def _cell(name: str, value: str | None, figures: frozenset[str]) -> str:
    if value is None:
        return ""
    return value if name in figures else inert(value)


def ledger_csv(span: Span) -> Iterator[str]:
    """The ledger as CSV."""
    return csv_lines(COLUMNS, ledger(span))


def ledger_json(span: Span) -> Iterator[str]:
    """The ledger as one JSON document; `count` comes last and says that nothing is missing."""
    head: dict[str, Any] = {"from": span.first.isoformat(), "to": span.last.isoformat()}
    yield json.dumps(head)[:-1] + ', "results": ['
    count = 0
    for entry in ledger(span):
        yield (",\n" if count else "\n") + json.dumps(entry, ensure_ascii=False)
        count += 1
    yield f'\n], "next": null, "previous": null, "count": {count}}}'
