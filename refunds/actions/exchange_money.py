"""The money of an exchange: the value of the goods is kept for the replacement, the rest goes back when it left."""

from __future__ import annotations

from typing import Any, Final

from django.db.models import QuerySet
from django.utils import timezone

from accounts.actors import Actor
from customers import money
from refunds.actions.book import book, release, taken_by
from refunds.actions.exchange_worth import Units, Worth
from refunds.actions.inputs import payments_of
from refunds.actions.plan import Plan
from refunds.actions.reimburse import begin, settle, started, unsaved
from refunds.actions.rows import Rows
from refunds.calculator import OverAmount, bear
from refunds.models import Exchange, Refund, Reimbursement, ReimbursementLine
from returns import events
from returns.queries import policy_of, published_policy

TENDER: Final = "exchange"
NOTHING: Final[dict[str, Any]] = {"lines": {}, "shipping": {}, "items": {}, "fixed_fee": [], "order": 0}


def keep_value(rows: Rows, units: Units, worth: Worth, *, actor: Actor) -> Reimbursement:
    """Decide the reimbursement of an exchange: its units count as exchanged, and no money moves yet."""
    request = {
        "items": sorted([str(item.uid), quantity] for item, quantity in units),
        "shipping": "none",
        "tender": TENDER,
        "deductions": [],
    }
    plan = Plan(rows, units, request, worth.quote)
    row = unsaved(plan)
    row.created_by, row.created_by_name = actor.identity, actor.name
    row.state, row.taken = Reimbursement.State.PROCESSING, taken_by(plan)
    row.save(force_insert=True)
    ReimbursementLine.objects.bulk_create(row.drafted_lines)  # type: ignore[attr-defined]
    book(rows, row.taken, (), 1)
    rma = rows.rma
    rma.open_reimbursements += 1
    _touch(rows)
    total = money.to_text(row.total, row.currency)
    events.log(rma, "reimbursement.opened", actor=actor, reimbursement=str(row.uid), total=total)
    return row


def pay_rest(rows: Rows, exchange: Exchange, *, actor: Actor) -> None:
    """The replacement left and the goods are here: pay what they were worth beyond it, and settle.

    What the payments cannot take back is paid by hand.
    """
    row = exchange.reimbursement
    assert row is not None
    refunds = _refunds(rows, row, exchange.refund)
    for refund in refunds:
        begin(refund)
    Refund.objects.bulk_create(refunds)
    book(rows, NOTHING, refunds, 1)
    events.log_all(rows.rma, started(row, rows, refunds, actor=actor), actor=actor)
    if all(refund.state == Refund.State.SUCCEEDED for refund in refunds):
        settle(row, rows.rma, rows.items, actor=actor)


def _refunds(rows: Rows, row: Reimbursement, amount: int) -> list[Refund]:
    if not amount:
        return []
    order = policy_of(published_policy(rows.rma.shop_id)).standing.refund_order
    payments = {payment.external_id: payment for payment in rows.payments}
    by_hand = False
    try:
        split = bear(payments_of(rows), amount, order=order, currency=row.currency)  # type: ignore[arg-type]
    except OverAmount:
        by_hand = True
        split = bear(payments_of(rows), amount, order=order, currency=row.currency, tender="bank_transfer")  # type: ignore[arg-type]
    return [
        Refund(
            reimbursement=row,
            payment=payments[name],
            amount=part,
            currency=row.currency,
            gateway="manual" if by_hand else payments[name].gateway,
        )
        for name, part in split
    ]


def undo_value(rows: Rows, exchange: Exchange, reason: str, *, actor: Actor) -> None:
    """Give every counter back what the exchange's reimbursement took: no money moved for it."""
    assert exchange.reimbursement is not None
    row = Reimbursement.objects.select_for_update().get(pk=exchange.reimbursement.pk)
    refunds: QuerySet[Refund] = row.refunds.all()
    release(row, rows, list(refunds))
    row.state, row.rejected_because = Reimbursement.State.REJECTED, reason[:300]
    row.save(update_fields=["state", "rejected_because"])
    rows.rma.open_reimbursements = max(0, rows.rma.open_reimbursements - 1)
    _touch(rows)
    events.log(rows.rma, "reimbursement.rejected", actor=actor, reimbursement=str(row.uid), reason=reason[:200])


def _touch(rows: Rows) -> None:
    rows.rma.updated_at = timezone.now()
    rows.rma.save(update_fields=["open_reimbursements", "updated_at"])
