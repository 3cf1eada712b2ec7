"""Reimbursements over the API: what cannot be paid is refused, says the most, and moves no money."""

from __future__ import annotations

from typing import Any

import pytest

from tests.builders import Api, Json, ask, command, inspect, pay, read, receive, reimburse, review
from tests.operations import NOBODY
from tests.snapshot import unchanged

pytestmark = pytest.mark.django_db


@pytest.fixture
def rma(api: Api, order: Json) -> Json:
    """Two tees accepted and nothing paid."""
    review(api)
    made = ask(api, order, ("A", 2))
    command(api, made, "authorize")
    receive(api, made)
    inspect(api, made, ("A", 2))
    return made


def rows(rma: Json, *quantities: int) -> list[Json]:
    return [{"item": rma["items"][0]["id"], "quantity": quantity} for quantity in quantities]


@pytest.mark.parametrize(
    ("body", "code", "pointer"),
    [
        (lambda rma: {"items": [{"item": NOBODY, "quantity": 1}]}, "invalid", "/items/0/item"),
        (lambda rma: {"items": rows(rma, 3)}, "over_quantity", "/items/0/quantity"),
        (lambda rma: {"items": rows(rma, 1, 2)}, "over_quantity", "/items/1/quantity"),
        (lambda rma: {"items": rows(rma, 0)}, "invalid", "/items/0/quantity"),
        (lambda rma: {"shipping": "40.00"}, "over_amount", "/shipping"),
        (lambda rma: {"shipping": "1.001"}, "invalid", "/shipping"),
        (lambda rma: {"shipping": "some"}, "invalid", "/shipping"),
        (lambda rma: {"tender": "shells"}, "invalid", "/tender"),
        (lambda rma: {"deductions": [{**rows(rma, 1)[0], "amount": "1.00"}]}, "invalid", "/deductions/0/quantity"),
        (
            lambda rma: {"deductions": [{"item": rma["items"][0]["id"], "amount": "1.001"}]},
            "invalid",
            "/deductions/0/amount",
        ),
        (
            lambda rma: {"deductions": [{"item": rma["items"][0]["id"], "amount": "-1"}]},
            "invalid",
            "/deductions/0/amount",
        ),
        (lambda rma: {"deductions": [{"item": NOBODY, "amount": "1.00"}]}, "invalid", "/deductions"),
        (lambda rma: {"expected_total": "1.00"}, "mismatch", "/expected_total"),
        (lambda rma: {"payout": {"holder": "", "iban": "PL00"}}, "invalid", "/payout"),
        (lambda rma: {"payout": {"holder": "A", "account": "x"}}, "invalid", "/payout"),
    ],
)
def test_what_cannot_be_paid(api: Api, rma: Json, body: Any, code: str, pointer: str) -> None:
    for verb in ("reimbursements", "reimbursements/preview"):
        with unchanged():
            answer = api.post(f"/returns/{rma['rma']}/{verb}", body(rma))
        answer.refused(422, code)
        assert any(found.startswith(pointer) for found in answer.pointers()), answer.body


def test_refusals_say_the_most_that_is_possible(api: Api, rma: Json) -> None:
    path = f"/returns/{rma['rma']}/reimbursements"
    assert api.post(path, {"items": rows(rma, 3)}).refused(422, "over_quantity")["max"] == 2
    assert api.post(path, {"shipping": "40.00"}).refused(422, "over_amount")["max"] == "39.98"


def test_a_preview_writes_nothing_and_is_what_is_performed(api: Api, rma: Json) -> None:
    wish = {"shipping": "10.00", "deductions": [{"item": rma["items"][0]["id"], "amount": "3.33", "reason": "spot"}]}
    with unchanged():
        preview = api.post(f"/returns/{rma['rma']}/reimbursements/preview", wish).ok()
    made = reimburse(api, rma, **wish)
    for name in ("lines", "net", "tax", "tax_by_rate", "fee", "total", "tender", "payout"):
        assert made[name] == preview[name]
    assert [row["amount"] for row in made["refunds"]] == [row["amount"] for row in preview["refunds"]]
    assert (preview["id"], preview["status"]) == (None, "preview")


def test_the_same_wish_again_is_answered_with_the_first(api: Api, rma: Json) -> None:
    path = f"/returns/{rma['rma']}/reimbursements"
    first = api.post(path, {"shipping": "10.00"}).made()
    with unchanged():
        for again in ({}, {"shipping": "10.00"}, {"items": rows(rma, 2)}):
            assert api.post(path, again).ok(200)["id"] == first["id"]
        refusal = api.post(path, {"shipping": "11.00"}).refused(409, "conflict")
    assert refusal["reimbursement"] == first["id"]


def test_marked_as_paid_twice_is_said_once(api: Api, rma: Json) -> None:
    refund = reimburse(api, rma)["refunds"][0]
    paid = api.post(f"/refunds/{refund['id']}/mark-paid", {"reference": "B1"}).ok()
    assert (paid["status"], paid["gateway_reference"]) == ("succeeded", "B1")
    with unchanged():
        assert api.post(f"/refunds/{refund['id']}/mark-paid", {"reference": "B2"}).ok() == paid
        api.post(f"/refunds/{refund['id']}/retry").refused(409, "wrong_state")
    assert api.get(f"/refunds/{refund['id']}").ok() == paid


def test_units_paid_one_by_one(api: Api, order: Json, rma: Json) -> None:
    totals = []
    for _n in range(2):
        made = reimburse(api, rma, items=rows(rma, 1)) if not totals else reimburse(api, rma)
        totals.append(made["total"])
        pay(api, made)
    assert totals == ["96.67", "96.66"]
    assert read(api, rma)["status"] == "resolved"
    left = api.get(f"/orders/{order['id']}/refundable").ok()
    assert left["lines"] == [{"line": "A", "quantity": 1, "amount": "96.67"}]
    assert left["shipping"] == [{"id": "S", "amount": "39.98"}]
    assert (left["order"], left["payments"]) == ("136.65", [{"id": "P1", "amount": "136.65"}])
