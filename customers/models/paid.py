"""What was paid for, delivered and captured: the rows that carry counters and locks."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from customers.models.order import Order


class OrderLine(models.Model):
    """A line with what was paid for it, and the counters that keep one pool of returnable units."""

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="lines")
    external_id = models.CharField(max_length=100)
    position = models.PositiveIntegerField(default=0)
    sku = models.CharField(max_length=100, db_index=True)
    title = models.CharField(max_length=300)
    quantity = models.PositiveIntegerField()
    gross = models.BigIntegerField(help_text=_("Paid for the whole line after all discounts, tax included."))
    tax = models.BigIntegerField()
    tax_rate = models.DecimalField(max_digits=7, decimal_places=6)
    category = models.CharField(max_length=100, blank=True)
    tags = models.JSONField(default=list)
    image_url = models.CharField(max_length=1000, blank=True)
    parent = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="components")
    pieces = models.PositiveIntegerField(null=True, help_text=_("Pieces of a component in one kit."))
    delivered = models.PositiveIntegerField(default=0)
    claimed = models.PositiveIntegerField(default=0, help_text=_("Units tied up in open or settled returns."))
    refunded_units = models.PositiveIntegerField(default=0)
    refunded_gross = models.BigIntegerField(default=0, help_text=_("For refunded units."))
    refunded_tax = models.BigIntegerField(default=0)
    withheld_gross = models.BigIntegerField(default=0, help_text=_("Kept of refunded units by fees and deductions."))
    withheld_tax = models.BigIntegerField(default=0)
    extra_gross = models.BigIntegerField(default=0, help_text=_("Goodwill and price reductions on the line."))
    extra_tax = models.BigIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["order", "external_id"], name="one_row_per_order_line"),
            models.CheckConstraint(condition=Q(claimed__lte=F("quantity")), name="claims_within_the_line"),
            models.CheckConstraint(
                condition=Q(refunded_units__lte=F("quantity")), name="refunded_units_within_the_line"
            ),
            models.CheckConstraint(
                condition=Q(gross__gte=F("refunded_gross") + F("extra_gross") - F("withheld_gross")),
                name="line_refunds_within_what_was_paid",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.sku} x{self.quantity}"


class OrderShipping(models.Model):
    """A delivery charge, refundable up to what is left of it."""

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="shipping")
    external_id = models.CharField(max_length=100)
    method = models.CharField(max_length=100, blank=True)
    gross = models.BigIntegerField()
    tax = models.BigIntegerField()
    tax_rate = models.DecimalField(max_digits=7, decimal_places=6)
    cheapest_standard = models.BigIntegerField(null=True)
    refunded_gross = models.BigIntegerField(default=0)
    refunded_tax = models.BigIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["order", "external_id"], name="one_row_per_order_shipping"),
            models.CheckConstraint(
                condition=Q(gross__gte=F("refunded_gross")), name="shipping_refunds_within_what_was_paid"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.order_id} {self.external_id}"


class OrderPayment(models.Model):
    """A payment; the sum of its refunds never exceeds what was captured, held under this row's lock."""

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="payments")
    external_id = models.CharField(max_length=100)
    position = models.PositiveIntegerField(default=0)
    gateway = models.CharField(max_length=40)
    reference = models.CharField(max_length=200, blank=True)
    kind = models.CharField(max_length=20, default="other")
    captured = models.BigIntegerField()
    authorized = models.BigIntegerField(default=0)
    refundability = models.CharField(max_length=10, default="full")
    instalments = models.JSONField(null=True)
    refunded = models.BigIntegerField(default=0, help_text=_("Reserved or paid here."))
    refunded_elsewhere = models.BigIntegerField(default=0, help_text=_("As the order's document says."))
    found_elsewhere = models.BigIntegerField(default=0, help_text=_("As a gateway's ledger says, and nobody else."))

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["order", "external_id"], name="one_row_per_order_payment"),
            models.CheckConstraint(
                condition=Q(captured__gte=F("refunded") + F("refunded_elsewhere") + F("found_elsewhere"))
                & Q(refunded__gte=0, found_elsewhere__gte=0),
                name="refunds_within_what_was_captured",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["reference"], condition=~Q(reference=""), name="payments_by_reference")
        ]

    def __str__(self) -> str:
        return f"{self.gateway} {self.external_id}"

    @property
    def elsewhere(self) -> int:
        """What went back without us, minor units: by the order's document, and by the gateway's own ledger."""
        return self.refunded_elsewhere + self.found_elsewhere

    @property
    def rest(self) -> int:
        """What can still go back, minor units."""
        return max(0, self.captured - self.refunded - self.elsewhere)


class Delivery(models.Model):
    """A parcel to the customer; quantities per line as {line id: units}."""

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="deliveries")
    external_id = models.CharField(max_length=100)
    shipped_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)
    quantities = models.JSONField(default=dict)

    class Meta:
        verbose_name_plural = _("deliveries")
        constraints: ClassVar = [models.UniqueConstraint(fields=["order", "external_id"], name="one_row_per_delivery")]

    def __str__(self) -> str:
        return f"{self.order_id} {self.external_id}"
