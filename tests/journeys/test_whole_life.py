"""A return's whole life through the API, from the request to the money."""

from __future__ import annotations

import pytest

from notifications.models import Message
from returns import outbox
from returns.models import Event
from tests.builders import (
    Api,
    Json,
    ask,
    command,
    days_ago,
    finding,
    inspect,
    item_of,
    label,
    pay,
    place,
    publish,
    read,
    receive,
    reimburse,
    review,
    scan,
    units,
    whole_life,
)

pytestmark = pytest.mark.django_db


def kinds(api: Api, rma: Json) -> list[str]:
    return [event["kind"] for event in api.get(f"/returns/{rma['rma']}/events?limit=200").ok()["results"]]


def pool(api: Api, order: Json, line: str = "A") -> int:
    """How many units can still be asked for, by asking for too many."""
    body = {
        "order": {"id": order["id"]},
        "items": [{"line": line, "quantity": 1_000_000, "reason": "style"}],
        "basis_claimed": "withdrawal",
    }
    return int(api.post("/returns", body).refused(422, "over_quantity")["returnable"])


def test_from_the_request_to_resolved(api: Api, order: Json) -> None:
    review(api)
    rma = ask(api, order, ("A", 1))
    assert (rma["status"], pool(api, order)) == ("requested", 2)
    rma = command(api, rma, "authorize")
    assert rma["status"] == "authorized"
    assert rma["amounts"] == {"expected": "96.67", "refunded": "0.00", "refundable": "96.67"}
    shipment = label(api, rma)
    assert shipment["status"] == "label_issued"
    assert scan(api, shipment)["status"] == "in_transit"
    assert read(api, rma)["status"] == "in_transit"
    receive(api, rma, ("A", 1), parcel=shipment["tracking_number"])
    assert read(api, rma)["status"] == "received"
    inspect(api, rma)
    assert read(api, rma)["status"] == "inspected"
    preview = api.post(f"/returns/{rma['rma']}/reimbursements/preview").ok()
    made = reimburse(api, rma)
    same = ("lines", "total", "net", "tax", "tax_by_rate", "fee", "tender")
    assert {name: made[name] for name in same} == {name: preview[name] for name in same}
    assert read(api, rma)["status"] == "inspected"
    pay(api, made)
    done = read(api, rma)
    assert done["status"] == "resolved"
    assert done["amounts"] == {"expected": "96.67", "refunded": "96.67", "refundable": "0.00"}
    assert kinds(api, rma) == [
        "return.requested", "return.authorized", "label.requested", "label.issued", "parcel.in_transit",
        "parcel.received", "inspection.completed", "reimbursement.opened", "refund.started",
        "refund.succeeded", "return.resolved",
    ]  # fmt: skip


def test_every_step_is_mailed_and_nothing_stays_in_the_outbox(api: Api, order: Json) -> None:
    review(api)
    rma = ask(api, order)
    command(api, rma, "authorize")
    scan(api, label(api, rma))
    receive(api, rma)
    inspect(api, rma)
    pay(api, reimburse(api, rma))
    outbox.dispatch_all()
    assert not Event.objects.filter(dispatched_at=None).exists()
    written = list(Message.objects.order_by("pk").values_list("kind", flat=True))
    assert len(written) == len(set(written)) >= 7


def test_the_house_policy_needs_no_person_until_the_money(api: Api, order: Json) -> None:
    rma = ask(api, order)
    assert rma["status"] == "authorized"
    receive(api, rma)
    inspect(api, rma)
    assert read(api, rma)["reimbursements"] == []
    outbox.dispatch_all()
    made = read(api, rma)["reimbursements"]
    assert [row["total"] for row in made] == ["96.67"]
    pay(api, made[0])
    assert read(api, rma)["status"] == "resolved"


def test_three_returns_add_up_to_what_was_paid(api: Api, order: Json) -> None:
    review(api)
    totals = [whole_life(api, order)["amounts"]["refunded"] for _n in range(3)]
    # with the last unit nothing stays, and the law gives the standard delivery back
    assert totals == ["96.67", "96.66", "111.66"]
    assert sum(int(text.replace(".", "")) for text in totals) == 29000 + 1499
    assert pool(api, order) == 0
    left = api.get(f"/orders/{order['id']}/refundable").ok()
    assert (left["order"], left["lines"][0]["quantity"]) == ("24.99", 0)


def test_declined_contested_and_decided_otherwise(api: Api) -> None:
    order = place(api, customer={"email": "buyer@firm.example", "name": "Firm Ltd", "kind": "business"})
    publish(
        api,
        rules=[{"name": "Final", "when": {"skus": ["TEE-M"]}, "then": {"decision": "decline", "message": "Final."}}],
    )
    rma = ask(api, order)
    assert rma["status"] == "declined"
    assert "Final." in rma["items"][0]["decision"]["explanation"]
    assert pool(api, order) == 3
    reopened = command(api, rma, "reopen")
    assert (reopened["status"], pool(api, order)) == ("requested", 2)
    api.post(f"/returns/{rma['rma']}/authorize").refused(422, "not_eligible")
    granted = command(api, rma, "authorize", override={"reason": "It was faulty"})
    assert granted["status"] == "authorized"
    assert granted["items"][0]["decision"]["override"] == {"reason": "It was faulty"}
    receive(api, rma)
    inspect(api, rma)
    pay(api, reimburse(api, rma))
    assert read(api, rma)["status"] == "resolved"


def test_declined_by_a_person_frees_the_units(api: Api, order: Json) -> None:
    review(api)
    rma = ask(api, order, ("A", 3))
    assert pool(api, order) == 0
    declined = command(api, rma, "decline", reason="worn", message="It was worn.")
    assert declined["declined"] == {"reason": "worn", "message": "It was worn."}
    assert (declined["status"], pool(api, order)) == ("declined", 3)


def test_cancelled_in_part_and_whole(api: Api, order: Json) -> None:
    rma = ask(api, order, ("A", 3))
    part = command(api, rma, "cancel", items=units(rma, ("A", 2)))
    assert (part["status"], pool(api, order)) == ("authorized", 2)
    assert part["items"][0]["quantity"]["cancelled"] == 2
    whole = command(api, rma, "cancel")
    assert (whole["status"], pool(api, order)) == ("cancelled", 3)


def test_the_rest_of_a_part_cancelled_request_is_authorized(api: Api, order: Json) -> None:
    review(api)
    rma = ask(api, order, ("A", 3))
    command(api, rma, "cancel", items=units(rma, ("A", 1)))
    granted = command(api, rma, "authorize")
    assert granted["items"][0]["quantity"]["authorized"] - granted["items"][0]["quantity"]["cancelled"] == 2
    assert pool(api, order) == 1
    receive(api, rma)
    assert read(api, rma)["status"] == "received"


def test_a_reopened_one_claims_its_units_again_or_is_refused(api: Api, order: Json) -> None:
    rma = ask(api, order, ("A", 2))
    command(api, rma, "cancel")
    other = ask(api, order, ("A", 2))
    refusal = api.post(f"/returns/{rma['rma']}/reopen").refused(422, "over_quantity")
    assert refusal["max"] == 1
    command(api, other, "cancel")
    assert command(api, rma, "reopen")["status"] == "requested"
    assert pool(api, order) == 1


def test_a_resolved_one_reopened_pays_nothing_twice(api: Api, order: Json) -> None:
    review(api)
    rma = whole_life(api, order)
    assert command(api, rma, "reopen")["status"] == "inspected"
    again = api.post(f"/returns/{rma['rma']}/reimbursements").ok(200)
    assert again["id"] == read(api, rma)["reimbursements"][0]["id"]
    assert command(api, rma, "close", reason="as it was")["status"] == "resolved"


def test_less_than_announced_then_closed_short(api: Api, order: Json) -> None:
    review(api)
    rma = ask(api, order, ("A", 3))
    command(api, rma, "authorize")
    receive(api, rma, ("A", 2))
    assert read(api, rma)["status"] == "partially_received"
    inspect(api, rma, ("A", 1), ("A", 1, "rejected", "return_to_customer"))
    assert (read(api, rma)["status"], pool(api, order)) == ("partially_received", 1)
    short = command(api, rma, "close-short")
    assert (short["status"], pool(api, order)) == ("inspected", 2)
    quantity = short["items"][0]["quantity"]
    assert [quantity[name] for name in ("authorized", "received", "accepted", "rejected", "missing")] == [3, 2, 1, 1, 1]
    pay(api, reimburse(api, rma))
    assert read(api, rma)["status"] == "resolved"


def test_what_was_given_up_and_came_after_all_is_claimed_again(api: Api, order: Json) -> None:
    review(api)
    rma = ask(api, order, ("A", 2))
    command(api, rma, "authorize")
    receive(api, rma, ("A", 1), parcel="first")
    command(api, rma, "close-short")
    assert pool(api, order) == 2
    receive(api, rma, ("A", 1), parcel="second")
    now = read(api, rma)
    assert (now["status"], now["items"][0]["quantity"]["missing"], pool(api, order)) == ("received", 0, 1)


def test_lost_on_the_way_and_paid(api: Api, order: Json) -> None:
    review(api)
    rma = ask(api, order, ("A", 2))
    command(api, rma, "authorize")
    scan(api, label(api, rma))
    lost = command(api, rma, "lost", items=units(rma, ("A", 1)), reason="carrier says so")
    assert (lost["status"], lost["items"][0]["quantity"]["waived"]) == ("in_transit", 1)
    lost = command(api, rma, "lost", reason="the other too")
    pay(api, reimburse(api, rma))
    done = read(api, rma)
    assert (done["status"], done["amounts"]["refunded"]) == ("resolved", "193.33")
    assert pool(api, order) == 1


def test_lost_and_not_paid_frees_the_units(api: Api, order: Json) -> None:
    rma = ask(api, order, ("A", 2))
    lost = command(api, rma, "lost", pay=False, reason="never posted")
    assert (lost["status"], pool(api, order)) == ("resolved", 3)


def test_one_lost_and_paid_and_the_other_cancelled_is_over(api: Api, order: Json) -> None:
    review(api)
    rma = ask(api, order, ("A", 2))
    command(api, rma, "authorize")
    command(api, rma, "lost", items=units(rma, ("A", 1)), reason="carrier")
    pay(api, reimburse(api, rma))
    assert read(api, rma)["status"] == "authorized"
    assert command(api, rma, "cancel")["status"] == "resolved"
    assert pool(api, order) == 2


def test_closed_writes_off_what_is_open(api: Api, order: Json) -> None:
    review(api)
    rma = ask(api, order, ("A", 3))
    command(api, rma, "authorize")
    receive(api, rma, ("A", 2))
    inspect(api, rma, ("A", 1))
    closed = command(api, rma, "close", reason="agreed by phone")
    quantity = closed["items"][0]["quantity"]
    assert (closed["status"], closed["amounts"]["refundable"]) == ("resolved", "0.00")
    assert [quantity[name] for name in ("accepted", "rejected", "missing", "refunded")] == [1, 1, 1, 0]
    assert pool(api, order) == 1
    api.post(f"/returns/{rma['rma']}/reimbursements").refused(422, "over_quantity")


def test_a_parcel_before_the_decision(api: Api, order: Json) -> None:
    review(api)
    rma = ask(api, order, ("A", 2))
    receive(api, rma)
    assert read(api, rma)["status"] == "received"
    api.post(f"/returns/{rma['rma']}/inspections", {"items": [finding(rma)]}).refused(409, "wrong_state")
    granted = command(api, rma, "authorize", items=units(rma, ("A", 2)))
    assert (granted["status"], granted["items"][0]["quantity"]["authorized"]) == ("received", 2)
    inspect(api, rma, ("A", 2))
    pay(api, reimburse(api, rma))
    assert (read(api, rma)["status"], pool(api, order)) == ("resolved", 1)


def test_half_a_parcel_before_a_decision_about_half(api: Api, order: Json) -> None:
    review(api)
    rma = ask(api, order, ("A", 2))
    receive(api, rma, ("A", 1))
    assert (read(api, rma)["status"], pool(api, order)) == ("partially_received", 1)
    granted = command(api, rma, "authorize", items=units(rma, ("A", 1)))
    assert (granted["status"], pool(api, order)) == ("received", 2)


def test_half_a_parcel_before_the_decision_and_closed(api: Api, order: Json) -> None:
    review(api)
    rma = ask(api, order, ("A", 2))
    receive(api, rma, ("A", 1))
    assert command(api, rma, "close", reason="not ours")["status"] == "resolved"
    assert pool(api, order) == 2


def test_two_parcels(api: Api, order: Json) -> None:
    review(api)
    rma = ask(api, order, ("A", 3))
    command(api, rma, "authorize")
    receive(api, rma, ("A", 1), parcel="one")
    inspect(api, rma)
    assert read(api, rma)["status"] == "partially_received"
    first = reimburse(api, rma)
    receive(api, rma, ("A", 2), parcel="two")
    assert read(api, rma)["status"] == "received"
    inspect(api, rma, ("A", 2))
    second = reimburse(api, rma)
    assert [first["total"], second["total"]] == ["96.67", "208.32"]
    pay(api, first)
    assert read(api, rma)["status"] == "inspected"
    pay(api, second)
    assert read(api, rma)["status"] == "resolved"


def test_more_than_announced_is_seen_and_not_refunded_by_itself(api: Api, order: Json) -> None:
    rma = ask(api, order, ("A", 1))
    receive(api, rma, ("A", 2))
    inspect(api, rma, ("A", 2))
    outbox.dispatch_all()
    now = read(api, rma)
    assert now["items"][0]["quantity"]["received"] == 2
    assert [row["total"] for row in now["reimbursements"]] == ["96.67"]


def test_a_parcel_nobody_knows_is_parked_and_matched(api: Api, order: Json) -> None:
    review(api)
    rma = ask(api, order)
    command(api, rma, "authorize")
    parked = api.post("/receipts", {"parcel": "torn", "unexpected": [{"sku": "TEE-M", "quantity": 1}]}).made()
    assert parked["rma"] is None
    body = {"rma": rma["rma"], "items": units(rma, ("A", 1))}
    matched = api.post(f"/receipts/{parked['id']}/match", body).ok()
    assert matched["rma"] == rma["rma"]
    assert read(api, rma)["status"] == "received"
    api.post(f"/receipts/{parked['id']}/match", body).refused(409, "conflict")


def test_the_customer_posts_it_themselves(api: Api, order: Json) -> None:
    rma = ask(api, order, method=None)
    own = api.post(
        f"/returns/{rma['rma']}/own-shipment", {"carrier": "Poczta", "tracking_number": "PL1", "cost": "14.50"}
    ).made()
    assert (own["by_customer"], own["label"]) == (True, None)
    assert read(api, rma)["status"] == "in_transit"
    found = api.post("/receipts/lookup", {"scan": "PL1"}).ok()["results"]
    assert found[0]["rma"] == rma["rma"]


def test_scans_out_of_order_move_nothing_backwards(api: Api, order: Json) -> None:
    rma = ask(api, order)
    shipment = label(api, rma)
    scan(api, shipment, "delivered", days=1)
    assert scan(api, shipment, "accepted", days=3)["status"] == "delivered"
    assert read(api, rma)["status"] == "in_transit"
    before = kinds(api, rma)
    stamp = days_ago(2)
    for _twice in range(2):
        api.post(f"/shipments/{shipment['id']}/tracking", {"events": [{"code": "exception", "at": stamp}]}).ok()
    assert kinds(api, rma) == [*before, "parcel.scanned"]


def test_a_disposition_put_right_moves_stock_back(api: Api, order: Json) -> None:
    review(api)
    api.post("/products", {"sku": "TEE-M", "title": "Tee", "price": "100.00", "currency": "EUR", "stock": 5}).made()
    rma = ask(api, order)
    command(api, rma, "authorize")
    receive(api, rma)
    found = inspect(api, rma)["inspections"][0]
    stock = api.get("/products?q=TEE-M").ok()["results"][0]["stock"]
    api.post(f"/inspections/{found['id']}/disposition", {"disposition": "scrap", "reason": "a hole"}).ok()
    after = api.get("/products?q=TEE-M").ok()["results"][0]["stock"]
    moved = [row["quantity"] for row in api.get("/stock-movements?sku=TEE-M").ok()["results"]]
    assert (stock, after, moved) == (6, 5, [-1, 1])


def test_only_some_of_a_line_goes_back_to_the_customer(api: Api, order: Json) -> None:
    review(api)
    rma = ask(api, order, ("A", 3))
    command(api, rma, "authorize")
    receive(api, rma)
    body = {"items": [finding(rma, "A", 3, "rejected", "restock")]}
    api.post(f"/returns/{rma['rma']}/inspections", body).refused(422, "invalid")
    inspect(api, rma, ("A", 3, "rejected", "return_to_customer"))
    assert (read(api, rma)["status"], pool(api, order)) == ("resolved", 3)
    assert item_of(rma)


def test_nothing_to_send_back(api: Api) -> None:
    publish(
        api,
        rules=[{"name": "Keep", "when": {"reasons": ["defective"]}, "then": {"methods": ["keep"]}}],
    )
    order = place(api)
    rma = ask(api, order, ("A", 1, "defective"))
    assert (rma["status"], rma["method"]) == ("authorized", "keep")
    outbox.dispatch_all()
    now = read(api, rma)
    assert [row["total"] for row in now["reimbursements"]] == ["96.67"]
    pay(api, now["reimbursements"][0])
    assert read(api, rma)["status"] == "resolved"


def test_what_was_cancelled_before_the_decision_is_not_awaited(api: Api) -> None:
    review(api)
    rma = ask(api, place(api), ("A", 3))
    command(api, rma, "cancel", items=units(rma, ("A", 1)))
    decided = command(api, rma, "authorize", items=units(rma, ("A", 2)))
    assert decided["items"][0]["quantity"] | {"authorized": 3, "cancelled": 1} == decided["items"][0]["quantity"]
    receive(api, decided)
    assert read(api, rma)["status"] == "received"
    assert read(api, rma)["items"][0]["quantity"]["received"] == 2
