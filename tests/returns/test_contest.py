"""An automatic no can be contested, once, from the customer's own page; a person's no stays a person's."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from returns.links import portal_url
from returns.models import Event, Note, Return, ReturnItem
from tests.builders import Api, Json, ask, command, days_ago, delivered, line, place, publish, review
from tests.snapshot import unchanged

pytestmark = pytest.mark.django_db
TEXAS = {"name": "A", "line1": "1 Main St", "city": "Austin", "postal_code": "73301", "country": "US", "region": "TX",
         "time_zone": "America/Chicago"}  # fmt: skip


@pytest.fixture
def declined(api: Api) -> Return:
    order = place(api, line(), placed_at=days_ago(70), deliveries=delivered([line()], days=60))
    return Return.objects.get(code=ask(api, order)["rma"])


def token_of(rma: Return) -> str:
    return portal_url(rma).rstrip("/").rpartition("/")[2]


def page(rma: Return) -> str:
    return Client().get(reverse("portal:tracking", args=[token_of(rma)])).content.decode()


def press(rma: Return, text: str = "") -> int:
    return Client().post(reverse("portal:contest", args=[token_of(rma)]), {"text": text}).status_code


def test_it_goes_back_to_a_person_with_the_customers_words(declined: Return) -> None:
    assert declined.status == "declined"
    assert "Ask a person to look again" in page(declined)
    assert press(declined, "It was broken from the start.") == 302
    declined.refresh_from_db()
    assert (declined.status, declined.contested_at is not None, declined.decided_at) == ("requested", True, None)
    assert Note.objects.get(rma=declined).text == "It was broken from the start."
    assert Event.objects.filter(rma=declined, kind="return.contested").count() == 1
    assert "Ask a person to look again" not in page(declined)


def test_only_once(api: Api, declined: Return) -> None:
    assert press(declined) == 302
    command(api, {"rma": declined.code}, "decline", reason="worn")
    with unchanged():
        assert press(declined) == 409


def test_a_persons_no_is_not_a_machines(api: Api, order: Json) -> None:
    review(api)
    rma = ask(api, order)
    command(api, rma, "decline", reason="worn")
    row = Return.objects.get(code=rma["rma"])
    assert "Ask a person to look again" not in page(row)
    with unchanged():
        assert press(row) == 409


def test_an_open_return_has_nothing_to_contest(api: Api, order: Json) -> None:
    row = Return.objects.get(code=ask(api, order)["rma"])
    with unchanged():
        assert press(row) == 409


def partly(api: Api) -> Return:
    """One item granted, one refused by a rule."""
    publish(api, rules=[{"name": "No B", "when": {"skus": ["B"]}, "then": {"decision": "decline"}}])
    lines = [line("A", quantity=1), line("B", quantity=1, sku="B")]
    return Return.objects.get(code=ask(api, place(api, *lines, ship_to=TEXAS), ("A", 1), ("B", 1))["rma"])


def test_one_refused_item_of_several_goes_to_a_person_as_a_return_of_its_own(api: Api) -> None:
    rma = partly(api)
    assert rma.status == "authorized"
    assert "Ask a person to look again" in page(rma)
    answer = Client().post(reverse("portal:contest", args=[token_of(rma)]), {"text": "B was broken."})
    again = Return.objects.exclude(pk=rma.pk).get()
    assert answer.headers["Location"] == reverse("portal:tracking", args=[token_of(again)])
    assert (again.status, again.contested_at is not None) == ("requested", True)
    assert [(item.line.external_id, item.requested) for item in again.items.all()] == [("B", 1)]
    assert Note.objects.get(rma=again).text == "B was broken."
    rma.refresh_from_db()
    assert (rma.status, rma.contested_at is not None) == ("authorized", True)
    assert "Ask a person to look again" not in page(rma)
    with unchanged():
        assert press(rma) == 409


def test_what_a_person_granted_since_is_not_contested(api: Api) -> None:
    rma = partly(api)
    ReturnItem.objects.filter(rma=rma, line__external_id="B").update(authorized=1)
    assert "Ask a person to look again" not in page(rma)
    with unchanged():
        assert press(rma) == 409
