"""What every channel offers to the sender: one frozen message in, silence or a reason out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Protocol


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that goes with a message."""

    filename: str
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message, frozen: the same values always make the same bytes."""

    recipient: str
    sender: str
    reply_to: str
    subject: str
    text: str
    html: str
    message_id: str
    thread_id: str
    locale: str
    written_at: datetime
    attachments: tuple[Attachment, ...] = ()


class Undelivered(Exception):
    """The message was not taken; the text says why."""


class ServerAway(Undelivered):
    """Nobody to hand anything to: it is not about this message, and the others need not be tried now."""


class NotNow(Undelivered):
    """This message was not taken, and may be later."""


class Rejected(Undelivered):
    """This message will never be taken as it is."""


class Channel(Protocol):
    """One way to send."""

    code: ClassVar[str]

    def send(self, message: Outgoing) -> None:
        """Hand the message over; returning means that the other side has taken it. Raises Undelivered."""

    def close(self) -> None:
        """Hang up."""
