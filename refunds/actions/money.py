"""What happens to one movement of money after it was decided."""

from __future__ import annotations

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.problems import Conflict, WrongState
from customers import money
from customers.models import Order, OrderPayment
from refunds import gateways
from refunds.actions.reimburse import settle
from refunds.models import Refund, Reimbursement
from returns import events
from returns.lifecycle import lock_items, lock_return
from returns.models import Return


def _lock(refund: Refund) -> tuple[Refund, Reimbursement, Return | None]:
    """Order, payment, return, refund: the one order of locks."""
    row = refund.reimbursement
    Order.objects.select_for_update(of=("self",)).only("pk").get(pk=row.order_id)
    if refund.payment_id is not None:
        OrderPayment.objects.select_for_update().only("pk").get(pk=refund.payment_id)
    rma = lock_return(row.rma_id) if row.rma_id is not None else None
    locked = Refund.objects.select_for_update(of=("self",)).select_related("reimbursement").get(pk=refund.pk)
    return locked, locked.reimbursement, rma


def mark_paid(refund: Refund, *, actor: Actor, reference: str = "") -> Refund:
    """A person paid it by hand. Saying so twice changes nothing the second time. Raises WrongState."""
    with transaction.atomic():
        refund, row, rma = _lock(refund)
        if refund.state == Refund.State.SUCCEEDED:
            return refund
        if refund.state != Refund.State.MANUAL_PENDING:
            raise WrongState(_("Only a refund that waits to be paid by hand can be marked as paid."))
        refund.state, refund.succeeded_at = Refund.State.SUCCEEDED, timezone.now()
        refund.gateway_refund_id = reference or None
        _save_paid(refund)
        if rma is not None:
            amount = money.to_text(refund.amount, refund.currency)
            events.log(rma, "refund.succeeded", actor=actor, refund=str(refund.uid), amount=amount)
            _close_if_done(row, rma, actor)
    return refund


def _save_paid(refund: Refund) -> None:
    try:
        with transaction.atomic():
            refund.save(update_fields=["state", "succeeded_at", "gateway_refund_id", "updated_at"])
    except IntegrityError as error:
        raise Conflict(
            _("Another refund was paid under this reference already. Give each its own, or leave it out.")
        ) from error


def _close_if_done(row: Reimbursement, rma: Return, actor: Actor) -> None:
    if row.refunds.exclude(state=Refund.State.SUCCEEDED).exists():
        row.state = Reimbursement.State.PARTIALLY_SETTLED
        row.save(update_fields=["state"])
        return
    settle(row, rma, lock_items(rma), actor=actor)


def retry_refund(refund: Refund, *, actor: Actor) -> Refund:
    """Try a failed refund again: a new attempt of the same row, under a new number of its key. Raises WrongState."""
    with transaction.atomic():
        refund, _row, rma = _lock(refund)
        if refund.state != Refund.State.FAILED:
            raise WrongState(_("Only a failed refund can be tried again."))
        refund.attempt += 1
        by_hand = gateways.get(refund.gateway).local
        refund.state = Refund.State.MANUAL_PENDING if by_hand else Refund.State.CREATED
        refund.next_attempt_at = None if by_hand else timezone.now()
        refund.save(update_fields=["attempt", "state", "next_attempt_at", "updated_at"])
        if rma is not None:
            events.log(rma, "refund.started", actor=actor, refunds=[str(refund.uid)])
    return refund
