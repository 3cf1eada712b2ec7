"""The outbox: in order per stream, at least once, and whatever breaks blocks only its own stream."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from celery import current_app
from django.db import OperationalError, connection
from django.utils import timezone

from accounts import doorbell
from accounts.actors import SYSTEM_ACTOR
from notifications.models import Message
from returns import outbox
from returns.events import append
from returns.models import Event
from tests.builders import Api, Json, ask

pytestmark = pytest.mark.django_db
RING = doorbell._ring
Table = dict[str, tuple[Callable[[Event], None], ...]]


@pytest.fixture
def table(monkeypatch: pytest.MonkeyPatch) -> Table:
    """A table of reactions of one's own."""
    own: Table = {}
    monkeypatch.setattr(outbox, "reactions", lambda: own)
    return own


def stream(name: str, *kinds: str) -> list[Event]:
    """Events in a stream of their own."""
    return append(name, [(kind, {}) for kind in kinds], actor=SYSTEM_ACTOR)


def due() -> None:
    """Everything that was put off is due."""
    Event.objects.filter(next_attempt_at__isnull=False).update(next_attempt_at=timezone.now() - timedelta(seconds=1))


def test_in_order_within_each_stream(table: Table) -> None:
    seen: list[tuple[str, int]] = []
    table["tick"] = (lambda event: seen.append((event.stream, event.seq)),)
    for round_ in range(3):
        for name in ("a:1", "b:1"):
            stream(name, *["tick"] * (round_ + 1))
    assert outbox.dispatch_all() == 12
    for name in ("a:1", "b:1"):
        assert [seq for where, seq in seen if where == name] == [1, 2, 3, 4, 5, 6]
    assert outbox.dispatch_all() == 0


def test_a_poisoned_event_blocks_only_its_stream_and_is_parked(table: Table) -> None:
    seen: list[str] = []

    def poison(event: Event) -> None:
        raise ValueError("cannot be")

    table.update({"poison": (poison,), "tick": (lambda event: seen.append(event.stream),)})
    stream("bad:1", "poison", "tick")
    stream("good:1", "tick", "tick")
    outbox.dispatch_all()
    assert seen == ["good:1", "good:1"]
    first = Event.objects.get(kind="poison")
    assert (first.attempts, first.parked_at, first.dispatched_at) == (1, None, None)
    assert first.next_attempt_at is not None
    assert "ValueError: cannot be" in first.last_error
    assert outbox.dispatch_all() == 0
    for _n in range(outbox.MAX_ATTEMPTS - 1):
        due()
        outbox.dispatch_all()
    first.refresh_from_db()
    assert (first.attempts, first.parked_at is not None) == (outbox.MAX_ATTEMPTS, True)
    due()
    outbox.dispatch_all()
    assert "bad:1" not in seen
    table["poison"] = ()
    outbox.retry_parked(first)
    outbox.dispatch_all()
    assert seen == ["good:1", "good:1", "bad:1"]


def test_delays_grow(table: Table) -> None:
    def poison(event: Event) -> None:
        raise ValueError("no")

    table["poison"] = (poison,)
    event = stream("bad:1", "poison")[0]
    waits = []
    for _n in range(4):
        due()
        outbox.dispatch_all()
        event.refresh_from_db()
        assert event.next_attempt_at is not None
        waits.append(round((event.next_attempt_at - timezone.now()).total_seconds()))
    assert waits == [5, 10, 20, 40]


def test_what_a_failed_reaction_wrote_is_undone(table: Table) -> None:
    def half(event: Event) -> None:
        with connection.cursor() as cursor:
            cursor.execute("UPDATE customers_shop SET name = 'half done'")
        raise ValueError("no")

    table["half"] = (half,)
    stream("bad:1", "half")
    outbox.dispatch_all()
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM customers_shop WHERE name = 'half done'")
        assert cursor.fetchone() == (0,)


def test_a_database_error_of_one_event_does_not_stop_the_others(table: Table) -> None:
    seen: list[str] = []

    def times_out(event: Event) -> None:
        raise OperationalError("canceling statement due to statement timeout")

    table.update({"slow": (times_out,), "tick": (lambda event: seen.append(event.stream),)})
    stream("bad:1", "slow", "tick")
    stream("good:1", "tick")
    outbox.dispatch_all()
    assert seen == ["good:1"]
    assert Event.objects.get(kind="slow").attempts == 1


def test_it_is_retried_and_goes_on(table: Table) -> None:
    fails = [ValueError("once"), ValueError("twice")]
    seen: list[int] = []

    def shaky(event: Event) -> None:
        if fails:
            raise fails.pop()
        seen.append(event.seq)

    table["shaky"] = (shaky,)
    stream("a:1", "shaky", "shaky")
    for _n in range(4):
        due()
        outbox.dispatch_all()
    assert seen == [1, 2]
    assert not Event.objects.exclude(last_error="").exists()


def test_with_a_dead_broker_requests_work_and_all_goes_out_later(
    api: Api, order: Json, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    rings: list[str] = []

    def dead(task: str, **options: Any) -> None:
        rings.append(task)
        raise ConnectionError("no broker")

    monkeypatch.setattr(doorbell, "_ring", RING)
    monkeypatch.setattr(doorbell, "_silent_until", 0.0)
    monkeypatch.setattr(current_app, "send_task", dead)
    with django_capture_on_commit_callbacks(execute=True):
        rma = ask(api, order)
    assert rings == [outbox.__name__.replace("outbox", "tasks.dispatch_outbox")]
    with django_capture_on_commit_callbacks(execute=True):
        ask(api, order)
    assert len(rings) == 1, "a broker that just failed is left alone for a while"
    assert not Message.objects.exists()
    assert outbox.dispatch_all() >= 4
    assert Message.objects.filter(rma__code=rma["rma"]).exists()
    assert not Event.objects.filter(dispatched_at=None).exists()
    written = Message.objects.count()
    Event.objects.update(dispatched_at=None)
    outbox.dispatch_all()
    assert Message.objects.count() == written, "the same event twice writes the same mail once"


def test_one_ring_per_transaction(
    api: Api, order: Json, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks() as callbacks:
        ask(api, order)
    assert len([each for each in callbacks if getattr(each, "nudges", "").endswith("dispatch_outbox")]) == 1
