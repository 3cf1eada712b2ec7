"""The one log: timeline, audit and outbox in one row."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from returns.models.rma import Return


class Event(models.Model):
    """Something that happened in one stream; append-only, chained by hash, dispatched in order."""

    stream = models.CharField(max_length=60)
    seq = models.PositiveIntegerField()
    rma = models.ForeignKey(Return, null=True, on_delete=models.PROTECT, related_name="events")
    kind = models.CharField(max_length=60)
    data = models.JSONField(default=dict)
    actor_kind = models.CharField(max_length=20)
    actor_ref = models.CharField(max_length=40, blank=True)
    actor_name = models.CharField(max_length=120, blank=True)
    request_id = models.CharField(max_length=64, blank=True)
    at = models.DateTimeField()
    previous_hash = models.CharField(max_length=64, blank=True)
    hash = models.CharField(max_length=64)
    dispatched_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField(null=True)
    parked_at = models.DateTimeField(null=True)
    last_error = models.TextField(blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["stream", "seq"], name="one_event_per_place_in_a_stream")
        ]
        indexes: ClassVar = [
            models.Index(fields=["id"], condition=Q(dispatched_at__isnull=True), name="events_to_dispatch"),
            models.Index(fields=["stream", "id"], condition=Q(dispatched_at__isnull=True), name="pending_per_stream"),
            models.Index(fields=["rma", "id"], name="events_of_a_return"),
            models.Index(fields=["id"], condition=Q(parked_at__isnull=False), name="parked_events"),
        ]

    def __str__(self) -> str:
        return f"{self.stream} {self.seq} {self.kind}"
