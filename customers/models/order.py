"""The identity of an order and its frozen documents."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from customers.models.goods import Customer
from customers.models.shop import Channel, Shop


class OrderQuerySet(models.QuerySet["Order"]):
    """Finding orders."""

    def visible_to(self, actor: Any) -> OrderQuerySet:
        """Only orders of the shops and channels that the actor is bound to; no bounds means all."""
        rows = self
        if actor.shops:
            rows = rows.filter(shop__code__in=actor.shops)
        if actor.channels:
            rows = rows.filter(channel__code__in=actor.channels)
        return rows

    def held_by(self, contact: str) -> OrderQuerySet:
        """Orders that this e-mail or phone proves to hold."""
        contact = contact.strip()
        if "@" in contact:
            return self.filter(email=contact.lower())
        digits = "".join(c for c in contact if c.isdigit() or c == "+")
        return self.filter(phone=digits) if digits else self.none()


class Order(models.Model):
    """The identity of an order; what it says is in its versions, what was claimed is on its lines."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    shop = models.ForeignKey(Shop, on_delete=models.PROTECT, related_name="orders")
    channel = models.ForeignKey(Channel, on_delete=models.PROTECT, related_name="orders")
    number = models.CharField(_("number"), max_length=100)
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="orders")
    email = models.CharField(max_length=254, blank=True)
    phone = models.CharField(max_length=20, blank=True)
    name = models.CharField(max_length=200, blank=True)
    currency = models.CharField(max_length=3)
    total = models.BigIntegerField(help_text=_("Minor units, tax included."))
    prices_include_tax = models.BooleanField(default=True)
    sale_channel = models.CharField(max_length=20, default="distance")
    source = models.CharField(max_length=20, default="api")
    locale = models.CharField(max_length=8, blank=True)
    country = models.CharField(max_length=2, blank=True)
    address_key = models.CharField(max_length=40, blank=True, help_text=_("Equal for parcels to the same door."))
    placed_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)
    deliveries_known = models.BooleanField(default=True)
    refunded = models.BigIntegerField(default=0, help_text=_("Minor units, reserved or paid, here or elsewhere."))
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = OrderQuerySet.as_manager()

    class Meta:
        verbose_name = _("order")
        verbose_name_plural = _("orders")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["channel", "number"], name="one_order_per_channel_and_number"),
            models.CheckConstraint(condition=Q(total__gte=0, refunded__gte=0), name="order_money_not_negative"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["email", "number"], name="orders_by_email"),
            models.Index(fields=["number"], name="orders_by_number"),
            models.Index(fields=["phone"], condition=~Q(phone=""), name="orders_by_phone"),
            models.Index(fields=["address_key"], condition=~Q(address_key=""), name="orders_by_address"),
            models.Index(fields=["customer", "placed_at"], name="orders_of_a_customer"),
        ]

    def __str__(self) -> str:
        return self.number


class OrderVersion(models.Model):
    """One frozen document of an order; a return keeps the one it was made under."""

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    document = models.JSONField()
    document_hash = models.CharField(max_length=64)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["order", "number"], name="one_document_per_version")]

    def __str__(self) -> str:
        return f"{self.order_id} v{self.number}"
