"""The itemised decision to pay, every movement of money, and store credit over its ledger."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from customers.models import Customer, Order, OrderLine, OrderPayment, OrderShipping, Shop
from returns.models import Return, ReturnItem


class Reimbursement(models.Model):
    """What the customer gets for some units, line by line; a decision, not a payment."""

    class State(models.TextChoices):
        AWAITING_APPROVAL = "awaiting_approval", _("Awaiting approval")
        REJECTED = "rejected", _("Rejected")
        APPROVED = "approved", _("Approved")
        PROCESSING = "processing", _("Processing")
        SETTLED = "settled", _("Settled")
        PARTIALLY_SETTLED = "partially_settled", _("Partially settled")
        FAILED = "failed", _("Failed")

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    rma = models.ForeignKey(Return, null=True, on_delete=models.PROTECT, related_name="reimbursements")
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="reimbursements")
    state = models.CharField(_("status"), max_length=20, choices=State.choices, default=State.APPROVED)
    currency = models.CharField(max_length=3)
    net = models.BigIntegerField()
    tax = models.BigIntegerField()
    total = models.BigIntegerField()
    fee = models.BigIntegerField(default=0)
    tax_by_rate = models.JSONField(default=dict)
    tender = models.CharField(max_length=20, default="original")
    request = models.JSONField(default=dict, help_text=_("What was asked, to recognise the same wish again."))
    payout = models.TextField(blank=True, help_text=_("Encrypted account of the customer."))
    payout_masked = models.CharField(max_length=60, blank=True)
    created_by = models.CharField(max_length=120)
    created_by_name = models.CharField(max_length=120, blank=True)
    approved_by = models.CharField(max_length=120, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    settled_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["id"],
                condition=~Q(state__in=["settled", "rejected"]),
                name="reimbursements_not_settled",
            )
        ]

    def __str__(self) -> str:
        return str(self.uid)


class ReimbursementLine(models.Model):
    """One signed line of the decision; what lowers the payout is negative."""

    reimbursement = models.ForeignKey(Reimbursement, on_delete=models.PROTECT, related_name="lines")
    kind = models.CharField(max_length=20)
    item = models.ForeignKey(ReturnItem, null=True, on_delete=models.PROTECT, related_name="reimbursement_lines")
    line = models.ForeignKey(OrderLine, null=True, on_delete=models.PROTECT, related_name="reimbursement_lines")
    shipping = models.ForeignKey(OrderShipping, null=True, on_delete=models.PROTECT, related_name="reimbursement_lines")
    quantity = models.PositiveIntegerField(default=0)
    net = models.BigIntegerField()
    tax = models.BigIntegerField()
    gross = models.BigIntegerField()
    tax_rate = models.DecimalField(max_digits=7, decimal_places=6)
    reason = models.CharField(max_length=300, blank=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(gross=models.F("net") + models.F("tax")), name="net_and_tax_make_gross")
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.gross}"


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
    next_attempt_at = models.DateTimeField(null=True)
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


class StoreCredit(models.Model):
    """A balance under a code; the ledger is the truth, the balance its sum under this row's lock."""

    code = models.CharField(_("code"), max_length=24, unique=True)
    shop = models.ForeignKey(Shop, on_delete=models.PROTECT, related_name="store_credits")
    customer = models.ForeignKey(Customer, null=True, on_delete=models.PROTECT, related_name="store_credits")
    reimbursement = models.OneToOneField(
        Reimbursement, null=True, on_delete=models.PROTECT, related_name="store_credit"
    )
    currency = models.CharField(max_length=3)
    balance = models.BigIntegerField(default=0)
    expires_on = models.DateField(null=True)
    voided_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(balance__gte=0), name="store_credit_never_negative")
        ]

    def __str__(self) -> str:
        return self.code


class StoreCreditEntry(models.Model):
    """One line of the append-only ledger."""

    credit = models.ForeignKey(StoreCredit, on_delete=models.PROTECT, related_name="entries")
    seq = models.PositiveIntegerField()
    kind = models.CharField(max_length=20)
    amount = models.BigIntegerField()
    reference = models.CharField(max_length=200, blank=True)
    actor = models.CharField(max_length=120, blank=True)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["credit", "seq"], name="one_entry_per_place_in_a_ledger")
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.amount}"
