"""The checks a policy document is read with: each makes one value typed or reports why not."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from django.utils.translation import gettext as _

from accounts.problems import FieldError
from customers.money import BadAmount, parse
from returns.policy.amounts import Amount, by_currency
from returns.policy.days import Day, DayRange, YearlyDay, read_day

Check = Callable[[Any, str, "Report"], Any]

_FACE_VALUE = re.compile(r"[0-9]{1,12}(\.[0-9]{1,4})?")
_PERCENT = re.compile(r"[0-9]{1,3}(\.[0-9]{1,4})?")
_CURRENCY = re.compile(r"[A-Z]{3}")
_COUNTRY = re.compile(r"[A-Z]{2}")
_CODE = re.compile(r"[a-z][a-z0-9_]{0,63}")
_MAX_LIST = 5000
_LAST_YEAR = 2999


class Report:
    """Collects everything that is wrong, so that a person mends the document in one go."""

    def __init__(self) -> None:
        self.errors: list[FieldError] = []

    def wrong(self, at: str, code: str, detail: str) -> None:
        """Note one mistake; the caller goes on reading."""
        self.errors.append(FieldError(at, code, detail))


def below(at: str, key: object) -> str:
    """The JSON pointer of a member (RFC 6901)."""
    return f"{at}/{str(key).replace('~', '~0').replace('/', '~1')}"


def text(limit: int = 120) -> Check:
    """A text of 1 to `limit` characters."""

    def check(value: Any, at: str, report: Report) -> str | None:
        if not isinstance(value, str):
            report.wrong(at, "type", _("Write a text here."))
        elif not value.strip():
            report.wrong(at, "empty", _("This must not be empty."))
        elif len(value) > limit:
            report.wrong(at, "too_long", _("Keep this to %(limit)s characters.") % {"limit": limit})
        elif "\x00" in value:
            report.wrong(at, "invalid", _("This text has characters that cannot be stored."))
        else:
            return value.strip()
        return None

    return check


def one_of(choices: Iterable[str]) -> Check:
    """One word of a closed list."""
    known = tuple(choices)

    def check(value: Any, at: str, report: Report) -> str | None:
        if isinstance(value, str) and value in known:
            return value
        detail = _("%(value)s is not one of: %(choices)s.")
        report.wrong(at, "choice", detail % {"value": str(value)[:60], "choices": ", ".join(known)})
        return None

    return check


def country(value: Any, at: str, report: Report) -> str | None:
    """A country code in either case."""
    if isinstance(value, str) and _COUNTRY.fullmatch(value.upper()):
        return value.upper()
    # YAML reads a bare NO as false.
    norway = _('Write Norway in quotes: "NO".')
    report.wrong(at, "invalid", norway if value is False else _("Write a country as two letters, for example PL."))
    return None


def question(value: Any, at: str, report: Report) -> str | None:
    """The code of a question."""
    if isinstance(value, str) and _CODE.fullmatch(value):
        return value
    report.wrong(at, "invalid", _("Name a question like serial_number: small letters, digits and _."))
    return None


def list_of(item: Check, *, may_be_empty: bool = False) -> Check:
    """A list without repetitions, in its own order."""

    def check(value: Any, at: str, report: Report) -> tuple[Any, ...]:
        if not isinstance(value, list | tuple):
            report.wrong(at, "type", _("Write a list here, for example [a, b]."))
            return ()
        if not value and not may_be_empty:
            report.wrong(at, "empty", _("Name at least one, or leave the whole entry out."))
        if len(value) > _MAX_LIST:
            report.wrong(at, "too_long", _("Keep this to %(limit)s entries.") % {"limit": _MAX_LIST})
            return ()
        return tuple(dict.fromkeys(item(each, below(at, n), report) for n, each in enumerate(value)))

    return check


def set_of(item: Check) -> Check:
    """A list whose order says nothing."""
    each = list_of(item)

    def check(value: Any, at: str, report: Report) -> frozenset[Any]:
        return frozenset(each(value, at, report))

    return check


def whole(low: int, high: int) -> Check:
    """A whole number between `low` and `high`."""

    def check(value: Any, at: str, report: Report) -> int | None:
        if isinstance(value, int) and not isinstance(value, bool) and low <= value <= high:
            return value
        detail = _("Write a whole number from %(low)s to %(high)s.")
        report.wrong(at, "number", detail % {"low": low, "high": high})
        return None

    return check


def yes_no(value: Any, at: str, report: Report) -> bool | None:
    """true or false, nothing that only looks like it."""
    if isinstance(value, bool):
        return value
    report.wrong(at, "type", _("Write true or false here."))
    return None


def percent(value: Any, at: str, report: Report) -> Decimal | None:
    """A percentage from 0 to 100 with up to four decimals."""
    given = str(value) if isinstance(value, int | float | str) and not isinstance(value, bool) else ""
    if _PERCENT.fullmatch(given) and Decimal(given) <= 100:
        return Decimal(given)
    report.wrong(at, "percent", _("Write a percentage from 0 to 100, for example 15 or 7.5."))
    return None


def or_null(check: Check) -> Check:
    """The same check, where null has a meaning of its own."""

    def nullable(value: Any, at: str, report: Report) -> Any:
        return None if value is None else check(value, at, report)

    return nullable


def amount(value: Any, at: str, report: Report) -> Amount | None:
    """An amount as text, or one text for each currency."""
    if isinstance(value, Mapping):
        return _amounts(value, at, report)
    if isinstance(value, str) and _FACE_VALUE.fullmatch(value):
        return Amount(value)
    report.wrong(at, "amount", _('Write an amount in quotes, for example "10.00", or one for each currency.'))
    return None


def _amounts(value: Mapping[Any, Any], at: str, report: Report) -> Amount | None:
    if not value:
        report.wrong(at, "empty", _("Name at least one, or leave the whole entry out."))
    for currency, written in value.items():
        here = below(at, currency)
        if not (isinstance(currency, str) and _CURRENCY.fullmatch(currency)):
            report.wrong(here, "currency", _("Write a currency as three capital letters, for example EUR."))
        elif not (isinstance(written, str) and _FACE_VALUE.fullmatch(written)):
            report.wrong(here, "amount", _('Write an amount in quotes, for example "10.00".'))
        else:
            _fits_currency(written, currency, here, report)
    return by_currency({str(key): str(written) for key, written in value.items()})


def _fits_currency(written: str, currency: str, at: str, report: Report) -> None:
    try:
        parse(written, currency)
    except BadAmount as error:
        report.wrong(at, "amount", str(error))


def day(value: Any, at: str, report: Report) -> Day | None:
    """A date, or a day of every year."""
    is_date = isinstance(value, date) and not isinstance(value, datetime)
    found: Day | None = value if is_date else read_day(value) if isinstance(value, str) else None
    if found is None or (isinstance(found, date) and found.year > _LAST_YEAR):
        report.wrong(at, "date", _("Write a date such as 2026-12-24, or 12-24 for every year."))
        return None
    return found


def days(value: Any, at: str, report: Report) -> DayRange | None:
    """A range of dates: a list of two, or `11-01..12-24` for every year."""
    ends = value.split("..") if isinstance(value, str) else value
    if not isinstance(ends, list | tuple) or len(ends) != 2:
        report.wrong(at, "range", _('Write two dates in a list, or "11-01..12-24" for every year.'))
        return None
    places = (at, at) if isinstance(value, str) else (below(at, 0), below(at, 1))
    first, last = day(ends[0], places[0], report), day(ends[1], places[1], report)
    if first is None or last is None:
        return None
    if isinstance(first, YearlyDay) != isinstance(last, YearlyDay):
        report.wrong(at, "range", _("Both ends must be dates, or both days of every year."))
    elif not isinstance(first, YearlyDay) and not isinstance(last, YearlyDay) and first > last:
        report.wrong(at, "range", _("The first day must not lie after the last."))
    else:
        return DayRange(first, last)
    return None


def members(fields: Mapping[str, Check], *, required: Iterable[str] = (), may_be_empty: bool = True) -> Check:
    """An object of known keys; the answer holds what was given, in the order of `fields`."""
    needed = tuple(required)

    def check(value: Any, at: str, report: Report) -> Mapping[str, Any]:
        if not isinstance(value, Mapping):
            report.wrong(at, "type", _("Write keys and values here."))
            return MappingProxyType({})
        if not value and not may_be_empty:
            report.wrong(at, "empty", _("Name at least one, or leave the whole entry out."))
        for key in value:
            if key not in fields:
                _unknown(key, fields, at, report)
        for key in needed:
            if key not in value:
                report.wrong(below(at, key), "required", _("This is missing."))
        given = {key: each for key, each in fields.items() if key in value}
        return MappingProxyType({key: each(value[key], below(at, key), report) for key, each in given.items()})

    return check


def _unknown(key: object, fields: Mapping[str, Check], at: str, report: Report) -> None:
    detail = _("%(key)s is not known here. Known are: %(known)s.")
    report.wrong(below(at, key), "unknown", detail % {"key": str(key)[:60], "known": ", ".join(fields)})
