"""What mails tell: the facts as they stand when the event is dispatched."""

from __future__ import annotations

from notifications.queries.frame import frame_of, recipient_of, sender_of
from notifications.queries.stories import STORIES

__all__ = ["STORIES", "frame_of", "recipient_of", "sender_of"]
