"""Exchanges: replacement lines with reserved stock, and the money that the customer adds for them."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from customers.models import Order, OrderPayment, Product
from refunds.models.reimbursement import Reimbursement
from returns.models import Return, ReturnItem


class Exchange(models.Model):
    """Goods for goods: what leaves for what came back, and the difference both ways."""

    class State(models.TextChoices):
        AWAITING_GOODS = "awaiting_goods", _("Waiting for the goods")
        AWAITING_PAYMENT = "awaiting_payment", _("Waiting for the difference")
        READY = "ready", _("Ready to ship")
        SHIPPED = "shipped", _("Shipped")
        CANCELLED = "cancelled", _("Cancelled")
        CONVERTED = "converted", _("Turned into a refund")

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    rma = models.ForeignKey(Return, on_delete=models.PROTECT, related_name="exchanges")
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="exchanges")
    state = models.CharField(_("status"), max_length=20, choices=State.choices, default=State.AWAITING_GOODS)
    advance = models.BooleanField(default=False, help_text=_("Ships at once, against a deposit."))
    currency = models.CharField(max_length=3)
    value = models.BigIntegerField(default=0, help_text=_("What the goods that come back are worth, minor units."))
    price = models.BigIntegerField(default=0, help_text=_("What the replacement costs, tax included."))
    bonus = models.BigIntegerField(default=0, help_text=_("Extra that the shop gives for exchanging."))
    due = models.BigIntegerField(default=0, help_text=_("What the customer adds."))
    refund = models.BigIntegerField(default=0, help_text=_("What the customer gets back."))
    deposit = models.BigIntegerField(default=0, help_text=_("Held until the goods are back."))
    reimbursement = models.OneToOneField(Reimbursement, null=True, on_delete=models.PROTECT, related_name="exchange")
    carrier = models.CharField(max_length=40, blank=True)
    tracking_number = models.CharField(max_length=100, blank=True)
    cancelled_because = models.CharField(max_length=300, blank=True)
    held_for = models.CharField(max_length=40, blank=True, help_text=_("Why a person must look: a code."))
    created_by = models.CharField(max_length=120)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    warned_at = models.DateTimeField(null=True, help_text=_("When the customer was told that the deposit is taken."))
    goods_due_on = models.DateField(null=True, help_text=_("Of an advance exchange: when the goods must be back."))
    shipped_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["rma"], condition=~Q(state__in=["cancelled", "converted"]), name="one_open_exchange_per_return"
            ),
            models.CheckConstraint(
                condition=Q(due__gte=0, refund__gte=0, deposit__gte=0, value__gte=0, price__gte=0),
                name="exchange_amounts_are_not_negative",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["id"],
                condition=Q(state__in=["awaiting_goods", "awaiting_payment", "ready"]),
                name="exchanges_not_done",
            )
        ]

    def __str__(self) -> str:
        return str(self.uid)


class ExchangeLine(models.Model):
    """Units of one product that leave; reserved in its stock until shipped, cancelled or converted."""

    exchange = models.ForeignKey(Exchange, on_delete=models.PROTECT, related_name="lines")
    item = models.ForeignKey(ReturnItem, null=True, on_delete=models.PROTECT, related_name="+")
    product = models.ForeignKey(Product, null=True, on_delete=models.PROTECT, related_name="+")
    sku = models.CharField(max_length=100)
    title = models.CharField(max_length=300)
    quantity = models.PositiveIntegerField()
    unit_price = models.BigIntegerField(help_text=_("Minor units, tax included."))
    tax_rate = models.DecimalField(max_digits=7, decimal_places=6, null=True)
    even = models.BooleanField(default=False, help_text=_("Costs what the units of its item are worth."))
    reserved = models.PositiveIntegerField(default=0)
    shipped = models.PositiveIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(shipped__lte=F("quantity")), name="shipped_within_the_exchange"),
            models.CheckConstraint(condition=Q(reserved__lte=F("quantity")), name="reserved_within_the_exchange"),
        ]

    def __str__(self) -> str:
        return f"{self.sku} x{self.quantity}"


class Charge(models.Model):
    """Money asked of the customer: a payment link for a difference, or a hold as a deposit."""

    class Kind(models.TextChoices):
        LINK = "link", _("Payment link")
        HOLD = "hold", _("Hold")
        BY_HAND = "by_hand", _("Paid by hand")

    class Purpose(models.TextChoices):
        DIFFERENCE = "difference", _("Difference")
        DEPOSIT = "deposit", _("Deposit")

    class State(models.TextChoices):
        CREATED = "created", _("Created")
        PROCESSING = "processing", _("Processing")
        OPEN = "open", _("Open")
        HELD = "held", _("Held")
        PAID = "paid", _("Paid")
        RELEASED = "released", _("Released")
        FAILED = "failed", _("Failed")

    class Wanted(models.TextChoices):
        NOTHING = "", _("Nothing")
        CAPTURE = "capture", _("Capture")
        RELEASE = "release", _("Release")

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    exchange = models.ForeignKey(Exchange, on_delete=models.PROTECT, related_name="charges")
    payment = models.ForeignKey(OrderPayment, null=True, on_delete=models.PROTECT, related_name="charges")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    purpose = models.CharField(max_length=12, choices=Purpose.choices, default=Purpose.DIFFERENCE)
    state = models.CharField(max_length=12, choices=State.choices, default=State.CREATED)
    wanted = models.CharField(max_length=10, choices=Wanted.choices, blank=True, default="")
    gateway = models.CharField(max_length=40)
    gateway_id = models.CharField(max_length=200, null=True)  # noqa: DJ001  null is outside of UNIQUE
    url = models.CharField(max_length=1000, blank=True)
    amount = models.BigIntegerField(help_text=_("Minor units."))
    to_capture = models.BigIntegerField(default=0, help_text=_("How much of a hold to take, minor units."))
    captured = models.BigIntegerField(default=0)
    refunded = models.BigIntegerField(default=0)
    currency = models.CharField(max_length=3)
    attempt = models.PositiveSmallIntegerField(default=1)
    tries = models.PositiveSmallIntegerField(default=0)
    first_called_at = models.DateTimeField(null=True)
    next_attempt_at = models.DateTimeField(null=True)
    last_error = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["gateway", "gateway_id"], name="one_row_per_gateway_charge"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="a_charge_asks_for_money"),
            models.CheckConstraint(
                condition=Q(captured__lte=F("amount")) & Q(refunded__lte=F("captured")) & Q(refunded__gte=0),
                name="charge_within_what_was_asked",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["next_attempt_at"], condition=Q(next_attempt_at__isnull=False), name="charges_to_execute"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.amount} {self.currency}"

    @property
    def idempotency_key(self) -> str:
        """The key for the gateway; its number rises only after a definite failure."""
        return f"{self.uid}-{self.attempt}"
