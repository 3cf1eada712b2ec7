"""Reading, and locking in the one order of locks, what a reimbursement depends on."""

from __future__ import annotations

from customers.models import Order, OrderLine, OrderPayment, OrderShipping
from refunds.actions.rows import Rows
from refunds.models import Reimbursement
from returns.lifecycle import lock_items, lock_return
from returns.models import Return


def load(rma: Return, *, locked: bool) -> Rows:
    """Order, payments and return in the one order of locks, with everything the calculator needs."""
    return load_order(rma.order_id, rma, locked=locked)


def load_order(order_id: int, rma: Return | None = None, *, locked: bool) -> Rows:
    """The same for money on an order; `rma` is the return that it is given for, if there is one."""
    orders, payments = Order.objects.all(), OrderPayment.objects.filter(order_id=order_id).order_by("pk")
    if locked:
        orders, payments = orders.select_for_update(of=("self",)), payments.select_for_update()
    order = orders.get(pk=order_id)
    paid = list(payments)
    if rma is not None and locked:
        rma = lock_return(rma)
    items = lock_items(rma) if rma is not None else []
    lines = list(OrderLine.objects.filter(order=order).order_by("position"))
    by_pk = {line.pk: line for line in lines}
    for item in items:
        item.line = by_pk[item.line_id]
    return Rows(
        back=rma,
        order=order,
        items=items,
        lines=lines,
        shipping=list(OrderShipping.objects.filter(order=order).order_by("pk")),
        payments=paid,
        decisions={row.item_id: row for row in rma.decisions.order_by("pk")} if rma is not None else {},
        made=_made(rma) if rma is not None else [],
    )


def _made(rma: Return) -> list[Reimbursement]:
    """What was decided for the return before; goodwill is no answer to a wish to be paid for units."""
    rows = rma.reimbursements.filter(kind=Reimbursement.Kind.RETURN)
    rows = rows.filter(reversal__isnull=True)  # what was taken back answers no wish any more
    return list(rows.exclude(state=Reimbursement.State.REJECTED).order_by("-pk"))
