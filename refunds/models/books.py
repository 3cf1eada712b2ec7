"""What ties our ledger to the gateways' and to accounting: accounts, their events, breaks and documents."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from customers.models import Shop
from refunds.models.refund import Refund
from refunds.models.reimbursement import Reimbursement


class GatewayAccount(models.Model):
    """A gateway that an operator describes by data: addresses, fields and answers, with its secret sealed."""

    code = models.SlugField(_("code"), max_length=40, unique=True)
    shop = models.ForeignKey(Shop, null=True, blank=True, on_delete=models.PROTECT, related_name="gateway_accounts")
    kind = models.CharField(max_length=20, default="http")
    name = models.CharField(_("name"), max_length=120)
    definition = models.JSONField(default=dict)
    secret = models.TextField(blank=True, help_text=_("Encrypted."))
    active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.code


class GatewayEvent(models.Model):
    """A webhook of a gateway, kept once however often it comes."""

    gateway = models.CharField(max_length=40)
    event_id = models.CharField(max_length=200)
    kind = models.CharField(max_length=60)
    body = models.JSONField(default=dict)
    outcome = models.CharField(max_length=20, default="received")
    received_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["gateway", "event_id"], name="one_row_per_gateway_event")
        ]

    def __str__(self) -> str:
        return f"{self.gateway} {self.event_id}"


class Break(models.Model):
    """A difference for a person to clear: between our ledger and a gateway's, or what a customer still has of ours."""

    class Kind(models.TextChoices):
        ONLY_THERE = "only_there", _("Refunded at the gateway, unknown here")
        ONLY_HERE = "only_here", _("Refunded here, unknown at the gateway")
        AMOUNT = "amount", _("Amounts differ")
        STATE = "state", _("States differ")
        STUCK = "stuck", _("No clear answer for too long")
        CREDIT_SPENT = "credit_spent", _("Store credit was spent before it was taken back")

    gateway = models.CharField(max_length=40)
    kind = models.CharField(max_length=12, choices=Kind.choices)
    subject = models.CharField(max_length=200, help_text=_("The gateway's name for it, or our key."))
    refund = models.ForeignKey(Refund, null=True, on_delete=models.PROTECT, related_name="breaks")
    reimbursement = models.ForeignKey(Reimbursement, null=True, on_delete=models.PROTECT, related_name="breaks")
    ours = models.BigIntegerField(null=True, help_text=_("Minor units."))
    theirs = models.BigIntegerField(null=True, help_text=_("Minor units."))
    currency = models.CharField(max_length=3, blank=True)
    detail = models.JSONField(default=dict)
    opened_at = models.DateTimeField(auto_now_add=True)
    closed_at = models.DateTimeField(null=True)
    closed_by = models.CharField(max_length=120, blank=True)
    note = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["gateway", "kind", "subject"], condition=Q(closed_at=None), name="one_open_break_per_subject"
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["id"], condition=Q(closed_at=None), name="breaks_to_clear"),
            models.Index(fields=["gateway", "kind", "subject"], name="breaks_by_subject"),
        ]

    def __str__(self) -> str:
        return f"{self.gateway} {self.kind} {self.subject}"


class GatewayEntry(models.Model):
    """A refund as a gateway's own ledger had it when it was last read; daily totals are held against these."""

    gateway = models.CharField(max_length=40)
    gateway_id = models.CharField(max_length=200)
    key = models.CharField(max_length=200, blank=True)
    payment_reference = models.CharField(max_length=200, blank=True)
    amount = models.BigIntegerField(help_text=_("Minor units."))
    currency = models.CharField(max_length=3)
    outcome = models.CharField(max_length=16)
    at = models.DateTimeField()

    class Meta:
        verbose_name_plural = _("gateway entries")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["gateway", "gateway_id"], name="one_entry_per_gateway_refund")
        ]
        indexes: ClassVar = [models.Index(fields=["at"], name="gateway_entries_by_time")]

    def __str__(self) -> str:
        return f"{self.gateway} {self.gateway_id}"


class Document(models.Model):
    """A number that accounting or the shop gave to a reimbursement: credit note, correction, protocol."""

    class Kind(models.TextChoices):
        CREDIT_NOTE = "credit_note", _("Credit note")
        CORRECTION = "correction_invoice", _("Correction invoice")
        RECEIPT_RETURN = "receipt_return", _("Entry in the register of returns")
        OTHER = "other", _("Other")

    reimbursement = models.ForeignKey(Reimbursement, on_delete=models.PROTECT, related_name="documents")
    kind = models.CharField(max_length=20, choices=Kind.choices)
    number = models.CharField(max_length=100)
    issued_on = models.DateField()
    ksef_number = models.CharField(max_length=60, blank=True)
    allocation_number = models.CharField(max_length=60, blank=True)
    recorded_by = models.CharField(max_length=120)
    recorded_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["reimbursement", "kind", "number"], name="one_row_per_document")
        ]

    def __str__(self) -> str:
        return self.number


class DocumentSeries(models.Model):
    """The last number of a series of documents that we number ourselves, under this row's lock."""

    shop = models.ForeignKey(Shop, on_delete=models.PROTECT, related_name="series")
    kind = models.CharField(max_length=20)
    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["shop", "kind", "year"], name="one_series_per_shop_kind_and_year")
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.year} {self.last}"


class RegisterEntry(models.Model):
    """One entry of a shop's register of returns, frozen; numbers run without gaps in each year."""

    shop = models.ForeignKey(Shop, on_delete=models.PROTECT, related_name="register_entries")
    year = models.PositiveSmallIntegerField()
    number = models.PositiveIntegerField()
    reimbursement = models.OneToOneField(Reimbursement, on_delete=models.PROTECT, related_name="register_entry")
    data = models.JSONField()
    entered_by = models.CharField(max_length=120)
    entered_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name_plural = _("register entries")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["shop", "year", "number"], name="one_entry_per_number_of_a_register")
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """The number as it is written: 12/2026."""
        return f"{self.number}/{self.year}"
