"""The itemised decision to pay, line by line."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from customers.models import Order, OrderLine, OrderShipping
from inspections.models import Inspection
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

    class Kind(models.TextChoices):
        RETURN = "return", _("Return")
        GOODWILL = "goodwill", _("Goodwill")
        PRICE_REDUCTION = "price_reduction", _("Price reduction")
        REVERSAL = "reversal", _("Taken back")

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
    kind = models.CharField(max_length=20, choices=Kind.choices, default=Kind.RETURN)
    reason = models.CharField(max_length=300, blank=True, help_text=_("Why money goes without goods."))
    created_by = models.CharField(max_length=120)
    created_by_name = models.CharField(max_length=120, blank=True)
    held_for = models.CharField(max_length=40, blank=True, help_text=_("Why a second person must look: a code."))
    held_by = models.CharField(max_length=120, blank=True, help_text=_("Who changed it after it was decided."))
    taken = models.JSONField(default=dict, help_text=_("What it took out of each counter, to give exactly that back."))
    approved_by = models.CharField(max_length=120, blank=True)
    approved_by_name = models.CharField(max_length=120, blank=True)
    approved_at = models.DateTimeField(null=True)
    rejected_because = models.CharField(max_length=300, blank=True)
    reverses = models.OneToOneField(
        "self",
        null=True,
        on_delete=models.PROTECT,
        related_name="reversal",
        help_text=_("The settled one that this takes back, with every line negated."),
    )
    created_at = models.DateTimeField(auto_now_add=True)
    settled_at = models.DateTimeField(null=True)
    documented = models.BooleanField(default=False, help_text=_("Accounting issued a document for it."))

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["id"],
                condition=~Q(state__in=["settled", "rejected"]),
                name="reimbursements_not_settled",
            ),
            models.Index(fields=["id"], condition=Q(state="awaiting_approval"), name="reimbursements_to_approve"),
            models.Index(fields=["settled_at", "id"], name="reimbursements_by_settlement"),
            models.Index(
                fields=["id"],
                condition=Q(state="settled", documented=False) & ~Q(total=0),
                name="reimbursements_to_document",
            ),
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
    inspection = models.ForeignKey(
        Inspection,
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text=_("The finding behind a deduction."),
    )

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(gross=models.F("net") + models.F("tax")), name="net_and_tax_make_gross")
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.gross}"
