"""Days added up to what a drawing counts by: days, weeks or months."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date, timedelta

# up to how many days a plot has one bar a day, and one a week; above, one a month
DAILY, WEEKLY = 31, 26 * 7


def unit_for(first: date, last: date) -> str:
    """What a plot of these days counts by: day, week or month."""
    days = (last - first).days + 1
    return "day" if days <= DAILY else "week" if days <= WEEKLY else "month"


def folded(by_day: Mapping[str, Counter[str]], unit: str) -> list[tuple[str, Counter[str]]]:
    """Days added up to units, each named by its first day (weeks start on Monday); empty units between are there."""
    found: dict[str, Counter[str]] = {}
    days = [date.fromisoformat(day) for day in by_day]
    place, last = (_start(min(days), unit), max(days)) if days else (date.max, date.min)
    while place <= last:
        found[place.isoformat()] = Counter()
        place = _start(place + _STEP[unit], unit)
    for day, row in by_day.items():
        found[_start(date.fromisoformat(day), unit).isoformat()].update(row)
    return list(found.items())


# far enough to be in the next unit
_STEP = {"day": timedelta(days=1), "week": timedelta(days=7), "month": timedelta(days=31)}


def _start(day: date, unit: str) -> date:
    if unit == "month":
        return day.replace(day=1)
    return day - timedelta(days=day.weekday()) if unit == "week" else day
