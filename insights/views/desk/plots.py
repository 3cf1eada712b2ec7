"""Two bars for each day, week or month, as a drawing without script and as the rows of a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from babel.dates import format_date
from babel.numbers import format_compact_decimal
from django.utils.translation import get_language_bidi
from django.utils.translation import gettext as _

from returns.policy.values import day, locale

# the drawing's own units
WIDTH, TOP, FOOT, LEFT, RIGHT = 580, 34, 180, 44, 572
LABELS = 8
MOST_BARS = 60
GAP, THICKEST = 1.5, 16.0


@dataclass(frozen=True)
class Pair:
    """One unit of time: its name, both numbers, and both numbers in words."""

    name: str
    was: float
    would: float
    was_words: Any
    would_words: Any


def name_of(start: str, unit: str) -> str:
    """A unit of time by its first day: 4 Nov 2026; week 45, from 2 Nov 2026; November 2026."""
    first = date.fromisoformat(start)
    if unit == "day":
        return day(start)
    if unit == "week":
        return _("week %(week)d, from %(day)s") % {"week": first.isocalendar().week, "day": day(start)}
    return format_date(first, "LLLL y", locale=locale())


def _short(start: str, unit: str) -> str:
    first = date.fromisoformat(start)
    if unit == "week":
        return _("wk %(week)d") % {"week": first.isocalendar().week}
    daily = "d.M" if get_language_bidi() else "d MMM"
    return format_date(first, "LLL yy" if unit == "month" else daily, locale=locale())


def plot(starts: Sequence[str], pairs: Sequence[Pair], unit: str) -> Any:
    """The drawing: bars from zero to a round number above the highest; time runs in the reading direction.

    Only the last units that fit are drawn; the table has all.
    """
    starts, drawn = starts[-MOST_BARS:], pairs[-MOST_BARS:]
    most = _round_up(max((max(pair.was, pair.would) for pair in drawn), default=0))
    step = (RIGHT - LEFT) / max(1, len(drawn))
    thick = round(min(THICKEST, max(1.0, (step - 3 * GAP) / 2)), 1)
    every = -(-len(drawn) // LABELS)
    bars = []
    for place, (start, pair) in enumerate(zip(starts, drawn, strict=True)):
        middle = LEFT + (place + 0.5) * step
        middle = LEFT + RIGHT - middle if get_language_bidi() else middle
        first, second = middle - thick - GAP / 2, middle + GAP / 2
        old, new = (second, first) if get_language_bidi() else (first, second)
        bars.append(
            {
                "was": _bar(old, pair.was, most),
                "would": _bar(new, pair.would, most),
                "label": _short(start, unit) if place % every == 0 else "",
                "middle": round(middle, 1),
            }
        )
    ticks = [{"y": round(FOOT - part * (FOOT - TOP), 1), "text": _tick(most * part)} for part in (0, 0.5, 1)]
    return {"bars": bars, "thick": thick, "ticks": ticks, "left_out": len(pairs) - len(drawn)}


def _bar(x: float, value: float, most: float) -> dict[str, float]:
    height = round((FOOT - TOP) * max(0.0, value) / most, 1) if most else 0
    return {"x": round(x, 1), "y": round(FOOT - height, 1), "h": height}


def _round_up(value: float) -> float:
    """The least of 2, 4, 6, 8, 10, 20, 40 ... that is not below the value: half of it is whole, too."""
    if value <= 0:
        return 0
    size, value = 1.0, max(value, 2.0)
    while size * 10 < value:
        size *= 10
    return next(size * factor for factor in (2, 4, 6, 8, 10) if size * factor >= value)


def _tick(value: float) -> str:
    return format_compact_decimal(value, locale=locale(), fraction_digits=0 if value < 1000 else 1)
