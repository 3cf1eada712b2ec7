"""What goodwill and price reductions take."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy
from rest_framework import serializers

from accounts.wire import Amount, Strict, Text, Uid
from refunds.actions.plan import TENDERS
from refunds.api.shapes import MAX_ROWS, PayoutIn

_LINE = {"type": "string", "minLength": 1, "maxLength": 100}


class Target(serializers.Field[Any, Any, Any, Any]):
    """The word `order`, or an object that names a line, a unit of a line, or a delivery charge."""

    shape: ClassVar = {
        "oneOf": [
            {"type": "string", "enum": ["order"]},
            {"type": "object", "properties": {"line": _LINE}, "required": ["line"], "additionalProperties": False},
            {
                "type": "object",
                "properties": {"line": _LINE, "unit": {"type": "integer", "minimum": 1}},
                "required": ["line", "unit"],
                "additionalProperties": False,
            },
            {
                "type": "object",
                "properties": {"shipping": _LINE},
                "required": ["shipping"],
                "additionalProperties": False,
            },
        ]
    }
    default_error_messages = {
        "target": gettext_lazy('The target is the word "order", or names a line, a line and a unit, or shipping.')
    }

    def to_internal_value(self, data: Any) -> Any:
        """Accept the four forms."""
        if data == "order":
            return data
        names = {"line": str, "unit": int, "shipping": str}
        given = data if isinstance(data, Mapping) else {}
        if set(given) not in ({"line"}, {"line", "unit"}, {"shipping"}):
            self.fail("target")
        if any(type(value) is not names[name] or value == "" or "\x00" in str(value) for name, value in given.items()):
            self.fail("target")
        return dict(given)

    def to_representation(self, value: Any) -> Any:
        """As it is."""
        return value


class AmountOrRest(Amount):
    """A decimal string, or "rest" for all that is left."""

    shape: ClassVar = {"type": "string", "pattern": r"^([0-9]+(\.[0-9]+)?|rest)$", "examples": ["8.00", "rest"]}

    def to_internal_value(self, data: Any) -> str:
        """Accept "rest" as well."""
        return "rest" if data == "rest" else super().to_internal_value(data)


class GoodwillIn(Strict):
    """Money without goods: for what, how much, why, and how it goes back."""

    target = Target()
    amount = AmountOrRest()
    reason = Text(max_length=300)
    tender = serializers.ChoiceField(choices=list(TENDERS), required=False, allow_null=True)
    payment = Text(max_length=64, required=False, allow_null=True)
    payout = PayoutIn(required=False, allow_null=True)
    rma = Text(max_length=24, required=False, allow_null=True)
    expected_total = Amount(required=False, allow_null=True)


class ReducedIn(Strict):
    """What one item becomes cheaper by: an amount, or a percentage of what was paid for its units."""

    item = Uid()
    amount = Amount(required=False, allow_null=True)
    percent = Amount(required=False, allow_null=True)


class PriceReductionIn(Strict):
    """Money back for goods that the customer keeps."""

    items = serializers.ListField(child=ReducedIn(), min_length=1, max_length=MAX_ROWS)
    reason = Text(max_length=300)
    tender = serializers.ChoiceField(choices=list(TENDERS), required=False, allow_null=True)
    payout = PayoutIn(required=False, allow_null=True)
    expected_total = Amount(required=False, allow_null=True)


class RejectIn(Strict):
    """Why not; whoever prepared it reads this."""

    reason = Text(max_length=300)
