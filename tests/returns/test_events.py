"""The log: chained by hash per stream, and append-only whoever writes the SQL."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection, transaction

from returns.events import hash_of
from returns.models import Event
from tests.builders import Api, Json, whole_life

pytestmark = pytest.mark.django_db
HASHED = {
    "stream": "'x:1'", "seq": "99", "rma_id": "NULL", "kind": "'x'", "data": "'{}'", "actor_kind": "'x'",
    "actor_ref": "'x'", "request_id": "'x'", "at": "now()", "previous_hash": "'x'", "hash": "'x'",
}  # fmt: skip


def lived(api: Api, order: Json) -> list[Event]:
    whole_life(api, order)
    return list(Event.objects.order_by("stream", "seq"))


def test_each_event_is_hashed_over_the_one_before(api: Api, order: Json) -> None:
    events = lived(api, order)
    assert len(events) > 6
    previous = ""
    for number, event in enumerate(events, start=1):
        assert (event.seq, event.previous_hash) == (number, previous)
        assert event.hash == hash_of(event)
        previous = event.hash


@pytest.mark.parametrize("name", [name for name in HASHED if name != "hash"])
def test_every_hashed_member_changes_the_hash(api: Api, order: Json, name: str) -> None:
    event = lived(api, order)[2]
    value = getattr(event, name)
    other = {"data": {"other": 1}, "at": event.at.replace(year=2001)}.get(
        name, value + 1 if isinstance(value, int) else f"{value}x"
    )
    setattr(event, name, other)
    assert hash_of(event) != event.hash


@pytest.mark.parametrize("name", HASHED)
def test_the_database_refuses_to_rewrite(api: Api, order: Json, name: str) -> None:
    lived(api, order)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f'UPDATE returns_event SET "{name}" = {HASHED[name]}')


def test_the_database_refuses_to_delete(api: Api, order: Json) -> None:
    lived(api, order)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM returns_event")


def test_marks_of_the_dispatcher_and_names_may_be_written(api: Api, order: Json) -> None:
    lived(api, order)
    assert Event.objects.update(dispatched_at=None, attempts=1, actor_name="") > 6


def test_who_did_it_and_under_which_request(api: Api, order: Json) -> None:
    body = {"order": {"id": order["id"]}, "items": [{"line": "A", "quantity": 1, "reason": "style"}]}
    rma = api.post("/returns", body, X_Request_Id="request-0001").made()
    event = Event.objects.filter(rma__code=rma["rma"]).order_by("seq")[0]
    assert api.key is not None
    assert (event.actor_kind, event.actor_ref, event.actor_name) == ("integration", api.key.prefix, "tests")
    assert event.request_id == "request-0001"


def test_one_place_in_a_stream_is_taken_once(api: Api, order: Json) -> None:
    last = lived(api, order)[-1]
    last.pk = None
    with pytest.raises(DatabaseError), transaction.atomic():
        last.save(force_insert=True)
