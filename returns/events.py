"""Writing the one log: every event is chained to the one before it in its stream."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.utils import timezone

from accounts.actors import Actor
from accounts.doorbell import nudge
from returns.models import Event, Return

__all__ = ["append", "hash_of", "log", "log_all", "nudge"]

DISPATCH = "returns.tasks.dispatch_outbox"

Happening = tuple[str, dict[str, Any]]


def log(rma: Return, kind: str, /, *, actor: Actor, at: datetime | None = None, **data: Any) -> Event:
    """Append one event to a return's stream; the caller holds the return's lock."""
    return log_all(rma, [(kind, data)], actor=actor, at=at)[0]


def log_all(
    rma: Return,
    happenings: Sequence[Happening],
    *,
    actor: Actor,
    at: datetime | None = None,
    is_new: bool = False,
    quiet: bool = False,
) -> list[Event]:
    """Append events to a return's stream in one statement.

    `is_new` spares the look for an earlier event; `quiet` marks them as dispatched, for history that moves in.
    """
    return append(f"return:{rma.pk}", happenings, actor=actor, at=at, rma=rma, is_new=is_new, quiet=quiet)


def append(
    stream: str,
    happenings: Sequence[Happening],
    *,
    actor: Actor,
    at: datetime | None = None,
    rma: Return | None = None,
    is_new: bool = False,
    quiet: bool = False,
) -> list[Event]:
    """Append events to any stream; whoever writes to a stream holds the lock of the thing it is named after."""
    at = at or timezone.now()
    seq, previous = (0, "") if is_new else _tail(stream)
    events = []
    for kind, data in happenings:
        seq += 1
        event = Event(
            stream=stream,
            seq=seq,
            rma=rma,
            kind=kind,
            data=data,
            actor_kind=actor.kind,
            actor_ref=actor.ref,
            actor_name=actor.name[:120],
            request_id=actor.request_id,
            at=at,
            previous_hash=previous,
            dispatched_at=at if quiet else None,
        )
        event.hash = previous = hash_of(event)
        events.append(event)
    Event.objects.bulk_create(events)
    if not quiet:
        nudge(DISPATCH)
    return events


def _tail(stream: str) -> tuple[int, str]:
    last = Event.objects.filter(stream=stream).order_by("-seq").values_list("seq", "hash").first()
    return last or (0, "")


def hash_of(event: Event) -> str:
    """SHA-256 over what may never change and the hash before it; names are left out so that erasure may touch them."""
    return hashlib.sha256(preimage_of(event).encode()).hexdigest()


def preimage_of(event: Event) -> str:
    """The very text that an event's hash is over: a JSON list that ends with the hash of the event before it."""
    body = [
        event.stream,
        event.seq,
        event.rma_id,
        event.kind,
        event.data,
        event.actor_kind,
        event.actor_ref,
        event.request_id,
        event.at.timestamp(),
        event.previous_hash,
    ]
    return json.dumps(body, sort_keys=True, ensure_ascii=False)
