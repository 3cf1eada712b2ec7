"""What an answer or a webhook makes of a charge, and what that makes of its exchange: one locked function for both."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from django.db import transaction
from django.utils import timezone

from accounts.actors import Actor
from customers import money
from customers.models import OrderPayment
from refunds.actions.gates import gateway_for
from refunds.actions.load import load
from refunds.gateways.base import AsksForMoney, ChargeAnswer, ChargeOutcome
from refunds.models import Charge, Exchange
from returns import events
from returns.models import Return

S = Charge.State
LOOK_AGAIN: Final = timedelta(minutes=10)
_MINUTES: Final = (1, 2, 5, 15, 60)
# these never go back to an earlier state, however late a webhook comes
_FINAL: Final = (S.PAID, S.RELEASED, S.FAILED)


def take_answer(pk: int, verb: str, answer: ChargeAnswer, *, actor: Actor, back: int = 0) -> Charge:
    """Record one answer under the locks; `back` is the amount that a refund of the charge gave back."""
    charge = Charge.objects.select_related("exchange__rma").get(pk=pk)
    with transaction.atomic():
        rma = load(charge.exchange.rma, locked=True).rma
        exchange = Exchange.objects.select_for_update().get(pk=charge.exchange_id)
        charge = Charge.objects.select_for_update(of=("self",)).select_related("payment").get(pk=pk)
        charge.exchange = exchange
        _apply(charge, verb, answer, rma, actor, back)
        _plan_next(charge, answer)
        charge.save()
        go_on_when_paid(exchange, rma, actor=actor)
    return charge


def _apply(charge: Charge, verb: str, answer: ChargeAnswer, rma: Return, actor: Actor, back: int) -> None:
    charge.gateway_id = charge.gateway_id or answer.gateway_id
    charge.url = answer.url or charge.url
    charge.last_error = answer.reason[:2000]
    if verb == "back":
        _given_back(charge, answer, rma, actor, back)
    elif answer.outcome == ChargeOutcome.PAID and charge.state != S.PAID:
        _paid(charge, answer, rma, actor)
    elif answer.outcome == ChargeOutcome.FAILED and verb in ("capture", "release"):
        events.log(rma, "exchange.payment_failed", actor=actor, charge=str(charge.uid), reason=answer.reason[:200])
    elif charge.state not in _FINAL:
        _moved(charge, answer, rma, actor)


def _paid(charge: Charge, answer: ChargeAnswer, rma: Return, actor: Actor) -> None:
    wanted = charge.to_capture or charge.amount
    captured = min(answer.captured or wanted, charge.amount)
    if charge.state == S.RELEASED:
        # paid after it was let go: it goes back whole
        charge.wanted, charge.to_capture = Charge.Wanted.RELEASE, 0
    elif charge.wanted == Charge.Wanted.CAPTURE:
        charge.wanted = Charge.Wanted.NOTHING
    charge.state, charge.captured, charge.first_called_at = S.PAID, captured, None
    kind = "exchange.deposit_kept" if charge.to_capture else "exchange.paid"
    events.log(rma, kind, actor=actor, charge=str(charge.uid), amount=money.to_text(captured, charge.currency))


def _given_back(charge: Charge, answer: ChargeAnswer, rma: Return, actor: Actor, back: int) -> None:
    if answer.outcome == ChargeOutcome.RELEASED and charge.captured - charge.refunded >= back:
        charge.refunded += back
        charge.wanted, charge.first_called_at = Charge.Wanted.NOTHING, None
        charge.state = S.RELEASED if charge.refunded == charge.captured else S.PAID
        text = money.to_text(back, charge.currency)
        events.log(rma, "exchange.given_back", actor=actor, charge=str(charge.uid), amount=text)
    elif answer.outcome == ChargeOutcome.FAILED:
        # no money moved and none will: a person gives it back and says so
        charge.kind, charge.first_called_at = Charge.Kind.BY_HAND, None
        events.log(rma, "exchange.payment_failed", actor=actor, charge=str(charge.uid), reason=answer.reason[:200])


def _moved(charge: Charge, answer: ChargeAnswer, rma: Return, actor: Actor) -> None:
    if answer.outcome == ChargeOutcome.OPEN and charge.state != S.OPEN:
        charge.state, charge.first_called_at = S.OPEN, None
        tell_asked(charge, rma, actor)
    elif answer.outcome == ChargeOutcome.HELD and charge.state != S.HELD:
        charge.state, charge.first_called_at = S.HELD, None
    elif answer.outcome == ChargeOutcome.RELEASED:
        charge.state, charge.first_called_at, charge.wanted = S.RELEASED, None, Charge.Wanted.NOTHING
        if charge.purpose == Charge.Purpose.DEPOSIT:
            events.log(rma, "exchange.deposit_released", actor=actor, charge=str(charge.uid))
    elif answer.outcome == ChargeOutcome.FAILED:
        charge.state, charge.wanted = S.FAILED, Charge.Wanted.NOTHING
        events.log(rma, "exchange.payment_failed", actor=actor, charge=str(charge.uid), reason=answer.reason[:200])
        if charge.kind == Charge.Kind.HOLD and charge.exchange.state == Exchange.State.AWAITING_PAYMENT:
            ask_for(charge.exchange, rma, charge.amount, charge.purpose, actor=actor, hold=False)


def _plan_next(charge: Charge, answer: ChargeAnswer) -> None:
    now = timezone.now()
    charge.next_attempt_at = None
    if charge.kind == Charge.Kind.BY_HAND:
        return
    unclear = answer.outcome in (ChargeOutcome.UNCLEAR, ChargeOutcome.UNKNOWN)
    waits = charge.state == S.PROCESSING or bool(charge.wanted)
    if unclear or (waits and answer.outcome == ChargeOutcome.FAILED):
        charge.next_attempt_at = now + timedelta(minutes=_MINUTES[min(charge.tries, len(_MINUTES)) - 1])
        return
    charge.tries = 0
    if waits:
        charge.next_attempt_at = now
    elif charge.state == S.OPEN:
        charge.next_attempt_at = now + LOOK_AGAIN


def tell_asked(charge: Charge, rma: Return, actor: Actor) -> None:
    """The customer can pay now: log it, and the mail with the link follows."""
    events.log(
        rma, "exchange.payment_asked", actor=actor, charge=str(charge.uid), purpose=str(charge.purpose),
        amount=money.to_text(charge.amount, charge.currency),
    )  # fmt: skip


def ask_for(
    exchange: Exchange, rma: Return, amount: int, purpose: str, *, actor: Actor, hold: bool | None = None
) -> Charge:
    """A row that asks the customer for money: through the gateway they paid by, else by hand.

    A deposit is a hold on the payment they used before unless `hold` is False.
    """
    payment = _asking_payment(exchange)
    held = purpose == Charge.Purpose.DEPOSIT if hold is None else hold
    kind = Charge.Kind.BY_HAND if payment is None else Charge.Kind.HOLD if held else Charge.Kind.LINK
    charge = Charge.objects.create(
        exchange=exchange,
        payment=payment,
        kind=kind,
        purpose=purpose,
        state=S.OPEN if payment is None else S.CREATED,
        gateway=payment.gateway if payment else "manual",
        amount=amount,
        currency=exchange.currency,
        next_attempt_at=None if payment is None else timezone.now(),
    )
    if payment is None:
        tell_asked(charge, rma, actor)
    return charge


def _asking_payment(exchange: Exchange) -> OrderPayment | None:
    """The payment whose gateway can also take money, the newest first."""
    rows = OrderPayment.objects.filter(order=exchange.order_id).order_by("-position", "-pk")
    shop = exchange.order.shop_id
    return next((row for row in rows if isinstance(gateway_for(row.gateway, shop), AsksForMoney)), None)


def let_go(exchange: Exchange) -> None:
    """Money that was asked for is not wanted any more, and what was paid goes back; the exchange is locked."""
    for charge in exchange.charges.select_for_update().exclude(state__in=[S.RELEASED, S.FAILED]).order_by("pk"):
        _want(charge, 0)


def settle_deposit(exchange: Exchange, rma: Return, *, keep: int, actor: Actor) -> None:
    """The goods are back, or will not come: take `keep` of the deposit and let the rest go."""
    for charge in exchange.charges.select_for_update().filter(purpose=Charge.Purpose.DEPOSIT).order_by("pk"):
        if charge.state not in (S.RELEASED, S.FAILED) and not charge.wanted:
            own = min(keep, charge.amount)
            keep -= own
            if own and charge.state == S.PAID and charge.to_capture != own:
                text = money.to_text(own, charge.currency)
                events.log(rma, "exchange.deposit_kept", actor=actor, charge=str(charge.uid), amount=text)
            _want(charge, own)


def _want(charge: Charge, keep: int) -> None:
    if charge.state == S.PAID and charge.captured - charge.refunded <= keep:
        charge.to_capture = keep
        charge.save(update_fields=["to_capture", "updated_at"])
        return
    charge.to_capture = keep
    charge.wanted = Charge.Wanted.CAPTURE if keep and charge.state != S.PAID else Charge.Wanted.RELEASE
    if charge.state in (S.CREATED, S.OPEN) and (charge.kind == Charge.Kind.BY_HAND or charge.state == S.CREATED):
        # nobody was asked yet, or only in words
        charge.state, charge.wanted, charge.next_attempt_at = S.RELEASED, Charge.Wanted.NOTHING, None
    elif charge.kind != Charge.Kind.BY_HAND:
        charge.first_called_at = charge.first_called_at if charge.state == S.PROCESSING else None
        charge.tries, charge.next_attempt_at = 0, timezone.now()
    charge.save()


def is_covered(exchange: Exchange) -> bool:
    """Whether the difference is paid and the deposit is held or paid."""
    paid = held = 0
    for charge in exchange.charges.all():
        if charge.state == S.PAID and not charge.wanted:
            amount = charge.captured - charge.refunded
            paid += amount if charge.purpose == Charge.Purpose.DIFFERENCE else 0
            held += amount if charge.purpose == Charge.Purpose.DEPOSIT else 0
        elif charge.state == S.HELD and charge.purpose == Charge.Purpose.DEPOSIT:
            held += charge.amount
    return paid >= exchange.due and held >= exchange.deposit


def go_on_when_paid(exchange: Exchange, rma: Return, *, actor: Actor) -> None:
    """The replacement may leave once its difference is paid and its deposit held; the exchange is locked."""
    if exchange.state != Exchange.State.AWAITING_PAYMENT or not is_covered(exchange):
        return
    exchange.state = Exchange.State.READY
    exchange.save(update_fields=["state", "updated_at"])
    events.log(rma, "exchange.ready", actor=actor, exchange=str(exchange.uid))
