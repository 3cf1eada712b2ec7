"""A guest's way in, and the guesses that are counted against it."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from customers.models.order import Order


class PortalToken(models.Model):
    """A guest's way to one order: 128 random bits, stored as a hash, revocable."""

    class Purpose(models.TextChoices):
        VISIT = "visit"
        MAIL = "mail"

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="portal_tokens")
    token_hash = models.CharField(max_length=64, unique=True)
    purpose = models.CharField(max_length=10, choices=Purpose.choices, default=Purpose.VISIT)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"{self.purpose} {self.order_id}"


class LookupAttempt(models.Model):
    """One guess at an order, counted per order, contact and address so that guessing stays hopeless."""

    subject = models.CharField(max_length=64)
    window = models.DateTimeField()
    count = models.PositiveIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["subject", "window"], name="one_counter_per_subject_and_window")
        ]

    def __str__(self) -> str:
        return f"{self.subject} {self.count}"
