"""The answer to a complaint on paper: drawn from the frozen mail, so both say the same."""

from __future__ import annotations

from babel.dates import format_date

from notifications.catalogue import ANSWER
from notifications.models import Message
from returns.policy.window import local_day
from returns.printing import answer_pdf


def answers_a_complaint(message: Message) -> bool:
    """Whether a letter goes with the message."""
    return message.rma is not None and any(row["kind"] == ANSWER for row in message.attachments)


def answer_letter(message: Message) -> bytes:
    """The letter as PDF, in the language and with the words of its mail. Raises ValueError for any other message."""
    if message.rma is None or not answers_a_complaint(message):
        raise ValueError("This message answers no complaint.")
    day = local_day(message.created_at, message.rma.law_facts.get("time_zone"))
    written_on = format_date(day, "long", locale=message.locale)
    return answer_pdf(
        message.rma, title=message.subject, text=message.text, written_on=written_on, locale=message.locale
    )
