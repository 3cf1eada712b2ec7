"""A consumer's statement of withdrawal, valid whether or not we know the order, and the proof that goes with it."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from customers.models import Order, Shop
from returns.models.rma import Return


class WithdrawalQuerySet(models.QuerySet["Withdrawal"]):
    """Finding statements."""

    def visible_to(self, actor: Any) -> WithdrawalQuerySet:
        """Only statements to the shops, and about orders of the channels, that the actor is bound to."""
        rows = self
        if actor.shops:
            rows = rows.filter(shop__code__in=actor.shops)
        if actor.channels:
            rows = rows.filter(order__channel__code__in=actor.channels)
        return rows

    def open(self) -> WithdrawalQuerySet:
        """No return and no answer has come of them: somebody waits for us."""
        return self.filter(rma__isnull=True, decided_at__isnull=True)

    def to_match(self) -> WithdrawalQuerySet:
        """Nobody knows yet which order they mean."""
        return self.filter(order__isnull=True, decided_at__isnull=True)

    def likely(self) -> WithdrawalQuerySet:
        """Nobody has matched them, and the e-mail address is that of an order: found among whatever else came."""
        return self.to_match().filter(Exists(Order.objects.filter(email=Lower(OuterRef("means")))))

    def to_decide(self) -> WithdrawalQuerySet:
        """The order is known, and no return or answer has come of it."""
        return self.filter(order__isnull=False, rma__isnull=True, decided_at__isnull=True)

    def unacknowledged(self) -> WithdrawalQuerySet:
        """The acknowledgement could not be delivered or has to be posted."""
        return self.filter(ack_state__in=["failed", "to_post"])


class Withdrawal(models.Model):
    """One statement as it was made. What was said never changes; what became of it is in the columns below it."""

    class Channel(models.TextChoices):
        FUNCTION_WEB = "function_web", _("Withdrawal function on the web")
        FUNCTION_APP = "function_app", _("Withdrawal function in an app")
        EMAIL = "email", _("E-mail")
        LETTER = "letter", _("Letter")
        PHONE = "phone", _("Phone")
        FAX = "fax", _("Fax")
        IN_PERSON = "in_person", _("In person")
        IL_LINK = "il_link", _("Israeli cancellation link")
        API = "api", _("Another program")

    class Law(models.TextChoices):
        EU = "eu", _("EU withdrawal")
        IL = "il", _("Israeli cancellation")

    class Ack(models.TextChoices):
        QUEUED = "queued", _("On its way")
        SENT = "sent", _("Sent")
        FAILED = "failed", _("Not delivered")
        TO_POST = "to_post", _("To be posted")

    ref = models.CharField(_("reference"), max_length=20, unique=True)
    shop = models.ForeignKey(Shop, on_delete=models.PROTECT, related_name="withdrawals")
    law = models.CharField(max_length=2, choices=Law.choices, default=Law.EU)
    channel = models.CharField(_("how it came"), max_length=12, choices=Channel.choices)
    received_at = models.DateTimeField(_("received"))
    received_local = models.CharField(max_length=40, help_text=_("The wall clock in `zone` at that instant."))
    zone = models.CharField(max_length=40)
    name = models.CharField(_("name"), max_length=200)
    contract = models.TextField(_("contract as typed"))
    means = models.CharField(_("where the acknowledgement goes"), max_length=254)
    statement = models.TextField(_("statement"))
    scope = models.JSONField(default=list, help_text=_("The items as named; empty is the whole contract."))
    locale = models.CharField(_("language"), max_length=8, default="en")
    id_number = models.TextField(blank=True, help_text=_("Encrypted; Israel only, and never asked for elsewhere."))
    ui = models.JSONField(default=dict, help_text=_("Labels, version and hash of the form, and its address."))
    nonce = models.CharField(max_length=32)
    content_sha256 = models.CharField(max_length=64, help_text=_("Over the content; the log holds it too."))
    submit_key = models.CharField(max_length=64, unique=True)
    dispatched_at = models.DateTimeField(null=True, help_text=_("Postmark or date of the e-mail."))
    recorded_by = models.CharField(max_length=120, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    order = models.ForeignKey(Order, null=True, on_delete=models.PROTECT, related_name="withdrawals")
    matched_at = models.DateTimeField(null=True)
    matched_by = models.CharField(max_length=120, blank=True)
    rma = models.OneToOneField(Return, null=True, on_delete=models.PROTECT, related_name="withdrawal")
    evaluation = models.JSONField(default=dict, help_text=_("What the law says, by line, and the worst of it."))
    verdict = models.CharField(max_length=8, blank=True)
    left_out = models.JSONField(default=list, help_text=_("Lines whose units another return holds."))
    answer_by = models.DateField(null=True, help_text=_("When the consumer was told to expect our answer."))
    decided_at = models.DateTimeField(null=True)
    decision = models.JSONField(default=dict, help_text=_("Our answer and its reasons; what the consumer replied."))
    contested_at = models.DateTimeField(null=True)
    ack = models.JSONField(default=dict, help_text=_("The acknowledgement, word for word."))
    ack_sha256 = models.CharField(max_length=64, blank=True)
    ack_to = models.CharField(max_length=254, blank=True)
    ack_state = models.CharField(max_length=8, choices=Ack.choices, default=Ack.QUEUED)
    ack_sent_at = models.DateTimeField(null=True)
    ack_error = models.TextField(blank=True)
    held_until = models.DateTimeField(null=True, help_text=_("The mail waits: too many went to this address."))
    pdf_fetched_at = models.DateTimeField(null=True)
    trouble = models.TextField(blank=True, help_text=_("Why nothing followed by itself."))
    erased_at = models.DateTimeField(null=True)

    objects = WithdrawalQuerySet.as_manager()

    class Meta:
        verbose_name = _("withdrawal")
        verbose_name_plural = _("withdrawals")
        indexes: ClassVar = [
            models.Index(fields=["id"], condition=Q(order__isnull=True, decided_at__isnull=True), name="wd_to_match"),
            models.Index(
                fields=["id"],
                condition=Q(order__isnull=False, rma__isnull=True, decided_at__isnull=True),
                name="wd_to_decide",
            ),
            models.Index(fields=["id"], condition=Q(ack_state__in=["failed", "to_post"]), name="wd_unacknowledged"),
        ]

    def __str__(self) -> str:
        return self.ref

    @property
    def stream(self) -> str:
        """Its stream in the log."""
        return f"withdrawal:{self.pk}"
