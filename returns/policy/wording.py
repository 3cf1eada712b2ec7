"""The vocabulary of a policy document in words: what a rule looks at, and the terms a document fixes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy, pgettext_lazy

from returns.policy.explain import EFFECT_LABELS
from returns.policy.reasons import Label
from returns.policy.values import say

CONDITION_LABELS: dict[str, Label] = {
    "shops": gettext_lazy("shop is"),
    "channels": gettext_lazy("channel is"),
    "customer_kinds": gettext_lazy("customer is"),
    "customer_tiers": gettext_lazy("tier is"),
    "payment_kinds": gettext_lazy("paid by"),
    "suppliers": gettext_lazy("supplier is"),
    "min_order_total": gettext_lazy("order of at least"),
    "categories": gettext_lazy("category is"),
    "skus": gettext_lazy("SKU is"),
    "tags_any": gettext_lazy("tagged"),
    "tags_none": gettext_lazy("not tagged"),
    "countries": gettext_lazy("sent to"),
    "sale_channels": gettext_lazy("sold"),
    "customer_tags_any": gettext_lazy("customer tagged"),
    "reasons": gettext_lazy("reason is"),
    "reasons_not": gettext_lazy("reason is not"),
    "resolutions": gettext_lazy("wanted is"),
    "min_price": gettext_lazy("price from"),
    "max_price": gettext_lazy("price up to"),
    "ordered_between": gettext_lazy("ordered"),
    "requested_between": gettext_lazy("asked for"),
    "days_since_delivery_over": gettext_lazy("days since delivery over"),
    "risk_at_least": gettext_lazy("risk at least"),
}
STANDING_LABELS: dict[str, Label] = {
    "honour_terms_at_purchase": gettext_lazy("The better of the terms at purchase counts"),
    "label_valid_days": gettext_lazy("Days a label is valid"),
    "expire_after_days": gettext_lazy("Days until an unsent return expires"),
    "store_credit_valid_days": gettext_lazy("Days store credit is valid"),
    "refund_order": gettext_lazy("Order in which payments are refunded"),
    "goodwill_second_person_above": gettext_lazy("Goodwill needs a second person above"),
}
_ALWAYS = pgettext_lazy("condition of a rule", "always")


def condition_label(code: str) -> str:
    """What a condition looks at."""
    return str(CONDITION_LABELS.get(code, code))


def standing_label(code: str) -> str:
    """What an effect or a standing term is about."""
    return str(STANDING_LABELS.get(code) or EFFECT_LABELS.get(code, code))


def when_words(when: Mapping[str, Any]) -> list[tuple[str, str]]:
    """A rule's conditions as (label, value) pairs; `always` where it has none."""
    if not when:
        return [("", str(_ALWAYS))]
    return [(condition_label(key), say(key, value)) for key, value in when.items()]


def then_words(then: Mapping[str, Any]) -> list[tuple[str, str]]:
    """A rule's effects as (label, value) pairs."""
    return [(standing_label(key), say(key, value)) for key, value in then.items()]
