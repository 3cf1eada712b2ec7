"""The public address of a store credit: its code is the secret."""

from __future__ import annotations

from django.conf import settings

from refunds.models import StoreCredit


def credit_url(credit: StoreCredit) -> str:
    """The whole address of a balance page, as mails give it."""
    return f"{settings.BASE_URL}/credit/{credit.code}"
