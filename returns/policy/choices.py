"""The words of the closed lists of a policy: decisions, starts, payers, kinds of customers and payments, questions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from django.utils.translation import gettext_lazy, pgettext_lazy

from returns.policy.reasons import METHODS, REASONS, RESOLUTIONS, Label

DECISIONS: Final[dict[str, Label]] = {
    "authorize": pgettext_lazy("decision of a rule", "approve"),
    "review": pgettext_lazy("decision of a rule", "a person decides"),
    "decline": pgettext_lazy("decision of a rule", "decline"),
}
STARTS: Final[dict[str, Label]] = {
    "delivered": pgettext_lazy("window starts", "delivery"),
    "shipped": pgettext_lazy("window starts", "shipping"),
    "ordered": pgettext_lazy("window starts", "order"),
}
PAYERS: Final[dict[str, Label]] = {
    "customer": pgettext_lazy("who pays", "customer"),
    "shop": pgettext_lazy("who pays", "shop"),
}
PROMOTIONS: Final[dict[str, Label]] = {
    "keep": pgettext_lazy("promotion", "the discount stays"),
    "claw_back": pgettext_lazy("promotion", "the discount is taken back"),
}
CUSTOMERS: Final[dict[str, Label]] = {
    "consumer": gettext_lazy("consumer"),
    "business": gettext_lazy("business"),
    "sole_trader_non_professional": gettext_lazy("sole trader outside their trade"),
}
SALES: Final[dict[str, Label]] = {
    "distance": gettext_lazy("at a distance"),
    "store": gettext_lazy("in a shop"),
    "off_premises": gettext_lazy("at the customer's door"),
}
PAYMENTS: Final[dict[str, Label]] = {
    "card": gettext_lazy("card"),
    "gift_card": gettext_lazy("gift card"),
    "store_credit": gettext_lazy("store credit"),
    "bank_transfer": gettext_lazy("bank transfer"),
    "cash": gettext_lazy("cash"),
    "cod": gettext_lazy("cash on delivery"),
    "wallet": gettext_lazy("wallet"),
    "pay_later": gettext_lazy("pay later"),
    "instalments": gettext_lazy("instalments"),
    "blik": "BLIK",
    "bit": "bit",
    "other": gettext_lazy("other"),
}
RISKS: Final[dict[str, Label]] = {
    "low": pgettext_lazy("risk", "low"),
    "medium": pgettext_lazy("risk", "medium"),
    "high": pgettext_lazy("risk", "high"),
}
REFUND_ORDERS: Final[dict[str, Label]] = {
    "last_first": gettext_lazy("the last payment first"),
    "first_first": gettext_lazy("the first payment first"),
}
# a question of the policy: its words, and whether yes or no answers it; others are asked by their code
QUESTIONS: Final[dict[str, tuple[Label, bool]]] = {
    "serial_number": (gettext_lazy("What is the serial number?"), False),
    "was_opened": (gettext_lazy("Was the package opened?"), True),
    "was_used": (gettext_lazy("Was it used?"), True),
    "seal_broken": (gettext_lazy("Is the seal broken?"), True),
    "tags_on": (gettext_lazy("Are all tags still on?"), True),
    "complete": (gettext_lazy("Is everything there that came with it?"), True),
    "what_is_wrong": (gettext_lazy("What is wrong with it?"), False),
}
# the closed lists, by the key they stand under: the form offers them, the words say them
CHOICES: Final[dict[str, Mapping[str, Label]]] = {
    "decision": DECISIONS,
    "window_from": STARTS,
    "fee_waived_for": {**REASONS, **RESOLUTIONS},
    "fee_waived": {**REASONS, **RESOLUTIONS},
    "resolutions": RESOLUTIONS,
    "methods": METHODS,
    "return_shipping_payer": PAYERS,
    "promotion_on_return": PROMOTIONS,
    "customer_kinds": CUSTOMERS,
    "payment_kinds": PAYMENTS,
    "sale_channels": SALES,
    "reasons": REASONS,
    "reasons_not": REASONS,
    "risk_at_least": RISKS,
}
