"""Money as integer minor units with its ISO 4217 currency: parse, print, round and share out without loss."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache

from babel import Locale, UnknownLocaleError
from babel.numbers import format_currency, get_currency_precision
from django.utils.translation import gettext as _

LARGEST = 10**15
MINUS = "\u2212"
RLM = "\u200f"
LRM = "\u200e"
NBSP = "\u00a0"
_AMOUNT = re.compile(r"(-?)([0-9]{1,20})(?:\.([0-9]{1,12}))?")

# CLDR puts a space between a currency code and its figure, Babel does not.
_TOUCHING = re.compile(r"(?<=[^\W\d_])(?=\d)|(?<=\d)(?=[^\W\d_])")


class BadAmount(ValueError):
    """Text that is no amount of the currency; `code` is for programs, `message` for people."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@lru_cache(maxsize=512)
def exponent(currency: str) -> int:
    """Number of decimals of a currency as CLDR has it: JPY 0, EUR 2, KWD 3."""
    return get_currency_precision(currency)


def parse(text: object, currency: str, *, allow_negative: bool = False) -> int:
    """Minor units of a decimal string such as "96.67". Raises BadAmount, for JSON numbers too."""
    if type(text) is not str:
        raise BadAmount("wrong_type", _("Write the amount as text, for example “12.00”."))
    found = _AMOUNT.fullmatch(text)
    if found is None:
        raise BadAmount("bad_amount", _("This is not an amount. Write it like “12.00”."))
    sign, whole, decimals = found[1], found[2], found[3] or ""
    places = exponent(currency)
    if len(decimals) > places:
        raise BadAmount("too_many_decimals", _too_many(currency, places))
    minor = int(whole + decimals.ljust(places, "0"))
    if minor > LARGEST:
        raise BadAmount("too_large", _("This amount is too large."))
    if sign and not allow_negative:
        raise BadAmount("negative", _("The amount must not be negative."))
    return -minor if sign else minor


def _too_many(currency: str, places: int) -> str:
    return _("Too many decimals: %(currency)s has %(places)s.") % {"currency": currency, "places": places}


def to_text(minor: int, currency: str) -> str:
    """Decimal string with the currency's own number of decimals, as the API writes it: "96.67"."""
    places = exponent(currency)
    if not places:
        return str(minor)
    whole, rest = divmod(abs(minor), 10**places)
    return f"{'-' if minor < 0 else ''}{whole}.{rest:0{places}d}"


def rate_text(rate: Decimal) -> str:
    """A tax rate as the API writes it, with at least two decimals: "0.23", "0.255", "0.00"."""
    text = format(rate.normalize(), "f")
    whole, _dot, decimals = text.partition(".")
    return f"{whole}.{decimals.ljust(2, '0')}"


def divide_half_up(numerator: int, denominator: int) -> int:
    """The nearest integer to numerator/denominator (denominator > 0); a half goes away from zero."""
    size = (2 * abs(numerator) + denominator) // (2 * denominator)
    return -size if numerator < 0 else size


def round_half_up(value: Fraction | Decimal | int) -> int:
    """The nearest integer; a half goes away from zero, as in commerce."""
    return divide_half_up(*value.as_integer_ratio())


def share_down(amount: int, percent: Decimal | int) -> int:
    """`percent` per cent of a non-negative amount, rounded down: 15 of 17010 is 2551."""
    part, whole = percent.as_integer_ratio()
    return amount * part // (whole * 100)


def spread(total: int, weights: Sequence[int]) -> list[int]:
    """Split `total` by non-negative weights so that the parts add up: largest remainder, ties by order.

    Raises ValueError when there is money and no weight to carry it.
    """
    whole = sum(weights)
    if whole == 0:
        if total:
            raise ValueError("nothing to spread the amount over")
        return [0] * len(weights)
    sign = -1 if total < 0 else 1
    parts: list[int] = []
    remainders: list[int] = []
    for weight in weights:
        part, remainder = divmod(abs(total) * weight, whole)
        parts.append(part)
        remainders.append(remainder)
    missing = abs(total) - sum(parts)
    if missing:
        for index in sorted(range(len(parts)), key=lambda i: -remainders[i])[:missing]:
            parts[index] += 1
    return parts if sign > 0 else [-part for part in parts]


def unit_share(total: int, n: int, already: int, k: int) -> int:
    """What `k` of `n` units are worth after `already` others, so that all shares add up to `total`."""
    return divide_half_up(total * (already + k), n) - divide_half_up(total * already, n)


@lru_cache(maxsize=1024)
def _ratio(rate: Decimal) -> tuple[int, int]:
    return rate.as_integer_ratio()


def tax_inside(gross: int, rate: Decimal) -> int:
    """The tax that a gross amount holds, half up."""
    part, whole = _ratio(rate)
    return divide_half_up(gross * part, whole + part)


def tax_on(net: int, rate: Decimal) -> int:
    """The tax that comes on top of a net amount, half up."""
    part, whole = _ratio(rate)
    return divide_half_up(net * part, whole)


@lru_cache(maxsize=64)
def _locale(code: str) -> Locale:
    try:
        return Locale.parse(code.replace("-", "_"))
    except (UnknownLocaleError, ValueError):
        return Locale("en")


def _formatted(size: Decimal, currency: str, place: Locale) -> str:
    return _TOUCHING.sub(NBSP, format_currency(size, currency, locale=place))


def display(minor: int, currency: str, locale: str) -> str:
    """The amount for a reader of `locale`, with a real minus sign that stays with its figure in Hebrew."""
    place = _locale(locale)
    size = Decimal(abs(minor)).scaleb(-exponent(currency))
    if minor >= 0:
        return _formatted(size, currency, place)
    if place.language == "he":
        return f"{RLM}{LRM}{MINUS}{_formatted(size, currency, place).lstrip(RLM)}"
    return _formatted(-size, currency, place).replace("-", MINUS)
