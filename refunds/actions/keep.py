"""Units whose price was reduced leave their return: they stay with the customer and may be asked for again."""

from __future__ import annotations

from customers.actions import free_units
from refunds.actions.rows import Rows
from refunds.models import Reimbursement
from returns.models import ReturnItem
from returns.models.rma import FREE


def let_customer_keep(row: Reimbursement, rows: Rows) -> None:
    """Take the units of a price reduction out of the return and back into the pool; the order is locked.

    What arrived since somebody prepared the reduction is here, so it stays in the return.
    """
    rma, freed = rows.rma, dict[int, int]()
    for item in rows.items:
        item.rma = rma
        here = max(0, item.wanted - item.cancelled - item.missing - item.received)
        units = min(row.request.get("reduced", {}).get(str(item.uid), 0), here)
        before = item.holding
        item.cancelled += units
        freed[item.line_id] = freed.get(item.line_id, 0) + before - item.holding
    ReturnItem.objects.bulk_update(rows.items, ["cancelled"])
    freed = {line: units for line, units in freed.items() if units > 0}
    if freed and rma.status not in FREE:
        free_units(rows.lines, freed)
    if rma.expires_at is not None and not any(item.announced for item in rows.items):
        rma.expires_at = None
        rma.save(update_fields=["expires_at"])
