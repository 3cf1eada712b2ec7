"""Parcels on their way back, their labels, what carriers say of them, and photos."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from customers.models import Shop
from returns.models.rma import Return, ReturnItem


class Shipment(models.Model):
    """One consignment towards the shop; one may carry several returns."""

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        LABEL_PENDING = "label_pending", _("Label pending")
        LABEL_ISSUED = "label_issued", _("Label issued")
        IN_TRANSIT = "in_transit", _("In transit")
        EXCEPTION = "exception", _("Problem on the way")
        DELIVERED = "delivered", _("Delivered")
        VOID_PENDING = "void_pending", _("Being voided")
        VOIDED = "voided", _("Voided")
        VOID_REFUSED = "void_refused", _("Void refused")

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    shop = models.ForeignKey(Shop, on_delete=models.PROTECT, related_name="shipments")
    returns = models.ManyToManyField(Return, through="ShipmentReturn", related_name="shipments")
    carrier = models.CharField(_("carrier"), max_length=60)
    service = models.CharField(_("service"), max_length=60, blank=True)
    state = models.CharField(_("status"), max_length=16, choices=State.choices, default=State.DRAFT)
    tracking_number = models.CharField(_("tracking number"), max_length=100, blank=True, db_index=True)
    parcels = models.PositiveSmallIntegerField(default=1)
    by_customer = models.BooleanField(default=False, help_text=_("The customer posts it with a carrier of their own."))
    cost = models.BigIntegerField(null=True)
    currency = models.CharField(max_length=3, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField(null=True)
    last_error = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["next_attempt_at"],
                condition=Q(state__in=["label_pending", "void_pending"]),
                name="shipments_to_work_on",
            )
        ]

    def __str__(self) -> str:
        return self.tracking_number or str(self.uid)


class ShipmentReturn(models.Model):
    """Which returns travel in a shipment."""

    shipment = models.ForeignKey(Shipment, on_delete=models.PROTECT, related_name="carried")
    rma = models.ForeignKey(Return, on_delete=models.PROTECT, related_name="travels")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["shipment", "rma"], name="a_return_travels_once_per_shipment")
        ]

    def __str__(self) -> str:
        return f"{self.shipment_id} {self.rma_id}"


class Label(models.Model):
    """What was printed on one parcel, frozen, so that printing it again gives the same bytes."""

    shipment = models.ForeignKey(Shipment, on_delete=models.PROTECT, related_name="labels")
    parcel = models.PositiveSmallIntegerField(default=1)
    data = models.JSONField()
    valid_until = models.DateField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["shipment", "parcel"], name="one_label_per_parcel")]

    def __str__(self) -> str:
        return f"{self.shipment_id} {self.parcel}"


class TrackingEvent(models.Model):
    """What a carrier said and when; stored in any order, never moves a state backwards."""

    shipment = models.ForeignKey(Shipment, on_delete=models.PROTECT, related_name="tracking")
    code = models.CharField(max_length=24)
    at = models.DateTimeField()
    location = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["shipment", "code", "at"], name="a_scan_is_stored_once")
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.at}"


class Photo(models.Model):
    """A re-encoded picture: metadata gone, name random, original never kept."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    rma = models.ForeignKey(Return, null=True, on_delete=models.PROTECT, related_name="photos")
    item = models.ForeignKey(ReturnItem, null=True, on_delete=models.PROTECT, related_name="photos")
    kind = models.CharField(max_length=12)
    image = models.FileField(upload_to="photos/%Y/%m/")
    thumbnail = models.FileField(upload_to="photos/%Y/%m/")
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    caption = models.CharField(max_length=300, blank=True)
    taken_by = models.CharField(max_length=120, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return str(self.uid)
