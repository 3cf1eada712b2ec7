"""Saying yes or no to a reimbursement that waits for a second person."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.problems import FieldError, Invalid, WrongState
from refunds.actions.book import release
from refunds.actions.change_payout import PAYOUT_CHANGED
from refunds.actions.load import load_order
from refunds.actions.reimburse import begin, settle, started
from refunds.actions.rows import Rows
from refunds.actions.second import check_may_approve
from refunds.actions.tell import tell
from refunds.models import Refund, Reimbursement
from returns import events
from returns.lifecycle import follow

WAITING = Reimbursement.State.AWAITING_APPROVAL


def approve_reimbursement(row: Reimbursement, *, actor: Actor) -> Reimbursement:
    """A second person says yes: the money that was reserved is sent. Raises Forbidden and WrongState."""
    check_may_approve(row, actor)
    with transaction.atomic():
        rows, row, refunds = lock_waiting(row)
        check_may_approve(row, actor)
        row.state, row.approved_at = Reimbursement.State.PROCESSING, timezone.now()
        row.approved_by, row.approved_by_name = actor.identity, actor.name
        row.save(update_fields=["state", "approved_by", "approved_by_name", "approved_at"])
        _begin_all(refunds)
        happened: list[events.Happening] = [("reimbursement.approved", {"reimbursement": str(row.uid)})]
        if row.held_for != PAYOUT_CHANGED:
            happened += started(row, rows, refunds, actor=actor)  # else it was told when it began
        tell(row, happened, actor=actor)
        if all(refund.state == Refund.State.SUCCEEDED for refund in refunds):
            settle(row, rows.back, rows.items, actor=actor)
    return row


def _begin_all(refunds: list[Refund]) -> None:
    waiting = [refund for refund in refunds if refund.state == Refund.State.CREATED]
    for refund in waiting:
        begin(refund)
    Refund.objects.bulk_update(waiting, ["state", "gateway", "next_attempt_at"])


def reject_reimbursement(row: Reimbursement, *, reason: str, actor: Actor) -> Reimbursement:
    """A second person says no: every counter gets back exactly what was reserved, and nothing was ever sent.

    Raises Forbidden, Invalid without a reason, and WrongState.
    """
    check_may_approve(row, actor)
    if not reason.strip():
        detail = _("Say why. Whoever prepared it reads this.")
        raise Invalid(detail, errors=[FieldError("/reason", "invalid", detail)])
    with transaction.atomic():
        rows, row, refunds = lock_waiting(row)
        check_may_approve(row, actor)
        if any(refund.state == Refund.State.SUCCEEDED for refund in refunds):
            raise WrongState(_("Part of this was paid before it was held, so it cannot be taken back as a whole."))
        release(row, rows, refunds)
        # intents that were never sent: no key of theirs was used, and the event below keeps what they were
        Refund.objects.filter(pk__in=[refund.pk for refund in refunds]).delete()
        row.state, row.rejected_because, row.payout = Reimbursement.State.REJECTED, reason.strip()[:300], ""
        row.save(update_fields=["state", "rejected_because", "payout"])
        said = {"reimbursement": str(row.uid), "reason": row.rejected_because, "refunds": [str(r.uid) for r in refunds]}
        tell(row, [("reimbursement.rejected", said)], actor=actor)
        _let_go(rows, actor)
    return row


def _let_go(rows: Rows, actor: Actor) -> None:
    rma = rows.back
    if rma is None:
        return
    rma.open_reimbursements = max(0, rma.open_reimbursements - 1)
    rma.updated_at = timezone.now()
    rma.save(update_fields=["open_reimbursements", "updated_at"])
    follow(rma, rows.items, actor=actor)


def lock_waiting(row: Reimbursement) -> tuple[Rows, Reimbursement, list[Refund]]:
    """Order, payments, return, refunds: the one order of locks. Raises WrongState when nobody waits any more."""
    rows = load_order(row.order_id, row.rma, locked=True)
    locked = Reimbursement.objects.select_for_update(of=("self",)).get(pk=row.pk)
    if locked.state != WAITING:
        raise WrongState(
            _("This reimbursement is %(status)s. Only one that awaits approval can be approved or rejected.")
            % {"status": locked.get_state_display()},
            status_now=locked.state,
        )
    payments = {payment.pk: payment for payment in rows.payments}
    refunds = list(Refund.objects.select_for_update(of=("self",)).filter(reimbursement=locked).order_by("pk"))
    for refund in refunds:
        refund.reimbursement = locked
        refund.payment = payments.get(refund.payment_id) if refund.payment_id is not None else None
    locked.rma, locked.order = rows.back, rows.order
    return rows, locked, refunds
