"""Refunds without a clear answer: when they are looked up next, and when a person should know."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actors import Actor
from refunds.actions.breaks import Kind, open_break
from refunds.actions.locks import Held, State
from refunds.gateways import RefundAnswer, RefundOutcome
from refunds.models import Refund

WAITS = (5, 15, 60, 300, 900, 3600)
"""Seconds until the next look-up, by how often it was tried."""
STUCK_AFTER = {RefundOutcome.UNCLEAR: 6, RefundOutcome.PENDING: 72}
"""Tries without a clear answer after which a person should know: over an hour, and days for a slow bank."""
ON_THE_WAY = (State.CREATED, State.PROCESSING)


def keep_waiting(held: Held, answer: RefundAnswer, actor: Actor) -> None:
    """Pending or unclear: it stays `processing` and is looked up later."""
    refund = held.refund
    if refund.state not in ON_THE_WAY:
        return
    refund.gateway_refund_id = answer.gateway_id or refund.gateway_refund_id
    refund.last_error = "" if answer.outcome == RefundOutcome.PENDING else answer.reason[:500]
    if refund.tries >= STUCK_AFTER[answer.outcome]:
        _stuck(refund, answer)
    look_again(refund)


def wait_for_a_person(held: Held, answer: RefundAnswer, actor: Actor) -> None:
    """The gateway has none and would not know the key any more: a person decides whether to try again."""
    refund = held.refund
    if refund.state == State.PROCESSING:
        refund.last_error = _("The gateway knows nothing of it, and the time in which it could be sent again is over.")
        _stuck(refund, answer)
        look_again(refund)


def _stuck(refund: Refund, answer: RefundAnswer) -> None:
    open_break(
        Kind.STUCK,
        refund.idempotency_key,
        gateway=refund.gateway,
        refund=refund,
        ours=refund.amount,
        answer=answer.outcome.value,
        tries=refund.tries,
    )


def look_again(refund: Refund) -> None:
    """Plan the next look-up of a locked refund."""
    wait = WAITS[min(max(refund.tries, 1), len(WAITS)) - 1]
    refund.state, refund.next_attempt_at = State.PROCESSING, timezone.now() + timedelta(seconds=wait)
    refund.first_called_at = refund.first_called_at or timezone.now()
    refund.save()
