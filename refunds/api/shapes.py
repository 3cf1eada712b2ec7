"""What the money operations take and give."""

from __future__ import annotations

from rest_framework import serializers

from accounts.wire import Amount, Out, Strict, Text, Uid, Whole
from refunds.actions.plan import TENDERS
from refunds.models import Document, Refund, Reimbursement

MAX_ROWS = 500
MAX_UNITS = 1_000_000


class UnitsIn(Strict):
    """Units of an item to pay for."""

    item = Uid()
    quantity = Whole(min_value=1, max_value=MAX_UNITS)


class DeductionIn(Strict):
    """Money kept for what is wrong with an item."""

    item = Uid()
    amount = Amount()
    reason = Text(max_length=300, required=False, allow_blank=True)


class PayoutIn(Strict):
    """The customer's account: an IBAN, or bank, branch and account."""

    holder = Text(max_length=120)
    iban = Text(max_length=42, required=False)
    bank = Text(max_length=12, required=False)
    branch = Text(max_length=12, required=False)
    account = Text(max_length=12, required=False)


class ReimbursementIn(Strict):
    """What to pay; what is left out is decided by policy and facts."""

    items = serializers.ListField(child=UnitsIn(), required=False, allow_null=True, max_length=MAX_ROWS)
    shipping = Text(required=False, allow_null=True, max_length=24)
    tender = serializers.ChoiceField(choices=[*TENDERS, "exchange"], required=False, allow_null=True)
    payout = PayoutIn(required=False, allow_null=True)
    deductions = serializers.ListField(child=DeductionIn(), required=False, allow_null=True, max_length=MAX_ROWS)
    expected_total = Amount(required=False, allow_null=True)


class PaidIn(Strict):
    """How it was paid; the bank's reference, if there is one."""

    reference = Text(max_length=200, required=False, allow_blank=True)


class EvidenceOut(Out):
    """The finding behind a deduction, with its photos."""

    inspection = serializers.UUIDField()
    photos = serializers.ListField(child=serializers.UUIDField())


class ReimbursementLineOut(Out):
    """One signed line."""

    kind = serializers.CharField()
    item = serializers.UUIDField(allow_null=True)
    line = serializers.CharField(allow_null=True)
    shipping = serializers.CharField(allow_null=True)
    quantity = serializers.IntegerField()
    net = serializers.CharField()
    tax = serializers.CharField()
    gross = serializers.CharField()
    reason = serializers.CharField(allow_blank=True)
    evidence = EvidenceOut(allow_null=True)


class RefundOut(Out):
    """One movement of money; without an id in a preview."""

    id = serializers.UUIDField(allow_null=True)
    payment = serializers.CharField(allow_null=True)
    amount = serializers.CharField()
    currency = serializers.CharField()
    status = serializers.ChoiceField(choices=[*Refund.State.values, "preview"])
    gateway = serializers.CharField()
    gateway_reference = serializers.CharField(allow_null=True)


class CreditOut(Out):
    """Store credit that was issued."""

    code = serializers.CharField()
    amount = serializers.CharField()
    expires_on = serializers.DateField(allow_null=True)


class DocumentOut(Out):
    """A document that accounting issued."""

    kind = serializers.ChoiceField(choices=Document.Kind.choices)
    number = serializers.CharField()
    issued_on = serializers.DateField()
    ksef_number = serializers.CharField(allow_null=True)
    allocation_number = serializers.CharField(allow_null=True)


class ReimbursementOut(Out):
    """The itemised decision."""

    id = serializers.UUIDField(allow_null=True)
    status = serializers.ChoiceField(choices=[*Reimbursement.State.values, "preview"])
    currency = serializers.CharField()
    lines = serializers.ListField(child=ReimbursementLineOut())
    net = serializers.CharField()
    tax = serializers.CharField()
    tax_by_rate = serializers.DictField(child=serializers.CharField())
    fee = serializers.CharField()
    total = serializers.CharField()
    tender = serializers.CharField()
    payout = serializers.CharField(allow_null=True)
    account_wanted = serializers.BooleanField()
    refunds = serializers.ListField(child=RefundOut())
    store_credit = CreditOut(allow_null=True)
    exchange = serializers.DictField(allow_null=True)
    kind = serializers.ChoiceField(choices=Reimbursement.Kind.choices)
    reason = serializers.CharField(allow_blank=True)
    held_for = serializers.CharField(allow_null=True)
    prepared_by = serializers.CharField(allow_blank=True)
    approved_by = serializers.CharField(allow_null=True)
    approved_at = serializers.DateTimeField(allow_null=True)
    rejected_because = serializers.CharField(allow_null=True)
    reverses = serializers.UUIDField(allow_null=True)
    documents = serializers.ListField(child=DocumentOut())
    created_at = serializers.DateTimeField(allow_null=True)


class LeftLine(Out):
    """What is left of a line."""

    line = serializers.CharField()
    quantity = serializers.IntegerField()
    amount = serializers.CharField()


class LeftById(Out):
    """What is left of a delivery charge or a payment."""

    id = serializers.CharField()
    amount = serializers.CharField()


class RefundableOut(Out):
    """What is left to give back of an order."""

    currency = serializers.CharField()
    order = serializers.CharField()
    lines = serializers.ListField(child=LeftLine())
    shipping = serializers.ListField(child=LeftById())
    payments = serializers.ListField(child=LeftById())
