"""The return, its items with their quantity axes, and notes on it."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from customers.models import Channel, Customer, Order, OrderLine, OrderVersion, Shop

FREE = ("declined", "cancelled", "expired")
"""Statuses that tie up no units."""


class Status(models.TextChoices):
    """Where a return stands; only `lifecycle.move` changes it."""

    REQUESTED = "requested", _("Requested")
    AUTHORIZED = "authorized", _("Authorized")
    IN_TRANSIT = "in_transit", _("In transit")
    PARTIALLY_RECEIVED = "partially_received", _("Partially received")
    RECEIVED = "received", _("Received")
    INSPECTED = "inspected", _("Inspected")
    RESOLVED = "resolved", _("Resolved")
    DECLINED = "declined", _("Declined")
    CANCELLED = "cancelled", _("Cancelled")
    EXPIRED = "expired", _("Expired")


UNDECIDED = (Status.REQUESTED, Status.PARTIALLY_RECEIVED, Status.RECEIVED)
"""Statuses in which nobody may have said yes or no yet: a parcel can come before the decision."""


class ReturnQuerySet(models.QuerySet["Return"]):
    """Finding returns."""

    def visible_to(self, actor: Any) -> ReturnQuerySet:
        """Only returns of the shops and channels that the actor is bound to; no bounds means all."""
        rows = self
        if actor.shops:
            rows = rows.filter(shop__code__in=actor.shops)
        if actor.channels:
            rows = rows.filter(channel__code__in=actor.channels)
        return rows

    def to_decide(self) -> ReturnQuerySet:
        """Waiting for somebody to say yes or no."""
        return self.filter(status=Status.REQUESTED)

    def awaiting_receipt(self) -> ReturnQuerySet:
        """Authorized, and nothing or not all has come back."""
        return self.filter(status__in=[Status.AUTHORIZED, Status.IN_TRANSIT, Status.PARTIALLY_RECEIVED])

    def to_inspect(self) -> ReturnQuerySet:
        """Goods are here and nobody has looked at all of them."""
        return self.filter(status__in=[Status.PARTIALLY_RECEIVED, Status.RECEIVED])

    def to_answer(self) -> ReturnQuerySet:
        """Complaints that a law wants answered and nobody has."""
        return self.filter(answer_due_on__isnull=False, decided_at__isnull=True, status__in=UNDECIDED)

    def to_reimburse(self) -> ReturnQuerySet:
        """Looked at, and money is still open."""
        return self.filter(status=Status.INSPECTED)


class Return(models.Model):
    """One return (RMA): what a customer sends back from one order, and what becomes of it."""

    code = models.CharField(_("RMA"), max_length=16, unique=True)
    shop = models.ForeignKey(Shop, on_delete=models.PROTECT, related_name="returns")
    channel = models.ForeignKey(Channel, on_delete=models.PROTECT, related_name="returns")
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="returns")
    order_version = models.ForeignKey(OrderVersion, on_delete=models.PROTECT, related_name="returns")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="returns")
    status = models.CharField(_("status"), max_length=20, choices=Status.choices, default=Status.REQUESTED)
    resolution = models.CharField(_("resolution"), max_length=20, default="refund")
    method = models.CharField(_("method"), max_length=20, default="label")
    basis_claimed = models.CharField(max_length=20, blank=True)
    requested_by = models.CharField(max_length=20, default="customer")
    exchange_for = models.JSONField(default=list)
    locale = models.CharField(_("language"), max_length=8, default="en")
    currency = models.CharField(max_length=3)
    expected = models.BigIntegerField(default=0, help_text=_("What the customer may expect back, minor units."))
    refunded = models.BigIntegerField(default=0, help_text=_("Settled so far, store credit included."))
    open_reimbursements = models.PositiveSmallIntegerField(default=0, help_text=_("Decided and not yet settled."))
    label_fee = models.BigIntegerField(default=0)
    refund_due_on = models.DateField(null=True)
    refund_latest_on = models.DateField(null=True)
    decided_at = models.DateTimeField(null=True, help_text=_("When somebody or the policy said yes or no."))
    withhold = models.CharField(max_length=20, default="allowed")
    law_profile = models.CharField(
        max_length=40, blank=True, default="", help_text=_("The law that sets the refund clock.")
    )
    law_version = models.CharField(max_length=40, blank=True, default="")
    law_facts = models.JSONField(default=dict, help_text=_("What the refund clock of that law looks at."))
    refund_warned = models.PositiveSmallIntegerField(default=0, help_text=_("Warnings sent: 1 soon, 2 last, 3 past."))
    answer_due_on = models.DateField(null=True, help_text=_("When a complaint should be answered."))
    answer_latest_on = models.DateField(null=True, help_text=_("Unanswered after this day it counts as accepted."))
    answer_warned = models.PositiveSmallIntegerField(default=0, help_text=_("Warnings sent: 1 soon, 2 last day."))
    risk = models.CharField(max_length=10, blank=True, default="")
    contested_at = models.DateTimeField(null=True, help_text=_("When the customer asked a person to look again."))
    auto_reimburse = models.BooleanField(default=True)
    expires_at = models.DateTimeField(null=True)
    proof_of_sending_at = models.DateTimeField(null=True)
    decline_reason = models.CharField(max_length=200, blank=True)
    decline_message = models.TextField(blank=True)
    link_generation = models.PositiveIntegerField(default=1)
    search_text = models.TextField(default="", blank=True)
    imported_from = models.CharField(max_length=100, blank=True)
    created_at = models.DateTimeField(_("created"))
    updated_at = models.DateTimeField(_("changed"))
    resolved_at = models.DateTimeField(null=True)

    objects = ReturnQuerySet.as_manager()

    class Meta:
        verbose_name = _("return")
        verbose_name_plural = _("returns")
        indexes: ClassVar = [
            models.Index(fields=["status", "id"], name="returns_by_status"),
            models.Index(fields=["shop", "status", "id"], name="returns_by_shop_and_status"),
            models.Index(fields=["created_at", "id"], name="returns_by_age"),
            models.Index(fields=["updated_at", "id"], name="returns_by_change"),
            models.Index(
                fields=["expires_at"],
                condition=Q(status="authorized", expires_at__isnull=False),
                name="returns_to_expire",
            ),
            models.Index(fields=["status", "refund_due_on", "id"], name="returns_to_decide_by_deadline"),
            models.Index(
                fields=["answer_due_on", "id"],
                condition=Q(decided_at__isnull=True, answer_due_on__isnull=False),
                name="complaints_to_answer",
            ),
            models.Index(
                fields=["refund_due_on", "id"],
                condition=~Q(status__in=["declined", "cancelled", "expired", "resolved"]),
                name="returns_by_deadline",
            ),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["shop", "imported_from"], condition=~Q(imported_from=""), name="moves_in_once"
            )
        ]

    def __str__(self) -> str:
        return self.code

    @property
    def awaits_answer(self) -> bool:
        """Whether a complaint waits for the answer that a law sets a day for."""
        return self.answer_due_on is not None and self.decided_at is None and self.status in UNDECIDED

    @property
    def is_open(self) -> bool:
        """Whether something can still happen without reopening it."""
        return self.status not in (*FREE, Status.RESOLVED)


class ReturnItem(models.Model):
    """Units of one order line in one return; quantities live here, inspections split them by rows."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    rma = models.ForeignKey(Return, on_delete=models.PROTECT, related_name="items")
    line = models.ForeignKey(OrderLine, on_delete=models.PROTECT, related_name="return_items")
    position = models.PositiveIntegerField(default=0)
    reason = models.CharField(_("reason"), max_length=40)
    comment = models.TextField(_("comment"), blank=True)
    answers = models.JSONField(default=dict)
    resolution = models.CharField(max_length=20, blank=True)
    exchange_for = models.JSONField(default=list)
    expected = models.BigIntegerField(default=0, help_text=_("For all requested units, fee taken off; minor units."))
    requested = models.PositiveIntegerField()
    authorized = models.PositiveIntegerField(default=0)
    received = models.PositiveIntegerField(default=0)
    accepted = models.PositiveIntegerField(default=0)
    rejected = models.PositiveIntegerField(default=0)
    cancelled = models.PositiveIntegerField(default=0)
    missing = models.PositiveIntegerField(default=0)
    waived = models.PositiveIntegerField(default=0, help_text=_("Payable without inspection."))
    refunded = models.PositiveIntegerField(default=0, help_text=_("Paid or being paid, store credit included."))
    exchanged = models.PositiveIntegerField(default=0)
    sent_back = models.PositiveIntegerField(default=0, help_text=_("Rejected and on the way back to the customer."))
    fixed_fee_taken = models.BooleanField(default=False)
    written_off = models.PositiveIntegerField(default=0, help_text=_("Accepted, and nothing will be paid for it."))

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["rma", "line", "reason", "position"], name="one_item_per_line_and_reason"),
            models.CheckConstraint(condition=Q(authorized__lte=F("requested")), name="authorized_within_requested"),
            models.CheckConstraint(
                condition=Q(received__gte=F("accepted") + F("rejected")), name="inspected_within_received"
            ),
            models.CheckConstraint(
                condition=Q(refunded__lte=F("accepted") + F("waived") - F("exchanged")),
                name="paid_within_accepted",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.rma_id} {self.line_id}"

    @property
    def wanted(self) -> int:
        """Units that were authorized; until somebody decides, those that were asked for."""
        return self.authorized if self.rma.decided_at else self.requested

    @property
    def payable(self) -> int:
        """Units that may be reimbursed now; a surplus over what was agreed is never among them."""
        agreed = max(0, self.wanted - self.cancelled - self.missing)
        return min(self.accepted + self.waived, agreed) - self.refunded - self.exchanged - self.written_off

    @property
    def announced(self) -> int:
        """Units that should still arrive; what was asked for counts until somebody decides."""
        return max(0, self.wanted - self.cancelled - self.waived - self.missing - self.received)

    @property
    def uninspected(self) -> int:
        """Units that are here and that nobody has looked at."""
        return self.received - self.accepted - self.rejected

    @property
    def holding(self) -> int:
        """Units that this item ties up in the pool of its order line."""
        if self.rma.status in FREE:
            return 0
        claimed = self.wanted - self.cancelled - self.missing
        surplus = max(0, self.received - claimed)
        return max(0, claimed - max(0, self.sent_back - surplus))

    @property
    def hoped_for(self) -> int:
        """Units that the customer may still be paid for, or was."""
        return max(0, self.wanted - self.cancelled - self.missing - self.rejected - self.written_off)


class Note(models.Model):
    """A remark on a return: internal, or one that the customer sees."""

    rma = models.ForeignKey(Return, on_delete=models.PROTECT, related_name="notes")
    text = models.TextField(_("text"))
    visible_to_customer = models.BooleanField(_("the customer sees it"), default=False)
    author = models.CharField(max_length=120)
    author_kind = models.CharField(max_length=20)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.text[:60]
