"""Is the log whole: every stream's chain of hashes recomputed, and whether anything waits that should not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q
from django.utils import timezone

from returns.events import hash_of
from returns.models import Event

PAGE = 1000
LATE = timedelta(minutes=15)


@dataclass(slots=True)
class Verdict:
    """How many events and streams were checked, and the first event that does not fit, if there is one."""

    events: int = 0
    streams: int = 0
    broken: str = ""


def verify_log(stream: str | None = None) -> Verdict:
    """Recompute the chain of one stream or of all, a page of events at a time."""
    verdict = Verdict()
    last = Event(stream="", seq=0, hash="")
    for event in _events(stream):
        if event.stream != last.stream:
            verdict.streams += 1
            last = Event(stream=event.stream, seq=0, hash="")
        wrong = _wrong(event, last)
        if wrong:
            verdict.broken = f"event {event.pk}, {event.stream} {event.seq} ({event.kind}): {wrong}"
            return verdict
        verdict.events += 1
        last = event
    return verdict


def _wrong(event: Event, last: Event) -> str:
    if event.seq != last.seq + 1:
        return f"{event.seq - last.seq - 1} events before it are missing"
    if event.previous_hash != last.hash:
        return "it does not follow the event before it"
    return "" if event.hash == hash_of(event) else "its content was changed"


def _events(stream: str | None) -> Iterator[Event]:
    """Every event, stream by stream, in pages: a client-side cursor would hold the whole log."""
    rows = Event.objects.order_by("stream", "seq")
    rows = rows if stream is None else rows.filter(stream=stream)
    page = list(rows[:PAGE])
    while page:
        yield from page
        end = page[-1]
        after = rows.filter(stream__gte=end.stream).exclude(Q(stream=end.stream, seq__lte=end.seq))
        page = list(after[:PAGE]) if len(page) == PAGE else []


@dataclass(frozen=True, slots=True)
class Backlog:
    """Events that were not dispatched: waiting, of those too long, and parked after too many failures."""

    waiting: int
    late: int
    parked: int


def backlog(now: datetime | None = None) -> Backlog:
    """What the outbox has left."""
    open_rows = Event.objects.filter(dispatched_at__isnull=True)
    waiting = open_rows.filter(parked_at__isnull=True)
    late = waiting.filter(at__lt=(now or timezone.now()) - LATE)
    return Backlog(waiting.count(), late.count(), open_rows.filter(parked_at__isnull=False).count())
