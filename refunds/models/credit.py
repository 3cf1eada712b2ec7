"""Store credit over its ledger."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from customers.models import Customer, Order, Shop
from refunds.models.reimbursement import Reimbursement
from returns.models import Return


class StoreCreditQuerySet(models.QuerySet["StoreCredit"]):
    """Finding store credit."""

    def visible_to(self, actor: Any) -> StoreCreditQuerySet:
        """Only what comes from the shops and channels that the actor is bound to; no bounds means all."""
        rows = self
        if actor.shops:
            rows = rows.filter(shop__code__in=actor.shops)
        if actor.channels:
            here = Q(order__channel__code__in=actor.channels)
            rows = rows.filter(here | Q(reimbursement__order__channel__code__in=actor.channels))
        return rows

    def of_person(self, email: str) -> StoreCreditQuerySet:
        """What was issued to an address."""
        email = email.strip().lower()
        return self.filter(Q(email=email) | Q(customer__email=email))


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
    email = models.CharField(max_length=254, blank=True, help_text=_("Of a guest who has no customer record."))
    reason = models.CharField(max_length=300, blank=True)
    law = models.CharField(max_length=40, blank=True, help_text=_("The profile that sets its least validity."))
    expires_on = models.DateField(null=True)
    reminded_at = models.DateTimeField(null=True)
    expired_at = models.DateTimeField(null=True, help_text=_("When the rest was taken off the books."))
    voided_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    order = models.ForeignKey(
        Order, null=True, on_delete=models.PROTECT, related_name="store_credits", help_text=_("Where it comes from.")
    )
    pending = models.BigIntegerField(default=0, help_text=_("Waits for a second person; minor units."))
    created_by = models.CharField(max_length=120, blank=True)
    created_by_name = models.CharField(max_length=120, blank=True)
    approved_by_name = models.CharField(max_length=120, blank=True)

    objects = StoreCreditQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(balance__gte=0), name="store_credit_never_negative"),
            models.CheckConstraint(condition=Q(pending__gte=0), name="nothing_waits_below_zero"),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["expires_on"], condition=Q(expired_at=None, voided_at=None), name="store_credits_to_expire"
            ),
            models.Index(fields=["email", "id"], condition=~Q(email=""), name="store_credits_by_email"),
        ]

    def __str__(self) -> str:
        return self.code


class StoreCreditEntry(models.Model):
    """One line of the append-only ledger."""

    credit = models.ForeignKey(StoreCredit, on_delete=models.PROTECT, related_name="entries")
    seq = models.PositiveIntegerField()
    kind = models.CharField(max_length=20)
    amount = models.BigIntegerField()
    balance_after = models.BigIntegerField(null=True)
    reverses = models.OneToOneField("self", null=True, on_delete=models.PROTECT, related_name="reversal")
    reference = models.CharField(max_length=200, blank=True)
    actor = models.CharField(max_length=120, blank=True)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["credit", "seq"], name="one_entry_per_place_in_a_ledger"),
            models.UniqueConstraint(
                fields=["credit", "reference"],
                condition=Q(kind="redeemed"),
                name="one_redemption_per_reference",
            ),
            models.UniqueConstraint(
                fields=["reference"], condition=Q(kind="refunded"), name="a_refund_is_credited_once"
            ),
            models.CheckConstraint(condition=Q(balance_after__gte=0), name="no_entry_leaves_less_than_nothing"),
        ]
        indexes: ClassVar = [models.Index(fields=["at", "id"], name="store_credit_entries_by_time")]

    def __str__(self) -> str:
        return f"{self.kind} {self.amount}"


class CouponPool(models.Model):
    """Codes that the shop brought for one purpose, handed out once each."""

    shop = models.ForeignKey(Shop, on_delete=models.PROTECT, related_name="coupon_pools")
    code = models.SlugField(_("code"), max_length=40)
    name = models.CharField(_("name"), max_length=120)
    worth = models.CharField(_("worth"), max_length=120, help_text=_("What a coupon gives, in the customer's words."))
    valid_until = models.DateField(null=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["shop", "code"], name="one_pool_per_shop_and_code")]

    def __str__(self) -> str:
        return self.name


class Coupon(models.Model):
    """One code of a pool; who got it, once."""

    pool = models.ForeignKey(CouponPool, on_delete=models.PROTECT, related_name="coupons")
    code = models.CharField(_("code"), max_length=60)
    rma = models.ForeignKey(Return, null=True, on_delete=models.PROTECT, related_name="coupons")
    order = models.ForeignKey(Order, null=True, on_delete=models.PROTECT, related_name="coupons")
    reason = models.CharField(max_length=300, blank=True)
    issued_at = models.DateTimeField(null=True)
    issued_by = models.CharField(max_length=120, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["pool", "code"], name="one_coupon_per_code"),
            models.UniqueConstraint(fields=["pool", "rma"], name="one_coupon_per_pool_and_return"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["pool", "id"], condition=Q(issued_at=None), name="coupons_to_hand_out")
        ]

    def __str__(self) -> str:
        return self.code
