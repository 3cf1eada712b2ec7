"""Who buys, and what is sold today."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from customers.models.shop import Shop


class Customer(models.Model):
    """A buyer of one shop, known by e-mail or, where a marketplace masks it, by phone."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    shop = models.ForeignKey(Shop, on_delete=models.PROTECT, related_name="customers")
    email = models.CharField(_("e-mail"), max_length=254, blank=True)
    phone = models.CharField(_("phone"), max_length=20, blank=True)
    name = models.CharField(_("name"), max_length=200, blank=True)
    company = models.CharField(_("company"), max_length=200, blank=True)
    tax_id = models.CharField(_("tax id"), max_length=40, blank=True)
    kind = models.CharField(_("kind"), max_length=40, default="consumer")
    locale = models.CharField(_("language"), max_length=8, blank=True)
    tags = models.JSONField(_("tags"), default=list, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("customer")
        verbose_name_plural = _("customers")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["shop", "email"], condition=~Q(email=""), name="one_customer_per_email"),
            models.UniqueConstraint(
                fields=["shop", "phone"],
                condition=Q(email="") & ~Q(phone=""),
                name="one_masked_customer_per_phone",
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.email or self.phone


class Product(models.Model):
    """Something the shop sells, as it sells it today; orders keep what was true then."""

    sku = models.CharField("SKU", max_length=100, unique=True)
    title = models.CharField(_("title"), max_length=300)
    price = models.BigIntegerField(_("price"), help_text=_("Minor units."))
    currency = models.CharField(_("currency"), max_length=3)
    tax_rate = models.DecimalField(_("tax rate"), max_digits=7, decimal_places=6, null=True)
    category = models.CharField(_("category"), max_length=100, blank=True)
    stock = models.IntegerField(_("stock"), null=True)
    reserved = models.PositiveIntegerField(_("reserved"), default=0, help_text=_("Promised to exchanges."))
    variant_of = models.CharField(_("variant of"), max_length=100, blank=True, db_index=True)
    options = models.JSONField(default=dict)
    gtin = models.CharField("GTIN", max_length=14, blank=True, db_index=True)
    image_url = models.CharField(max_length=1000, blank=True)
    model_url = models.CharField(max_length=1000, blank=True)
    weight_g = models.PositiveIntegerField(null=True)
    supplier = models.CharField(_("supplier"), max_length=200, blank=True)
    brand = models.CharField(_("brand"), max_length=200, blank=True)
    cost = models.BigIntegerField(_("cost"), null=True)
    warranty_months = models.PositiveIntegerField(null=True)
    measurements = models.JSONField(default=dict)
    condition = models.CharField(max_length=40, default="new")
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("product")
        verbose_name_plural = _("products")

    def __str__(self) -> str:
        return f"{self.sku} {self.title}"

    @property
    def free(self) -> int | None:
        """Units that may still be promised; None where the shop does not count."""
        return None if self.stock is None else max(0, self.stock - self.reserved)
