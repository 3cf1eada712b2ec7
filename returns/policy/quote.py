"""What the units of a line are worth to the customer: their exact share of what was paid."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from customers.money import unit_share


class PaidLine(Protocol):
    """A line with what was paid for it, in minor units."""

    @property
    def pk(self) -> int: ...
    @property
    def parent_id(self) -> int | None: ...
    @property
    def quantity(self) -> int: ...
    @property
    def gross(self) -> int: ...
    @property
    def refunded_units(self) -> int: ...


def expected_gross(line: PaidLine, lines: Iterable[PaidLine], units: int) -> int:
    """The gross share of `units` of a line; a kit is worth what its components are (domain rule R2)."""
    parts = [part for part in lines if part.parent_id == line.pk]
    if not parts:
        return unit_share(line.gross, line.quantity, min(line.refunded_units, line.quantity - units), units)
    return sum(unit_share(p.gross, p.quantity, 0, units * max(1, p.quantity // max(1, line.quantity))) for p in parts)
