"""Sending once more what was written: the same words, to the address the customer has now."""

from __future__ import annotations

import hashlib

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.doorbell import nudge
from accounts.problems import WrongState
from notifications.actions.sending import OPEN
from notifications.actions.writing import SEND
from notifications.models import Message
from notifications.queries.frame import domain_of, recipient_of
from returns.events import log
from returns.lifecycle import lock_return
from returns.models import Return

RESENT = "message.resent"


class MayNotResend(WrongState):
    """It is on its way already, or there is nobody to send it to."""


def resend_message(message: Message, *, actor: Actor) -> Message:
    """Queue a sent or parked message again; with a new address on the order, as a copy to that address.

    To the same address it is the same row and the same bytes. Raises MayNotResend.
    """
    with transaction.atomic():
        rma = lock_return(message.rma_id) if message.rma_id else None
        recipient = recipient_of(rma) if rma else message.recipient
        if not recipient:
            raise MayNotResend(_("The customer has no e-mail address any more."))
        again = _queue(message) if recipient == message.recipient else _copy(message, recipient)
        if rma is not None:
            _log(rma, again, actor)
        nudge(SEND)
    return again


def retry_parked(messages: QuerySet[Message], *, actor: Actor) -> int:
    """Queue all parked ones among the messages again; returns how many."""
    parked = list(messages.filter(state=Message.State.PARKED).order_by("pk"))
    for message in parked:
        resend_message(message, actor=actor)
    return len(parked)


def _queue(message: Message) -> Message:
    found = Message.objects.select_for_update().get(pk=message.pk)
    if found.state in OPEN:
        raise MayNotResend(_("This message is already on its way."))
    found.state, found.attempts, found.next_attempt_at = Message.State.QUEUED, 0, timezone.now()
    found.save(update_fields=["state", "attempts", "next_attempt_at"])
    return found


def _copy(message: Message, recipient: str) -> Message:
    sibling = Message.objects.filter(event=message.event_id, channel=message.channel, recipient=recipient).first()
    if sibling is not None:
        return _queue(sibling)
    digest = hashlib.sha256(f"{message.message_id}:{recipient}".encode()).hexdigest()[:32]
    return Message.objects.create(
        event_id=message.event_id,
        rma_id=message.rma_id,
        channel=message.channel,
        recipient=recipient,
        sender=message.sender,
        reply_to=message.reply_to,
        locale=message.locale,
        kind=message.kind,
        subject=message.subject,
        text=message.text,
        html=message.html,
        attachments=message.attachments,
        message_id=f"<{message.event_id}.{digest}@{domain_of(message.sender)}>",
        next_attempt_at=timezone.now(),
    )


def _log(rma: Return, message: Message, actor: Actor) -> None:
    log(rma, RESENT, actor=actor, message=str(message.pk), of=message.kind)
