"""What the withdrawal operations take and give."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy
from rest_framework import serializers

from accounts.wire import Instant, Out, Strict, Text
from returns.api.shapes import MAX_UNITS, word
from returns.models import Withdrawal

MOST_ITEMS = 200


class ItemIn(Text):
    """An item in words, or a line of the order with how many of it."""

    shape: ClassVar = {
        "oneOf": [
            {"type": "string", "minLength": 1, "maxLength": 500},
            {
                "type": "object",
                "required": ["line"],
                "additionalProperties": False,
                "properties": {
                    "line": {"type": "string", "minLength": 1, "maxLength": 100},
                    "quantity": {"type": "integer", "minimum": 1, "maximum": MAX_UNITS},
                },
            },
        ]
    }
    default_error_messages = {"item": gettext_lazy("Name the item in words, or as an object with line and quantity.")}

    def to_internal_value(self, data: Any) -> Any:
        """Accept a text, or an object with a line."""
        if not isinstance(data, Mapping):
            return super().to_internal_value(data)
        if not data.get("line") or set(data) - {"line", "quantity"}:
            self.fail("item")
        count = data.get("quantity", 1)
        if isinstance(count, bool) or not isinstance(count, int) or not 1 <= count <= MAX_UNITS:
            self.fail("item")
        line = super().to_internal_value(data["line"])
        if len(line) > 100:
            self.fail("item")
        return {"line": line, **({"quantity": count} if "quantity" in data else {})}


class WithdrawalIn(Strict):
    """A statement of withdrawal as it was made."""

    name = Text(max_length=200)
    contract = Text(max_length=2000)
    acknowledge_to = Text(max_length=254)
    items = serializers.ListField(
        child=ItemIn(max_length=500), required=False, allow_null=True, min_length=1, max_length=MOST_ITEMS
    )
    locale = Text(required=False, max_length=8)
    channel = word(Withdrawal.Channel.values, required=False)
    law = word(Withdrawal.Law.values, required=False, allow_null=True)
    id_number = Text(required=False, allow_null=True, max_length=40)
    dispatched_at = Instant(required=False, allow_null=True)


class Anything(serializers.JSONField):
    """An object, or null; it describes and does not serialise."""

    shape: ClassVar = {"type": ["object", "null"], "additionalProperties": True}


class AcknowledgementOut(Out):
    """The acknowledgement word for word, and how far it got."""

    status = word(Withdrawal.Ack.values)
    to = serializers.CharField()
    subject = serializers.CharField()
    text = serializers.CharField()
    sha256 = serializers.CharField()
    sent_at = serializers.DateTimeField(allow_null=True)


class MatchedOrderOut(Out):
    """The order that a statement means."""

    id = serializers.UUIDField()
    channel = serializers.CharField()
    number = serializers.CharField()


class WithdrawalOut(Out):
    """A statement of withdrawal and what became of it."""

    ref = serializers.CharField()
    received_at = serializers.DateTimeField()
    law = word(Withdrawal.Law.values)
    channel = word(Withdrawal.Channel.values)
    name = serializers.CharField()
    contract = serializers.CharField()
    acknowledge_to = serializers.CharField()
    items = serializers.ListField(child=ItemIn(max_length=500), allow_null=True)
    locale = serializers.CharField()
    statement = serializers.CharField()
    dispatched_at = serializers.DateTimeField(allow_null=True)
    acknowledgement = AcknowledgementOut()
    matched_order = MatchedOrderOut(allow_null=True)
    verdict = serializers.CharField(allow_null=True)
    evaluation = Anything()
    left_out = serializers.ListField(child=serializers.CharField())
    decision = Anything()
    proof = serializers.CharField()


# `return` is a word of Python
WithdrawalOut._declared_fields["return"] = serializers.CharField(allow_null=True)


class ProofOut(Out):
    """The proof bundle; docs/withdrawals.md says how a stranger checks it."""

    format = serializers.CharField()
    ref = serializers.CharField()
    content = Anything()
    content_canonical = serializers.CharField()
    content_sha256 = serializers.CharField()
    received_at = Anything()
    recorded_by = serializers.CharField(allow_null=True)
    id_number = serializers.CharField(allow_null=True)
    matched_order = MatchedOrderOut(allow_null=True)
    evaluation = Anything()
    left_out = serializers.ListField(child=serializers.CharField())
    acknowledgement = Anything()
    decision = Anything()
    refund_chain = Anything()
    availability = Anything()
    seen_by = serializers.ListField(child=Anything())
    events = serializers.ListField(child=Anything())
    return_events = serializers.ListField(child=Anything())
    whole = serializers.BooleanField()
    how_to_check = serializers.CharField()


ProofOut._declared_fields["return"] = serializers.CharField(allow_null=True)
