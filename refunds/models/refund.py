"""Every movement of money, and each call to a gateway."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from customers.models import OrderPayment, Shop
from refunds.models.reimbursement import Reimbursement


class Refund(models.Model):
    """One movement of money to one payment; the row and its key exist before any call."""

    class State(models.TextChoices):
        CREATED = "created", _("Created")
        PROCESSING = "processing", _("Processing")
        MANUAL_PENDING = "manual_pending", _("To be paid by hand")
        SUCCEEDED = "succeeded", _("Succeeded")
        FAILED = "failed", _("Failed")
        EXTERNAL = "external", _("Made elsewhere")

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    reimbursement = models.ForeignKey(Reimbursement, on_delete=models.PROTECT, related_name="refunds")
    payment = models.ForeignKey(OrderPayment, null=True, on_delete=models.PROTECT, related_name="refunds")
    seq = models.PositiveSmallIntegerField(default=1)
    amount = models.BigIntegerField(help_text=_("Minor units."))
    currency = models.CharField(max_length=3)
    state = models.CharField(_("status"), max_length=16, choices=State.choices, default=State.CREATED)
    gateway = models.CharField(max_length=40)
    gateway_refund_id = models.CharField(max_length=200, null=True)  # noqa: DJ001  null is outside of UNIQUE
    attempt = models.PositiveSmallIntegerField(default=1)
    tries = models.PositiveSmallIntegerField(default=0, help_text=_("Calls and look-ups since the last clear answer."))
    first_called_at = models.DateTimeField(null=True, help_text=_("When this attempt's key was first sent."))
    next_attempt_at = models.DateTimeField(null=True)
    replaces = models.OneToOneField(
        "self",
        null=True,
        on_delete=models.PROTECT,
        related_name="replacement",
        help_text=_("The failed one that this pays in another way."),
    )
    payout_file = models.ForeignKey("refunds.PayoutFile", null=True, on_delete=models.PROTECT, related_name="refunds")
    failure_code = models.CharField(max_length=60, blank=True)
    last_error = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    succeeded_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["reimbursement", "payment", "seq"], name="one_refund_per_payment_and_seq"),
            models.UniqueConstraint(fields=["gateway", "gateway_refund_id"], name="one_row_per_gateway_refund"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="a_refund_moves_money"),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["id"], condition=Q(state__in=["manual_pending", "failed"]), name="refunds_for_a_person"
            ),
            models.Index(
                fields=["next_attempt_at"],
                condition=Q(state__in=["created", "processing"]),
                name="refunds_to_execute",
            ),
            models.Index(fields=["gateway", "created_at"], name="refunds_by_gateway"),
            models.Index(fields=["succeeded_at", "id"], name="refunds_by_success"),
        ]

    def __str__(self) -> str:
        return f"{self.uid} {self.amount} {self.currency}"

    @property
    def idempotency_key(self) -> str:
        """The key for the gateway; its number rises only after a definite failure."""
        return f"{self.uid}-{self.attempt}"


class RefundAttempt(models.Model):
    """One call to a gateway and what it answered."""

    refund = models.ForeignKey(Refund, on_delete=models.PROTECT, related_name="attempts")
    key = models.CharField(max_length=60)
    outcome = models.CharField(max_length=16, default="unclear")
    answer = models.JSONField(default=dict)
    at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"{self.key} {self.outcome}"


class PayoutFile(models.Model):
    """A bank's file of payments to make by hand; each refund stands in at most one that was not cancelled."""

    class Format(models.TextChoices):
        SEPA = "sepa", "SEPA pain.001"
        ELIXIR = "elixir", "Elixir-0"
        MASAV = "masav", "Masav"

    class State(models.TextChoices):
        MADE = "made", _("Made")
        PAID = "paid", _("Paid")
        CANCELLED = "cancelled", _("Cancelled")

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    shop = models.ForeignKey(Shop, on_delete=models.PROTECT, related_name="payout_files")
    format = models.CharField(max_length=10, choices=Format.choices)
    state = models.CharField(max_length=10, choices=State.choices, default=State.MADE)
    currency = models.CharField(max_length=3)
    count = models.PositiveIntegerField()
    total = models.BigIntegerField(help_text=_("Minor units."))
    content = models.TextField(blank=True, help_text=_("Encrypted; erased once paid or cancelled."))
    created_by = models.CharField(max_length=120)
    created_by_name = models.CharField(max_length=120, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    closed_at = models.DateTimeField(null=True)
    closed_by = models.CharField(max_length=120, blank=True)
    closed_by_name = models.CharField(max_length=120, blank=True)

    def __str__(self) -> str:
        return f"{self.format} {self.count} {self.currency}"
