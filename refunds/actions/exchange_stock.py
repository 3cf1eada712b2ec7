"""Stock of what leaves in an exchange: promised, let go, gone."""

from __future__ import annotations

from collections.abc import Sequence

from customers.actions.stock import release_units, reserve_units, take_units
from refunds.models import Exchange, ExchangeLine

OUT_OF_STOCK = "out_of_stock"


def reserve_lines(lines: Sequence[ExchangeLine]) -> dict[str, int]:
    """Promise all units that are not promised yet, or none; answers with what is missing, {SKU: units free}."""
    short = reserve_units(_units(line for line in lines if not line.reserved))
    if not short:
        for line in lines:
            line.reserved = line.quantity
    return short


def release_lines(exchange: Exchange) -> None:
    """Let go of what was promised to an exchange; the exchange is locked."""
    lines = [line for line in exchange.lines.order_by("pk") if line.reserved]
    release_units(_units(lines))
    for line in lines:
        line.reserved = 0
    ExchangeLine.objects.bulk_update(lines, ["reserved"])


def ship_lines(exchange: Exchange) -> list[ExchangeLine]:
    """All units leave: what is promised and what is counted fall together; the exchange is locked."""
    lines = list(exchange.lines.order_by("pk"))
    take_units(_units(lines))
    for line in lines:
        line.reserved, line.shipped = 0, line.quantity
    ExchangeLine.objects.bulk_update(lines, ["reserved", "shipped"])
    return lines


def hold_back(exchange: Exchange, code: str) -> None:
    """A person must look before it goes on; not stored yet."""
    exchange.held_for = code


def _units(lines: object) -> dict[str, int]:
    found: dict[str, int] = {}
    for line in lines:  # type: ignore[attr-defined]
        if line.product_id is not None:
            found[line.sku] = found.get(line.sku, 0) + line.quantity
    return found
