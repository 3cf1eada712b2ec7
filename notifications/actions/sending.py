"""The way of a row through the sender: claimed, then sent, put off or parked, each in a short transaction."""

from __future__ import annotations

import logging
import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import DatabaseError, connection, transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from notifications.actions.answers import answer_letter
from notifications.actions.statements import note_delivery
from notifications.catalogue import ACKNOWLEDGEMENT, ANSWER, MAX_ATTEMPTS, retry_after
from notifications.channels.base import Attachment, Outgoing, Rejected, ServerAway, Undelivered
from notifications.models import Message
from notifications.queries.frame import domain_of
from returns.labels.pdf import MEDIA_TYPE
from returns.models import Shipment, Withdrawal
from returns.printing import acknowledgement_pdf, label_pdf

logger = logging.getLogger(__name__)

State = Message.State
OPEN = (State.QUEUED, State.SENDING)

LEASE = timedelta(minutes=5)
"""Longer than one mail can take with every answer of the server at its time-out."""

SERVER_AWAY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Receipt:
    """A claimed message; the attempt's number tells this claim from a later one."""

    pk: int
    attempt: int
    channel: str


def claim_message() -> Receipt | None:
    """Take, for as long as the lease, the next message that is due and first of its return; None without one.

    The attempt is counted before it is made, so a message that kills its worker is parked like any other.
    """
    while True:
        with transaction.atomic():
            message = due().first()
            if message is None:
                return None
            if message.attempts < MAX_ATTEMPTS:
                message.state = State.SENDING
                message.attempts += 1
                message.next_attempt_at = timezone.now() + LEASE
                message.save(update_fields=["state", "attempts", "next_attempt_at"])
                return Receipt(message.pk, message.attempts, message.channel)
            _park(message.pk, message.attempts, message.last_error or "No attempt ever came to an end.")


def due() -> QuerySet[Message]:
    """Messages to send now, locked: queued or left by a dead worker, the first unsent one of their return."""
    earlier = Message.objects.filter(rma=OuterRef("rma"), id__lt=OuterRef("id"), state__in=OPEN)
    rows = (
        Message.objects.filter(~Exists(earlier), state__in=OPEN, next_attempt_at__lte=timezone.now())
        .only("attempts", "channel", "last_error")
        .order_by("next_attempt_at", "id")
    )
    if connection.features.has_select_for_update_skip_locked:
        rows = rows.select_for_update(skip_locked=True, of=("self",))
    return rows


def outgoing(pk: int) -> Outgoing:
    """The frozen message in the form that channels take; attachments are drawn again from frozen rows."""
    message = Message.objects.select_related("rma").get(pk=pk)
    domain = domain_of(message.sender)
    code = message.rma.code if message.rma else f"message-{message.pk}"
    return Outgoing(
        recipient=message.recipient,
        sender=message.sender,
        reply_to=message.reply_to,
        subject=message.subject,
        text=message.text,
        html=message.html,
        message_id=message.message_id,
        thread_id=f"<{code.lower()}@{domain}>",
        locale=message.locale,
        written_at=message.created_at,
        attachments=tuple(_attachment(message, row) for row in message.attachments),
    )


def _attachment(message: Message, row: Mapping[str, Any]) -> Attachment:
    if row["kind"] == ANSWER:
        return Attachment(row["filename"], MEDIA_TYPE, answer_letter(message))
    if row["kind"] == ACKNOWLEDGEMENT:
        statement = Withdrawal.objects.select_related("shop").get(ref=row["withdrawal"])
        return Attachment(row["filename"], MEDIA_TYPE, acknowledgement_pdf(statement))
    shipment = Shipment.objects.get(uid=row["shipment"])
    return Attachment(row["filename"], MEDIA_TYPE, label_pdf(shipment))


def sent(receipt: Receipt) -> None:
    """The server has taken it; a statement whose acknowledgement it was learns so in the same transaction."""
    with transaction.atomic():
        if _claimed(receipt).update(state=State.SENT, sent_at=timezone.now(), last_error=""):
            _tell_statement(receipt.pk)


def put_off(receipt: Receipt, error: Undelivered) -> None:
    """It was not taken: wait, or park it when no further attempt makes sense."""
    reason = str(error)[:2000]
    logger.warning("message %s, attempt %s: %s", receipt.pk, receipt.attempt, type(error).__name__)
    if isinstance(error, ServerAway):
        # nobody has seen the message, so this was no attempt of its own: a day without a server parks nothing
        _wait(receipt, SERVER_AWAY * random.uniform(0.8, 1.2), reason, attempts=receipt.attempt - 1)
    elif isinstance(error, Rejected) or receipt.attempt >= MAX_ATTEMPTS:
        _park(receipt.pk, receipt.attempt, reason)
    else:
        _wait(receipt, retry_after(receipt.attempt, random.random()), reason, attempts=receipt.attempt)


def _wait(receipt: Receipt, delay: timedelta, reason: str, *, attempts: int) -> None:
    _claimed(receipt).update(
        state=State.QUEUED, next_attempt_at=timezone.now() + delay, last_error=reason, attempts=attempts
    )


def _park(pk: int, attempt: int, reason: str) -> None:
    parked = Message.objects.filter(pk=pk, attempts=attempt, state__in=OPEN)
    with transaction.atomic():
        if parked.update(state=State.PARKED, last_error=reason):
            _tell_statement(pk)


def _tell_statement(pk: int) -> None:
    """Note on a statement how its acknowledgement fared; a failure of the note must not send the mail again."""
    try:
        with transaction.atomic():
            note_delivery(pk)
    except DatabaseError:
        logger.exception("message %s: what became of it could not be noted on its statement", pk)


def _claimed(receipt: Receipt) -> QuerySet[Message]:
    """The row, unless its lease ran out and somebody else took it meanwhile."""
    return Message.objects.filter(pk=receipt.pk, attempts=receipt.attempt, state=State.SENDING)
