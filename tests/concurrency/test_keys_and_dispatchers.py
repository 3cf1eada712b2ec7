"""One key twenty times at once, and two dispatchers over one outbox; each with its control."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from accounts import endpoints, idempotency
from accounts.models import IdempotencyKey
from returns import outbox
from returns.models import Event, Return
from tests.builders import Api, ask, line, place, request_body
from tests.concurrency.race import Race, meet, statuses, without_locks

pytestmark = pytest.mark.django_db
AT_ONCE = 20


def twenty(api: Api, race: Race) -> list[Any]:
    """The same request under one key, twenty times at the same moment."""
    order = place(api, line(quantity=AT_ONCE))
    body = request_body(order)
    clients = [Api(api.text) for _n in range(AT_ONCE)]
    return race(*(lambda c=c: c.post("/returns", body, Idempotency_Key="one") for c in clients))


def test_one_key_twenty_times_at_once_is_done_once(api: Api, race: Race) -> None:
    answers = twenty(api, race)
    assert Return.objects.count() == 1
    assert set(statuses(answers)) <= {201, 409}
    rmas = {answer.body["rma"] for answer in answers if answer.status == 201}
    assert rmas == {Return.objects.get().code}
    for answer in answers:
        if answer.status == 409:
            answer.refused(409, "idempotency_in_flight")
    assert IdempotencyKey.objects.get().status == 201


def test_control_without_the_claim(api: Api, race: Race, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(endpoints, "once", lambda credential, key, request_hash, work: (work(), False))
    answers = twenty(api, race)
    assert Return.objects.count() > 1
    assert statuses(answers).count(201) > 1


def test_two_who_take_over_the_same_dead_lease(api: Api, race: Race, monkeypatch: pytest.MonkeyPatch) -> None:
    order = place(api)
    body = request_body(order)
    api.post("/returns", body, Idempotency_Key="one").made()
    IdempotencyKey.objects.update(status=None, body=None, lease_until="2020-01-01T00:00:00Z")
    clients = [Api(api.text) for _n in range(2)]
    answers = race(*(lambda c=c: c.post("/returns", body, Idempotency_Key="one") for c in clients))
    assert statuses(answers) in ([201, 201], [201, 409])
    assert Return.objects.count() == 2


def test_control_of_the_take_over(api: Api, race: Race, monkeypatch: pytest.MonkeyPatch) -> None:
    order = place(api)
    body = request_body(order)
    api.post("/returns", body, Idempotency_Key="one").made()
    IdempotencyKey.objects.update(status=None, body=None, lease_until="2020-01-01T00:00:00Z")
    without_locks(monkeypatch)
    monkeypatch.setattr(idempotency, "_mine", lambda row: IdempotencyKey.objects.filter(pk=row.pk))
    meet(monkeypatch, idempotency, "claim")
    clients = [Api(api.text) for _n in range(2)]
    race(*(lambda c=c: c.post("/returns", body, Idempotency_Key="one") for c in clients))
    assert Return.objects.count() >= 2


def prepared(api: Api, monkeypatch: pytest.MonkeyPatch) -> tuple[list[tuple[str, int]], Counter[int]]:
    """Returns with events to dispatch, and a reaction that writes down what it saw."""
    order = place(api, line(quantity=6))
    for _n in range(6):
        ask(api, order)
    seen: list[tuple[str, int]] = []
    counts: Counter[int] = Counter()

    def note(event: Event) -> None:
        seen.append((event.stream, event.seq))
        counts[event.pk] += 1

    monkeypatch.setattr(outbox, "reactions", lambda: {"return.requested": (note,), "return.authorized": (note,)})
    return seen, counts


def test_two_dispatchers_share_the_work_in_order(api: Api, race: Race, monkeypatch: pytest.MonkeyPatch) -> None:
    seen, counts = prepared(api, monkeypatch)
    meet(monkeypatch, outbox, "_react")
    done = race(outbox.dispatch_all, outbox.dispatch_all)
    outbox.dispatch_all()
    assert all(isinstance(count, int) for count in done), done
    assert set(counts.values()) == {1}
    assert len(counts) == Event.objects.count() == 12
    assert not Event.objects.filter(dispatched_at=None).exists()
    for stream in {stream for stream, _seq in seen}:
        assert [seq for name, seq in seen if name == stream] == [1, 2]


def test_control_without_the_lock_on_rows(api: Api, race: Race, monkeypatch: pytest.MonkeyPatch) -> None:
    _seen, counts = prepared(api, monkeypatch)
    without_locks(monkeypatch)
    meet(monkeypatch, outbox, "_react")
    race(outbox.dispatch_all, outbox.dispatch_all)
    assert max(counts.values()) > 1
