"""Which imported line a cancellation gives back: same customer, article and price."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from customers.sources.cells import amount_text, to_decimal, to_instant, to_integer
from customers.sources.csv_rows import Row, rows_of
from customers.sources.mapping import OrderMapping
from customers.sources.results import RefusedRow


@dataclass(frozen=True, slots=True)
class Cancellation:
    """One row of a cancelled invoice; quantity is positive, `unit_price` normalised as documents have it."""

    row: int
    number: str
    email: str
    sku: str
    quantity: int
    unit_price: str
    at: datetime


@dataclass(slots=True)
class Bought:
    """A line of an imported order with the units nobody has sent back yet."""

    order: str
    line: str
    placed_at: datetime
    left: int


@dataclass(frozen=True, slots=True)
class Match:
    """A cancellation with the line it gives back."""

    cancellation: Cancellation
    order: str
    line: str


class Shelf:
    """What customers bought, to be given back once at most."""

    def __init__(self) -> None:
        self._lines: dict[tuple[str, str], dict[str, list[Bought]]] = {}

    def add(self, document: Mapping[str, Any]) -> None:
        """Put the lines of an imported order on the shelf."""
        placed_at = datetime.fromisoformat(document["placed_at"])
        for line in document["lines"]:
            prices = self._lines.setdefault((document["customer"]["email"], line["sku"]), {})
            bought = Bought(document["number"], line["id"], placed_at, line["quantity"])
            prices.setdefault(line["unit_price"], []).append(bought)

    def take(self, wanted: Cancellation) -> Match | str:
        """The latest earlier line with enough units left, or why there is none."""
        prices = self._lines.get((wanted.email, wanted.sku))
        if not prices:
            return "never_bought"
        if wanted.unit_price not in prices:
            return "other_price"
        earlier = [line for line in prices[wanted.unit_price] if line.placed_at <= wanted.at]
        if not earlier:
            return "bought_later"
        enough = [line for line in earlier if line.left >= wanted.quantity]
        if not enough:
            return "too_few_units"
        line = max(enough, key=lambda line: (line.placed_at, line.order, line.line))
        line.left -= wanted.quantity
        return Match(wanted, line.order, line.line)


def matched(path: Path, mapping: OrderMapping, shelf: Shelf) -> Iterator[Match | str]:
    """Every cancellation row of the file with its line, or why it has none; the file is read in its order."""
    with path.open("rb") as binary:
        for row in rows_of(binary, mapping):
            if isinstance(row, RefusedRow) or not (row.cells["InvoiceNo"] or "").startswith(("C", "c")):
                continue
            read = _read(row, mapping)
            yield read if isinstance(read, str) else shelf.take(read)


def _read(row: Row, mapping: OrderMapping) -> Cancellation | str:
    cells = {name: text or "" for name, text in row.cells.items()}
    if not cells["CustomerID"]:
        return "no_customer"
    quantity = -to_integer(cells["Quantity"], mapping.formats)
    price: Decimal = to_decimal(cells["UnitPrice"], mapping.formats)
    if quantity <= 0 or price <= 0:
        return "nothing_to_give_back"
    return Cancellation(
        row=row.line,
        number=cells["InvoiceNo"],
        email=f"customer-{cells['CustomerID']}@example.com",
        sku=cells["StockCode"],
        quantity=quantity,
        unit_price=amount_text(price),
        at=to_instant(cells["InvoiceDate"], mapping.formats),
    )
