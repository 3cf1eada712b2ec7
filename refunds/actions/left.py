"""What is left to give back of an order."""

from __future__ import annotations

from typing import Any

from customers.models import Order
from refunds.actions.inputs import leaves_of, payments_of, shipping_rows_of
from refunds.actions.load import load_order
from refunds.actions.rows import Rows
from refunds.calculator import remaining


def refundable(order: Order) -> dict[str, Any]:
    """What is left to give back of an order: whole, by line, by delivery charge, by payment; minor units."""
    return refundable_of(load_order(order.pk, locked=False))


def refundable_of(rows: Rows) -> dict[str, Any]:
    """The same over loaded rows.

    A line counts what fees and deductions kept of paid units, which goodwill may still give. No part is more than
    what is left of the order as a whole, which store credit lessens without touching a payment.
    """
    whole = max(0, rows.ceiling)
    leaves, charges = leaves_of(rows), shipping_rows_of(rows)
    goods = [(leaf.id, leaf.quantity - leaf.refunded_units, min(remaining(leaf)[0], whole)) for leaf in leaves]
    shipping = [(charge.id, min(max(0, charge.gross - charge.refunded_gross), whole)) for charge in charges]
    payments = [(payment.id, min(payment.rest, whole)) for payment in payments_of(rows)]
    parts = sum(amount for _id, _n, amount in goods) + sum(amount for _id, amount in shipping)
    return {
        "order": min(whole, parts, sum(payment.rest for payment in payments_of(rows))),
        "lines": goods,
        "shipping": shipping,
        "payments": payments,
    }
