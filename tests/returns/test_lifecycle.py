"""The transition table and `move()`: what is not in the table does not exist."""

from __future__ import annotations

import itertools
from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from accounts.actors import SYSTEM_ACTOR
from returns.actions import expire_returns, warn_of_expiry
from returns.lifecycle import ALLOWED, TRANSITIONS, IllegalMove, move
from returns.models import Event, Return, ReturnItem
from returns.models.rma import Status
from tests.builders import Api, Json, ask, command, read, receive, review
from tests.snapshot import unchanged

pytestmark = pytest.mark.django_db

DOMAIN = {
    "requested": {"authorized", "declined", "cancelled", "partially_received", "received"},
    "authorized": {"in_transit", "partially_received", "received", "cancelled", "expired", "resolved"},
    "in_transit": {"partially_received", "received", "cancelled", "resolved"},
    "partially_received": {"received", "inspected", "resolved"},
    "received": {"partially_received", "inspected", "resolved"},
    "inspected": {"partially_received", "received", "resolved"},
    "resolved": {"inspected"},
    "declined": {"requested"},
    "cancelled": {"requested"},
    "expired": {"requested"},
}


def test_the_table_is_the_domains() -> None:
    assert {origin: {to for start, to in ALLOWED if start == origin} for origin in Status.values} == DOMAIN
    assert all(str(arrow.when) for arrow in TRANSITIONS)


def test_every_other_move_is_refused(api: Api, order: Json) -> None:
    rma = Return.objects.get(code=ask(api, order)["rma"])
    for origin, to in itertools.product(Status.values, repeat=2):
        if (origin, to) in ALLOWED:
            continue
        rma.status = origin
        with unchanged(), pytest.raises(IllegalMove):
            move(rma, to, "return.moved", actor=SYSTEM_ACTOR)


def test_every_move_of_the_table_is_made_and_logged(api: Api, order: Json) -> None:
    rma = Return.objects.get(code=ask(api, order)["rma"])
    for origin, to in sorted(ALLOWED):
        with transaction.atomic():
            Return.objects.filter(pk=rma.pk).update(status=origin)
            rma.refresh_from_db()
            event = move(rma, to, "return.moved", actor=SYSTEM_ACTOR, why="test")
            assert event.data == {"from": origin, "to": to, "why": "test"}
            assert Return.objects.get(pk=rma.pk).status == to == rma.status
            transaction.set_rollback(True)


def test_a_stale_look_cannot_move(api: Api, order: Json) -> None:
    review(api)
    made = ask(api, order)
    stale = Return.objects.get(code=made["rma"])
    command(api, made, "decline", reason="worn")
    with unchanged(), pytest.raises(IllegalMove) as refused:
        move(stale, "authorized", "return.authorized", actor=SYSTEM_ACTOR)
    assert refused.value.extra["status_now"] == "declined"


class TestExpiry:
    def test_only_when_its_time_has_come(self, api: Api, order: Json) -> None:
        rma = ask(api, order, ("A", 3))
        with unchanged():
            assert expire_returns() == 0
            assert expire_returns(timezone.now() + timedelta(days=29)) == 0
        assert expire_returns(timezone.now() + timedelta(days=31)) == 1
        assert read(api, rma)["status"] == "expired"
        assert ask(api, order, ("A", 3))["status"] == "authorized"

    def test_not_when_something_arrived_or_is_under_way(self, api: Api, order: Json) -> None:
        receive(api, ask(api, order, ("A", 2)), ("A", 1))
        api.post(f"/returns/{ask(api, order)['rma']}/own-shipment", {"carrier": "Poczta"}).made()
        with unchanged():
            assert expire_returns(timezone.now() + timedelta(days=99)) == 0

    def test_not_when_something_is_to_be_paid(self, api: Api, order: Json) -> None:
        rma = ask(api, order, ("A", 2))
        command(api, rma, "lost", items=[{"item": rma["items"][0]["id"], "quantity": 1}], reason="carrier")
        with unchanged():
            assert expire_returns(timezone.now() + timedelta(days=99)) == 0

    def test_a_warning_goes_out_once(self, api: Api, order: Json) -> None:
        ask(api, order)
        soon = timezone.now() + timedelta(days=27)
        assert [warn_of_expiry(), warn_of_expiry(soon), warn_of_expiry(soon)] == [0, 1, 0]
        assert Event.objects.filter(kind="return.expiring").count() == 1

    def test_reopened_it_gets_its_time_again(self, api: Api, order: Json) -> None:
        rma = ask(api, order)
        expire_returns(timezone.now() + timedelta(days=31))
        assert command(api, rma, "reopen")["expires_at"] is None
        assert command(api, rma, "authorize")["expires_at"] is not None


@pytest.mark.parametrize(
    "change",
    [{"authorized": 2}, {"accepted": 1}, {"received": 1, "accepted": 1, "rejected": 1}, {"refunded": 1}],
)
def test_the_database_holds_the_quantities_together(api: Api, order: Json, change: dict[str, int]) -> None:
    ask(api, order)
    with pytest.raises(DatabaseError), transaction.atomic():
        ReturnItem.objects.update(**change)
