"""A CSV and a mapping to order documents, streamed: orders and refused rows come out as they are found.

Memory stays flat whatever the size of the file. Unless the mapping promises that an order's rows stand
together (`rows_of_an_order: adjacent`), rows are put aside in a temporary file first, so that an order is
whole wherever its rows are. With the promise orders come at once, and one that comes back later is refused.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import IO

from django.utils.translation import gettext as _

from customers.sources.conditions import holds
from customers.sources.csv_rows import Row, rows_of
from customers.sources.documents import built
from customers.sources.grouping import Group, KindRow, Seen, Spill, grouped, refuse_all, refuse_split
from customers.sources.mapping import OrderMapping, Rule
from customers.sources.results import RefusedRow, SourceOrder


class CsvOrders:
    """Iterate once over the orders and refused rows of a file; `read` and `done` count rows for progress."""

    def __init__(self, binary: IO[bytes], mapping: OrderMapping) -> None:
        self._binary = binary
        self._mapping = mapping
        self.read = 0
        self.done = 0

    def __iter__(self) -> Iterator[SourceOrder | RefusedRow]:
        """Every order and every refused row. Raises SourceUnreadable."""
        for result in self._results():
            self.done += 1 if isinstance(result, RefusedRow) else len(result.rows)
            yield result

    def _results(self) -> Iterator[SourceOrder | RefusedRow]:
        rows = self._classified()
        if not self._mapping.adjacent:
            rows = _gathered(rows)
        seen = Seen() if self._mapping.adjacent else None
        for group in grouped(rows, self._mapping.max_rows):
            if isinstance(group, RefusedRow):
                yield group
            else:
                yield from self._order(group, seen)

    def _order(self, group: Group, seen: Seen | None) -> Iterator[SourceOrder | RefusedRow]:
        if group.too_many:
            detail = _("The order has more than %(limit)d rows.") % {"limit": self._mapping.max_rows}
            yield from refuse_all(group.rows, "too_many_rows", detail)
        elif seen is not None and not seen.first_time(group.reference):
            yield from refuse_split(group)
        else:
            yield from built(group, self._mapping)

    def _classified(self) -> Iterator[KindRow | RefusedRow]:
        for row in rows_of(self._binary, self._mapping):
            self.read += 1
            yield row if isinstance(row, RefusedRow) else self._classify(row)

    def _classify(self, row: Row) -> KindRow | RefusedRow:
        names = [row.cells[name] for name in self._mapping.group_by]
        reference = names[0] or "" if len(names) == 1 else json.dumps(names, ensure_ascii=False)
        if None in names:
            detail = _("The row does not say which order it belongs to.")
            return RefusedRow(row.line, "no_order_number", detail, reference)
        rule = self._rule(row)
        if rule is None:
            detail = _("No rule of the mapping says what this row is.")
            return RefusedRow(row.line, "no_rule", detail, reference)
        if rule.refuse:
            return RefusedRow(row.line, rule.refuse, rule.detail or _("The mapping refuses such rows."), reference)
        return KindRow(reference, rule.kind, row)

    def _rule(self, row: Row) -> Rule | None:
        rules = self._mapping.rules
        return next((rule for rule in rules if holds(rule.when, row.cells, self._mapping.formats)), None)


def _gathered(rows: Iterator[KindRow | RefusedRow]) -> Iterator[KindRow | RefusedRow]:
    """Refused rows at once, the others when the file is read, those of one order together."""
    spill = Spill()
    for row in rows:
        if isinstance(row, RefusedRow):
            yield row
        else:
            spill.add(row)
    yield from spill.rows()
