"""The itemised decision: preview and perform run the same calculator over the same rows."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from accounts.actors import Actor
from accounts.doorbell import nudge
from customers import money
from refunds import payout
from refunds.actions.book import book, taken_by
from refunds.actions.credit import issue_store_credit
from refunds.actions.gates import EXECUTE, gateway_for, routed
from refunds.actions.keep import let_customer_keep
from refunds.actions.own_money import credit_back
from refunds.actions.plan import HAND_PAID, Plan, Wish, existing_for, load, plan_for
from refunds.actions.rows import Rows
from refunds.actions.tell import tell
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
        return perform(plan, actor), True


def unsaved(plan: Plan) -> Reimbursement:
    """A plan as rows that are not stored, with `drafted_lines` and `drafted_refunds`."""
    quote = plan.quote
    row = Reimbursement(
        rma=plan.rows.back,
        order=plan.rows.order,
        kind=plan.kind,
        reason=plan.reason,
        held_for=plan.held_for,
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
            inspection=plan.evidence.get(line.item or "") if line.kind == "deduction" else None,
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
            gateway=HAND_PAID[row.tender] if by_hand else payments[payment].gateway,
        )
        for payment, amount in plan.quote.split
        if amount
    ]
    if plan.quote.payout:
        gateway = HAND_PAID.get(row.tender, "manual")
        rows.append(Refund(reimbursement=row, amount=plan.quote.payout, currency=row.currency, gateway=gateway))
    return rows


def perform(plan: Plan, actor: Actor) -> Reimbursement:
    """Write a plan and send its money; what waits for a second person is reserved all the same, and nothing is sent."""
    row, rma = unsaved(plan), plan.rows.back
    row.created_by, row.created_by_name = actor.identity, actor.name
    row.state = Reimbursement.State.AWAITING_APPROVAL if plan.held_for else Reimbursement.State.PROCESSING
    row.taken = taken_by(plan)
    row.save(force_insert=True)
    ReimbursementLine.objects.bulk_create(row.drafted_lines)  # type: ignore[attr-defined]
    refunds: list[Refund] = row.drafted_refunds  # type: ignore[attr-defined]
    for refund in refunds if not plan.held_for else ():
        begin(refund)
    Refund.objects.bulk_create(refunds)
    book(plan.rows, row.taken, refunds, 1)
    happened: list[events.Happening] = [("reimbursement.opened", _opened(row))]
    if not plan.held_for:
        happened += started(row, plan.rows, refunds, actor=actor)
    if rma is not None:
        rma.open_reimbursements += 1
        rma.updated_at = timezone.now()
        rma.save(update_fields=["open_reimbursements", "updated_at"])
    tell(row, happened, actor=actor)
    if not plan.held_for and all(refund.state == Refund.State.SUCCEEDED for refund in refunds):
        settle(row, rma, plan.rows.items, actor=actor)
    return row


def _opened(row: Reimbursement) -> dict[str, str]:
    said = {"reimbursement": str(row.uid), "total": money.to_text(row.total, row.currency)}
    return said | ({"held_for": row.held_for} if row.held_for else {})


def started(row: Reimbursement, rows: Rows, refunds: list[Refund], *, actor: Actor) -> list[events.Happening]:
    """What begins once nothing holds a reimbursement back, to be logged: its refunds, its store credit."""
    happened: list[events.Happening] = []
    if row.kind == Reimbursement.Kind.GOODWILL:
        happened.append(("goodwill.given", {"reimbursement": str(row.uid)}))
    if row.kind == Reimbursement.Kind.PRICE_REDUCTION:
        let_customer_keep(row, rows)
        happened.append(("price.reduced", {"reimbursement": str(row.uid)}))
    own = credit_back(refunds, row.order, actor=actor)
    if begun := [str(refund.uid) for refund in refunds if refund.state != Refund.State.SUCCEEDED]:
        happened.append(("refund.started", {"reimbursement": str(row.uid), "refunds": begun}))
    happened += own
    if row.tender == "store_credit" and row.total > 0:
        credit = issue_store_credit(row, actor=actor, policy=policy_of(published_policy(row.order.shop_id)))
        happened.append(("store_credit.issued", {"reimbursement": str(row.uid), "credit": credit.pk}))
    return happened


def begin(refund: Refund) -> None:
    """A local gateway answers at once; nothing of it leaves the house. Others are called after commit."""
    order = refund.reimbursement.order
    refund.gateway = routed(refund.gateway, order)
    gateway = gateway_for(refund.gateway, order.shop_id)
    reference = refund.payment.reference if refund.payment else ""
    if not gateway.local:
        refund.next_attempt_at = timezone.now()
        nudge(EXECUTE)
        return
    answer = gateway.refund(RefundCall(refund.idempotency_key, reference, refund.amount, refund.currency))
    if answer.outcome == RefundOutcome.BY_HAND:
        refund.state = Refund.State.MANUAL_PENDING


def settle(row: Reimbursement, rma: Return | None, items: list[ReturnItem], *, actor: Actor) -> None:
    """Close a reimbursement whose money has all moved, and let the return follow. The return is locked."""
    row.state, row.settled_at = Reimbursement.State.SETTLED, timezone.now()
    row.payout = ""
    row.save(update_fields=["state", "settled_at", "payout"])
    if rma is None:
        return
    rma.open_reimbursements = max(0, rma.open_reimbursements - 1)
    if row.kind != Reimbursement.Kind.GOODWILL:
        rma.refunded += row.total  # goodwill is no part of what the return may still expect
    rma.updated_at = timezone.now()
    rma.save(update_fields=["open_reimbursements", "refunded", "updated_at"])
    follow(rma, items, actor=actor)
