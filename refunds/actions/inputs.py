"""From rows to the calculator's inputs, and from its quote back to counters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Literal

from django.utils.translation import gettext as _

from accounts.problems import FieldError, Invalid
from customers import money
from customers.models import OrderLine, OrderPayment, OrderShipping
from refunds.actions.rows import Rows
from refunds.calculator import Claim, Deduction, FeeRule, Leaf, Payment, Quote, Request, ShippingRow
from refunds.models import Reimbursement, ReimbursementLine
from returns.models import ReturnItem
from returns.policy.document import Policy


def request_for(
    rows: Rows,
    units: Sequence[tuple[ReturnItem, int]],
    policy: Policy,
    *,
    tender: str,
    shipping: str | None,
    deductions: Sequence[tuple[str, int, str]],
) -> Request:
    """The calculator's request for some units of a return."""
    fee_open = rows.rma.label_fee and not label_fee_taken(rows.made)
    bonus = _terms(rows, units[0][0]).get("bonus_credit_percent", 0) if tender == "store_credit" and units else 0
    return Request(
        currency=rows.currency,
        leaves=leaves_of(rows),
        claims=tuple(_claim(rows, item, quantity) for item, quantity in units),
        shipping_rows=shipping_rows_of(rows),
        shipping=_shipping(rows, shipping, units),
        deductions=tuple(Deduction(item=item, amount=amount, reason=reason) for item, amount, reason in deductions),
        label_fee=rows.rma.label_fee if fee_open else 0,
        bonus_percent=Decimal(str(bonus or 0)),
        payments=payments_of(rows),
        ceiling=rows.ceiling,
        clip=True,
        refund_order=policy.standing.refund_order,  # type: ignore[arg-type]
        tender=tender,  # type: ignore[arg-type]
    )


def leaves_of(rows: Rows) -> tuple[Leaf, ...]:
    """The lines that carry money, as the calculator takes them."""
    kits = {line.parent_id for line in rows.lines if line.parent_id}
    return tuple(_leaf(line) for line in rows.lines if line.pk not in kits)


def shipping_rows_of(rows: Rows) -> tuple[ShippingRow, ...]:
    """The delivery charges of the order."""
    return tuple(_shipping_row(charge) for charge in rows.shipping)


def payments_of(rows: Rows) -> tuple[Payment, ...]:
    """The payments of the order with what is left of each."""
    return tuple(_payment(payment) for payment in rows.payments)


def _leaf(line: OrderLine) -> Leaf:
    return Leaf(
        id=line.external_id,
        quantity=line.quantity,
        gross=line.gross,
        tax=line.tax,
        tax_rate=line.tax_rate,
        refunded_units=line.refunded_units,
        refunded_gross=line.refunded_gross,
        refunded_tax=line.refunded_tax,
        goodwill_gross=line.extra_gross,
        goodwill_tax=line.extra_tax,
        withheld_gross=line.withheld_gross,
        withheld_tax=line.withheld_tax,
    )


def _claim(rows: Rows, item: ReturnItem, quantity: int) -> Claim:
    fee = _terms(rows, item).get("fee") or {}
    return Claim(
        item=str(item.uid),
        line=item.line.external_id,
        units=quantity,
        parts=rows.parts(item.line),
        payable=item.payable,
        fee=FeeRule(
            fixed=money.parse(fee.get("fixed") or "0", rows.currency),
            percent=Decimal(str(fee.get("percent") or 0)),
            keep_shipping=bool(fee.get("keep_shipping", True)),
        ),
        fee_cap=_fee_cap(fee, item, quantity, rows.currency),
        fee_waived=bool(fee.get("waived_for")),
        fixed_taken=item.fixed_fee_taken,
    )


def _fee_cap(fee: Mapping[str, Any], item: ReturnItem, quantity: int, currency: str) -> int | None:
    """The law's cap is of all units that were asked back: a part of them bears its part, rounded down."""
    if not fee.get("most"):
        return None
    return money.parse(fee["most"], currency) * quantity // max(quantity, item.requested)


def _terms(rows: Rows, item: ReturnItem) -> dict[str, Any]:
    decision = rows.decisions.get(item.pk)
    return dict(decision.detail) if decision else {}


def _shipping_row(charge: OrderShipping) -> ShippingRow:
    return ShippingRow(
        id=charge.external_id,
        gross=charge.gross,
        tax=charge.tax,
        tax_rate=charge.tax_rate,
        refunded_gross=charge.refunded_gross,
        refunded_tax=charge.refunded_tax,
    )


def _payment(payment: OrderPayment) -> Payment:
    return Payment(
        id=payment.external_id,
        kind=payment.kind,
        captured=payment.captured,
        taken=payment.refunded + payment.elsewhere,
        refundability=payment.refundability,
        position=payment.position,
    )


def _shipping(rows: Rows, wish: str | None, units: Sequence[tuple[ReturnItem, int]]) -> Literal["none", "all"] | int:
    if wish is None:
        if not _nothing_stays(rows, units):
            return "none"
        return "all" if _policy_refunds_shipping(rows, units) else _shipping_by_law(rows, units)
    if wish == "none":
        return "none"
    if wish == "all":
        return "all"
    try:
        return money.parse(wish, rows.currency)
    except money.BadAmount as error:
        detail = _('Shipping is none, all, or an amount such as "4.99".')
        raise Invalid(detail, errors=[FieldError("/shipping", "invalid", detail)]) from error


def _policy_refunds_shipping(rows: Rows, units: Sequence[tuple[ReturnItem, int]]) -> bool:
    """The policy gives the outbound delivery back for every item."""
    return all(_terms(rows, item).get("refund_outbound_shipping") for item, _quantity in units)


def _shipping_by_law(rows: Rows, units: Sequence[tuple[ReturnItem, int]]) -> Literal["none"] | int:
    """What a law gives back of the delivery once nothing stays, less what went back of it: the least of all items.

    A consumer who withdraws gets it up to the cheapest standard way that was offered (Directive 2011/83/EU
    art. 13(2)).
    """
    laws = [_terms(rows, item).get("law") or {} for item, _quantity in units]
    if not laws or any(law.get("right") != "accept" for law in laws):
        return "none"
    least = min(money.parse(law.get("outbound_refundable") or "0", rows.currency) for law in laws)
    back = sum(charge.refunded_gross for charge in rows.shipping)
    rest = sum(charge.gross for charge in rows.shipping) - back
    return max(0, min(least - back, rest)) or "none"


def _nothing_stays(rows: Rows, units: Sequence[tuple[ReturnItem, int]]) -> bool:
    """Whether with these units nothing of the order stays with the customer."""
    back = {leaf: taken.units for leaf, taken in rows.taken_by_leaf(_EMPTY, units).items()}
    kits = {line.parent_id for line in rows.lines if line.parent_id}
    leaves = [line for line in rows.lines if line.pk not in kits]
    return bool(units) and all(line.refunded_units + back.get(line.external_id, 0) >= line.quantity for line in leaves)


_EMPTY = Quote(currency="EUR", tender="original", lines=(), split=(), credit=0, payout=0)


def label_fee_taken(made: Sequence[Reimbursement]) -> bool:
    """Whether an earlier reimbursement of the return bore the label fee."""
    return ReimbursementLine.objects.filter(reimbursement__in=made, kind="label_fee").exists()
