"""Money asked of the customer for an exchange: rows first, then calls outside of transactions, then one locked record.

A charge is made (a link or a hold), and later taken, let go or given back; each of these has its own key, an
unclear answer is looked up and never sent under another.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import connection, transaction
from django.utils import timezone

from accounts.actors import SYSTEM_ACTOR
from refunds.actions.charge_answers import take_answer
from refunds.actions.gates import gateway_for
from refunds.gateways import Gateway, RefundCall, RefundOutcome
from refunds.gateways.base import AsksForMoney, ChargeAnswer, ChargeCall, ChargeOutcome, GatewayNotice
from refunds.models import Charge

LEASE: Final = timedelta(minutes=2)
BATCH: Final = 50
_OUTCOMES: Final = frozenset(outcome.value for outcome in ChargeOutcome)
_AS_CHARGE: Final = {
    RefundOutcome.SUCCEEDED: ChargeOutcome.RELEASED,
    RefundOutcome.FAILED: ChargeOutcome.FAILED,
    RefundOutcome.UNKNOWN: ChargeOutcome.UNKNOWN,
}


@dataclass(frozen=True, slots=True)
class Step:
    """What is to be called for a charge now; `before` says that it was called and the answer is not known."""

    verb: str
    before: bool
    amount: int


def execute_charges(now: datetime | None = None) -> int:
    """Call the gateways that charges wait for; returns how many were worked on."""
    now = now or timezone.now()
    due = Charge.objects.filter(next_attempt_at__lte=now).order_by("next_attempt_at").values_list("pk", flat=True)
    return sum(execute_charge(pk, now) for pk in due[:BATCH])


def execute_charge(pk: int, now: datetime | None = None) -> bool:
    """Claim one charge, call its gateway outside of any transaction, record the answer."""
    claimed = _claim(pk, now or timezone.now())
    if claimed is None:
        return False
    charge, step = claimed
    take_answer(pk, step.verb, _call(charge, step), actor=SYSTEM_ACTOR, back=step.amount)
    return True


def record_charge_notice(notice: GatewayNotice, *, gateway: str) -> bool:
    """What a webhook says of a charge, through the same locked function; whether the charge is ours."""
    rows = Charge.objects.filter(gateway=gateway)
    found = rows.filter(gateway_id=notice.gateway_id).first() if notice.gateway_id else None
    if found is None and notice.key:
        found = next((row for row in rows.filter(uid__in=_uids(notice.key)) if row.idempotency_key == notice.key), None)
    if found is None or notice.outcome not in _OUTCOMES:
        return False
    outcome = ChargeOutcome(notice.outcome)
    captured = notice.amount if outcome == ChargeOutcome.PAID else 0
    answer = ChargeAnswer(outcome, notice.gateway_id or None, captured=captured, reason=notice.reason)
    take_answer(found.pk, "notice", answer, actor=SYSTEM_ACTOR)
    return True


def _uids(key: str) -> list[str]:
    """The uid in a key, `{uid}-{attempt}`; a key of another shape has none."""
    uid = key.rpartition("-")[0]
    return [uid] if len(uid) == 36 and uid.count("-") == 4 and all(c in "0123456789abcdef-" for c in uid) else []


def _claim(pk: int, now: datetime) -> tuple[Charge, Step] | None:
    with transaction.atomic():
        rows = Charge.objects.select_related("exchange__order", "payment")
        skip = connection.features.has_select_for_update_skip_locked
        charge = rows.select_for_update(of=("self",), skip_locked=skip).filter(pk=pk, next_attempt_at__lte=now).first()
        if charge is None:
            return None
        step = next_step(charge)
        if step is None:
            Charge.objects.filter(pk=pk).update(next_attempt_at=None)
            return None
        if charge.state == Charge.State.CREATED:
            charge.state = Charge.State.PROCESSING
        charge.first_called_at = charge.first_called_at or now
        charge.tries, charge.next_attempt_at = charge.tries + 1, now + LEASE
        charge.save(update_fields=["state", "first_called_at", "tries", "next_attempt_at", "updated_at"])
    return charge, step


def next_step(charge: Charge) -> Step | None:
    """What a charge waits for: to be made, taken, let go, given back, or asked about."""
    state, wanted = charge.state, charge.wanted
    before = charge.first_called_at is not None
    if state in (Charge.State.CREATED, Charge.State.PROCESSING):
        return Step("hold" if charge.kind == Charge.Kind.HOLD else "ask", before, charge.amount)
    if wanted == Charge.Wanted.CAPTURE and state == Charge.State.HELD:
        return Step("capture", before, charge.to_capture)
    if wanted == Charge.Wanted.RELEASE and state in (Charge.State.OPEN, Charge.State.HELD):
        return Step("release", before, charge.amount)
    back = charge.captured - charge.refunded - charge.to_capture
    if wanted == Charge.Wanted.RELEASE and state == Charge.State.PAID and back > 0:
        return Step("back", before, back)
    return Step("look", True, charge.amount) if state == Charge.State.OPEN else None


def _call(charge: Charge, step: Step) -> ChargeAnswer:
    """One call to the gateway; what was called before is looked up first and only sent again if it is unknown."""
    gateway = gateway_for(charge.gateway, charge.exchange.order.shop_id)
    if step.verb == "back":
        return _give_back(gateway, charge, step)
    if not isinstance(gateway, AsksForMoney):
        return ChargeAnswer(ChargeOutcome.FAILED, reason="this gateway cannot ask for money")
    call = _charge_call(charge, step)
    if step.before:
        found = gateway.look_up_charge(_charge_call(charge, Step("look", True, charge.amount)))
        if step.verb == "look" or _is_answered(step.verb, found.outcome):
            return found
    verbs = {"ask": gateway.ask, "hold": gateway.hold, "capture": gateway.capture, "release": gateway.release}
    return verbs[step.verb](call)


def _is_answered(verb: str, outcome: ChargeOutcome) -> bool:
    """Whether a look-up settles the step, so that nothing has to be sent again."""
    if outcome == ChargeOutcome.UNKNOWN:
        return False
    untouched = {"capture": (ChargeOutcome.HELD,), "release": (ChargeOutcome.HELD, ChargeOutcome.OPEN)}
    return outcome not in untouched.get(verb, ())


def _charge_call(charge: Charge, step: Step) -> ChargeCall:
    key = charge.idempotency_key
    return ChargeCall(
        key=key if step.verb in ("ask", "hold", "look") else f"{key}-{step.verb}",
        amount=step.amount,
        currency=charge.currency,
        description=charge.exchange.order.number,
        payment_reference=charge.payment.reference if charge.payment else "",
        gateway_id=charge.gateway_id,
    )


def _give_back(gateway: Gateway, charge: Charge, step: Step) -> ChargeAnswer:
    """A paid charge goes back as a refund of the payment that it made."""
    call = RefundCall(
        key=f"{charge.idempotency_key}-back",
        payment_reference=charge.gateway_id or "",
        amount=step.amount,
        currency=charge.currency,
        order_number=charge.exchange.order.number,
        captured=charge.captured,
        first_called_at=charge.first_called_at if step.before else None,
    )
    answer = gateway.look_up(call) if step.before else gateway.refund(call)
    if step.before and answer.outcome == RefundOutcome.UNKNOWN:
        answer = gateway.refund(call)
    outcome = _AS_CHARGE.get(answer.outcome, ChargeOutcome.UNCLEAR)
    return ChargeAnswer(outcome, charge.gateway_id, reason=answer.reason)
