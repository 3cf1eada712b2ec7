"""What every command on a return starts and ends with: the locks, the chosen units, the pool."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from accounts.problems import FieldError, Invalid
from customers.actions import OverQuantity, free_units
from customers.models import Order, OrderLine
from returns.lifecycle import expectation, lock_items, lock_return
from returns.models import Return, ReturnItem


def lock_all(rma: Return) -> tuple[Return, list[ReturnItem], list[OrderLine]]:
    """Lock order, then return, in the one order that locks are taken in; with items and all lines of the order."""
    Order.objects.select_for_update(of=("self",)).get(pk=rma.order_id)
    locked = lock_return(rma)
    lines = list(OrderLine.objects.filter(order_id=rma.order_id).order_by("position"))
    by_pk = {line.pk: line for line in lines}
    items = lock_items(locked)
    for item in items:
        item.line = by_pk[item.line_id]
    return locked, items, lines


def holdings(items: Sequence[ReturnItem]) -> dict[int, int]:
    """Units tied up per item."""
    return {item.pk: item.holding for item in items}


def settle_pool(items: Sequence[ReturnItem], lines: list[OrderLine], before: Mapping[int, int]) -> None:
    """Free what the items hold no more, compared with `before`."""
    rma = items[0].rma
    hope = expectation(rma, list(items))
    if hope != rma.expected:
        rma.expected = hope
        rma.save(update_fields=["expected"])
    freed: dict[int, int] = {}
    for item in items:
        units = before[item.pk] - item.holding
        if units > 0:
            freed[item.line_id] = freed.get(item.line_id, 0) + units
    if freed:
        free_units(lines, freed)


def chosen(
    items: Sequence[ReturnItem], rows: Sequence[Mapping[str, Any]] | None, limit: Any
) -> list[tuple[ReturnItem, int]]:
    """Items with quantities from a command's body; None means all there is. `limit(item)` is the most possible.

    Raises Invalid for a foreign item and OverQuantity with `max`.
    """
    if rows is None:
        return [(item, limit(item)) for item in items if limit(item) > 0]
    by_uid = {str(item.uid): item for item in items}
    found: dict[str, int] = {}
    for index, row in enumerate(rows):
        uid = str(row["item"])
        if uid not in by_uid:
            detail = _("This return has no item %(item)s.") % {"item": uid[:60]}
            raise Invalid(detail, errors=[FieldError(f"/items/{index}/item", "unknown", detail)])
        possible = limit(by_uid[uid])
        quantity = row.get("quantity")
        found[uid] = found.get(uid, 0) + (possible if quantity is None else quantity)
        if found[uid] > possible:
            words = _("At most %(max)d units are possible here.") if possible > 0 else _("No units are possible here.")
            detail = words % {"max": possible}
            errors = [FieldError(f"/items/{index}/quantity", "over_quantity", detail)]
            raise OverQuantity(detail, errors=errors, max=possible)
    return [(by_uid[uid], quantity) for uid, quantity in found.items()]
