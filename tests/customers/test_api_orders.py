"""Orders and products over the API: stored once, versions, and documents that cannot be right."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from customers.models import Order, OrderVersion
from tests.builders import Api, Json, api_client, ask, card, days_ago, line, order_document, place
from tests.snapshot import unchanged

pytestmark = pytest.mark.django_db


def changed(**changes: Any) -> Json:
    """The order of three tees with top-level changes made after its payments were worked out."""
    return {**order_document(), **changes}


def with_line(**changes: Any) -> Json:
    """The same with its one line changed and nothing worked out anew."""
    document = order_document()
    document["lines"][0].update(changes)
    return document


def test_new_then_unchanged_then_a_new_version(api: Api) -> None:
    document = order_document()
    first = api.post("/orders", document).ok(201)
    with unchanged():
        assert api.post("/orders", document).ok(200) == first
    document["customer"]["name"] = "B. Nowak"
    second = api.post("/orders", document).ok(200)
    assert (first["version"], second["version"], second["id"]) == (1, 2, first["id"])
    assert api.get(f"/orders/{first['id']}").ok()["customer"]["name"] == "B. Nowak"
    assert OrderVersion.objects.count() == 2


def test_a_return_keeps_the_version_it_was_made_under(api: Api) -> None:
    document = order_document()
    order = api.post("/orders", document).made()
    ask(api, order)
    document["customer"]["name"] = "B. Nowak"
    api.post("/orders", document).ok(200)
    held = Order.objects.get().returns.get().order_version
    assert (held.number, held.document["customer"]["name"]) == (1, "A. Nowak")


def test_a_version_that_takes_away_what_is_claimed_is_a_conflict(api: Api) -> None:
    document = order_document(line())
    order = api.post("/orders", document).made()
    ask(api, order, ("A", 3))
    fewer = copy.deepcopy(document)
    fewer["lines"][0]["quantity"] = 2
    fewer.update(deliveries=None, payments=[card("P1", "200.00")])
    with unchanged():
        answer = api.post("/orders", fewer)
    answer.refused(409, "conflict")
    assert answer.pointers() == {"/lines"}


@pytest.mark.parametrize(
    ("document", "code", "pointer"),
    [
        (lambda: changed(total="329.99"), "mismatch", "/total"),
        (lambda: changed(payments=[card("P", "400.00")]), "mismatch", "/payments"),
        (lambda: changed(total="329.980"), "invalid", "/total"),
        (lambda: changed(total=329.98), "invalid", "/total"),
        (lambda: changed(total="-1.00"), "invalid", "/total"),
        (lambda: changed(currency="XXQ"), "invalid", "/currency"),
        (lambda: changed(placed_at="2026-10-01"), "invalid", "/placed_at"),
        (lambda: changed(placed_at="2026-10-01T09:00:00"), "invalid", "/placed_at"),
        (lambda: changed(lines=[]), "invalid", "/lines"),
        (lambda: changed(surprise=1), "invalid", "/surprise"),
        (lambda: with_line(quantity=0), "invalid", "/lines/0/quantity"),
        (lambda: with_line(quantity="3"), "invalid", "/lines/0/quantity"),
        (lambda: with_line(unit_price="100.001"), "invalid", "/lines/0/unit_price"),
        (lambda: with_line(tax_rate="nonsense"), "invalid", "/lines/0/tax_rate"),
        (lambda: with_line(surprise=1), "invalid", "/lines/0/surprise"),
        (lambda: with_line(exclusions=["nonsense"]), "invalid", "/lines/0/exclusions"),
        (lambda: changed(shop="nowhere", channel="nowhere"), "invalid", "/shop"),
        (lambda: changed(deliveries=[{"id": "D", "lines": {"Z": 1}}]), "invalid", "/deliveries/0/lines/Z"),
        (lambda: changed(customer={"email": "no address"}), "invalid", "/customer/email"),
        (lambda: changed(customer={"email": None}), "invalid", "/customer"),
    ],
)
def test_what_cannot_be_right(api: Api, document: Any, code: str, pointer: str) -> None:
    with unchanged():
        answer = api.post("/orders", document())
    answer.refused(422, code)
    assert any(found.startswith(pointer) for found in answer.pointers()), answer.body


def test_a_mismatch_shows_both_figures(api: Api) -> None:
    refusal = api.post("/orders", changed(total="329.99")).refused(422, "mismatch")
    assert (refusal["stated"], refusal["computed"]) == ("329.99", "329.98")


def test_found_by_channel_number_mail_and_phone(api: Api) -> None:
    mine = place(api, customer={"email": "Me@Example.com", "name": "Me", "phone": "+48600700800"})
    place(api)
    for query in (f"number={mine['number']}", "email=me@example.com", "email=%2B48600700800"):
        assert [row["id"] for row in api.get(f"/orders?{query}").ok()["results"]] == [mine["id"]]
    assert api.get("/orders?channel=nowhere").ok()["results"] == []


def test_a_key_writes_only_to_its_own_channel() -> None:
    bound = api_client("orders:write", shops=["main"], channels=["web"])
    with unchanged():
        bound.post("/orders", order_document(channel="app")).refused(403, "forbidden")
    bound.post("/orders", order_document()).made()


def test_a_product_is_stored_by_sku(api: Api) -> None:
    document = {"sku": "TEE", "title": "Tee", "price": "10.00", "currency": "EUR", "stock": 3, "gtin": None}
    assert api.post("/products", document).ok(201)["stock"] == 3
    assert api.post("/products", {**document, "price": "11.00"}).ok(200)["price"] == "11.00"
    with unchanged():
        answer = api.post("/products", {**document, "price": "1.001"})
        answer.refused(422, "invalid")
        assert answer.pointers() == {"/price"}
        api.post("/products", {**document, "currency": "JPY", "price": "1.5"}).refused(422, "invalid")


def test_the_last_days_are_what_the_document_says(api: Api) -> None:
    old = place(api, line(), placed_at=days_ago(90), deliveries=None)
    assert api.get(f"/orders/{old['id']}").ok()["deliveries"] is None
