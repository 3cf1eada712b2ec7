"""Mails about a statement of withdrawal: its acknowledgement word for word, our answer, and whether they arrived."""

from __future__ import annotations

import hashlib
from typing import Any

from django.template.loader import render_to_string
from django.utils import timezone

from accounts.doorbell import nudge
from notifications.actions.writing import SEND, message_id
from notifications.catalogue import ACKNOWLEDGEMENT, WITHDRAWALS
from notifications.channels.email import EmailChannel
from notifications.channels.letters import styled
from notifications.models import Message
from notifications.queries.frame import domain_of, imprint, sender_of
from returns.actions.withdrawals import acknowledged, undelivered
from returns.links import receipt_url
from returns.models import Event, Withdrawal
from returns.policy.withdrawal import words


def write_statement_message(event: Event, row: Withdrawal) -> None:
    """Store the mail of an event about a statement, once however often it is called, and ring for the sender.

    Its words come with the statement and not from the translation of the pages: they are frozen or given by law.
    """
    facts = _answer(row) if event.kind == "withdrawal.decided" else _acknowledgement(row)
    facts |= {"shop": row.shop, "imprint": imprint(row.shop, facts["lang"])}
    sender = sender_of(row.shop)
    message = Message(
        event=event,
        channel=EmailChannel.code,
        recipient=row.ack_to,
        sender=sender,
        reply_to=row.shop.support_email,
        locale=facts["lang"],
        kind=event.kind,
        subject=facts["subject"],
        text=render_to_string("emails/withdrawal/body.txt", facts),
        html=styled(render_to_string("emails/withdrawal/body.html", facts)),
        attachments=_attachments(event, row),
        message_id=message_id(event, row.ack_to, domain_of(sender)),
        next_attempt_at=max(timezone.now(), row.held_until or timezone.now()),
    )
    Message.objects.bulk_create([message], ignore_conflicts=True)
    nudge(SEND)


def _acknowledgement(row: Withdrawal) -> dict[str, Any]:
    ack = row.ack
    return {
        "lang": ack["language"],
        "dir": ack["dir"],
        "subject": ack["subject"],
        "intro": ack["intro"],
        "lines": ack["lines"],
        "after": ack["after"],
        "fine": ack["fingerprint"],
    }


def _answer(row: Withdrawal) -> dict[str, Any]:
    spoken, accepted = words(row.law, row.locale), row.decision["accepted"]
    return {
        "lang": spoken.base,
        "dir": spoken.dir,
        "subject": spoken["decision_subject"].format(ref=row.ref),
        "intro": spoken["decision_yes" if accepted else "decision_no"],
        "lines": [spoken["decision_why"].format(reasons=row.decision["reasons"])],
        "after": [] if accepted else [spoken["decision_contest"]],
        "url": "" if accepted else receipt_url(row),
        "fine": "",
    }


def _attachments(event: Event, row: Withdrawal) -> list[dict[str, str]]:
    if ACKNOWLEDGEMENT not in WITHDRAWALS[event.kind].attachments:
        return []
    return [{"kind": ACKNOWLEDGEMENT, "withdrawal": row.ref, "filename": f"{row.ref}.pdf"}]


def note_delivery(pk: int) -> None:
    """Tell a statement that its acknowledgement was taken by a mail server, or was given up on."""
    message = Message.objects.select_related("event").get(pk=pk)
    attached = WITHDRAWALS.get(message.kind)
    if attached is None or ACKNOWLEDGEMENT not in attached.attachments:
        return
    row = Withdrawal.objects.get(pk=int(message.event.stream.partition(":")[2]))
    if message.state == Message.State.SENT:
        digest = hashlib.sha256(message.text.encode()).hexdigest()
        acknowledged(row, message_id=message.message_id, sha256=digest, at=message.sent_at)
    else:
        undelivered(row, message_id=message.message_id, error=message.last_error)
