"""What the operations for accounting take and give."""

from __future__ import annotations

from rest_framework import serializers

from accounts.wire import Out, PageQuery, Strict, Text
from refunds.api.shapes import DocumentOut, ReimbursementOut
from refunds.models import Document


class SpanQuery(Strict):
    """Whole days, both included, in the installation's time zone."""

    currency = Text(required=False, max_length=3)
    shop = Text(required=False, max_length=40)

    def get_fields(self) -> dict[str, serializers.Field]:  # type: ignore[type-arg]
        """`from` is a word of the language, so the two days are named here."""
        days = {"from": serializers.DateField(), "to": serializers.DateField()}
        return {**days, **super().get_fields()}


class LedgerQuery(SpanQuery):
    """Which part of the ledger, and how it is written."""

    format = serializers.ChoiceField(choices=["json", "csv"], required=False)


class LedgerOut(Out):
    """The ledger of a span, streamed; every member is text or null, `count` says that it is complete."""

    to = serializers.DateField()
    results = serializers.ListField(child=serializers.DictField(child=serializers.CharField(allow_null=True)))
    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)
    count = serializers.IntegerField()


class DayOut(Out):
    """One day of one gateway in one currency."""

    date = serializers.DateField()
    currency = serializers.CharField()
    gateway = serializers.CharField()
    decided = serializers.CharField()
    refunded = serializers.CharField()
    ledger = serializers.CharField(allow_null=True)
    ties = serializers.BooleanField()


class DifferenceOut(Out):
    """One thing that keeps a day from tying out."""

    date = serializers.DateField()
    currency = serializers.CharField()
    gateway = serializers.CharField()
    kind = serializers.ChoiceField(choices=["lines", "unpaid", "unsettled", "only_here", "only_there", "amount"])
    subject = serializers.CharField()
    ours = serializers.CharField(allow_null=True)
    theirs = serializers.CharField(allow_null=True)


class TotalsOut(Out):
    """Daily totals of reimbursements, refunds and the gateways' own ledgers."""

    ties = serializers.BooleanField()
    days = serializers.ListField(child=DayOut())
    differences = serializers.ListField(child=DifferenceOut())


class DocumentIn(Strict):
    """A document that accounting issued."""

    kind = serializers.ChoiceField(choices=[kind for kind in Document.Kind.values if kind != "receipt_return"])
    number = Text(max_length=100)
    issued_on = serializers.DateField()
    ksef_number = Text(max_length=60, required=False, allow_null=True, allow_blank=True)
    allocation_number = Text(max_length=60, required=False, allow_null=True, allow_blank=True)


class ReimbursementQuery(PageQuery):
    """Which reimbursements."""

    without_document = Text(required=False, max_length=5)
    shop = Text(required=False, max_length=40)
    currency = Text(required=False, max_length=3)


class ListedReimbursementOut(ReimbursementOut):
    """A reimbursement with the order and the return that it belongs to."""

    order = serializers.CharField()
    rma = serializers.CharField(allow_null=True)
    settled_at = serializers.DateTimeField(allow_null=True)


class RegisterQuery(PageQuery):
    """Which shop's register, of which year."""

    shop = Text(required=False, max_length=40)
    year = Text(max_length=4)
    format = serializers.ChoiceField(choices=["json", "csv"], required=False)


class RateOut(Out):
    """An amount and its tax at one rate."""

    rate = serializers.CharField()
    gross = serializers.CharField()
    tax = serializers.CharField()


class EntryOut(Out):
    """An entry of the register of returns."""

    id = serializers.IntegerField()
    number = serializers.CharField()
    shop = serializers.CharField()
    entered_on = serializers.DateField()
    sold_on = serializers.DateField()
    returned_on = serializers.DateField()
    kind = serializers.ChoiceField(choices=["return", "complaint"])
    goods = serializers.ListField(child=serializers.DictField())
    rates = serializers.ListField(child=RateOut())
    whole = serializers.BooleanField()
    refunded = serializers.DictField(child=serializers.CharField())
    refunded_rates = serializers.ListField(child=RateOut())
    currency = serializers.CharField()
    receipt = serializers.DictField(child=serializers.CharField(allow_null=True))
    order = serializers.CharField()
    rma = serializers.CharField(allow_null=True)
    reimbursement = serializers.UUIDField()


__all__ = [
    "DocumentIn",
    "DocumentOut",
    "EntryOut",
    "LedgerOut",
    "LedgerQuery",
    "ListedReimbursementOut",
    "RegisterQuery",
    "ReimbursementQuery",
    "SpanQuery",
    "TotalsOut",
]
