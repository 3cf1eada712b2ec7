"""The itemised decision: preview and perform run the same calculator over the same rows."""

from __future__ import annotations

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts.actors import Actor
from customers import money
from customers.models import Order, OrderLine, OrderPayment, OrderShipping
from refunds import gateways, payout
from refunds.actions.credit import issue_store_credit
from refunds.actions.plan import HAND_PAID, Plan, Wish, existing_for, load, plan_for
from refunds.gateways import RefundCall, RefundOutcome
from refunds.models import Refund, Reimbursement, ReimbursementLine
from returns import events
from returns.lifecycle import follow
from returns.models import Return, ReturnItem
from returns.queries import policy_of, published_policy


def preview(rma: Return, wish: Wish) -> Reimbursement:
    """What `reimburse_return` would decide now, not stored; the same refusals."""
    plan = plan_for(load(rma, locked=False), wish)
    return unsaved(plan)


def reimburse_return(rma: Return, wish: Wish, *, actor: Actor) -> tuple[Reimbursement, bool]:
    """Decide and pay for units; returns the reimbursement and whether it is new.

    The same wish again answers with the existing one. Raises IllegalMove, OverQuantity (`max`), OverAmount,
    Mismatch and Conflict; then nothing is changed.
    """
    with transaction.atomic():
        rows = load(rma, locked=True)
        existing = existing_for(rows, wish)
        if existing is not None:
            return existing, False
        plan = plan_for(rows, wish)
        return _perform(plan, actor), True


def unsaved(plan: Plan) -> Reimbursement:
    """A plan as rows that are not stored, with `drafted_lines` and `drafted_refunds`."""
    quote, rma = plan.quote, plan.rows.rma
    row = Reimbursement(
        rma=rma,
        order=plan.rows.order,
        currency=quote.currency,
        net=quote.net,
        tax=quote.tax,
        total=quote.total,
        fee=quote.fee,
        tax_by_rate={str(rate.normalize()): amount for rate, amount in quote.tax_by_rate.items()},
        tender=plan.request["tender"],
        request=plan.request,
        payout=payout.seal(plan.account) if plan.account else "",
        payout_masked=payout.mask(plan.account) if plan.account else "",
    )
    row.drafted_lines = _lines(row, plan)  # type: ignore[attr-defined]
    row.drafted_refunds = _refunds(row, plan)  # type: ignore[attr-defined]
    return row


def _lines(row: Reimbursement, plan: Plan) -> list[ReimbursementLine]:
    items = {str(item.uid): item for item in plan.rows.items}
    lines = {line.external_id: line for line in plan.rows.lines}
    shipping = {charge.external_id: charge for charge in plan.rows.shipping}
    return [
        ReimbursementLine(
            reimbursement=row,
            kind=line.kind,
            item=items.get(line.item or ""),
            line=lines.get(line.line or ""),
            shipping=shipping.get(line.shipping or ""),
            quantity=line.quantity,
            net=line.net,
            tax=line.tax,
            gross=line.gross,
            tax_rate=line.tax_rate or 0,
            reason=line.reason[:300],
            position=position,
        )
        for position, line in enumerate(plan.quote.lines)
    ]


def _refunds(row: Reimbursement, plan: Plan) -> list[Refund]:
    payments = {payment.external_id: payment for payment in plan.rows.payments}
    by_hand = row.tender in HAND_PAID
    rows = [
        Refund(
            reimbursement=row,
            payment=payments[payment],
            amount=amount,
            currency=row.currency,
            gateway="manual" if by_hand else payments[payment].gateway,
        )
        for payment, amount in plan.quote.split
        if amount
    ]
    if plan.quote.payout:
        rows.append(Refund(reimbursement=row, amount=plan.quote.payout, currency=row.currency, gateway="manual"))
    return rows


def _perform(plan: Plan, actor: Actor) -> Reimbursement:
    row, rma = unsaved(plan), plan.rows.rma
    row.created_by, row.created_by_name = actor.identity, actor.name
    row.state = Reimbursement.State.PROCESSING
    row.save(force_insert=True)
    ReimbursementLine.objects.bulk_create(row.drafted_lines)  # type: ignore[attr-defined]
    refunds: list[Refund] = row.drafted_refunds  # type: ignore[attr-defined]
    for refund in refunds:
        _begin(refund)
    Refund.objects.bulk_create(refunds)
    reserve(plan, refunds)
    happened: list[events.Happening] = [
        (
            "reimbursement.opened",
            {"reimbursement": str(row.uid), "total": money.to_text(row.total, row.currency)},
        )
    ]
    if refunds:
        happened.append(("refund.started", {"reimbursement": str(row.uid), "refunds": [str(r.uid) for r in refunds]}))
    if plan.quote.credit > 0:
        credit = issue_store_credit(rma, row, plan.quote, actor=actor, policy=policy_of(published_policy(rma.shop_id)))
        happened.append(("store_credit.issued", {"reimbursement": str(row.uid), "credit": credit.pk}))
    rma.open_reimbursements += 1
    rma.updated_at = timezone.now()
    rma.save(update_fields=["open_reimbursements", "updated_at"])
    events.log_all(rma, happened, actor=actor)
    if not refunds:
        settle(row, rma, plan.rows.items, actor=actor)
    return row


def _begin(refund: Refund) -> None:
    """A local gateway answers at once; nothing of it leaves the house."""
    gateway = gateways.get(refund.gateway)
    reference = refund.payment.reference if refund.payment else ""
    if not gateway.local:
        refund.next_attempt_at = timezone.now()
        return
    answer = gateway.refund(RefundCall(refund.idempotency_key, reference, refund.amount, refund.currency))
    if answer.outcome == RefundOutcome.BY_HAND:
        refund.state = Refund.State.MANUAL_PENDING


def reserve(plan: Plan, refunds: list[Refund]) -> None:
    """Take what is being paid out of every counter, all under the locks that `load` took."""
    _reserve_payments(plan, refunds)
    lines = {line.external_id: line for line in plan.rows.lines}
    shipping = {charge.external_id: charge for charge in plan.rows.shipping}
    for leaf, taken in plan.rows.taken_by_leaf(plan.quote, plan.units).items():
        line = lines[leaf]
        line.refunded_units += taken.units
        line.refunded_gross += taken.gross
        line.refunded_tax += taken.tax
        line.withheld_gross += taken.withheld_gross
        line.withheld_tax += taken.withheld_tax
    for quoted in plan.quote.lines:
        if quoted.kind == "shipping" and quoted.shipping:
            shipping[quoted.shipping].refunded_gross += quoted.gross
            shipping[quoted.shipping].refunded_tax += quoted.tax
    for item, quantity in plan.units:
        item.refunded += quantity
        item.fixed_fee_taken = item.fixed_fee_taken or plan.quote.fee > 0
    counters = ["refunded_units", "refunded_gross", "refunded_tax", "withheld_gross", "withheld_tax"]
    OrderLine.objects.bulk_update(plan.rows.lines, counters)
    if plan.rows.shipping:
        OrderShipping.objects.bulk_update(plan.rows.shipping, ["refunded_gross", "refunded_tax"])
    ReturnItem.objects.bulk_update([item for item, _quantity in plan.units], ["refunded", "fixed_fee_taken"])
    Order.objects.filter(pk=plan.rows.order.pk).update(refunded=F("refunded") + max(0, plan.rows.charged(plan.quote)))


def _reserve_payments(plan: Plan, refunds: list[Refund]) -> None:
    taken = [refund for refund in refunds if refund.payment is not None]
    for refund in taken:
        assert refund.payment is not None
        refund.payment.refunded += refund.amount
    if taken:
        OrderPayment.objects.bulk_update([r.payment for r in taken if r.payment is not None], ["refunded"])


def settle(row: Reimbursement, rma: Return, items: list[ReturnItem], *, actor: Actor) -> None:
    """Close a reimbursement whose money has all moved, and let the return follow. The return is locked."""
    row.state, row.settled_at = Reimbursement.State.SETTLED, timezone.now()
    row.payout = ""
    row.save(update_fields=["state", "settled_at", "payout"])
    rma.open_reimbursements = max(0, rma.open_reimbursements - 1)
    rma.refunded += row.total
    rma.updated_at = timezone.now()
    rma.save(update_fields=["open_reimbursements", "refunded", "updated_at"])
    follow(rma, items, actor=actor)
