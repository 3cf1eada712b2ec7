"""Mail over SMTP, through whatever backend Django is set to; a retry sends the same bytes."""

from __future__ import annotations

import hashlib
from email.message import Message as MimeMessage
from email.utils import format_datetime
from smtplib import (
    SMTPDataError,
    SMTPException,
    SMTPNotSupportedError,
    SMTPRecipientsRefused,
    SMTPResponseException,
)
from typing import Any, ClassVar

from django.core.mail import EmailMultiAlternatives, get_connection

from notifications.channels.base import NotNow, Outgoing, Rejected, ServerAway, Undelivered

TIMEOUT = 10
"""Seconds for each answer of the server."""


class FrozenMail(EmailMultiAlternatives):
    """A mail whose part boundaries come from its Message-ID, where Python would draw them by lot."""

    def message(self, **options: Any) -> Any:
        """The MIME message with fixed boundaries."""
        message: MimeMessage = super().message(**options)
        seed = hashlib.sha256(str(self.extra_headers["Message-ID"]).encode()).hexdigest()[:32]
        for index, part in enumerate(message.walk()):
            if part.is_multipart():
                part.set_boundary(f"=_{seed}_{index}")
        return message


class EmailChannel:
    """One connection to the mail server, opened when needed and kept until closed."""

    code: ClassVar[str] = "email"

    def __init__(self) -> None:
        self._backend = get_connection(timeout=TIMEOUT)

    def send(self, message: Outgoing) -> None:
        """Send one mail; returns after the server's 250. Raises Undelivered."""
        self._open()
        try:
            self._backend.send_messages([compose(message)])
        except (OSError, ValueError) as error:
            # half a conversation may be left over, so the next mail starts a new one
            self.close()
            raise _reading(error) from error

    def close(self) -> None:
        """Hang up, without caring for what the server says to it."""
        try:
            self._backend.close()
        except OSError:
            self._backend = get_connection(timeout=TIMEOUT)

    def _open(self) -> None:
        try:
            self._backend.open()
        except OSError as error:
            self._backend = get_connection(timeout=TIMEOUT)
            raise ServerAway(_words(error)) from error


def compose(message: Outgoing) -> FrozenMail:
    """The mail of a frozen message: plain and HTML side by side, attachments beneath."""
    mail = FrozenMail(
        subject=message.subject,
        body=message.text,
        from_email=message.sender,
        to=[message.recipient],
        reply_to=[message.reply_to] if message.reply_to else None,
        headers={
            "Message-ID": message.message_id,
            "Date": format_datetime(message.written_at.replace(microsecond=0)),
            # all mails of one return make one conversation, whichever of them arrives first
            "In-Reply-To": message.thread_id,
            "References": message.thread_id,
            "Content-Language": message.locale,
            "Auto-Submitted": "auto-generated",
        },
    )
    if message.html:
        mail.attach_alternative(message.html, "text/html")
    for attachment in message.attachments:
        mail.attach(attachment.filename, attachment.content, attachment.media_type)
    return mail


def _reading(error: OSError | ValueError) -> Undelivered:
    """Whether trying again can help; OSError is the base of all that smtplib raises."""
    if isinstance(error, SMTPRecipientsRefused):
        code, answer = next(iter(error.recipients.values()))
        return _answered(code, answer)
    if isinstance(error, SMTPDataError):
        return _answered(error.smtp_code, error.smtp_error)
    if isinstance(error, SMTPNotSupportedError) or not isinstance(error, OSError):
        return Rejected(_words(error))
    # a refused sender is the shop's setting, not this mail's fault: it may be put right in an hour
    return NotNow(_words(error))


def _answered(code: int, answer: bytes | str) -> Undelivered:
    words = f"{code} {_text(answer)}"
    return Rejected(words) if 500 <= code < 600 else NotNow(words)


def _words(error: Exception) -> str:
    if isinstance(error, SMTPResponseException):
        return f"{error.smtp_code} {_text(error.smtp_error)}"
    return f"{type(error).__name__}: {error}" if not isinstance(error, SMTPException) else str(error)


def _text(answer: bytes | str) -> str:
    return answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
