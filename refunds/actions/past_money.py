"""Refunds that another system made: they count against every ceiling here, and no money moves."""

from __future__ import annotations

from dataclasses import replace

from django.db.models import F
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.problems import FieldError
from customers import money
from customers.models import OrderPayment
from refunds.actions.book import reserve
from refunds.actions.inputs import request_for
from refunds.actions.past import PaidUnits, PastPayment, PastRefund
from refunds.actions.plan import Mismatch, Plan
from refunds.actions.reimburse import unsaved
from refunds.actions.rows import Rows
from refunds.calculator import Allowance, Deduction, OverAmount, Quote, Request, calculate
from refunds.models import Refund, Reimbursement, ReimbursementLine
from returns import events
from returns.models import Return, ReturnItem
from returns.queries import policy_of, published_policy

UNPAID = ("store_credit",)


def record_refund(rows: Rows, past: PastRefund, index: int, reference: str, *, actor: Actor) -> list[events.Happening]:
    """Write a refund of the past with its lines and take it out of every counter; what to log of it.

    `rows` are locked. Raises OverQuantity, OverAmount (`max`) and Mismatch.
    """
    units = [(_item(rows, paid), paid.quantity) for paid in past.items]
    plan = Plan(rows, units, _request(units, past, reference), _quote(rows, past, units, index))
    row = unsaved(plan)
    row.state, row.settled_at = Reimbursement.State.SETTLED, past.at
    row.created_by, row.created_by_name = actor.identity, actor.name
    row.save(force_insert=True)
    ReimbursementLine.objects.bulk_create(row.drafted_lines)  # type: ignore[attr-defined]
    refunds = _refunds(row, past)
    reserve(plan, refunds)
    rows.order.refunded += max(0, rows.charged(plan.quote))
    Return.objects.filter(pk=rows.rma.pk).update(refunded=F("refunded") + row.total)
    Reimbursement.objects.filter(pk=row.pk).update(created_at=past.at)
    return _happened(row, refunds)


def _item(rows: Rows, paid: PaidUnits) -> ReturnItem:
    return next(item for item in rows.items if item.line.external_id == paid.line)


def _request(units: list[tuple[ReturnItem, int]], past: PastRefund, reference: str) -> dict[str, object]:
    """What was asked, in the form that a later wish is compared with."""
    return {
        "items": sorted([str(item.uid), quantity] for item, quantity in units),
        "shipping": str(past.shipping) if past.shipping else "none",
        "tender": past.tender,
        "deductions": [],
        "imported": reference,
    }


def _quote(rows: Rows, past: PastRefund, units: list[tuple[ReturnItem, int]], index: int) -> Quote:
    """The exact shares of the units; what was given above or below them is goodwill or a deduction."""
    policy = policy_of(published_policy(rows.rma.shop_id))
    asked = request_for(rows, units, policy, tender="original", shipping="none", deductions=())
    asked = replace(asked, shipping=past.shipping, clip=False, split=False)
    asked = _as_paid(rows, past, asked, calculate(replace(asked, ceiling=None)))
    quote = calculate(asked)
    if past.tender in UNPAID:
        return replace(quote, tender=past.tender, credit=quote.total)
    return replace(quote, tender=past.tender, split=_split(rows, past, quote, index))


def _as_paid(rows: Rows, past: PastRefund, asked: Request, shares: Quote) -> Request:
    deductions: list[Deduction] = []
    allowances: list[Allowance] = []
    for paid in past.items:
        item = _item(rows, paid)
        uid = str(item.uid)
        share = sum(line.gross for line in shares.lines if line.item == uid and line.kind == "item")
        amount = share if paid.amount is None else paid.amount
        if amount < share:
            deductions.append(Deduction(item=uid, amount=share - amount))
        elif amount > share:
            leaves = tuple(leaf for leaf, _pieces in rows.parts(item.line))
            allowances.append(Allowance(kind="goodwill", amount=amount - share, leaves=leaves, item=uid))
    return replace(asked, deductions=tuple(deductions), allowances=tuple(allowances))


def _split(rows: Rows, past: PastRefund, quote: Quote, index: int) -> tuple[tuple[str, int], ...]:
    """Which payment took how much. Raises Mismatch and OverAmount."""
    at = f"/refunds/{index}/payments"
    moved = [(_payment(rows, each, at), each) for each in past.payments or (PastPayment(None, None, None),)]
    amounts = [quote.total if each.amount is None and len(moved) == 1 else each.amount or 0 for _row, each in moved]
    if sum(amounts) != quote.total:
        total = money.to_text(quote.total, quote.currency)
        words = {"moved": money.to_text(sum(amounts), quote.currency), "total": total}
        detail = _("The payments got %(moved)s back, and the items make %(total)s.") % words
        raise Mismatch(detail, errors=[FieldError(at, "mismatch", detail)], computed=total)
    for (row, _each), amount in zip(moved, amounts, strict=True):
        rest = row.rest
        if amount > rest:
            raise OverAmount(max(0, rest), quote.currency, pointer=at)
    return tuple((row.external_id, amount) for (row, _each), amount in zip(moved, amounts, strict=True))


def _payment(rows: Rows, each: PastPayment, at: str) -> OrderPayment:
    known = {payment.external_id: payment for payment in rows.payments}
    if each.payment is None and len(known) == 1:
        return rows.payments[0]
    if each.payment not in known:
        detail = _("The order has no such payment. Its payments: %(known)s.") % {"known": ", ".join(known) or "-"}
        raise Mismatch(detail, errors=[FieldError(at, "unknown_payment", detail)])
    return known[each.payment]


def _refunds(row: Reimbursement, past: PastRefund) -> list[Refund]:
    refunds: list[Refund] = row.drafted_refunds  # type: ignore[attr-defined]
    references = {each.payment: each.reference for each in past.payments}
    for refund in refunds:
        refund.state, refund.succeeded_at = Refund.State.SUCCEEDED, past.at
        name = refund.payment.external_id if refund.payment else None
        refund.gateway_refund_id = references.get(name) or references.get(None)
    Refund.objects.bulk_create(refunds)
    Refund.objects.filter(reimbursement=row).update(created_at=past.at, updated_at=past.at)
    return refunds


def _happened(row: Reimbursement, refunds: list[Refund]) -> list[events.Happening]:
    total = money.to_text(row.total, row.currency)
    happened: list[events.Happening] = [("reimbursement.opened", {"reimbursement": str(row.uid), "total": total})]
    for refund in refunds:
        amount = money.to_text(refund.amount, refund.currency)
        happened.append(("refund.succeeded", {"refund": str(refund.uid), "amount": amount}))
    return happened
