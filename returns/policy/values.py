"""A value of a policy document in words: what stands under each key, as people of the reader's language write it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from babel import Locale, UnknownLocaleError
from babel.dates import format_date
from babel.numbers import format_decimal
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from customers.money import display
from returns.policy.amounts import Amount
from returns.policy.choices import CHOICES, PAYMENTS, QUESTIONS, REFUND_ORDERS
from returns.policy.reasons import Label

Words = Callable[[Any], str]


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
