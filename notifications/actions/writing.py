"""Freezing a message at the moment of its event."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from django.utils import timezone

from accounts.doorbell import nudge
from notifications.channels.email import EmailChannel
from notifications.channels.letters import language_of, write_letter
from notifications.models import Message
from notifications.queries import frame_of, recipient_of, sender_of
from notifications.queries.frame import domain_of
from notifications.queries.holders import credit_frame, holder_of, locale_of
from notifications.queries.stories import attachments_of
from refunds.models import StoreCredit
from returns.models import Event, Return

SEND = "notifications.tasks.send_messages"


def write_message(event: Event, rma: Return, facts: Mapping[str, Any]) -> None:
    """Store the mail of an event, once however often it is called, and ring for the sender."""
    letter = write_letter(event.kind, rma.locale, {**frame_of(rma), **facts})
    sender, recipient = sender_of(rma.shop), recipient_of(rma)
    message = Message(
        event=event,
        rma=rma,
        channel=EmailChannel.code,
        recipient=recipient,
        sender=sender,
        reply_to=rma.shop.support_email,
        locale=language_of(rma.locale),
        kind=event.kind,
        subject=letter.subject,
        text=letter.text,
        html=letter.html,
        attachments=attachments_of(event, rma),
        message_id=message_id(event, recipient, domain_of(sender)),
        next_attempt_at=timezone.now(),
    )
    Message.objects.bulk_create([message], ignore_conflicts=True)
    nudge(SEND)


def write_credit_message(event: Event, credit: StoreCredit, facts: Mapping[str, Any]) -> None:
    """Store the mail to the holder of a store credit, once however often it is called, and ring for the sender."""
    locale = locale_of(credit)
    letter = write_letter(event.kind, locale, {**credit_frame(credit), **facts})
    sender, recipient = sender_of(credit.shop), holder_of(credit)
    message = Message(
        event=event,
        channel=EmailChannel.code,
        recipient=recipient,
        sender=sender,
        reply_to=credit.shop.support_email,
        locale=language_of(locale),
        kind=event.kind,
        subject=letter.subject,
        text=letter.text,
        html=letter.html,
        message_id=message_id(event, recipient, domain_of(sender)),
        next_attempt_at=timezone.now(),
    )
    Message.objects.bulk_create([message], ignore_conflicts=True)
    nudge(SEND)


def message_id(event: Event, recipient: str, domain: str) -> str:
    """The same for the same event and recipient, and guessable by nobody who knows neither."""
    digest = hashlib.sha256(f"{event.hash}:{recipient}".encode()).hexdigest()[:32]
    return f"<{event.pk}.{digest}@{domain}>"
