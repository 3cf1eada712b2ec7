"""The edges of windows, law and the log: one day, one hour or one attempt further, and a rule says something else."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.actors import SYSTEM_ACTOR
from returns import outbox
from returns.events import append
from returns.models import Event, Return
from returns.policy.window import could_be_open_elsewhere, window_of
from tests.builders import Api, Json, whole_life
from tests.returns.policy import build
from tests.returns.policy.law_build import verdict_of


def test_told_on_the_last_day_of_the_twelve_months_is_told_in_time() -> None:
    """CRD art. 10(2): fourteen days from the information, here to Sunday 5 March 2028, and not the longest period."""
    row = {"got": "2027-02-20", "told": "2028-02-20", "sent": "2028-02-25"}
    found = verdict_of({**row, "facts": {"information_given_at": "2028-02-20"}})
    assert (found["right"], found["last_day"]) == ("accept", "2028-03-06")


@pytest.mark.parametrize(("hours", "doubtful"), [(52, False), (50, True), (1, True), (0, False)])
def test_an_unknown_zone_is_a_doubt_for_the_last_fifty_one_hours(hours: int, doubtful: bool) -> None:
    window = window_of(build.order(time_zone=None), event="delivered", days=30)
    assert window.closes_at
    asked = window.closes_at - timedelta(hours=hours)
    assert could_be_open_elsewhere(window, asked, None) is doubtful
    assert not could_be_open_elsewhere(window, asked, "Europe/Warsaw")


@pytest.mark.django_db
def test_a_return_that_is_done_says_since_when(api: Api, order: Json) -> None:
    before = timezone.now()
    done = whole_life(api, order)
    assert done["status"] == "resolved"
    rma = Return.objects.get(code=done["rma"])
    assert rma.resolved_at is not None
    assert before < rma.resolved_at <= timezone.now()


@pytest.mark.django_db
def test_a_parked_event_gets_all_its_attempts_again(monkeypatch: pytest.MonkeyPatch) -> None:
    def poison(event: Event) -> None:
        raise ValueError("cannot be")

    monkeypatch.setattr(outbox, "reactions", lambda: {"poison": (poison,)})
    (event,) = append("bad:1", [("poison", {})], actor=SYSTEM_ACTOR)
    now = timezone.now()
    Event.objects.filter(pk=event.pk).update(attempts=outbox.MAX_ATTEMPTS, parked_at=now, next_attempt_at=now)
    outbox.retry_parked(event)
    outbox.dispatch_all()
    event.refresh_from_db()
    assert (event.attempts, event.parked_at) == (1, None)
