"""What a question about eligibility takes and gives."""

from __future__ import annotations

from typing import Any, ClassVar

from django.utils.translation import gettext_lazy
from rest_framework import serializers

from accounts.wire import Amount, Flag, Free, FreeObject, Instant, Out, Strict, Text, Uid, Whole
from returns.policy.reasons import BASES, METHODS, REASONS, RESOLUTIONS

MAX_ITEMS = 500
MAX_UNITS = 1_000_000


_BY_ID: dict[str, Text] = {"id": Uid()}
_BY_NUMBER: dict[str, Text] = {"channel": Text(max_length=60), "number": Text(max_length=100)}


class AnyOrder(serializers.Field[Any, Any, Any, Any]):
    """An order by its id, by channel and number, or as a whole document."""

    fields: ClassVar = _BY_ID | _BY_NUMBER
    shape: ClassVar = {
        "description": "By id, by channel and number, or the whole document as POST /orders takes it.",
        "anyOf": [
            {
                "type": "object",
                "required": ["id"],
                "properties": {"id": Uid.shape},
                "additionalProperties": False,
            },
            {
                "type": "object",
                "required": ["channel", "number"],
                "properties": {
                    "channel": {"type": "string", "minLength": 1, "maxLength": 60},
                    "number": {"type": "string", "minLength": 1, "maxLength": 100},
                },
                "additionalProperties": False,
            },
            {"$ref": "#/components/schemas/OrderRequest"},
        ],
    }
    default_error_messages = {
        "order": gettext_lazy("Name the order by id, or by channel and number, or send the whole document.")
    }

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        """A reference as a dict of texts; anything with lines is a document and read as one later."""
        if not isinstance(data, dict):
            self.fail("order")
        if "lines" in data:
            return data
        if set(data) not in (_BY_ID.keys(), _BY_NUMBER.keys()):
            self.fail("order")
        found: dict[str, Any] = {}
        errors: dict[str, Any] = {}
        for name, field in self.fields.items():
            try:
                found |= {name: field.run_validation(data[name])} if name in data else {}
            except serializers.ValidationError as error:
                errors[name] = error.detail
        if errors:
            raise serializers.ValidationError(errors)
        return found

    def to_representation(self, value: Any) -> Any:
        """As it came."""
        return value


class DeclaredIn(Strict):
    """What the customer says of the goods; null is unknown."""

    seal_broken = Flag(required=False, allow_null=True)
    used = Flag(required=False, allow_null=True)
    damaged = Flag(required=False, allow_null=True)
    tag_on = Flag(required=False, allow_null=True)


class AskedItem(Strict):
    """One item that somebody thinks of sending back."""

    line = Text(max_length=100)
    quantity = Whole(min_value=1, max_value=MAX_UNITS)
    reason = serializers.ChoiceField(choices=list(REASONS))
    declared = DeclaredIn(required=False, allow_null=True)
    answers = FreeObject(required=False)
    resolution = serializers.ChoiceField(choices=list(RESOLUTIONS), required=False, allow_null=True)


class FactsIn(Strict):
    """What happened since; null is unknown and takes the consumer's side."""

    submitted_at = Instant(required=False, allow_null=True)
    dispatched_at = Instant(required=False, allow_null=True)
    informed_at = Instant(required=False, allow_null=True)
    agreed_at = Instant(required=False, allow_null=True)
    proof_of_sending_at = Instant(required=False, allow_null=True)
    goods_received_at = Instant(required=False, allow_null=True)
    collection_offered = Flag(required=False, allow_null=True)
    value_loss = Amount(required=False, allow_null=True)
    complaint_received_at = Instant(required=False, allow_null=True)
    repair_chosen_at = Instant(required=False, allow_null=True)
    repair_ended_at = Instant(required=False, allow_null=True)
    proven_processing_fee = Amount(required=False, allow_null=True)
    policy_displayed = Flag(required=False, allow_null=True)
    unsolicited_visit = Flag(required=False, allow_null=True)


class EligibilityIn(Strict):
    """A question: what would become of this request?"""

    order = AnyOrder()
    items = serializers.ListField(child=AskedItem(), min_length=1, max_length=MAX_ITEMS)
    resolution = serializers.ChoiceField(choices=list(RESOLUTIONS), required=False, allow_null=True)
    basis_claimed = serializers.ChoiceField(choices=list(BASES), required=False, allow_null=True)
    method = serializers.ChoiceField(choices=list(METHODS), required=False, allow_null=True)
    as_of = Instant(required=False, allow_null=True)
    facts = FactsIn(required=False, allow_null=True)
    policy = Free(
        required=False,
        allow_null=True,
        help_text="A policy document that decides instead of the published one; null for that.",
    )


class PolicyRef(Out):
    """The version that decided; both null for a document sent along."""

    id = serializers.UUIDField(allow_null=True)
    version = serializers.IntegerField(allow_null=True)


class DatesOut(Out):
    """A window: its start, last day and the instant it closes."""

    start = serializers.DateField(allow_null=True)
    last_day = serializers.DateField(allow_null=True)
    closes_at = serializers.DateTimeField(allow_null=True)


class LawOut(Out):
    """What the law gives."""

    profile = serializers.CharField(allow_null=True)
    version = serializers.CharField()
    right = serializers.ChoiceField(choices=["accept", "reject", "none"])
    start = serializers.DateField(allow_null=True)
    last_day = serializers.DateField(allow_null=True)
    closes_at = serializers.DateTimeField(allow_null=True)
    refund_due = serializers.DateField(allow_null=True)
    refund_latest = serializers.DateField(allow_null=True)
    withhold = serializers.ChoiceField(choices=["allowed", "not_allowed", "not_applicable"])
    max_fee = Amount(allow_null=True)
    return_shipping_payer = serializers.ChoiceField(choices=["consumer", "trader"])
    outbound_refundable = Amount()
    value_loss = Amount(allow_null=True)
    exclusion = serializers.CharField(allow_null=True)
    article = serializers.CharField(allow_null=True)
    answer_due = serializers.DateField(allow_null=True)
    answer_operational = serializers.DateField(allow_null=True)
    presumption_until = serializers.DateField(allow_null=True)
    send_back_by = serializers.DateField(allow_null=True)
    repair_due = serializers.DateField(allow_null=True)
    remedies = serializers.ListField(child=serializers.CharField())
    credit_needs_consent = serializers.BooleanField()
    doubts = serializers.ListField(child=serializers.CharField())
    source = serializers.CharField()  # type: ignore[assignment]


class ClipOut(Out):
    """A value of the policy that the law replaced."""

    effect = serializers.CharField()
    policy = serializers.JSONField()
    law = serializers.JSONField()


class StepOut(Out):
    """One entry of the trace."""

    rule = serializers.CharField()
    effect = serializers.CharField()
    value = serializers.JSONField()


class AnsweredItem(Out):
    """What would become of one item."""

    line = serializers.CharField()
    quantity = serializers.IntegerField()
    outcome = serializers.ChoiceField(choices=["authorized", "review", "declined"])
    basis = serializers.ChoiceField(choices=["statutory", "policy", "none"])
    codes = serializers.ListField(child=serializers.CharField())
    explanation = serializers.CharField()
    window = DatesOut()
    law = LawOut()
    clipped = ClipOut(many=True)
    fee = Amount()
    label_fee = Amount()
    return_shipping_payer = serializers.ChoiceField(choices=["customer", "shop"])
    resolutions = serializers.ListField(child=serializers.CharField())
    methods = serializers.ListField(child=serializers.CharField())
    required_photos = serializers.IntegerField()
    questions = serializers.ListField(child=serializers.CharField())
    trace = StepOut(many=True)


class QuotedLine(Out):
    """One signed line of a quote."""

    kind = serializers.CharField()
    line = serializers.CharField(allow_null=True)
    shipping = serializers.CharField(allow_null=True)
    reason = serializers.CharField()
    quantity = serializers.IntegerField()
    net = serializers.CharField()
    tax = serializers.CharField()
    gross = serializers.CharField()


class QuoteOut(Out):
    """What would be paid, every line of it."""

    lines = QuotedLine(many=True)
    net = serializers.CharField()
    tax = serializers.CharField()
    tax_by_rate = serializers.DictField(child=serializers.CharField())
    fee = Amount()
    total = serializers.CharField()


class EligibilityOut(Out):
    """The answer."""

    currency = serializers.CharField()
    policy = PolicyRef()
    items = AnsweredItem(many=True)
    quote = QuoteOut()
