"""Versions of a shop's policy, and every decision with what it was made of."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from customers.models import Shop
from returns.models.rma import Return, ReturnItem


class ReturnPolicy(models.Model):
    """One immutable version of a policy document; one per shop is published at a time."""

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        TRIAL = "trial", _("On trial")
        SCHEDULED = "scheduled", _("Starts later")
        PUBLISHED = "published", _("Published")
        RETIRED = "retired", _("Retired")

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    shop = models.ForeignKey(Shop, on_delete=models.PROTECT, related_name="policies")
    version = models.PositiveIntegerField()
    name = models.CharField(max_length=200)
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    document = models.JSONField()
    starts_at = models.DateTimeField(null=True)
    share = models.PositiveSmallIntegerField(null=True, help_text=_("Percent of customers, of a trial."))
    created_by = models.CharField(max_length=120, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["shop", "version"], name="one_policy_per_version"),
            models.UniqueConstraint(
                fields=["shop"], condition=Q(state="published"), name="one_published_policy_per_shop"
            ),
            models.UniqueConstraint(fields=["shop"], condition=Q(state="trial"), name="one_trial_per_shop"),
            models.UniqueConstraint(
                fields=["shop"], condition=Q(state="scheduled"), name="one_scheduled_policy_per_shop"
            ),
            models.CheckConstraint(condition=Q(share=None) | Q(share__range=(1, 99)), name="a_share_is_a_part"),
        ]

    def __str__(self) -> str:
        return f"{self.name} v{self.version}"


class PolicyDecision(models.Model):
    """Why an item was authorized, sent to a person, or declined; replays to the same answer."""

    rma = models.ForeignKey(Return, on_delete=models.PROTECT, related_name="decisions")
    item = models.ForeignKey(ReturnItem, on_delete=models.PROTECT, related_name="decisions")
    policy = models.ForeignKey(ReturnPolicy, null=True, on_delete=models.PROTECT, related_name="decisions")
    outcome = models.CharField(max_length=12)
    basis = models.CharField(max_length=12)
    codes = models.JSONField(default=list)
    detail = models.JSONField(default=dict, help_text=_("The whole decision: effects, window, trace."))
    law_profile = models.CharField(max_length=40, blank=True, default="")
    law_version = models.CharField(max_length=40, blank=True)
    inputs = models.JSONField(default=dict, help_text=_("Everything the decision looked at, to replay it."))
    inputs_hash = models.CharField(max_length=64)
    overridden_by = models.CharField(max_length=120, blank=True)
    override_reason = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"{self.item_id} {self.outcome}"
