"""Shops, the channels they sell through, and who works for which."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

LONGEST_REMINDER = 365


def usual_reminders() -> list[int]:
    """The days before its end on which a shop reminds of store credit unless it says otherwise."""
    return [30, 7]


def check_reminders(days: Any) -> None:
    """Refuse what are no days: whole numbers from 1 to a year, each once, at most five. Raises ValidationError."""
    known = isinstance(days, list) and all(type(day) is int and 1 <= day <= LONGEST_REMINDER for day in days)
    if not known or len(set(days)) != len(days) or len(days) > 5:
        words = _("Give up to five different numbers of days from 1 to 365, such as [30, 7]; [] is no reminder.")
        raise ValidationError(words)


class Shop(models.Model):
    """One brand with its own policy, sender, languages and staff; one installation serves several."""

    code = models.SlugField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=120)
    legal_name = models.CharField(_("legal name"), max_length=200, blank=True)
    registration_number = models.CharField(_("registration number"), max_length=60, blank=True)
    tax_number = models.CharField(_("tax number"), max_length=60, blank=True)
    address = models.JSONField(_("address"), default=dict, blank=True)
    domains = models.JSONField(_("domains"), default=list, blank=True)
    languages = models.JSONField(_("languages"), default=list, blank=True)
    brand = models.JSONField(_("brand"), default=dict, blank=True)
    sender_name = models.CharField(_("sender's name"), max_length=120, blank=True)
    sender_email = models.EmailField(_("sender's e-mail"), blank=True)
    support_email = models.EmailField(_("support e-mail"), blank=True)
    support_phone = models.CharField(_("support phone"), max_length=40, blank=True)
    calendar = models.JSONField(_("calendar"), default=dict, blank=True)
    gateways = models.JSONField(_("gateways"), default=dict, blank=True)
    credit_reminder_days = models.JSONField(
        _("store credit reminders"),
        default=usual_reminders,
        blank=True,
        validators=[check_reminders],
        help_text=_("Days before the end of store credit on which its holder is reminded; [] for no reminder."),
    )
    document_series = models.CharField(_("document series"), max_length=20, default="RMA")

    class Meta:
        verbose_name = _("shop")
        verbose_name_plural = _("shops")

    def __str__(self) -> str:
        return self.name


class Channel(models.Model):
    """Where orders come from; belongs to one shop."""

    shop = models.ForeignKey(Shop, on_delete=models.PROTECT, related_name="channels")
    code = models.CharField(_("code"), max_length=60, unique=True)
    is_sandbox = models.BooleanField(_("for training"), default=False)

    class Meta:
        verbose_name = _("channel")
        verbose_name_plural = _("channels")

    def __str__(self) -> str:
        return self.code


class ShopMembership(models.Model):
    """A member of staff who sees only some shops; nobody listed sees all."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="shop_memberships")
    shop = models.ForeignKey(Shop, on_delete=models.CASCADE, related_name="memberships")

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["user", "shop"], name="one_membership_per_shop")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.shop_id}"
