"""How store credit, its ledger and its redemptions look in the API, and amounts on their way in."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from accounts.problems import FieldError, Invalid
from customers import money
from customers.pricing.fields import currencies
from refunds.actions.ledger import is_over
from refunds.models import StoreCredit, StoreCreditEntry
from returns.documents import instant


def present_credit(credit: StoreCredit) -> dict[str, Any]:
    """A store credit as the API shows it."""
    return {
        "code": credit.code,
        "shop": credit.shop.code,
        "email": credit.email or (credit.customer.email if credit.customer else "") or None,
        "currency": credit.currency,
        "balance": money.to_text(credit.balance, credit.currency),
        "pending": money.to_text(credit.pending, credit.currency),
        "reason": credit.reason,
        "expires_on": credit.expires_on.isoformat() if credit.expires_on else None,
        "status": status_of(credit),
        "law": credit.law or None,
        "created_at": instant(credit.created_at),
    }


def status_of(credit: StoreCredit) -> str:
    """Where it stands: awaiting_approval, active, expired or voided."""
    if credit.voided_at:
        return "voided"
    if is_over(credit):
        return "expired"
    return "awaiting_approval" if credit.pending else "active"


def present_entry(entry: StoreCreditEntry) -> dict[str, Any]:
    """A line of the ledger as the API shows it; `amount` is signed."""
    currency = entry.credit.currency
    after = entry.balance_after
    return {
        "seq": entry.seq,
        "kind": entry.kind,
        "amount": money.to_text(entry.amount, currency),
        "balance_after": None if after is None else money.to_text(after, currency),
        "reference": entry.reference,
        "by": entry.actor,
        "at": instant(entry.at),
    }


def present_redemption(entry: StoreCreditEntry) -> dict[str, Any]:
    """A redemption as the API shows it, with what is left now."""
    credit = StoreCredit.objects.get(pk=entry.credit_id)
    return {
        "code": credit.code,
        "reference": entry.reference,
        "amount": money.to_text(-entry.amount, credit.currency),
        "currency": credit.currency,
        "balance": money.to_text(credit.balance, credit.currency),
        "status": "reversed" if hasattr(entry, "reversal") else "redeemed",
        "at": instant(entry.at),
    }


def minor(text: str, currency: str) -> int:
    """The amount of a body in minor units. Raises Invalid."""
    if currency not in currencies():
        detail = _("This is not an ISO 4217 currency code such as EUR.")
        raise Invalid(detail, errors=[FieldError("/currency", "invalid", detail)])
    try:
        return money.parse(text, currency)
    except money.BadAmount as error:
        raise Invalid(str(error), errors=[FieldError("/amount", "invalid", str(error))]) from error
