"""What arrived at a dock, what the bench found, and what went into stock."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from customers.models import Shop
from returns.models import Photo, Return, ReturnItem, Shipment


class Grade(models.TextChoices):
    """Condition at the bench."""

    A = "A", _("A, as new")
    B = "B", _("B, light marks")
    C = "C", _("C, used or damaged")
    D = "D", _("D, beyond use")


class Outcome(models.TextChoices):
    """Whether the shop takes the units back."""

    ACCEPTED = "accepted", _("Accepted")
    REJECTED = "rejected", _("Rejected")


class Disposition(models.TextChoices):
    """Where the goods go."""

    RESTOCK = "restock", _("Restock")
    REFURBISH = "refurbish", _("Refurbish")
    LIQUIDATE = "liquidate", _("Liquidate")
    DONATE = "donate", _("Donate")
    RECYCLE = "recycle", _("Recycle")
    SCRAP = "scrap", _("Scrap")
    QUARANTINE = "quarantine", _("Quarantine")
    RETURN_TO_VENDOR = "return_to_vendor", _("Return to vendor")
    RETURN_TO_CUSTOMER = "return_to_customer", _("Return to customer")


class Location(models.Model):
    """A place where parcels arrive; `MAIN` always exists."""

    class Kind(models.TextChoices):
        OWN = "own", _("Own warehouse")
        THIRD_PARTY = "third_party", _("Third party")
        VENDOR = "vendor", _("Vendor")
        STORE = "store", _("Store")

    code = models.CharField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=120, blank=True)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices, default=Kind.OWN)
    shop = models.ForeignKey(Shop, null=True, blank=True, on_delete=models.PROTECT, related_name="locations")
    address = models.JSONField(_("address"), default=dict, blank=True)
    country = models.CharField(_("country"), max_length=2, blank=True)
    opening_days = models.JSONField(_("opening days"), default=list, blank=True)
    customs = models.JSONField(_("customs data"), default=dict, blank=True)

    class Meta:
        verbose_name = _("location")
        verbose_name_plural = _("locations")

    def __str__(self) -> str:
        return self.name or self.code


class ReceiptQuerySet(models.QuerySet["Receipt"]):
    """Finding parcels."""

    def visible_to(self, actor: Any) -> ReceiptQuerySet:
        """Parcels of the actor's shops and channels; one without a return is seen where its location is."""
        rows = self
        if actor.shops:
            here = Q(location__shop__isnull=True) | Q(location__shop__code__in=actor.shops)
            rows = rows.filter(Q(rma__shop__code__in=actor.shops) | (Q(rma__isnull=True) & here))
        if actor.channels:
            rows = rows.filter(Q(rma__channel__code__in=actor.channels) | Q(rma__isnull=True))
        return rows

    def parked(self) -> ReceiptQuerySet:
        """Parcels that nobody has matched to a return yet."""
        return self.filter(rma__isnull=True)


class Receipt(models.Model):
    """One parcel at one dock; the same parcel twice is a conflict, not a second receipt."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    rma = models.ForeignKey(Return, null=True, on_delete=models.PROTECT, related_name="receipts")
    location = models.ForeignKey(Location, on_delete=models.PROTECT, related_name="receipts")
    shipment = models.ForeignKey(Shipment, null=True, on_delete=models.PROTECT, related_name="receipts")
    parcel = models.CharField(_("parcel"), max_length=120)
    note = models.TextField(_("note"), blank=True)
    received_by = models.CharField(max_length=120, blank=True)
    received_at = models.DateTimeField()
    matched_at = models.DateTimeField(null=True)
    photos = models.ManyToManyField(Photo, related_name="receipts")

    objects = ReceiptQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["rma", "location", "parcel"], name="a_parcel_is_received_once"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["id"], condition=Q(rma__isnull=True), name="unidentified_parcels"),
            models.Index(fields=["received_by", "id"], name="receipts_by_person"),
        ]

    def __str__(self) -> str:
        return self.parcel


class ReceiptLine(models.Model):
    """Units of one item in a parcel, or something nobody announced."""

    receipt = models.ForeignKey(Receipt, on_delete=models.PROTECT, related_name="lines")
    item = models.ForeignKey(ReturnItem, null=True, on_delete=models.PROTECT, related_name="receipt_lines")
    sku = models.CharField(max_length=100, blank=True)
    quantity = models.PositiveIntegerField()
    damaged = models.PositiveIntegerField(default=0)
    note = models.TextField(blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(damaged__lte=models.F("quantity")), name="damaged_within_received")
        ]

    def __str__(self) -> str:
        return f"{self.sku} x{self.quantity}"


class Inspection(models.Model):
    """What one person found on some units of an item."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    rma = models.ForeignKey(Return, on_delete=models.PROTECT, related_name="inspections")
    item = models.ForeignKey(ReturnItem, on_delete=models.PROTECT, related_name="inspections")
    quantity = models.PositiveIntegerField()
    checklist = models.JSONField(default=dict)
    grade = models.CharField(_("grade"), max_length=1, choices=Grade.choices)
    outcome = models.CharField(_("outcome"), max_length=10, choices=Outcome.choices)
    disposition = models.CharField(_("disposition"), max_length=20, choices=Disposition.choices)
    note = models.TextField(_("finding"), blank=True)
    photos = models.ManyToManyField(Photo, related_name="inspections")
    inspector = models.CharField(max_length=120, blank=True)
    inspector_ref = models.CharField(max_length=80, blank=True)
    revision = models.PositiveSmallIntegerField(default=1)
    inspected_at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["inspector_ref", "inspected_at"], name="inspections_by_person")]

    def __str__(self) -> str:
        return f"{self.item_id} {self.grade} {self.outcome}"


class StockMovement(models.Model):
    """Units into (positive) or out of sellable stock; a correction is an opposite movement."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    sku = models.CharField(max_length=100, db_index=True)
    quantity = models.IntegerField()
    disposition = models.CharField(max_length=20)
    inspection = models.ForeignKey(Inspection, on_delete=models.PROTECT, related_name="movements")
    revision = models.PositiveSmallIntegerField(default=1)
    location = models.ForeignKey(Location, on_delete=models.PROTECT, related_name="movements")
    reverses = models.OneToOneField("self", null=True, on_delete=models.PROTECT, related_name="reversed_by")
    reason = models.TextField(blank=True)
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["inspection", "disposition", "revision"],
                condition=Q(reverses__isnull=True),
                name="stock_moves_once_per_disposition",
            )
        ]

    def __str__(self) -> str:
        return f"{self.sku} {self.quantity:+d}"


class RepairJob(models.Model):
    """Units of an item that are repaired and go back to the customer, by a day that was promised."""

    class Place(models.TextChoices):
        BENCH = "bench", _("Own bench")
        SERVICE_CENTRE = "service_centre", _("Service centre")
        IMPORTER = "importer", _("Importer")

    class State(models.TextChoices):
        OPEN = "open", _("To repair")
        IN_REPAIR = "in_repair", _("In repair")
        REPAIRED = "repaired", _("Repaired")
        NOT_REPAIRABLE = "not_repairable", _("Cannot be repaired")
        SENT_BACK = "sent_back", _("Sent back")

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    rma = models.ForeignKey(Return, on_delete=models.PROTECT, related_name="repairs")
    item = models.ForeignKey(ReturnItem, on_delete=models.PROTECT, related_name="repairs")
    quantity = models.PositiveIntegerField()
    place = models.CharField(_("place"), max_length=20, choices=Place.choices, default=Place.BENCH)
    state = models.CharField(_("status"), max_length=20, choices=State.choices, default=State.OPEN)
    due_on = models.DateField(_("due on"), help_text=_("Promised to the customer."))
    note = models.CharField(_("note"), max_length=1000, blank=True)
    instead = models.CharField(max_length=20, blank=True, help_text=_("What follows when it cannot be repaired."))
    carrier = models.CharField(max_length=40, blank=True)
    tracking_number = models.CharField(max_length=100, blank=True)
    created_by = models.CharField(max_length=120)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(quantity__gt=0), name="a_repair_is_of_something"),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["due_on", "id"],
                condition=Q(state__in=["open", "in_repair", "repaired"]),
                name="repairs_by_due_day",
            )
        ]

    def __str__(self) -> str:
        return str(self.uid)
