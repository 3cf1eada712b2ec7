"""What the policy operations take and give; the document's shape follows the words of `returns.policy.document`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from rest_framework import serializers

from accounts.wire import Instant, Out, PageQuery, Strict, Text, Uid, Whole
from returns.api.shapes import word
from returns.models import ReturnPolicy
from returns.policy.document import MAX_DAYS, MAX_RULES
from returns.policy.reasons import (
    CUSTOMER_KINDS,
    GRADES,
    METHODS,
    PAYMENT_KINDS,
    REASONS,
    RESOLUTIONS,
    RISK_LEVELS,
    SALE_CHANNELS,
)

Shape = dict[str, Any]

_FACE = {"type": "string", "pattern": r"^[0-9]{1,12}(\.[0-9]{1,4})?$"}
_DAY = "([0-9]{4}-)?[0-9]{2}-[0-9]{2}"


def _text(most: int = 120) -> Shape:
    return {"type": "string", "minLength": 1, "maxLength": most}


def _one(words: Iterable[str]) -> Shape:
    return {"type": "string", "enum": list(words)}


def _some(entry: Shape, least: int = 1) -> Shape:
    return {"type": "array", "items": entry, "minItems": least, "maxItems": 5000}


def _whole(low: int, high: int) -> Shape:
    return {"type": "integer", "minimum": low, "maximum": high}


def _object(members: Shape, least: int = 0, required: Iterable[str] = ()) -> Shape:
    found: Shape = {"type": "object", "properties": members, "additionalProperties": False}
    return found | ({"minProperties": least} if least else {}) | ({"required": list(required)} if required else {})


def _or_null(shape: Shape) -> Shape:
    return {"oneOf": [shape, {"type": "null"}]}


_AMOUNT: Shape = {
    "description": "In the order's currency, or one text for each currency.",
    "oneOf": [
        _FACE,
        {
            "type": "object",
            "minProperties": 1,
            "propertyNames": {"pattern": "^[A-Z]{3}$"},
            "additionalProperties": _FACE,
        },
    ],
}
_PERCENT: Shape = {
    "oneOf": [
        {"type": "number", "minimum": 0, "maximum": 100},
        {"type": "string", "pattern": r"^[0-9]{1,3}(\.[0-9]{1,4})?$"},
    ]
}
_DAYS: Shape = {
    "description": "Two dates, or two days of every year such as 11-01..12-24; both ends belong to it.",
    "oneOf": [
        {"type": "array", "items": {"type": "string", "pattern": f"^{_DAY}$"}, "minItems": 2, "maxItems": 2},
        {"type": "string", "pattern": rf"^{_DAY}\.\.{_DAY}$"},
    ],
}
_WINDOW: Shape = {
    "days": {"oneOf": [_whole(0, MAX_DAYS), {"type": "null"}], "description": "null is no limit."},
    "from": _one(("delivered", "shipped", "ordered")),
}
WHEN: Shape = {
    "shops": _some(_text()),
    "channels": _some(_text()),
    "customer_kinds": _some(_one(CUSTOMER_KINDS)),
    "customer_tiers": _some(_text()),
    "payment_kinds": _some(_one(PAYMENT_KINDS)),
    "suppliers": _some(_text()),
    "min_order_total": _AMOUNT,
    "categories": _some(_text()),
    "skus": _some(_text()),
    "tags_any": _some(_text()),
    "tags_none": _some(_text()),
    "countries": _some({"type": "string", "pattern": "^[A-Za-z]{2}$"}),
    "sale_channels": _some(_one(SALE_CHANNELS)),
    "customer_tags_any": _some(_text()),
    "reasons": _some(_one(REASONS)),
    "reasons_not": _some(_one(REASONS)),
    "resolutions": _some(_one(RESOLUTIONS)),
    "min_price": _AMOUNT,
    "max_price": _AMOUNT,
    "ordered_between": _DAYS,
    "requested_between": _DAYS,
    "days_since_delivery_over": _whole(0, MAX_DAYS),
    "risk_at_least": _one(RISK_LEVELS),
}
THEN: Shape = {
    "decision": _one(("authorize", "review", "decline")),
    "message": {
        "description": "The shop's own words, one text or one for each language.",
        "oneOf": [_text(500), _object({name: _text(500) for name in ("en", "he", "pl")}, 1), {"type": "null"}],
    },
    "window_days": _WINDOW["days"],
    "window_from": _WINDOW["from"],
    "return_until": _or_null({"type": "string", "pattern": f"^{_DAY}$"}),
    "fee": _or_null(_object({"fixed": _AMOUNT, "percent": _PERCENT, "keep_shipping": {"type": "boolean"}}, 1)),
    "label_fee": _or_null(_object({"gross": _AMOUNT}, required=["gross"])),
    "fee_waived_for": _some(_one([*REASONS, *RESOLUTIONS])),
    "required_photos": _whole(0, 20),
    "questions": _some({"type": "string", "pattern": "^[a-z][a-z0-9_]{0,63}$"}, 0),
    "resolutions": _some(_one(RESOLUTIONS)),
    "methods": _some(_one(METHODS)),
    "bonus_credit_percent": _PERCENT,
    "return_shipping_payer": _one(("customer", "shop")),
    "return_postage_cap": _or_null(_AMOUNT),
    "return_to": _or_null(_text()),
    "exchange_bonus_percent": _PERCENT,
    "refund_outbound_shipping": {"type": "boolean"},
    "promotion_on_return": _one(("keep", "claw_back")),
    "auto_reimburse": {"type": "boolean"},
    "deduction_by_grade": _object(dict.fromkeys(GRADES, _PERCENT), 1),
}
ALWAYS: Shape = {
    "label_valid_days": _whole(1, MAX_DAYS),
    "expire_after_days": _whole(1, MAX_DAYS),
    "store_credit_valid_days": _or_null(_whole(1, MAX_DAYS)),
    "refund_order": {"oneOf": [_one(("last_first", "first_first")), _some(_one(PAYMENT_KINDS))]},
    "goodwill_second_person_above": _AMOUNT,
}
_DEFAULTS = {name: shape for name, shape in THEN.items() if not name.startswith("window_")} | ALWAYS
_RULE = _object({"name": _text(), "when": _or_null(_object(WHEN)), "then": _object(THEN, 1)}, required=["then"])


class PolicyDocumentIn(Strict):
    """A policy; what it leaves out is as in the house's own. Of the rules, the first that sets an effect wins it."""

    shape: ClassVar = {
        "type": "object",
        "required": [],
        "properties": {
            "name": _text(),
            "shop": {**_text(), "description": "Code of the shop it is for; `main` when left out."},
            "honour_terms_at_purchase": {
                "type": "boolean",
                "description": "Whether the version at the order's date decides where it is the better one.",
            },
            "window": _object(_WINDOW),
            "defaults": _or_null(_object(_DEFAULTS)),
            "rules": _or_null({"type": "array", "items": _RULE, "maxItems": MAX_RULES}),
        },
    }


class FindingOut(Out):
    """An effect that a rule, or `defaults`, sets below some laws; in a decision the law wins."""

    rule = serializers.CharField()
    effect = serializers.CharField()
    policy = serializers.JSONField()
    law = serializers.JSONField()
    profiles = serializers.ListField(child=serializers.CharField())
    explanation = serializers.CharField()


class PolicyOut(Out):
    """A version of a policy."""

    id = serializers.UUIDField()
    version = serializers.IntegerField()
    status = word(ReturnPolicy.State.values)
    name = serializers.CharField()
    shop = serializers.CharField()
    starts_at = serializers.DateTimeField(allow_null=True)
    share = serializers.IntegerField(allow_null=True)
    document = serializers.DictField()
    floor_report = FindingOut(many=True)


class CheckedOut(Out):
    """A document in full and in its one order, with what the law would lift."""

    document = serializers.DictField()
    floor_report = FindingOut(many=True)


class ChangeOut(Out):
    """One difference in words; `rule` is empty for what holds for everything."""

    kind = word(["added", "removed", "changed", "moved"])
    rule = serializers.CharField()
    what = serializers.CharField()
    old = serializers.CharField()
    new = serializers.CharField()


class VersionOut(Out):
    """A version by id and number."""

    id = serializers.UUIDField()
    version = serializers.IntegerField()


class ChangesOut(Out):
    """What differs from another version, in words."""

    since = VersionOut()
    changes = ChangeOut(many=True)


class PolicyQuery(PageQuery):
    """How to narrow the list of versions."""

    shop = Text(required=False, max_length=60)
    status = word(ReturnPolicy.State.values, required=False)


class SinceQuery(Strict):
    """Which version to compare with; the one in force when left out."""

    since = Uid(required=False)


class PublishIn(Strict):
    """From when on a version decides; at once when left out."""

    starts_at = Instant(required=False, allow_null=True)


class TrialIn(Strict):
    """How many percent of the customers a trial holds for."""

    share = Whole(min_value=1, max_value=99)
