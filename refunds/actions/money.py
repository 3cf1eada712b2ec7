"""What people do with one movement of money after it was decided: paid by hand, tried again, paid in another way."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.doorbell import nudge
from accounts.problems import Conflict, FieldError, Invalid, WrongState
from customers.models import OrderPayment
from refunds import payout as accounts
from refunds.actions.answers import mark_succeeded
from refunds.actions.breaks import Kind, close_healed
from refunds.actions.credit import open_credit
from refunds.actions.gates import EXECUTE, gateway_for
from refunds.actions.ledger import post
from refunds.actions.locks import Held, State, follow_refunds, lock_refund, room_of, take
from refunds.actions.tell import tell
from refunds.calculator import OverAmount
from refunds.models import Break, PayoutFile, Refund, Reimbursement
from returns.queries import policy_of, published_policy

OTHERWISE = {"bank_transfer": "manual", "cash": "cash", "store_credit": "store_credit"}
"""Ways to pay what a gateway refused, and the gateway that each goes through."""


def mark_paid(refund: Refund, *, actor: Actor, reference: str = "", file: PayoutFile | None = None) -> Refund:
    """A person paid it by hand. Saying so twice changes nothing the second time. Raises WrongState, Conflict.

    What stands in a payment file is paid with that `file` and not beside it.
    """
    with transaction.atomic():
        held = lock_refund(refund.pk)
        if held.refund.state == State.SUCCEEDED:
            return held.refund
        if held.refund.state != State.MANUAL_PENDING:
            raise WrongState(_("Only a refund that waits to be paid by hand can be marked as paid."))
        if held.refund.payout_file_id not in (None, file.pk if file else None):
            raise Conflict(_("This refund is in a payment file. Mark the file as paid, or give it up first."))
        _check_reference(held.refund, reference)
        mark_succeeded(held, reference or None, actor=actor)
    return held.refund


def _check_reference(refund: Refund, reference: str) -> None:
    """The constraint decides at once, in a savepoint of its own, so that the refusal can be told in words."""
    try:
        with transaction.atomic():
            refund.gateway_refund_id = reference or None
            refund.save(update_fields=["gateway_refund_id"])
    except IntegrityError as error:
        raise Conflict(
            _("Another refund was paid under this reference already. Give each its own, or leave it out.")
        ) from error


def retry_refund(refund: Refund, *, actor: Actor) -> Refund:
    """Try a failed refund again: a new attempt of the same row, under a new number of its key.

    One without a clear answer is looked up again at once; only where the gateway certainly has none does it get a
    new number too. Raises WrongState, and OverAmount when its money was given out meanwhile.
    """
    with transaction.atomic():
        held = lock_refund(refund.pk)
        if held.refund.state == State.PROCESSING:
            _try_stuck(held, actor)
        else:
            _check_failed(held, _("Only a failed refund can be tried again."))
            take(held.payment, held.refund.amount, held.refund.currency)
            _start_again(held, actor)
    return held.refund


def _check_failed(held: Held, words: str) -> None:
    if held.refund.state != State.FAILED or held.row.state == Reimbursement.State.REJECTED:
        raise WrongState(words)
    if Refund.objects.filter(replaces=held.refund).exists():
        raise WrongState(_("This was paid in another way already."))


def _try_stuck(held: Held, actor: Actor) -> None:
    refund = held.refund
    found = Break.objects.filter(refund=refund, kind=Kind.STUCK, closed_at=None).first()
    if found is None:
        raise WrongState(_("This refund is on its way. It is looked up by itself until the gateway gives an answer."))
    if found.detail.get("answer") == "unknown":
        close_healed(refund, Kind.STUCK)
        _start_again(held, actor)
        return
    refund.next_attempt_at = timezone.now()
    refund.save(update_fields=["next_attempt_at", "updated_at"])
    nudge(EXECUTE)


def _start_again(held: Held, actor: Actor) -> None:
    """A new attempt of a refund whose money is reserved; its key gets the next number."""
    refund = held.refund
    refund.attempt += 1
    refund.tries, refund.first_called_at, refund.gateway_refund_id = 0, None, None
    by_hand = gateway_for(refund.gateway, held.row.order.shop_id).local
    refund.state = State.MANUAL_PENDING if by_hand else State.CREATED
    refund.next_attempt_at = None if by_hand else timezone.now()
    refund.save()
    if not by_hand:
        nudge(EXECUTE)
    follow_refunds(held, actor=actor)
    tell(held.row, [("refund.started", {"refunds": [str(refund.uid)]})], actor=actor)


def pay_otherwise(refund: Refund, *, tender: str, actor: Actor, payout: Mapping[str, Any] | None = None) -> Refund:
    """Pay what a gateway refused in another way: bank_transfer, cash or store_credit; returns the new refund.

    It counts against the same payment, or another of the order that has room. Raises WrongState, Invalid for the
    tender or the account, Conflict when another account stands there, OverAmount.
    """
    if tender not in OTHERWISE:
        detail = _("Pay as one of: %(known)s.") % {"known": ", ".join(OTHERWISE)}
        raise Invalid(detail, errors=[FieldError("/tender", "invalid", detail)])
    account = accounts.check(payout) if payout else {}
    with transaction.atomic():
        held = lock_refund(refund.pk, all_payments=True)
        _check_failed(held, _("Only a failed refund can be paid in another way."))
        _keep_account(held.row, account)
        other = _in_place_of(held, OTHERWISE[tender])
        tell(held.row, [("refund.started", {"refunds": [str(other.uid)], "tender": tender})], actor=actor)
        if tender == "store_credit":
            _to_credit(other, held, actor)
        else:
            follow_refunds(held, actor=actor)
    return other


def _keep_account(row: Reimbursement, account: dict[str, str]) -> None:
    """The account to pay to, where none is known yet; changing a known one is a step of its own."""
    if not account:
        return
    if row.payout and accounts.unseal(row.payout) != account:
        raise Conflict(_("Another account was given before. Change it first, then pay."))
    row.payout, row.payout_masked = accounts.seal(account), accounts.mask(account)
    row.save(update_fields=["payout", "payout_masked"])


def _in_place_of(held: Held, gateway: str) -> Refund:
    """The row that stands for a failed one, reserved on a payment with room."""
    failed = held.refund
    payment = _payment_with_room(held)
    take(payment, failed.amount, failed.currency)
    last = Refund.objects.filter(reimbursement=held.row, payment=payment).aggregate(Max("seq"))["seq__max"] or 0
    return Refund.objects.create(
        reimbursement=held.row,
        payment=payment,
        seq=last + 1,
        amount=failed.amount,
        currency=failed.currency,
        gateway=gateway,
        state=State.MANUAL_PENDING,
        replaces=failed,
    )


def _payment_with_room(held: Held) -> OrderPayment | None:
    if held.payment is None:
        return None
    ordered = sorted(held.payments, key=lambda row: row.pk != held.payment.pk)  # type: ignore[union-attr]
    found = next((row for row in ordered if room_of(row) >= held.refund.amount), None)
    if found is None:
        raise OverAmount(max(room_of(row) for row in ordered), held.refund.currency, pointer="")
    return found


def _to_credit(refund: Refund, held: Held, actor: Actor) -> None:
    """The customer takes a balance instead; nothing has to leave the house."""
    order = held.row.order
    valid = policy_of(published_policy(order.shop_id)).standing.store_credit_valid_days
    credit = open_credit(
        order.shop, refund.currency, actor=actor, valid_days=valid, customer=order.customer, order=order
    )
    post(credit, "refunded", refund.amount, actor=actor, reference=str(refund.uid))
    issued = {"reimbursement": str(held.row.uid), "credit": credit.pk}
    tell(held.row, [("store_credit.issued", issued)], actor=actor)
    mark_succeeded(Held(refund, held.row, held.rma, held.payments), None, actor=actor)
