"""The closed lists of a return request with labels: reasons and their class in law, resolutions, methods."""

from __future__ import annotations

from typing import TypeAlias

from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

Label: TypeAlias = str | Promise

REASONS: dict[str, Label] = {
    "change_of_mind": pgettext_lazy("return reason", "Changed my mind"),
    "too_small": pgettext_lazy("return reason", "Too small"),
    "too_large": pgettext_lazy("return reason", "Too large"),
    "style": pgettext_lazy("return reason", "Not my style"),
    "arrived_late": pgettext_lazy("return reason", "Arrived too late"),
    "late_or_no_delivery": pgettext_lazy("return reason", "Never arrived"),
    "wrong_item": pgettext_lazy("return reason", "Wrong item"),
    "not_as_described": pgettext_lazy("return reason", "Not as described"),
    "defective": pgettext_lazy("return reason", "Faulty"),
    "damaged_in_transit": pgettext_lazy("return reason", "Damaged on the way"),
    "missing_parts": pgettext_lazy("return reason", "Parts missing"),
    "refused_or_undelivered": pgettext_lazy("return reason", "Refused or not delivered"),
    "recall_safety": pgettext_lazy("return reason", "Safety recall"),
    "gift": pgettext_lazy("return reason", "It was a gift"),
    "better_price": pgettext_lazy("return reason", "Found a better price"),
    "other": pgettext_lazy("return reason", "Something else"),
}

RESOLUTIONS: dict[str, Label] = {
    "refund": pgettext_lazy("resolution", "Refund"),
    "exchange": pgettext_lazy("resolution", "Exchange"),
    "store_credit": pgettext_lazy("resolution", "Store credit"),
    "repair": pgettext_lazy("resolution", "Repair"),
    "replacement": pgettext_lazy("resolution", "Replacement"),
    "price_reduction": pgettext_lazy("resolution", "Price reduction"),
}

METHODS: dict[str, Label] = {
    "label": pgettext_lazy("return method", "Label to print"),
    "qr": pgettext_lazy("return method", "QR code, nothing to print"),
    "drop_off": pgettext_lazy("return method", "Drop-off point"),
    "pickup": pgettext_lazy("return method", "Pickup at your door"),
    "in_store": pgettext_lazy("return method", "Bring it to a shop"),
    "own_carrier": pgettext_lazy("return method", "Send it yourself"),
    "keep": pgettext_lazy("return method", "Keep it"),
}

BASES = ("withdrawal", "defect", "warranty", "goodwill")
CUSTOMER_KINDS = ("consumer", "business", "sole_trader_non_professional")
SALE_CHANNELS = ("distance", "store", "off_premises")
PAYMENT_KINDS = (
    "card", "gift_card", "store_credit", "bank_transfer", "cash", "cod",
    "blik", "bit", "wallet", "pay_later", "instalments", "other",
)  # fmt: skip
RISK_LEVELS = ("low", "medium", "high")
GRADES = ("A", "B", "C", "D")

# The shop's own carriage: only these may carry a label fee.
SHOP_CARRIED = frozenset({"label", "qr", "pickup", "drop_off"})
# What may be asked before the goods have arrived.
BEFORE_DELIVERY = frozenset({"late_or_no_delivery", "refused_or_undelivered", "recall_safety"})

_LAW_CLASS = {
    "too_small": "change_of_mind",
    "too_large": "change_of_mind",
    "style": "change_of_mind",
    "arrived_late": "change_of_mind",
    "better_price": "change_of_mind",
    "other": "change_of_mind",
    "defective": "defect_nonconformity",
    "gift": "gift_return",
}
# the classes that a right to change one's mind covers
WITHDRAWAL_REASONS = frozenset({"change_of_mind", "gift_return"})


def law_class(reason: str) -> str:
    """The class of a reason in the law profiles: `too_small` counts as `change_of_mind`."""
    return _LAW_CLASS.get(reason, reason)


def outlives_window(reason: str) -> bool:
    """Whether the reason stands on a right that a shop's return window cannot end."""
    return law_class(reason) not in WITHDRAWAL_REASONS
