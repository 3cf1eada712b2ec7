"""Readers and writers of the single values of an order document, strict and quick."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any, NamedTuple
from zoneinfo import available_timezones

from babel import Locale
from django.utils.translation import gettext_lazy as _

from customers import money

MOST_UNITS = 1_000_000
MESSAGES = {
    "required": _("This field is needed."),
    "unknown_field": _("There is no such field."),
    "wrong_type": _("This must be of the type %(expected)s."),
    "empty": _("This must not be empty."),
    "too_long": _("At most %(max)s characters or entries."),
    "bad_character": _("Control characters and broken Unicode are not allowed."),
    "not_a_choice": _("Use one of: %(choices)s."),
    "out_of_range": _("This must be between %(min)s and %(max)s."),
    "bad_currency": _("This is not an ISO 4217 currency code such as EUR."),
    "bad_country": _("This is not an ISO 3166 country code such as PL."),
    "bad_email": _("This is not an e-mail address."),
    "bad_phone": _("Write the phone number in international form, such as +48600100200."),
    "bad_time_zone": _("This is not an IANA time zone such as Europe/Warsaw."),
    "bad_locale": _("This is not a language tag such as pl or en-GB."),
    "bad_date": _("Write the date as YYYY-MM-DD."),
    "bad_instant": _("Write the instant like 2026-10-01T09:00:00Z, with its offset."),
    "bad_rate": _("Write the tax rate as a fraction: “0.23” for 23%%."),
    "bad_url": _("This must be a web address that begins with https:// or http://."),
    "bad_legal_group": _("This must look like il_electronics: a country and a name."),
    "duplicate": _("This id is used twice."),
    "contact_needed": _("An order needs the customer’s e-mail address or phone number."),
    "unknown_channel": _("There is no such channel."),
    "unknown_line": _("The order has no such line."),
    "unknown_payment": _("The order has no such payment."),
    "above_quantity": _("More than the %(max)s ordered."),
    "above_captured": _("More than the %(max)s captured."),
    "above_price": _("The discount is more than the price of %(max)s."),
    "price_needed": _("A line needs a unit price or a total."),
    "parent_missing": _("The order has no such line to be a component of."),
    "parent_nested": _("A component cannot have components of its own."),
    "pieces_without_parent": _("Only a component has pieces and a share: name its parent."),
    "bad_pieces": _("A component’s quantity must be its pieces times the quantity of its parent."),
    "component_priced": _("A component has no price of its own: its parent carries price and discount."),
    "share_needed": _("Give every component of a kit a share, or none."),
    "too_large": _("This amount is too large."),
}


class Bad(Exception):
    """One value is wrong; becomes a FieldError where its place is known."""

    def __init__(self, code: str, detail: str | None = None, **values: object) -> None:
        super().__init__(code)
        self.code = code
        self.values = values
        self.detail = detail

    def text(self) -> str:
        """What to do about it, in the active language."""
        return self.detail or str(MESSAGES[self.code]) % self.values


class Scalar(NamedTuple):
    """How a value is read (currency as context; raises Bad), written back, and described in JSON Schema."""

    read: Callable[[Any, str], Any]
    write: Callable[[Any, str], Any]
    shape: Mapping[str, Any]


def _same(value: Any, _currency: str) -> Any:
    return value


_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def _encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def check_text(value: object, longest: int) -> str:
    """Text that every database, mail and page can hold. Raises Bad."""
    if type(value) is not str:
        raise Bad("wrong_type", expected="string")
    if len(value) > longest:
        raise Bad("too_long", max=longest)
    if value.isascii():
        if not value.isprintable():
            raise Bad("bad_character")
    elif _CONTROL.search(value) or not _encodable(value):
        raise Bad("bad_character")
    return value


def text(longest: int, *, blank: bool = True) -> Scalar:
    """Free text of one line; an identifier when it may not be blank."""

    def read(value: Any, _currency: str) -> str:
        found = check_text(value, longest)
        if not blank and not found.strip():
            raise Bad("empty")
        return found

    shape = {"type": "string", "maxLength": longest}
    return Scalar(read, _same, shape if blank else {**shape, "minLength": 1})


def matching(code: str, pattern: str, longest: int) -> Scalar:
    """Text of a form; `code` says what is wrong otherwise."""
    full = re.compile(pattern).fullmatch

    def read(value: Any, _currency: str) -> str:
        if full(check_text(value, longest)) is None:
            raise Bad(code)
        return str(value)

    return Scalar(read, _same, {"type": "string", "maxLength": longest, "pattern": f"^(?:{pattern})$"})


def choice(*choices: str) -> Scalar:
    """One word of a closed list."""
    allowed = frozenset(choices)

    def read(value: Any, _currency: str) -> str:
        if type(value) is not str:
            raise Bad("wrong_type", expected="string")
        if value not in allowed:
            raise Bad("not_a_choice", choices=", ".join(choices))
        return value

    return Scalar(read, _same, {"type": "string", "enum": list(choices)})


def among(code: str, members: Callable[[], frozenset[str]], pattern: str) -> Scalar:
    """One of many known codes, too many to list in an answer or a schema, which says `pattern`."""

    def read(value: Any, _currency: str) -> str:
        if type(value) is not str:
            raise Bad("wrong_type", expected="string")
        if value not in members():
            raise Bad(code)
        return value

    return Scalar(read, _same, {"type": "string", "pattern": f"^{pattern}$"})


def integer(least: int, most: int) -> Scalar:
    """A whole number in a range; true and false are no numbers."""

    def read(value: Any, _currency: str) -> int:
        if type(value) is not int:
            raise Bad("wrong_type", expected="integer")
        if not least <= value <= most:
            raise Bad("out_of_range", min=least, max=most)
        return value

    return Scalar(read, _same, {"type": "integer", "minimum": least, "maximum": most})


def texts(member: Scalar, most: int) -> Scalar:
    """A list of short texts."""

    def read(value: Any, currency: str) -> tuple[str, ...]:
        if type(value) is not list:
            raise Bad("wrong_type", expected="array")
        if len(value) > most:
            raise Bad("too_long", max=most)
        return tuple([member.read(each, currency) for each in value])

    shape = {"type": "array", "items": dict(member.shape), "maxItems": most}
    return Scalar(read, lambda value, _currency: list(value), shape)


def _boolean(value: Any, _currency: str) -> bool:
    if type(value) is not bool:
        raise Bad("wrong_type", expected="boolean")
    return value


def _amount(value: Any, currency: str) -> int:
    try:
        return money.parse(value, currency)
    except money.BadAmount as bad:
        raise Bad(bad.code, bad.message) from bad


_RATE = re.compile(r"(?:0(?:\.[0-9]{1,6})?|1(?:\.0{1,6})?)")


@lru_cache(maxsize=256)
def _known_rate(value: str) -> Decimal:
    if _RATE.fullmatch(value) is None:
        raise Bad("bad_rate")
    return Decimal(value)


def _rate(value: Any, _currency: str) -> Decimal:
    if type(value) is not str:
        raise Bad("wrong_type", expected="string")
    return _known_rate(value)


_INSTANT = re.compile(
    r"(?:19|20|21)[0-9]{2}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}:[0-9]{2}"
    r"(?:\.[0-9]{1,9})?(?:[Zz]|[+-][0-9]{2}:[0-9]{2})"
)
_DATE = re.compile(r"(?:19|20|21)[0-9]{2}-[0-9]{2}-[0-9]{2}")


def _instant(value: Any, _currency: str) -> datetime:
    if type(value) is not str:
        raise Bad("wrong_type", expected="string")
    if _INSTANT.fullmatch(value) is None:
        raise Bad("bad_instant")
    try:
        return datetime.fromisoformat(value.upper()).astimezone(UTC)
    except ValueError as error:
        raise Bad("bad_instant") from error


def _day(value: Any, _currency: str) -> date:
    if type(value) is not str:
        raise Bad("wrong_type", expected="string")
    try:
        if _DATE.fullmatch(value):
            return date.fromisoformat(value)
    except ValueError as error:
        raise Bad("bad_date") from error
    raise Bad("bad_date")


@lru_cache(maxsize=1)
def currencies() -> frozenset[str]:
    """Every currency code CLDR knows."""
    return frozenset(Locale("en").currencies)


@lru_cache(maxsize=1)
def _countries() -> frozenset[str]:
    regions = {"EU", "EZ", "UN", "QO", "XA", "XB", "ZZ"}
    return frozenset(t for t in map(str, Locale("en").territories) if len(t) == 2 and t.isalpha()) - regions


@lru_cache(maxsize=1)
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


_NOT_MAIL = r'\s<>"(),:;\\\[\]'
AMOUNT_SHAPE = {"type": "string", "pattern": r"^[0-9]{1,20}(?:\.[0-9]{1,12})?$", "examples": ["12.50"]}
RATE_SHAPE = {"type": "string", "pattern": f"^{_RATE.pattern}$", "examples": ["0.23"]}
INSTANT_SHAPE = {"type": "string", "format": "date-time"}
BOOLEAN = Scalar(_boolean, _same, {"type": "boolean"})
AMOUNT = Scalar(_amount, money.to_text, AMOUNT_SHAPE)
RATE = Scalar(_rate, lambda value, _currency: money.rate_text(value), RATE_SHAPE)
INSTANT = Scalar(_instant, lambda value, _currency: value.isoformat().replace("+00:00", "Z"), INSTANT_SHAPE)
DAY = Scalar(_day, lambda value, _currency: value.isoformat(), {"type": "string", "format": "date"})
CURRENCY = among("bad_currency", currencies, "[A-Z]{3}")
COUNTRY = among("bad_country", _countries, "[A-Z]{2}")
TIME_ZONE = among("bad_time_zone", _zones, "[A-Za-z0-9_+/-]{1,64}")
LOCALE = matching("bad_locale", r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8}){0,3}", 35)
EMAIL = matching("bad_email", rf"[^@{_NOT_MAIL}]{{1,64}}@[^@.{_NOT_MAIL}]+(?:\.[^@.{_NOT_MAIL}]+)+", 254)
PHONE = matching("bad_phone", r"\+[1-9][0-9]{6,14}", 16)
URL = matching("bad_url", r'https?://[^\s<>"\\]+', 1000)
