"""Mails to the shop's own people: what must not be forgotten, in plain text."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.template.loader import render_to_string
from django.utils import timezone, translation

from accounts.doorbell import nudge
from notifications.actions.writing import SEND, message_id
from notifications.channels.email import EmailChannel
from notifications.channels.letters import SUBJECT_LENGTH, language_of
from notifications.models import Message
from notifications.queries.frame import domain_of, sender_of
from returns.models import Event, Return


def write_shop_message(event: Event, rma: Return) -> None:
    """Store the mail of an event to the shop's support address, once however often it is called."""
    language = language_of(next(iter(rma.shop.languages or ()), "en"))
    with translation.override(language):
        facts = _facts(event, rma)
        subject = " ".join(render_to_string(f"emails/shop/{event.kind}.subject.txt", facts).split())[:SUBJECT_LENGTH]
        text = render_to_string(f"emails/shop/{event.kind}.txt", facts).strip() + "\n"
    sender, recipient = sender_of(rma.shop), rma.shop.support_email
    message = Message(
        event=event,
        rma=rma,
        channel=EmailChannel.code,
        recipient=recipient,
        sender=sender,
        locale=language,
        kind=event.kind,
        subject=subject,
        text=text,
        message_id=message_id(event, recipient, domain_of(sender)),
        next_attempt_at=timezone.now(),
    )
    Message.objects.bulk_create([message], ignore_conflicts=True)
    nudge(SEND)


def _facts(event: Event, rma: Return) -> dict[str, Any]:
    days = {name: event.data.get(name) for name in ("due", "latest")}
    read = {name: date.fromisoformat(text) if text else None for name, text in days.items()}
    return {"code": rma.code, "stage": event.data.get("stage"), "order": rma.order.number, **read}
