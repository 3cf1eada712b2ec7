"""Messages as they were written at the moment of the event, and how far they got."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from returns.models import Event, Return


class Message(models.Model):
    """One message to one recipient; its body is frozen, so a retry sends the same bytes."""

    class State(models.TextChoices):
        QUEUED = "queued", _("Queued")
        SENDING = "sending", _("Sending")
        SENT = "sent", _("Sent")
        PARKED = "parked", _("Parked")

    event = models.ForeignKey(Event, on_delete=models.PROTECT, related_name="messages")
    rma = models.ForeignKey(Return, null=True, on_delete=models.PROTECT, related_name="messages")
    channel = models.CharField(max_length=12, default="email")
    recipient = models.CharField(max_length=254)
    sender = models.CharField(max_length=254)
    reply_to = models.CharField(max_length=254, blank=True)
    locale = models.CharField(max_length=8)
    kind = models.CharField(max_length=60)
    subject = models.CharField(max_length=300)
    text = models.TextField()
    html = models.TextField(blank=True)
    attachments = models.JSONField(
        default=list, help_text=_("What to attach, by kind and id; rendered the same each time.")
    )
    message_id = models.CharField(max_length=200, unique=True)
    state = models.CharField(_("status"), max_length=8, choices=State.choices, default=State.QUEUED)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField()
    last_error = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    sent_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["event", "channel", "recipient"], name="one_message_per_event_and_recipient"
            )
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["next_attempt_at"], condition=Q(state__in=["queued", "sending"]), name="messages_to_send"
            ),
            models.Index(fields=["rma", "id"], name="messages_of_a_return"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} to {self.recipient}"
