"""Sending refunds: claimed in one transaction, called outside of any, recorded in another; docs/gateways.md."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.utils import timezone

from refunds.actions.answers import record_answer
from refunds.actions.gates import gateway_for
from refunds.gateways import Gateway, RefundAnswer, RefundCall, RefundOutcome
from refunds.models import Refund

logger = logging.getLogger(__name__)

LEASE = timedelta(seconds=60)
"""Longer than a call and a look-up can take with every time-out at its end."""

SETTLING = timedelta(seconds=30)
"""How long a request that nobody answered may still be on its way; only then is "unknown" believed."""

OPEN = (Refund.State.CREATED, Refund.State.PROCESSING)


@dataclass(frozen=True, slots=True)
class Due:
    """A claimed refund; `fresh` when this attempt's key was never sent before."""

    pk: int
    gateway: str
    shop_id: int
    call: RefundCall
    fresh: bool


def claim_refund() -> Due | None:
    """Take, for as long as the lease, the next refund that is due; None without one.

    It says `processing` before anybody is called, so whoever finds it after a crash looks it up first.
    """
    with transaction.atomic():
        now = timezone.now()
        rows = Refund.objects.filter(state__in=OPEN, next_attempt_at__lte=now).order_by("next_attempt_at", "pk")
        rows = rows.select_related("payment", "reimbursement__order")
        if connection.features.has_select_for_update_skip_locked:
            rows = rows.select_for_update(skip_locked=True, of=("self",))
        refund = rows.first()
        return _claim(refund, now) if refund is not None else None


def _claim(refund: Refund, now: datetime) -> Due:
    order, payment, first = refund.reimbursement.order, refund.payment, refund.first_called_at
    refund.state, refund.first_called_at = Refund.State.PROCESSING, first or now
    refund.tries, refund.next_attempt_at = min(refund.tries + 1, 30_000), now + LEASE
    refund.save(update_fields=["state", "first_called_at", "tries", "next_attempt_at", "updated_at"])
    call = RefundCall(
        key=refund.idempotency_key,
        payment_reference=payment.reference if payment else "",
        amount=refund.amount,
        currency=refund.currency,
        order_number=order.number,
        gateway_id=refund.gateway_refund_id,
        first_called_at=first,
        captured=payment.captured if payment else None,
    )
    return Due(refund.pk, refund.gateway, order.shop_id, call, first is None)


def execute_refund(due: Due) -> None:
    """Call the gateway about one claimed refund, outside of any transaction, and record what it said."""
    gateway = gateway_for(due.gateway, due.shop_id)
    try:
        answer, source = _ask(gateway, due)
    except Exception as error:
        # a gateway that breaks its word must not hold up everybody else's money; nobody knows what it did
        logger.exception("refund %s: the gateway raised", due.pk)
        answer, source = RefundAnswer(RefundOutcome.UNCLEAR, reason=f"{type(error).__name__}: {error}"[:500]), "call"
    try:
        record_answer(due.pk, answer, key=due.call.key, source=source)
    except Exception:
        # rolled back as a whole: it stays `processing` and is looked up when its lease is over
        logger.exception("refund %s: the answer could not be recorded", due.pk)


def _ask(gateway: Gateway, due: Due) -> tuple[RefundAnswer, str]:
    """The call on the first try, afterwards a look-up; sent again only under its key and where that is safe."""
    if due.fresh:
        return gateway.refund(due.call), "call"
    if gateway.local:
        return RefundAnswer(RefundOutcome.UNCLEAR, reason="The gateway that was called is not configured any more."), ""
    answer = gateway.look_up(due.call)
    if answer.outcome != RefundOutcome.UNKNOWN or not _has_settled(due.call):
        return _not_yet(answer), "look_up"
    if _key_is_remembered(gateway, due.call):
        return gateway.refund(due.call), "resend"
    return answer, "look_up"


def _not_yet(answer: RefundAnswer) -> RefundAnswer:
    """What is unknown so soon after the call may still be on its way: nobody knows."""
    return replace(answer, outcome=RefundOutcome.UNCLEAR) if answer.outcome == RefundOutcome.UNKNOWN else answer


def _has_settled(call: RefundCall) -> bool:
    return call.first_called_at is None or timezone.now() - call.first_called_at >= SETTLING


def _key_is_remembered(gateway: Gateway, call: RefundCall) -> bool:
    """Whether the gateway answers a key sent again as the first time; a tenth of its window is kept as reserve."""
    if gateway.key_window is None or call.first_called_at is None:
        return True
    return timezone.now() - call.first_called_at < gateway.key_window * 0.9
