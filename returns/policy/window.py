"""The return window: the day it starts, its last day, and the instant it closes where the customer lives."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from returns.policy.days import Day, YearlyDay
from returns.policy.facts import Case, OrderFacts, Parcel

KNOWN, ESTIMATED, PENDING, UNKNOWN = "known", "estimated", "pending", "unknown"

# A parcel whose arrival nobody reported counts as here this long after it left.
ASSUMED_DAYS_ON_THE_WAY = 7
# With no zone known a day is counted in UTC. In some places the window ends almost a day later, clocks may
# change too, and nobody loses an hour. In others it ended as much earlier: in between a person looks.
_GRACE = timedelta(hours=26)
DOUBT = _GRACE + timedelta(hours=25)


@dataclass(frozen=True)
class Start:
    """The local day a window starts and how sure it is; no day while it is pending or unknown."""

    day: date | None
    certainty: str


@dataclass(frozen=True)
class Window:
    """A window as decided; without `last_day` it is open, `certainty` and `days` say why."""

    event: str
    days: int | None
    start: date | None
    last_day: date | None
    closes_at: datetime | None
    certainty: str
    extended: bool = False

    def is_over(self, instant: datetime) -> bool:
        """Whether the last day has ended."""
        return self.closes_at is not None and instant >= self.closes_at

    def is_unlimited(self) -> bool:
        """Whether the policy sets no limit at all."""
        return self.days is None

    def as_dict(self) -> dict[str, Any]:
        """The window for JSON, instants in UTC."""
        return {
            "start": self.start and self.start.isoformat(),
            "last_day": self.last_day and self.last_day.isoformat(),
            "closes_at": self.closes_at and self.closes_at.isoformat().replace("+00:00", "Z"),
            "from": self.event,
            "days": self.days,
            "certainty": self.certainty,
        }


@lru_cache(maxsize=1024)
def zone(name: str | None) -> ZoneInfo | None:
    """The IANA zone of that name, None where it is missing or unheard of."""
    try:
        return ZoneInfo(name) if name else None
    except (KeyError, ValueError, OSError):
        return None


def local_day(instant: datetime, name: str | None) -> date:
    """The calendar day of an instant at the delivery address; in UTC where the zone is unknown."""
    return instant.astimezone(zone(name) or UTC).date()


def end_of(day: date, name: str | None) -> datetime:
    """The instant a local day ends, in UTC: the first moment of the next one, whatever the clocks do."""
    where = zone(name)
    midnight = datetime.combine(day + timedelta(days=1), time.min, where or UTC).astimezone(UTC)
    return midnight if where else midnight + _GRACE


def could_be_open_elsewhere(window: Window, instant: datetime, name: str | None) -> bool:
    """Whether an unknown zone makes the difference: in some places the last day has ended, in others not."""
    if zone(name) is not None or window.closes_at is None:
        return False
    return window.closes_at - DOUBT <= instant < window.closes_at


def start_of(event: str, order: OrderFacts) -> Start:
    """The start by `event` (delivered, shipped, ordered): that of the last parcel of the order."""
    placed = Start(local_day(order.placed_at, order.time_zone), KNOWN)
    if event == "ordered":
        return placed
    if order.parcels is None:
        # Handed over at the till.
        return placed if order.sale_channel == "store" else Start(None, UNKNOWN)
    return _last(_parcel_start(event, parcel, order.time_zone) for parcel in order.parcels)


def _parcel_start(event: str, parcel: Parcel, name: str | None) -> Start:
    if event == "shipped":
        instant = parcel.shipped_at or parcel.delivered_at
        return Start(local_day(instant, name), KNOWN) if instant else Start(None, PENDING)
    if parcel.delivered_at:
        return Start(local_day(parcel.delivered_at, name), KNOWN)
    if parcel.shipped_at:
        arrival = local_day(parcel.shipped_at, name) + timedelta(days=ASSUMED_DAYS_ON_THE_WAY)
        return Start(arrival, ESTIMATED)
    return Start(None, PENDING)


def _last(starts: Iterable[Start]) -> Start:
    """The latest of all parcels, none while one has not left; one estimate makes the whole an estimate."""
    found = list(starts)
    days = [start.day for start in found if start.day is not None]
    if not days or len(days) < len(found):
        return Start(None, PENDING)
    sure = all(start.certainty == KNOWN for start in found)
    return Start(max(days), KNOWN if sure else ESTIMATED)


def line_arrival(case: Case) -> str:
    """How far the line is known to have come: known, estimated, pending (nothing left yet) or unknown."""
    if case.order.parcels is None:
        return KNOWN if case.order.sale_channel == "store" else UNKNOWN
    parcels = [parcel for parcel in case.order.parcels if case.line.id in parcel.lines]
    if any(parcel.delivered_at for parcel in parcels):
        return KNOWN
    return ESTIMATED if any(parcel.shipped_at for parcel in parcels) else PENDING


def days_since_delivery(case: Case) -> int | None:
    """Local calendar days since the last parcel arrived, None unless that day is known."""
    start = start_of("delivered", case.order)
    if start.day is None or start.certainty != KNOWN:
        return None
    return (local_day(case.asked_at, case.order.time_zone) - start.day).days


def window_of(order: OrderFacts, *, event: str, days: int | None, return_until: Day | None = None) -> Window:
    """The window by the given terms: the start is day 0, and `return_until` extends it, never shortens it."""
    start = start_of(event, order)
    if days is None or start.day is None:
        return Window(event, days, start.day, None, None, start.certainty)
    last = start.day + timedelta(days=days)
    until = _until(return_until, order)
    extended = until is not None and until > last
    last = until if until is not None and extended else last
    return Window(event, days, start.day, last, end_of(last, order.time_zone), start.certainty, extended)


def _until(day: Day | None, order: OrderFacts) -> date | None:
    if isinstance(day, YearlyDay):
        return day.on_or_after(local_day(order.placed_at, order.time_zone))
    return day
