"""`verify_log` finds the first event that was changed, taken out or put in; `dispatch_outbox` says what is left."""

from __future__ import annotations

import io
import tracemalloc
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from accounts.actors import SYSTEM_ACTOR
from returns.actions import audit
from returns.events import append, hash_of
from returns.models import Event
from tests.builders import Api, Json, ask

pytestmark = pytest.mark.django_db


def run(name: str = "verify_log", **options: Any) -> str:
    """What the command says."""
    said = io.StringIO()
    call_command(name, stdout=said, **options)
    return said.getvalue()


def write(stream: str, count: int = 5) -> list[Event]:
    return append(stream, [("note.added", {"n": n, "zażółć": "שלום"}) for n in range(count)], actor=SYSTEM_ACTOR)


def tamper(sql: str, *values: Any) -> None:
    """Change the log as somebody could who owns the database."""
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(sql, values)
        cursor.execute("SET session_replication_role = origin")


def test_a_whole_log_fits(api: Api, order: Json) -> None:
    ask(api, order)
    write("parcel:1")
    events = Event.objects.count()
    assert run() == f"{events} events in 2 streams: every hash fits.\n"
    assert run(stream="parcel:1") == "5 events in 1 streams: every hash fits.\n"


def test_an_empty_log_fits() -> None:
    assert run() == "0 events in 0 streams: every hash fits.\n"


CHANGES: list[tuple[str, str]] = [
    ("kind", "'x.y'"),
    ("data", "'{}'"),
    ("at", "at + interval '1 second'"),
    ("actor_kind", "'staff'"),
    ("actor_ref", "'7'"),
    ("request_id", "'r'"),
    ("hash", "repeat('0', 64)"),
]


@pytest.mark.parametrize(("column", "value"), CHANGES)
def test_a_changed_event_is_named(column: str, value: str) -> None:
    write("parcel:1")
    third = write("parcel:2")[2]
    tamper(f"UPDATE returns_event SET {column} = {value} WHERE id = %s", third.pk)
    with pytest.raises(CommandError, match=rf"after 7 good events: event {third.pk}, parcel:2 3 .*content was changed"):
        run()
    assert "every hash fits" in run(stream="parcel:1")


def test_a_missing_event_is_noticed() -> None:
    events = write("parcel:1")
    tamper("DELETE FROM returns_event WHERE id = %s", events[1].pk)
    with pytest.raises(CommandError, match=rf"event {events[2].pk}, .*1 events before it are missing"):
        run()


def test_a_rewritten_event_breaks_the_one_after_it() -> None:
    events = write("parcel:1")
    events[1].data = {"n": 99}
    forged = hash_of(events[1])
    tamper("UPDATE returns_event SET data = '{\"n\": 99}', hash = %s WHERE id = %s", forged, events[1].pk)
    with pytest.raises(CommandError, match=rf"event {events[2].pk}, .*does not follow"):
        run()


def test_a_name_may_be_erased() -> None:
    events = write("parcel:1")
    Event.objects.filter(pk=events[0].pk).update(actor_name="")
    assert "every hash fits" in run()


def test_every_page_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit, "PAGE", 3)
    for number in range(4):
        write(f"parcel:{number}", count=number + 1)
    assert run() == "10 events in 4 streams: every hash fits.\n"
    last = Event.objects.order_by("stream", "seq").last()
    assert last is not None
    tamper("UPDATE returns_event SET kind = 'x.y' WHERE id = %s", last.pk)
    with pytest.raises(CommandError, match="after 9 good events"):
        run()


def test_memory_does_not_grow_with_the_log(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit, "PAGE", 50)

    def peak(work: Callable[[], Any]) -> int:
        tracemalloc.start()
        work()
        found = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return found

    write("parcel:1", count=200)
    audit.verify_log()
    small = peak(audit.verify_log)
    write("parcel:2", count=2000)
    assert peak(audit.verify_log) < small * 1.5


def test_dispatching_by_hand_says_what_is_left(api: Api, order: Json) -> None:
    ask(api, order)
    events = Event.objects.count()
    assert run("dispatch_outbox").startswith(f"Dispatched {events} events; 0 wait")
    assert run("dispatch_outbox").startswith("Dispatched 0 events; ")
    assert run("dispatch_outbox", check=True) == "0 wait, 0 of them too long, 0 are parked.\n"


def test_a_check_fails_when_something_waits_too_long_or_is_parked() -> None:
    write("parcel:1", count=1)
    assert run("dispatch_outbox", check=True).startswith("1 wait, 0 of them too long")
    append("parcel:2", [("note.added", {})], actor=SYSTEM_ACTOR, at=timezone.now() - timedelta(hours=1))
    with pytest.raises(CommandError, match="2 wait, 1 of them too long"):
        run("dispatch_outbox", check=True)
    Event.objects.update(parked_at=timezone.now())
    with pytest.raises(CommandError, match="0 wait, 0 of them too long, 2 are parked"):
        run("dispatch_outbox", check=True)
