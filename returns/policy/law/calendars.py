"""Counting days as the laws do: the day of the event is not counted, and a last day may roll on."""

from __future__ import annotations

import calendar
from collections.abc import Callable
from datetime import date, timedelta
from functools import lru_cache

import holidays

from returns.policy.law.profiles import Calendar, Span

FRIDAY, SATURDAY, SUNDAY = 4, 5, 6
# An unknown Land may have the holiday: the consumer's last day rolls over all of them.
EVERYWHERE = "*"


@lru_cache(maxsize=512)
def _holidays(country: str, region: str | None, year: int) -> frozenset[date]:
    nation = holidays.country_holidays(country, years=year, observed=country != "DE")
    found = set(nation)
    if region == EVERYWHERE:
        for each in nation.subdivisions:
            found |= set(holidays.country_holidays(country, subdiv=each, years=year))
            found |= _in_places(country, each, year)
    elif region is not None:
        found |= set(holidays.country_holidays(country, subdiv=region, years=year))
    return frozenset(found)


@lru_cache(maxsize=512)
def _in_places(country: str, region: str | None, year: int) -> frozenset[date]:
    """Holidays that only some places of a region keep: Assumption in Catholic Bavaria, Augsburg's Peace Festival."""
    if country != "DE" or region not in ("BY", "SN", "TH"):
        return frozenset()
    found = set(holidays.country_holidays("DE", subdiv=region, years=year, categories=("catholic",)))
    if region == "BY":
        found |= set(holidays.country_holidays("DE", subdiv="Augsburg", years=year))
    return frozenset(found)


@lru_cache(maxsize=512)
def region_code(country: str, region: str | None) -> str | None:
    """The code of a region as calendars know it: `DE-BY`, `by` and `Bayern` are BY; None where nobody knows it."""
    if not region:
        return None
    try:
        nation = holidays.country_holidays(country)
    except NotImplementedError:
        return None
    text = region.strip()
    code = text.upper().removeprefix(f"{country}-")
    names = {name.lower(): each for name, each in getattr(nation, "subdivisions_aliases", {}).items()}
    return code if code in nation.subdivisions else names.get(text.lower())


def is_holiday(day: date, country: str, region: str | None = None, *, anywhere: bool = False) -> bool:
    """Whether the day is a public holiday there; a country without a calendar has none.

    `anywhere` asks whether it is one in some place of the region.
    """
    try:
        found = day in _holidays(country, region, day.year)
    except NotImplementedError:
        return False
    return found or (anywhere and day in _in_places(country, region, day.year))


def is_rest_day(day: date, rules: Calendar, country: str, region: str | None = None, *, anywhere: bool = False) -> bool:
    """Whether a last day that falls on this day rolls on."""
    weekday = day.weekday()
    if weekday == SATURDAY and "saturday" in rules.rolls:
        return True
    if weekday == SUNDAY and "sunday" in rules.rolls:
        return True
    return "public_holiday" in rules.rolls and is_holiday(day, country, region, anywhere=anywhere)


def rolled(day: date, rules: Calendar, country: str, region: str | None = None, *, anywhere: bool = False) -> date:
    """The day itself, or the first one after it that is not a rest day; `anywhere` as in `is_holiday`."""
    while is_rest_day(day, rules, country, region, anywhere=anywhere):
        day += timedelta(days=1)
    return day


def add_months(day: date, months: int) -> date:
    """The same day number months later; where the month has none, its last day (Interpretation Law 1981 s. 10)."""
    years, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def after(day: date, span: Span, country: str, region: str | None = None) -> date:
    """The last day of a span whose day 0 is `day`, before any roll."""
    if span.unit == "calendar":
        return add_months(day, span.months) + timedelta(days=span.days)
    return _count(day, span.days, _leaves_out(span.unit, country, None if span.national else region))


def _leaves_out(unit: str, country: str, region: str | None) -> Callable[[date], bool]:
    """The days a unit does not count: `non_rest` leaves out rest days alone, `business` the whole weekend."""
    if country == "IL":
        weekend = {SATURDAY} if unit == "non_rest" else {FRIDAY, SATURDAY}
    else:
        weekend = {SUNDAY} if unit == "non_rest" else {SATURDAY, SUNDAY}

    def closed(day: date) -> bool:
        return day.weekday() in weekend or is_holiday(day, country, region)

    return closed


def _count(day: date, days: int, left_out: Callable[[date], bool]) -> date:
    while days > 0:
        day += timedelta(days=1)
        if not left_out(day):
            days -= 1
    return day
