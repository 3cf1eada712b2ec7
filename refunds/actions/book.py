"""What a reimbursement takes out of every counter, written down so that exactly that can be given back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import F

from customers.models import Order, OrderLine, OrderPayment, OrderShipping
from refunds.actions.plan import Plan
from refunds.actions.rows import WITHOUT_GOODS, Rows
from refunds.models import Refund, Reimbursement
from returns.models import ReturnItem

UNITS = ("refunded_units", "refunded_gross", "refunded_tax", "withheld_gross", "withheld_tax")
EXTRA = ("extra_gross", "extra_tax")
SHIPPED = ("refunded_gross", "refunded_tax")
Counts = dict[str, dict[str, int]]


def taken_by(plan: Plan) -> dict[str, Any]:
    """By counter what a plan takes: of order lines, delivery charges, items of the return, and the order."""
    fee = plan.quote.fee > 0
    items = {str(item.pk): quantity for item, quantity in plan.units}
    return {
        "lines": _lines(plan),
        "shipping": _shipping(plan),
        "items": items,
        "counter": "exchanged" if plan.quote.tender == "exchange" else "refunded",
        "fixed_fee": [item.pk for item, _quantity in plan.units if fee and not item.fixed_fee_taken],
        "order": max(0, plan.rows.charged(plan.quote)),
    }


def _lines(plan: Plan) -> Counts:
    keys = {line.external_id: str(line.pk) for line in plan.rows.lines}
    found: Counts = {}
    for leaf, taken in plan.rows.taken_by_leaf(plan.quote, plan.units).items():
        amounts = (taken.units, taken.gross, taken.tax, taken.withheld_gross, taken.withheld_tax)
        found[keys[leaf]] = dict(zip(UNITS, amounts, strict=True))
    for quoted in plan.quote.lines:
        if quoted.kind in WITHOUT_GOODS and quoted.line:
            _add(found, keys[quoted.line], EXTRA, quoted.gross, quoted.tax)
    return found


def _shipping(plan: Plan) -> Counts:
    keys = {charge.external_id: str(charge.pk) for charge in plan.rows.shipping}
    found: Counts = {}
    for quoted in plan.quote.lines:
        if quoted.kind in ("shipping", *WITHOUT_GOODS) and quoted.shipping:
            _add(found, keys[quoted.shipping], SHIPPED, quoted.gross, quoted.tax)
    return found


def _add(found: Counts, key: str, names: Sequence[str], *amounts: int) -> None:
    counts = found.setdefault(key, {})
    for name, amount in zip(names, amounts, strict=True):
        counts[name] = counts.get(name, 0) + amount


def reserve(plan: Plan, refunds: Sequence[Refund]) -> None:
    """Take what is being paid out of every counter, all under the locks that `load` took."""
    book(plan.rows, taken_by(plan), refunds, 1)


def release(row: Reimbursement, rows: Rows, refunds: Sequence[Refund]) -> None:
    """Give back exactly what `reserve` took; what a failed refund held was given back when it failed."""
    book(rows, row.taken, [refund for refund in refunds if refund.state != Refund.State.FAILED], -1)


def book(rows: Rows, taken: dict[str, Any], refunds: Sequence[Refund], sign: int) -> None:
    """Move every counter by what was taken, `sign` 1 to take and -1 to give back."""
    _book_payments(rows, refunds, sign)
    _count(rows.lines, taken["lines"], sign)
    OrderLine.objects.bulk_update(rows.lines, [*UNITS, *EXTRA])
    if taken["shipping"]:
        _count(rows.shipping, taken["shipping"], sign)
        OrderShipping.objects.bulk_update(rows.shipping, SHIPPED)
    _book_items(rows, taken, sign)
    if taken["order"]:
        Order.objects.filter(pk=rows.order.pk).update(refunded=F("refunded") + sign * taken["order"])


def _count(rows: Sequence[OrderLine] | Sequence[OrderShipping], counts: Counts, sign: int) -> None:
    for row in rows:
        for name, amount in counts.get(str(row.pk), {}).items():
            setattr(row, name, getattr(row, name) + sign * amount)


def _book_items(rows: Rows, taken: dict[str, Any], sign: int) -> None:
    counter = taken.get("counter", "refunded")
    touched = [item for item in rows.items if str(item.pk) in taken["items"]]
    for item in touched:
        setattr(item, counter, getattr(item, counter) + sign * taken["items"][str(item.pk)])
        if item.pk in taken["fixed_fee"]:
            item.fixed_fee_taken = sign > 0
    if touched:
        ReturnItem.objects.bulk_update(touched, [counter, "fixed_fee_taken"])


def _book_payments(rows: Rows, refunds: Sequence[Refund], sign: int) -> None:
    payments = {payment.pk: payment for payment in rows.payments}
    touched: set[int] = set()
    for refund in refunds:
        if refund.payment_id is not None:
            payments[refund.payment_id].refunded += sign * refund.amount
            touched.add(refund.payment_id)
    if touched:
        OrderPayment.objects.bulk_update([payments[pk] for pk in sorted(touched)], ["refunded"])
