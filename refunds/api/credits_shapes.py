"""What the store credit operations take and give."""

from __future__ import annotations

from rest_framework import serializers

from accounts.wire import Amount, Out, PageQuery, Strict, Text

STATES = ["awaiting_approval", "active", "expired", "voided"]
KINDS = ["issued", "bonus", "imported", "refunded", "redeemed", "reversed", "cashed", "expired", "voided"]


class CreditQuery(PageQuery):
    """How to find store credit."""

    email = Text(required=False, max_length=254)


class StoreCreditIn(Strict):
    """Store credit to issue by hand; without a last day the policy's validity counts, raised to the law's."""

    email = serializers.EmailField(required=False, allow_null=True, max_length=254)
    amount = Amount()
    currency = serializers.RegexField(r"^[A-Z]{3}$")
    reason = Text(max_length=300)
    expires_on = serializers.DateField(required=False, allow_null=True)
    shop = Text(required=False, allow_null=True, max_length=40)


class StoreCreditOut(Out):
    """A balance under a code."""

    code = serializers.CharField()
    shop = serializers.CharField()
    email = serializers.CharField(allow_null=True)
    currency = serializers.CharField()
    balance = serializers.CharField()
    pending = serializers.CharField()
    reason = serializers.CharField(allow_blank=True)
    expires_on = serializers.DateField(allow_null=True)
    status = serializers.ChoiceField(choices=STATES)
    law = serializers.CharField(allow_null=True)
    created_at = serializers.DateTimeField()


class CreditEntryOut(Out):
    """A line of a ledger; `amount` is signed."""

    seq = serializers.IntegerField()
    kind = serializers.ChoiceField(choices=KINDS)
    amount = serializers.CharField()
    balance_after = serializers.CharField(allow_null=True)
    reference = serializers.CharField(allow_blank=True)
    by = serializers.CharField(allow_blank=True)
    at = serializers.DateTimeField()


class RedemptionIn(Strict):
    """What to spend, under your own reference; `currency` is checked where it is given."""

    amount = Amount()
    reference = Text(max_length=200)
    currency = Text(required=False, allow_null=True, max_length=3)


class RedemptionOut(Out):
    """A redemption, and what is left now."""

    code = serializers.CharField()
    reference = serializers.CharField()
    amount = serializers.CharField()
    currency = serializers.CharField()
    balance = serializers.CharField()
    status = serializers.ChoiceField(choices=["redeemed", "reversed"])
    at = serializers.DateTimeField()


class VoidCreditIn(Strict):
    """Why it is taken out of use."""

    reason = Text(max_length=200)


class CashOutIn(Strict):
    """How the cash was handed out."""

    reference = Text(max_length=200, required=False, allow_null=True)
