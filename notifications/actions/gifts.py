"""Freezing a mail about an order that no return brought."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils import timezone

from accounts.doorbell import nudge
from customers.models import Order
from notifications.actions.writing import SEND, message_id
from notifications.channels.email import EmailChannel
from notifications.channels.letters import language_of, write_letter
from notifications.models import Message
from notifications.queries.frame import domain_of, sender_of
from notifications.queries.gifts import order_frame, order_locale
from returns.models import Event


def write_order_message(event: Event, order: Order, facts: Mapping[str, Any]) -> None:
    """Store the mail to the buyer of an order, once however often it is called, and ring for the sender."""
    locale, recipient = order_locale(order), order.email or order.customer.email
    letter = write_letter(event.kind, locale, {**order_frame(order), **facts})
    sender = sender_of(order.shop)
    message = Message(
        event=event,
        channel=EmailChannel.code,
        recipient=recipient,
        sender=sender,
        reply_to=order.shop.support_email,
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
