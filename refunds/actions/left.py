"""What is left to give back of an order."""

from __future__ import annotations

from typing import Any

from customers.models import Order


def refundable(order: Order) -> dict[str, Any]:
    """What is left to give back of an order: whole, by line, by delivery charge, by payment; minor units."""
    lines = list(order.lines.order_by("position"))
    kits = {line.parent_id for line in lines if line.parent_id}
    payments = [
        (payment.external_id, max(0, payment.captured - payment.refunded - payment.refunded_elsewhere))
        for payment in order.payments.order_by("position")
    ]
    shipping = [(charge.external_id, charge.gross - charge.refunded_gross) for charge in order.shipping.order_by("pk")]
    goods = [
        (
            line.external_id,
            line.quantity - line.refunded_units,
            line.gross - line.refunded_gross - line.extra_gross,
        )
        for line in lines
        if line.pk not in kits
    ]
    whole = min(sum(amount for _id, amount in payments), sum(g[2] for g in goods) + sum(s[1] for s in shipping))
    return {"order": whole, "lines": goods, "shipping": shipping, "payments": payments}
