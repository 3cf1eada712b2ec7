"""The text of one cell to a value: numbers, amounts, instants, yes and no, as the file writes them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from enum import Enum
from functools import cached_property, lru_cache
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from customers.sources.results import RowProblem, shown

LONGEST_NUMBER = 40
ISO = "iso"


class Kind(Enum):
    """What a target of the order document holds."""

    TEXT = "text"
    AMOUNT = "amount"
    INTEGER = "integer"
    INSTANT = "instant"
    BOOLEAN = "boolean"
    TEXTS = "list of texts"


@dataclass(frozen=True)
class Formats:
    """How a file writes its values."""

    decimal: str = "."
    thousands: str = ""
    dates: tuple[str, ...] = (ISO,)
    time_zone: str = "UTC"
    true: frozenset[str] = frozenset({"true", "yes", "1"})
    false: frozenset[str] = frozenset({"false", "no", "0"})
    list_separator: str = ","
    empty: frozenset[str] = field(default_factory=frozenset)

    @cached_property
    def number(self) -> re.Pattern[str]:
        """The shape of a number. ASCII digits only: other digits would be read differently elsewhere."""
        whole = "[0-9]+"
        if self.thousands:
            whole = rf"(?:[0-9]{{1,3}}(?:{re.escape(self.thousands)}[0-9]{{3}})+|[0-9]+)"
        return re.compile(rf"(-?)({whole})(?:{re.escape(self.decimal)}([0-9]+))?")


def to_decimal(text: str, formats: Formats) -> Decimal:
    """The number a cell holds, exactly. Raises RowProblem."""
    found = formats.number.fullmatch(text) if len(text) <= LONGEST_NUMBER else None
    if found is None:
        raise RowProblem(
            "bad_number",
            _("“%(value)s” is not a number as the mapping describes numbers.") % {"value": shown(text)},
        )
    sign, whole, part = found.groups()
    digits = whole.replace(formats.thousands, "") if formats.thousands else whole
    return Decimal(f"{sign}{digits}.{part or 0}")


def to_integer(text: str, formats: Formats) -> int:
    """A whole number; `6.0` counts as 6. Raises RowProblem."""
    number = to_decimal(text, formats)
    if number != number.to_integral_value():
        raise RowProblem("bad_number", _("“%(value)s” is not a whole number.") % {"value": shown(text)})
    return int(number)


def to_boolean(text: str, formats: Formats) -> bool:
    """Yes or no, by the words the mapping names. Raises RowProblem."""
    word = text.casefold()
    if word in formats.true:
        return True
    if word in formats.false:
        return False
    raise RowProblem("bad_value", _("“%(value)s” is neither yes nor no.") % {"value": shown(text)})


def to_instant(text: str, formats: Formats) -> datetime:
    """An aware instant; a local time is taken in the mapping's time zone. Raises RowProblem."""
    found = _instant(text, formats.dates, formats.time_zone)
    if found is None:
        raise RowProblem(
            "bad_date",
            _("“%(value)s” is not a date in any of the mapping's formats: %(formats)s.")
            % {"value": shown(text), "formats": ", ".join(formats.dates)},
        )
    return found


@lru_cache(maxsize=4096)
def _instant(text: str, patterns: tuple[str, ...], time_zone: str) -> datetime | None:
    for pattern in patterns:
        try:
            moment = datetime.fromisoformat(text) if pattern == ISO else datetime.strptime(text, pattern)
        except ValueError:
            continue
        return moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(time_zone))
    return None


def to_texts(text: str, formats: Formats) -> list[str]:
    """A list in one cell, in the order it is written, without blanks."""
    return [part.strip() for part in text.split(formats.list_separator) if part.strip()]


def amount_text(number: Decimal) -> str:
    """A decimal as the API writes amounts and rates: plain digits, no exponent, no idle zeros."""
    plain = format(number, "f")
    if "." in plain:
        plain = plain.rstrip("0").rstrip(".")
    return "0" if plain == "-0" else plain


def instant_text(moment: datetime) -> str:
    """An instant as the API writes it: RFC 3339 in UTC. Raises RowProblem when out of range."""
    try:
        return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
    except OverflowError:
        raise RowProblem("bad_date", _("The date is out of range.")) from None
