"""The locks of one movement of money: order, payment, return, refund, in the one order of locks."""

from __future__ import annotations

from dataclasses import dataclass

from accounts.actors import Actor
from customers.models import Order, OrderPayment
from refunds.actions.reimburse import settle
from refunds.calculator import OverAmount
from refunds.models import Refund, Reimbursement
from returns.lifecycle import lock_items, lock_return
from returns.models import Return

State = Refund.State


@dataclass(slots=True)
class Held:
    """A refund with what it hangs on, all locked; `payments` are its payment, or all of the order when asked for."""

    refund: Refund
    row: Reimbursement
    rma: Return | None
    payments: list[OrderPayment]

    @property
    def payment(self) -> OrderPayment | None:
        """The payment that the refund counts against."""
        return next((row for row in self.payments if row.pk == self.refund.payment_id), None)


def lock_refund(pk: int, *, all_payments: bool = False) -> Held:
    """Lock a refund and everything before it in the one order of locks; the ids are found without a lock."""
    found = Refund.objects.select_related("reimbursement").get(pk=pk)
    order_id, rma_id = found.reimbursement.order_id, found.reimbursement.rma_id
    Order.objects.select_for_update(of=("self",)).only("pk").get(pk=order_id)
    wanted = OrderPayment.objects.filter(order_id=order_id).order_by("pk")
    if not all_payments:
        wanted = wanted.filter(refunds=found)
    payments = list(wanted.select_for_update(of=("self",)))
    rma = lock_return(rma_id) if rma_id is not None else None
    refund = Refund.objects.select_for_update(of=("self",)).select_related("reimbursement__order").get(pk=pk)
    row = refund.reimbursement
    if rma is not None:
        row.rma = rma
    return Held(refund, row, rma, payments)


def room_of(payment: OrderPayment) -> int:
    """What can still be taken out of a locked payment, minor units."""
    return payment.rest


def take(payment: OrderPayment | None, amount: int, currency: str) -> None:
    """Reserve on a locked payment. Raises OverAmount when it is not there any more."""
    if payment is None:
        return
    if room_of(payment) < amount:
        raise OverAmount(room_of(payment), currency, pointer="")
    payment.refunded += amount
    payment.save(update_fields=["refunded"])


def give_back(payment: OrderPayment | None, amount: int) -> None:
    """Release what a refund that failed had reserved on a locked payment."""
    if payment is not None:
        payment.refunded -= amount
        payment.save(update_fields=["refunded"])


def follow_refunds(held: Held, *, actor: Actor) -> None:
    """Let a reimbursement stand where its refunds stand; what was paid in another way speaks for the failed one."""
    row = held.row
    states = set(row.refunds.filter(replacement=None).values_list("state", flat=True))
    if states <= {State.SUCCEEDED, State.EXTERNAL}:
        if row.state != Reimbursement.State.SETTLED:
            settle(row, held.rma, lock_items(held.rma) if held.rma is not None else [], actor=actor)
        return
    to = Reimbursement.State.PROCESSING
    if State.SUCCEEDED in states:
        to = Reimbursement.State.PARTIALLY_SETTLED
    elif states == {State.FAILED}:
        to = Reimbursement.State.FAILED
    if row.state != to:
        row.state = to
        row.save(update_fields=["state"])
