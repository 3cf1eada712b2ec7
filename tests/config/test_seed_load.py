"""Copied orders and returns behave like others."""

from __future__ import annotations

import pytest
from django.core.management import call_command

from config.load.lives import CHANNEL, SHARES
from customers.models import Order
from returns.codes import clean_code
from returns.models import Event, Return
from tests.builders import Api, finding


@pytest.fixture
def seeded(db: None) -> None:
    call_command("seed_load", orders=60, returns=40, verbosity=0)


def copies() -> list[Return]:
    return list(Return.objects.exclude(order__number__startswith="LOAD").order_by("pk"))


def test_as_many_as_asked_for_at_every_place_of_the_life(seeded: None) -> None:
    assert len(copies()) == 40
    assert {rma.status for rma in copies()} == set(SHARES)
    assert Order.objects.exclude(number__startswith="LOAD").count() == 60
    assert not Event.objects.filter(dispatched_at=None).exists()


def test_codes_numbers_and_addresses_are_their_own(seeded: None) -> None:
    codes = [rma.code for rma in copies()]
    assert len(set(codes)) == 40
    assert all(clean_code(code) == code for code in codes)
    for rma in copies():
        assert rma.code.lower() in rma.search_text
        assert rma.order.number.lower() in rma.search_text
    emails = set(Order.objects.values_list("email", flat=True))
    assert len(emails) == Order.objects.count()


def test_a_copy_reads_like_its_original_and_goes_on_living(seeded: None, api: Api) -> None:
    received = next(rma for rma in copies() if rma.status == "received")
    document = api.get(f"/returns/{received.code}").ok()
    assert document["order"]["number"] == received.order.number
    assert document["receipts"][0]["rma"] == received.code
    assert {row["item"] for row in document["receipts"][0]["items"]} == {item["id"] for item in document["items"]}
    found = {"items": [finding(document, item["line"]) for item in document["items"]]}
    assert api.post(f"/returns/{received.code}/inspections", found).made()["status"] == "inspected"


def test_a_copied_order_takes_a_return(seeded: None, api: Api) -> None:
    order = Order.objects.filter(returns=None).exclude(number__startswith="LOAD").order_by("pk")[0]
    stored = api.get(f"/orders/{order.uid}").ok()
    assert (stored["number"], stored["customer"]["email"]) == (order.number, order.email)
    wanted = {"order": {"channel": CHANNEL, "number": order.number}}
    api.post("/returns", wanted | {"items": [{"line": "L1", "quantity": 1, "reason": "style"}]}).made()


def test_again_adds_more(seeded: None) -> None:
    call_command("seed_load", orders=10, returns=10, verbosity=0)
    assert len(copies()) == 50
