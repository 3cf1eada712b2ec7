"""The dispatcher: every event reaches its reactions at least once, in order within its stream."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import cache

from django.conf import settings
from django.db import OperationalError, connection, transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.module_loading import import_string

from returns.models import Event

logger = logging.getLogger(__name__)

BATCH = 100
WINDOW = 1000
MAX_ATTEMPTS = 8
FIRST_DELAY = timedelta(seconds=5)
Reaction = Callable[[Event], None]


@cache
def reactions() -> Mapping[str, tuple[Reaction, ...]]:
    """The whole table, imported once."""
    table: Mapping[str, list[str]] = import_string(settings.REACTIONS)
    return {kind: tuple(import_string(path) for path in paths) for kind, paths in table.items()}


def dispatch_all(*, batches: int = 1000) -> int:
    """Dispatch until nothing is ready; returns how many events were done."""
    done = 0
    for _n in range(batches):
        worked, count = _dispatch_safely()
        done += count
        if not worked:
            break
    return done


def _dispatch_safely() -> tuple[int, int]:
    try:
        return dispatch_batch()
    except OperationalError as error:
        # two dispatchers may meet on two orders in opposite order; one event at a time they cannot
        logger.info("dispatching one by one after: %s", error)
        return _dispatch_one()


def _dispatch_one() -> tuple[int, int]:
    """The first ready event alone; one that the database gives up on is put off like any other failure."""
    tried: list[Event] = []
    try:
        return dispatch_batch(limit=1, claimed=tried)
    except OperationalError as error:
        if not tried:
            raise
        logger.exception("event %s %s: the database gave up", tried[0].pk, tried[0].kind)
        _put_off(tried[0], error)
        return 1, 0


def dispatch_batch(limit: int = BATCH, claimed: list[Event] | None = None) -> tuple[int, int]:
    """Claim up to `limit` ready events, run their reactions, mark them: one transaction.

    Returns how many were worked on and how many of them are done; `claimed` is filled for whoever must know
    them after an error.
    """
    claimed = [] if claimed is None else claimed
    with transaction.atomic():
        claimed += _ready(limit)
        done = [event.pk for event in claimed if _react(event)]
        if done:
            Event.objects.filter(pk__in=done).update(dispatched_at=timezone.now(), next_attempt_at=None, last_error="")
    return len(claimed), len(done)


def _ready(limit: int) -> list[Event]:
    now = timezone.now()
    rows = (
        Event.objects.filter(
            Q(next_attempt_at__isnull=True) | Q(next_attempt_at__lte=now),
            pk__in=_heads(limit * 4, now),
            dispatched_at__isnull=True,
            parked_at__isnull=True,
        )
        .select_related("rma")
        .order_by("id")
    )
    if connection.features.has_select_for_update_skip_locked:
        rows = rows.select_for_update(skip_locked=True, of=("self",))
    return list(rows[:limit])


def _heads(wanted: int, now: datetime) -> list[int]:
    """Ids of ready events with nothing earlier pending in their stream; more than one dispatcher takes at once.

    Sought here and not by an anti-join: the statistics of an outbox say "empty", and PostgreSQL then compares every
    pending event with every other. What is pending in a stream only ever grows at its end, so a head stays one.
    """
    found: list[int] = []
    seen: set[str] = set()
    last = 0
    pending = Event.objects.filter(dispatched_at__isnull=True).order_by("id")
    while len(found) < wanted:
        rows = pending.filter(id__gt=last).values_list("id", "stream", "next_attempt_at", "parked_at")
        window = list(rows[:WINDOW])
        for pk, stream, waits_until, parked_at in window:
            if stream not in seen and parked_at is None and (waits_until is None or waits_until <= now):
                found.append(pk)
            seen.add(stream)
        if len(window) < WINDOW:
            break
        last = window[-1][0]
    return found


def _react(event: Event) -> bool:
    follows = reactions().get(event.kind, ())
    if not follows:
        return True
    try:
        with transaction.atomic():
            for reaction in follows:
                reaction(event)
    except OperationalError:
        raise
    except Exception as error:
        logger.exception("event %s %s: a reaction failed", event.pk, event.kind)
        _put_off(event, error)
        return False
    return True


def _put_off(event: Event, error: Exception) -> None:
    now = timezone.now()
    attempts = event.attempts + 1
    Event.objects.filter(pk=event.pk).update(
        attempts=attempts,
        last_error=f"{type(error).__name__}: {error}"[:2000],
        next_attempt_at=now + FIRST_DELAY * 2 ** min(attempts - 1, 8),
        parked_at=now if attempts >= MAX_ATTEMPTS else None,
    )


def retry_parked(event: Event) -> None:
    """Give a parked event another round of attempts."""
    Event.objects.filter(pk=event.pk, parked_at__isnull=False).update(
        parked_at=None, attempts=F("attempts") * 0, next_attempt_at=None
    )
