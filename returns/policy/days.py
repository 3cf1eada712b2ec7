"""Days as a policy writes them: a date, a day of every year (`11-01`), or a range of either."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date

_YEARLY = re.compile(r"(\d{2})-(\d{2})")
_LEAP_YEAR = 2024


@dataclass(frozen=True, order=True)
class YearlyDay:
    """A day of every year; 29 February falls on the 28th where there is none."""

    month: int
    day: int

    def in_year(self, year: int) -> date:
        """The date of this day in `year`."""
        return date(year, self.month, min(self.day, calendar.monthrange(year, self.month)[1]))

    def on_or_after(self, day: date) -> date:
        """The first date of this day from `day` on."""
        here = self.in_year(day.year)
        return here if here >= day else self.in_year(day.year + 1)

    def plain(self) -> str:
        """The day as it stands in the document."""
        return f"{self.month:02}-{self.day:02}"


Day = date | YearlyDay


@dataclass(frozen=True)
class DayRange:
    """All days from `first` to `last`, both included; a yearly one may run over new year."""

    first: Day
    last: Day

    def __contains__(self, day: date) -> bool:
        if isinstance(self.first, YearlyDay) and isinstance(self.last, YearlyDay):
            here = YearlyDay(day.month, day.day)
            if self.first <= self.last:
                return self.first <= here <= self.last
            return here >= self.first or here <= self.last
        if isinstance(self.first, date) and isinstance(self.last, date):
            return self.first <= day <= self.last
        return False

    def plain(self) -> str | list[str]:
        """The range as it stands in the document: a list of dates, or `11-01..12-24`."""
        first, last = plain_day(self.first), plain_day(self.last)
        return f"{first}..{last}" if isinstance(self.first, YearlyDay) else [first, last]


def plain_day(day: Day) -> str:
    """The day as text."""
    return day.plain() if isinstance(day, YearlyDay) else day.isoformat()


def read_day(text: str) -> Day | None:
    """The day a text names, None if it names none."""
    yearly = _YEARLY.fullmatch(text)
    try:
        if yearly:
            month, day = int(yearly[1]), int(yearly[2])
            date(_LEAP_YEAR, month, day)
            return YearlyDay(month, day)
        return date.fromisoformat(text) if len(text) == len("2026-11-01") else None
    except ValueError:
        return None
