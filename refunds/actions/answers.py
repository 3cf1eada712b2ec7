"""What a gateway said about a refund, by call, look-up, webhook or ledger: one function under the locks writes it."""

from __future__ import annotations

from collections.abc import Callable

from django.db import transaction
from django.utils import timezone

from accounts.actors import SYSTEM_ACTOR, Actor
from customers import money
from refunds.actions.breaks import Kind, close_healed, open_break, open_only_there
from refunds.actions.locks import Held, State, follow_refunds, give_back, lock_refund, room_of, take
from refunds.actions.tell import tell
from refunds.actions.waiting import ON_THE_WAY, keep_waiting, look_again, wait_for_a_person
from refunds.gateways import RefundAnswer, RefundOutcome
from refunds.models import Refund, RefundAttempt, Reimbursement


def record_answer(
    pk: int, answer: RefundAnswer, *, key: str, source: str, actor: Actor = SYSTEM_ACTOR, amount: int | None = None
) -> Refund:
    """Write what the gateway said of the refund under `key`; the same answer again changes nothing.

    `source` says which way it came: call, resend, look_up, webhook or ledger. `amount`, minor units, is what the
    gateway moved where it says so; another than ours is never taken for ours.
    """
    with transaction.atomic():
        held = lock_refund(pk)
        if not _said_before(held.refund, answer, source):
            _note(held.refund, answer, key, source)
        if answer.outcome == RefundOutcome.SUCCEEDED and amount is not None and amount != held.refund.amount:
            _other_amount(held, answer, key, amount)
        elif key and key != held.refund.idempotency_key:
            _former_attempt(held, answer, key, actor)
        else:
            HANDLERS[answer.outcome](held, answer, actor)
    return held.refund


def _said_before(refund: Refund, answer: RefundAnswer, source: str) -> bool:
    """A webhook or a ledger that repeats what is known is not worth a row."""
    same = refund.state == State.SUCCEEDED and answer.gateway_id == refund.gateway_refund_id
    return same and source in ("webhook", "ledger")


def _note(refund: Refund, answer: RefundAnswer, key: str, source: str) -> None:
    said = {"gateway_id": answer.gateway_id, "reason": answer.reason[:500], "code": answer.code, "source": source}
    RefundAttempt.objects.create(refund=refund, key=key[:60], outcome=answer.outcome.value, answer=said)


def _succeeded(held: Held, answer: RefundAnswer, actor: Actor) -> None:
    refund = held.refund
    if refund.state in ON_THE_WAY:
        _paid(held, answer, actor)
    elif refund.state == State.FAILED:
        _succeeded_after_all(held, answer, actor)
    elif refund.state == State.SUCCEEDED and answer.gateway_id in (None, refund.gateway_refund_id):
        close_healed(refund, Kind.STUCK, Kind.ONLY_HERE)
    else:
        _paid_twice(held, answer, refund.idempotency_key)


def _succeeded_after_all(held: Held, answer: RefundAnswer, actor: Actor) -> None:
    """It had failed and was released: take it again, unless it was paid otherwise or the money is gone."""
    refund, payment = held.refund, held.payment
    gone = payment is not None and room_of(payment) < refund.amount
    over = held.row.state in (Reimbursement.State.REJECTED, Reimbursement.State.SETTLED)
    if gone or over or Refund.objects.filter(replaces=refund).exists():
        _paid_twice(held, answer, refund.idempotency_key)
        return
    take(payment, refund.amount, refund.currency)
    _paid(held, answer, actor)


def _former_attempt(held: Held, answer: RefundAnswer, key: str, actor: Actor) -> None:
    """News of an attempt that was given up: only money that moved matters."""
    refund = held.refund
    if answer.outcome != RefundOutcome.SUCCEEDED:
        return
    if refund.state == State.SUCCEEDED and answer.gateway_id == refund.gateway_refund_id:
        return
    if refund.state == State.FAILED:
        _succeeded_after_all(held, answer, actor)
    elif refund.state == State.CREATED and refund.first_called_at is None:
        _paid(held, answer, actor)
    else:
        _paid_twice(held, answer, key)


def _paid_twice(held: Held, answer: RefundAnswer, key: str) -> None:
    refund = held.refund
    open_only_there(
        held.payment,
        answer.gateway_id or key,
        refund.amount,
        gateway=refund.gateway,
        currency=refund.currency,
        refund=refund,
        key=key,
        state=refund.state,
    )


def _other_amount(held: Held, answer: RefundAnswer, key: str, amount: int) -> None:
    refund = held.refund
    subject = answer.gateway_id or key
    open_break(Kind.AMOUNT, subject, gateway=refund.gateway, refund=refund, ours=refund.amount, theirs=amount, key=key)
    if refund.state in ON_THE_WAY:
        look_again(refund)


def _paid(held: Held, answer: RefundAnswer, actor: Actor) -> None:
    refund = held.refund
    name = answer.gateway_id or None
    if name and Refund.objects.filter(gateway=refund.gateway, gateway_refund_id=name).exclude(pk=refund.pk).exists():
        open_break(Kind.STATE, name, gateway=refund.gateway, refund=refund, ours=refund.amount, said="succeeded")
        look_again(refund)
        return
    close_healed(refund, Kind.STUCK)
    mark_succeeded(held, name, actor=actor)


def mark_succeeded(held: Held, reference: str | None, *, actor: Actor) -> None:
    """The money of a locked refund has moved: say so once and let its reimbursement follow."""
    refund = held.refund
    refund.state, refund.succeeded_at = State.SUCCEEDED, timezone.now()
    refund.gateway_refund_id = reference or refund.gateway_refund_id
    refund.next_attempt_at, refund.failure_code, refund.last_error, refund.tries = None, "", "", 0
    refund.save()
    amount = money.to_text(refund.amount, refund.currency)
    tell(held.row, [("refund.succeeded", {"refund": str(refund.uid), "amount": amount})], actor=actor)
    follow_refunds(held, actor=actor)


def _failed(held: Held, answer: RefundAnswer, actor: Actor) -> None:
    """Definitely no money: what was reserved is free again, and a person sees it."""
    refund = held.refund
    if refund.state == State.SUCCEEDED and answer.gateway_id in (None, refund.gateway_refund_id):
        open_break(
            Kind.STATE,
            answer.gateway_id or refund.idempotency_key,
            gateway=refund.gateway,
            refund=refund,
            ours=refund.amount,
            said="failed",
            reason=answer.reason[:300],
        )
    if refund.state not in ON_THE_WAY:
        return
    give_back(held.payment, refund.amount)
    refund.state, refund.next_attempt_at, refund.tries = State.FAILED, None, 0
    refund.failure_code, refund.last_error = answer.code[:60], answer.reason[:500] or answer.code
    refund.save()
    close_healed(refund, Kind.STUCK)
    amount = money.to_text(refund.amount, refund.currency)
    told = {"refund": str(refund.uid), "amount": amount, "code": refund.failure_code}
    tell(held.row, [("refund.failed", told)], actor=actor)
    follow_refunds(held, actor=actor)


def _by_hand(held: Held, answer: RefundAnswer, actor: Actor) -> None:
    """The gateway is not there to be called, and never was for this refund: a person pays."""
    refund = held.refund
    if refund.state in ON_THE_WAY:
        refund.state, refund.next_attempt_at = State.MANUAL_PENDING, None
        refund.save()


HANDLERS: dict[RefundOutcome, Callable[[Held, RefundAnswer, Actor], None]] = {
    RefundOutcome.SUCCEEDED: _succeeded,
    RefundOutcome.FAILED: _failed,
    RefundOutcome.PENDING: keep_waiting,
    RefundOutcome.UNCLEAR: keep_waiting,
    RefundOutcome.UNKNOWN: wait_for_a_person,
    RefundOutcome.BY_HAND: _by_hand,
}
