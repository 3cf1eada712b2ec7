"""A value of a policy document in words: what stands under each key, as people of the reader's language write it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from babel import Locale, UnknownLocaleError
from babel.dates import format_date
from babel.numbers import format_decimal
from django.utils.translation import get_language, gettext_lazy, ngettext, pgettext_lazy
from django.utils.translation import gettext as _

from customers.money import display
from returns.policy.amounts import Amount
from returns.policy.reasons import METHODS, REASONS, RESOLUTIONS, Label

Words = Callable[[Any], str]

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


def locale() -> Locale:
    """How the reader writes numbers and days; English where the language is not known."""
    language = (get_language() or "en").replace("-", "_")
    try:
        return Locale.parse("en_GB" if language == "en" else language)
    except (ValueError, UnknownLocaleError):
        return Locale("en", "GB")


def day(value: str | None) -> str:
    """A day as the reader writes it: 4 Nov 2026, 4.11.2026, 04.11.2026; `11-04` is 4 Nov."""
    if value is None:
        return ""
    yearly = len(value) == len("11-04")
    patterns = {"he": "d.M", "pl": "dd.MM"} if yearly else {"he": "d.M.y", "pl": "dd.MM.y"}
    moment = date.fromisoformat(f"2024-{value}" if yearly else value)
    return format_date(moment, patterns.get(locale().language, "d MMM" if yearly else "medium"), locale=locale())


def country(code: str) -> str:
    """A country in the reader's language."""
    return str(locale().territories.get(code, code))


def percent(value: Any) -> str:
    """12.5 as 12.5%."""
    return f"{format_decimal(_number(value), locale=locale())}%"


def amount(value: Any) -> str:
    """An amount of a policy: at face value, or one for each currency (`€10.00 / PLN 45.00`)."""
    if isinstance(value, Mapping):
        found = {code: Amount(str(each)).minor(code) or 0 for code, each in value.items()}
        return " / ".join(display(minor, code, get_language() or "en") for code, minor in found.items())
    return str(value)


def listed(parts: list[str]) -> str:
    """Parts of which one is enough."""
    return ", ".join(parts) or _("none")


def question(code: str) -> str:
    """What the customer is asked."""
    return str(QUESTIONS[code][0]) if code in QUESTIONS else code.replace("_", " ").capitalize()


def is_nothing(value: Any) -> bool:
    """Whether an amount is nothing in every currency."""
    every = value.values() if isinstance(value, Mapping) else [value]
    return all(not _number(each) for each in every)


def fee(value: Mapping[str, Any] | None) -> str:
    """A restocking fee: what is kept of each item, and whether of shipping too."""
    parts = []
    if not value:
        return _("none")
    if not is_nothing(value.get("fixed", "0")):
        parts.append(_("%(amount)s an item") % {"amount": amount(value["fixed"])})
    if _number(value.get("percent", 0)):
        text = _("%(percent)s of the price") if value.get("keep_shipping", True) else _("%(percent)s, shipping too")
        parts.append(text % {"percent": percent(value["percent"])})
    return " + ".join(parts) or _("none")


def _fee_or_sum(value: Any) -> str:
    """A fee of a document, or the sum that it came to in a decision."""
    if isinstance(value, str) and not is_nothing(value):
        return value
    return fee(value if isinstance(value, Mapping) else None)


def days(value: Any) -> str:
    """A number of days; None is no limit."""
    if value is None:
        return _("no limit")
    return ngettext("%(days)d day", "%(days)d days", int(value)) % {"days": int(value)}


def _number(value: Any) -> Decimal:
    try:
        return Decimal(str(value))
    except InvalidOperation:
        return Decimal(0)


def _label_fee(value: Any) -> str:
    gross = value.get("gross", "0") if isinstance(value, Mapping) else value
    return _("none") if gross is None or is_nothing(gross) else amount(gross)


def _message(value: Any) -> str:
    if not isinstance(value, Mapping):
        return f"“{value}”" if value else _("none")
    return ", ".join(f"{code}: “{text}”" for code, text in value.items())


def _between(value: Any) -> str:
    first, last = value.split("..") if isinstance(value, str) else value
    text = _("every year %(first)s to %(last)s") if isinstance(value, str) else _("%(first)s to %(last)s")
    return text % {"first": day(first), "last": day(last)}


def _refund_order(value: Any) -> str:
    if isinstance(value, str):
        return str(REFUND_ORDERS.get(value, value))
    return ", ".join(str(PAYMENTS.get(each, each)) for each in value)


def _grades(value: Mapping[str, Any]) -> str:
    return listed([f"{grade} {percent(rate)}" for grade, rate in value.items()])


def _of(choices: Mapping[str, Label]) -> Words:
    def say(value: Any) -> str:
        if isinstance(value, list | tuple):
            return listed([str(choices.get(each, each)) for each in value])
        return str(choices.get(value, value))

    return say


_SAY: dict[str, Words] = {
    **{key: _of(choices) for key, choices in CHOICES.items()},
    "message": _message,
    **dict.fromkeys(
        ("window_days", "label_valid_days", "expire_after_days", "store_credit_valid_days", "days_since_delivery_over"),
        days,
    ),
    "return_until": day,
    "fee": _fee_or_sum,
    "label_fee": _label_fee,
    "questions": lambda value: listed([f"“{question(code)}”" for code in value]),
    "return_postage_cap": amount,
    **dict.fromkeys(("bonus_credit_percent", "exchange_bonus_percent"), percent),
    "deduction_by_grade": _grades,
    "refund_order": _refund_order,
    **dict.fromkeys(("goodwill_second_person_above", "min_order_total", "min_price", "max_price"), amount),
    "countries": lambda value: listed([country(code) for code in value]),
    **dict.fromkeys(("ordered_between", "requested_between"), _between),
}
_NONE_MEANS = ("window_days", "store_credit_valid_days", "fee", "label_fee", "message")


def say(key: str, value: Any) -> str:
    """The value under a key of a document in words; what has no words of its own is shown as it stands.

    Values may come from a stored trace, so a shape that the key no longer has is shown and never refused.
    """
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if value is None and key not in _NONE_MEANS:
        return _("none")
    try:
        return _SAY.get(key, _as_it_stands)(value)
    except (TypeError, ValueError, AttributeError, KeyError):
        return _as_it_stands(value)


def _as_it_stands(value: Any) -> str:
    if isinstance(value, list | tuple):
        return listed([str(each) for each in value])
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {each}" for key, each in value.items())
    return str(value)
