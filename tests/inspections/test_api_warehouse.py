"""The dock and the bench over the API: what cannot be is refused and nothing moves."""

from __future__ import annotations

from typing import Any

import pytest

from tests.builders import Api, Json, ask, finding, inspect, item_of, receive, units
from tests.operations import NOBODY, picture
from tests.snapshot import unchanged

pytestmark = pytest.mark.django_db


@pytest.fixture
def rma(api: Api, order: Json) -> Json:
    """Two tees on their way."""
    return ask(api, order, ("A", 2))


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"items": [{"item": NOBODY, "quantity": 1}]}, "/items/0/item"),
        ({"items": [{"item": "A", "quantity": -1}]}, "/items/0/quantity"),
        ({"items": [{"item": "A", "quantity": 1, "damaged": 2}]}, "/items/0/damaged"),
        ({"location": "NOWHERE"}, "/location"),
        ({"unexpected": [{"sku": "X", "quantity": 0}]}, "/unexpected/0/quantity"),
        ({"parcel": "x" * 121}, "/parcel"),
    ],
)
def test_a_receipt_that_cannot_be(api: Api, rma: Json, body: Json, pointer: str) -> None:
    for row in body.get("items", []):
        row["item"] = row["item"] if row["item"] == NOBODY else item_of(rma)
    with unchanged():
        answer = api.post(f"/returns/{rma['rma']}/receipts", body)
    answer.refused(422, "invalid")
    assert pointer in answer.pointers()


def test_the_same_parcel_twice_is_a_conflict_that_names_the_first(api: Api, rma: Json) -> None:
    first = receive(api, rma, ("A", 1), parcel="P1")
    body = {"parcel": "P1", "items": units(rma, ("A", 1))}
    with unchanged():
        refusal = api.post(f"/returns/{rma['rma']}/receipts", body).refused(409, "conflict")
    assert refusal["receipt"] == first["id"]
    api.post("/locations", {"code": "NORTH"}).made()
    receive(api, rma, ("A", 1), parcel="P1", location="NORTH")


def test_a_receipt_answers_with_what_came(api: Api, rma: Json) -> None:
    body = {"parcel": "P1", "items": [{"item": item_of(rma), "quantity": 2, "damaged": 1}],
            "unexpected": [{"sku": "MUG", "quantity": 1, "note": "not ours"}]}  # fmt: skip
    made = api.post(f"/returns/{rma['rma']}/receipts", body).made()
    assert made["items"] == [{"item": item_of(rma), "quantity": 2, "damaged": 1}]
    assert made["unexpected"] == [{"sku": "MUG", "quantity": 1, "note": "not ours"}]
    assert (made["location"], made["rma"]) == ("MAIN", rma["rma"])


@pytest.mark.parametrize(
    ("change", "code", "pointer"),
    [
        ({"item": NOBODY}, "invalid", "/items/0/item"),
        ({"quantity": 3}, "over_quantity", "/items/0/quantity"),
        ({"quantity": 0}, "invalid", "/items/0/quantity"),
        ({"grade": "E"}, "invalid", "/items/0/grade"),
        ({"outcome": "maybe"}, "invalid", "/items/0/outcome"),
        ({"disposition": "eat"}, "invalid", "/items/0/disposition"),
        ({"outcome": "rejected", "disposition": "restock"}, "invalid", "/items/0/disposition"),
        ({"photos": [NOBODY]}, "invalid", "/items"),
        ({"photos": ["nonsense"]}, "invalid", "/items"),
        ({"surprise": 1}, "invalid", "/items/0/surprise"),
    ],
)
def test_a_finding_that_cannot_be(api: Api, rma: Json, change: dict[str, Any], code: str, pointer: str) -> None:
    receive(api, rma)
    with unchanged():
        answer = api.post(f"/returns/{rma['rma']}/inspections", {"items": [finding(rma) | change]})
    answer.refused(422, code)
    assert any(found.startswith(pointer) for found in answer.pointers())


def test_findings_are_summed_before_they_are_checked(api: Api, rma: Json) -> None:
    receive(api, rma)
    with unchanged():
        body = {"items": [finding(rma, "A", 1), finding(rma, "A", 2)]}
        assert api.post(f"/returns/{rma['rma']}/inspections", body).refused(422, "over_quantity")["max"] == 2


def test_a_finding_may_show_its_photo(api: Api, rma: Json) -> None:
    receive(api, rma)
    photo = api.upload(f"/returns/{rma['rma']}/photos", file=picture(), kind="inspection").made()
    found = api.post(f"/returns/{rma['rma']}/inspections", {"items": [finding(rma, photos=[photo["id"]])]}).made()
    assert found["inspections"][0]["photos"] == [photo["id"]]


def test_the_same_disposition_again_is_a_conflict(api: Api, rma: Json) -> None:
    receive(api, rma)
    found = inspect(api, rma, ("A", 1))["inspections"][0]
    path = f"/inspections/{found['id']}/disposition"
    with unchanged():
        api.post(path, {"disposition": "restock", "reason": "again"}).refused(409, "conflict")
        api.post(f"/inspections/{NOBODY}/disposition", {"disposition": "scrap", "reason": "x"}).refused(
            404, "not_found"
        )


def test_a_location_is_made_once(api: Api) -> None:
    api.post("/locations", {"code": "NORTH", "name": "North"}).made()
    with unchanged():
        api.post("/locations", {"code": "NORTH"}).refused(409, "conflict")
        api.post("/locations", {"code": "N2", "kind": "moon"}).refused(422, "invalid")
    assert {row["code"] for row in api.get("/locations").ok()["results"]} >= {"MAIN", "NORTH"}


def test_anything_a_scanner_reads_finds_the_return(api: Api, order: Json, rma: Json) -> None:
    for scan in (rma["rma"], rma["rma"].lower().replace("-", ""), order["number"], "TEE-M"):
        found = api.post("/receipts/lookup", {"scan": scan}).ok()["results"]
        assert rma["rma"] in [row["rma"] for row in found], scan
    assert api.post("/receipts/lookup", {"scan": "nothing at all"}).ok()["results"] == []
