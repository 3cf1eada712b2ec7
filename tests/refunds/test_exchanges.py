"""Exchanges through the API: asking, stock, money both ways, cancelling, converting."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from django.test import Client

from customers.models import OrderLine, OrderPayment
from notifications.models import Message
from refunds.models import Exchange, Refund
from returns.models import Event, ReturnItem
from returns.outbox import dispatch_all
from tests.builders import Api, Json, command, item_of, pay, place, publish, read, request_body
from tests.refunds.shelf import TEE, come_back, counts, exchange_of, paid_by_hand, ship, stocked, swap
from tests.snapshot import unchanged

pytestmark = pytest.mark.django_db


def body_of(order: Json, *rows: Json) -> Json:
    return request_body(order, ("A", 1), resolution="exchange", exchange_for=list(rows))


@pytest.mark.parametrize(
    ("row", "code", "pointer"),
    [
        ({"sku": "NO-SUCH", "quantity": 1}, "invalid", "/exchange_for/0/sku"),
        ({"sku": "TEE-L", "quantity": 6}, "out_of_stock", "/exchange_for/0/quantity"),
        ({"sku": "TEE-US", "quantity": 1}, "invalid", "/exchange_for/0/unit_price"),
        ({"sku": "TEE-L", "quantity": 1, "unit_price": "1.234"}, "invalid", "/exchange_for/0/unit_price"),
    ],
)
def test_asking_for_what_cannot_be_had_is_refused(api: Api, row: Json, code: str, pointer: str) -> None:
    stocked(api)
    stocked(api, "TEE-US", currency="USD")
    order = place(api, TEE)
    with unchanged():
        refusal = api.post("/returns", body_of(order, row))
    assert refusal.refused(422, code)
    assert refusal.pointers() == {pointer}


def test_rows_of_one_sku_are_summed_before_stock_is_looked_at(api: Api) -> None:
    stocked(api, stock=2)
    order = place(api, TEE)
    rows = [{"sku": "TEE-L", "quantity": 1}, {"sku": "TEE-L", "quantity": 2}]
    with unchanged():
        refusal = api.post("/returns", body_of(order, *rows)).refused(422, "out_of_stock")
    assert refusal["max"] == 2


def test_an_even_exchange_reserves_ships_and_resolves(api: Api) -> None:
    stocked(api)
    rma = swap(api)
    exchange = exchange_of(api, rma)
    assert (exchange["status"], exchange["price_difference"]) == ("awaiting_goods", "0.00")
    assert counts() == (5, 1)
    shown = come_back(api, rma)
    assert shown["status"] == "inspected"
    assert shown["items"][0]["quantity"]["exchanged"] == 1
    assert shown["items"][0]["quantity"]["refunded"] == 0
    assert exchange_of(api, rma)["status"] == "ready"
    sent = ship(api, exchange)
    assert sent["shipping"]["tracking_number"] == "T-1"
    assert [row["shipped"] for row in sent["lines"]] == [1]
    assert counts() == (4, 0)
    done = read(api, rma)
    assert done["status"] == "resolved"
    assert done["reimbursements"][0]["exchange"] == {"id": exchange["id"], "status": "shipped"}
    assert not Refund.objects.exists()


def test_a_dearer_replacement_waits_for_its_difference(api: Api) -> None:
    stocked(api, price="130.00")
    rma = swap(api)
    come_back(api, rma)
    exchange = exchange_of(api, rma)
    assert (exchange["status"], exchange["due"], exchange["refund"]) == ("awaiting_payment", "30.00", "0.00")
    with unchanged():
        refusal = api.post(f"/exchanges/{exchange['id']}/ship").refused(409, "wrong_state")
    assert "30.00" in refusal["detail"]
    paid_by_hand(api, exchange)
    assert exchange_of(api, rma)["status"] == "ready"
    ship(api, exchange)
    assert read(api, rma)["status"] == "resolved"


def test_a_cheaper_replacement_gives_the_rest_back_when_it_leaves(api: Api) -> None:
    stocked(api, price="70.00")
    rma = swap(api)
    come_back(api, rma)
    exchange = exchange_of(api, rma)
    assert (exchange["status"], exchange["refund"]) == ("ready", "30.00")
    assert not Refund.objects.exists()
    ship(api, exchange)
    shown = read(api, rma)
    assert shown["status"] == "inspected"
    (reimbursement,) = shown["reimbursements"]
    assert (reimbursement["total"], reimbursement["tender"]) == ("100.00", "exchange")
    assert [row["amount"] for row in reimbursement["refunds"]] == ["30.00"]
    pay(api, reimbursement)
    assert read(api, rma)["status"] == "resolved"
    assert OrderPayment.objects.get().refunded == 3000


def test_the_bonus_lowers_the_difference_and_is_never_paid_out(api: Api) -> None:
    publish(api, exchange_bonus_percent=10)
    stocked(api, price="104.00")
    rma = swap(api)
    come_back(api, rma)
    exchange = exchange_of(api, rma)
    assert (exchange["bonus"], exchange["due"], exchange["refund"]) == ("4.00", "0.00", "0.00")
    assert exchange["status"] == "ready"


def test_several_for_one_and_a_price_of_ones_own(api: Api) -> None:
    stocked(api, stock=None)
    rows = [{"sku": "TEE-L", "quantity": 3, "unit_price": "40.00"}]
    exchange = exchange_of(api, swap(api, *rows))
    assert (exchange["due"], exchange["lines"][0]["quantity"]) == ("20.00", 3)
    assert counts() == (None, 3)


def test_one_item_is_swapped_and_the_other_refunded_in_one_return(api: Api) -> None:
    stocked(api)
    order = place(api, TEE, {**TEE, "id": "B"})
    body = request_body(order, ("A", 1), ("B", 1))
    body["items"][0] |= {"resolution": "exchange", "exchange_for": [{"sku": "TEE-L", "quantity": 1}]}
    rma = api.post("/returns", body).made()
    dispatch_all()
    api.post(f"/returns/{rma['rma']}/receipts").made()
    found = [
        {"item": item_of(rma, name), "quantity": 1, "grade": "A", "outcome": "accepted", "disposition": "restock"}
        for name in "AB"
    ]
    api.post(f"/returns/{rma['rma']}/inspections", {"items": found}).made()
    dispatch_all()
    shown = read(api, rma)
    assert sorted((row["tender"], row["total"]) for row in shown["reimbursements"]) == [
        ("exchange", "100.00"),
        ("original", "100.00"),
    ]


def test_cancelling_before_goods_frees_the_stock(api: Api) -> None:
    stocked(api)
    rma = swap(api)
    exchange = exchange_of(api, rma)
    api.post(f"/exchanges/{exchange['id']}/cancel", {"reason": "changed my mind"}).ok()
    assert counts() == (5, 0)
    with unchanged():
        api.post(f"/exchanges/{exchange['id']}/cancel", {"reason": "again"}).ok()
        api.post(f"/exchanges/{exchange['id']}/ship").refused(409, "wrong_state")


@pytest.mark.parametrize("end", ["cancel", "expire"])
def test_a_return_that_comes_to_nothing_frees_the_stock(api: Api, end: str) -> None:
    stocked(api)
    rma = swap(api)
    if end == "cancel":
        command(api, rma, "cancel")
    else:
        from datetime import timedelta

        from django.utils import timezone

        from returns.actions import expire_returns

        expire_returns(timezone.now() + timedelta(days=60))
    dispatch_all()
    assert counts() == (5, 0)
    assert exchange_of(api, rma)["status"] == "cancelled"


@pytest.mark.parametrize("price", ["70.00", "100.00", "130.00"])
@pytest.mark.parametrize("paid", [False, True])
def test_converting_gives_every_counter_back_and_pays(api: Api, price: str, paid: bool) -> None:
    stocked(api, price=price)
    rma = swap(api)
    come_back(api, rma)
    exchange = exchange_of(api, rma)
    if paid:
        paid_by_hand(api, exchange)
    api.post(f"/exchanges/{exchange['id']}/convert").ok()
    item = ReturnItem.objects.get()
    assert (item.exchanged, item.payable) == (0, 1)
    assert OrderLine.objects.get().refunded_gross == 0
    assert counts() == (5, 0)
    dispatch_all()
    shown = read(api, rma)
    live = [row for row in shown["reimbursements"] if row["status"] != "rejected"]
    assert [(row["tender"], row["total"]) for row in live] == [("original", "100.00")]
    charges = exchange_of(api, rma)["charges"]
    if price == "130.00" and paid:
        api.post(f"/charges/{charges[0]['id']}/given-back").ok()
        assert exchange_of(api, rma)["charges"][0]["refunded"] == "30.00"
    pay(api, live[0])
    assert read(api, rma)["status"] == "resolved"


def test_units_in_an_exchange_are_not_paid_beside_it(api: Api) -> None:
    stocked(api, price="130.00")
    rma = swap(api, units=2)
    shown = come_back(api, rma, quantity=2)
    assert exchange_of(api, rma)["refund"] == "70.00"
    with unchanged():
        again = api.post(f"/returns/{rma['rma']}/reimbursements", {"tender": "original"})
    again.refused(409, "conflict")
    assert shown["items"][0]["quantity"]["exchanged"] == 2


def test_fewer_accepted_units_wait_for_a_person(api: Api) -> None:
    stocked(api, price="100.00")
    rma = swap(api, {"sku": "TEE-L", "quantity": 2}, units=2)
    api.post(f"/returns/{rma['rma']}/receipts").made()
    found = [
        {"item": item_of(rma), "quantity": 1, "grade": grade, "outcome": outcome, "disposition": way}
        for grade, outcome, way in (("A", "accepted", "restock"), ("D", "rejected", "quarantine"))
    ]
    api.post(f"/returns/{rma['rma']}/inspections", {"items": found}).made()
    dispatch_all()
    exchange = exchange_of(api, rma)
    assert (exchange["status"], exchange["held_for"]) == ("awaiting_goods", "costs_more")
    with unchanged():
        api.post(f"/returns/{rma['rma']}/reimbursements", {"tender": "original"}).refused(409, "conflict")
        preview = api.post(f"/returns/{rma['rma']}/reimbursements/preview", {"tender": "exchange"}).ok()
        wrong = {"tender": "exchange", "expected_total": "200.00"}
        api.post(f"/returns/{rma['rma']}/reimbursements", wrong).refused(422, "mismatch")
    row = api.post(f"/returns/{rma['rma']}/reimbursements", {"tender": "exchange"}).made()
    assert row["total"] == preview["total"] == "100.00"
    assert exchange_of(api, rma)["due"] == "100.00"
    assert api.post(f"/returns/{rma['rma']}/reimbursements", {"tender": "exchange"}).ok()["id"] == row["id"]


def test_nothing_accepted_cancels_the_exchange(api: Api) -> None:
    stocked(api)
    rma = swap(api)
    come_back(api, rma, outcome="rejected")
    assert exchange_of(api, rma)["status"] == "cancelled"
    assert counts() == (5, 0)


def test_stock_that_vanished_is_held_for_a_person_and_never_ships(api: Api) -> None:
    stocked(api, stock=1)
    order = place(api, TEE)
    rma = api.post("/returns", body_of(order, {"sku": "TEE-L", "quantity": 1})).made()
    stocked(api, stock=0)
    dispatch_all()
    assert exchange_of(api, rma)["held_for"] == "out_of_stock"
    assert Event.objects.filter(kind="exchange.held").count() == 1
    come_back(api, rma)
    assert exchange_of(api, rma)["status"] == "awaiting_goods"
    with unchanged():
        api.post(f"/returns/{rma['rma']}/reimbursements", {"tender": "exchange"}).refused(422, "out_of_stock")
    stocked(api, stock=1)
    api.post(f"/returns/{rma['rma']}/reimbursements", {"tender": "exchange"}).made()
    assert counts() == (1, 1)


def test_reactions_twice_do_nothing_twice(api: Api) -> None:
    stocked(api)
    rma = swap(api)
    come_back(api, rma)
    Event.objects.update(dispatched_at=None)
    dispatch_all()
    assert Exchange.objects.count() == 1
    assert counts() == (5, 1)
    assert len(read(api, rma)["reimbursements"]) == 1


def test_the_same_parcel_again_changes_nothing_and_another_is_refused(api: Api) -> None:
    stocked(api)
    rma = swap(api)
    come_back(api, rma)
    exchange = exchange_of(api, rma)
    ship(api, exchange)
    with unchanged():
        ship(api, exchange)
        api.post(f"/exchanges/{exchange['id']}/ship", {"tracking_number": "T-2"}).refused(409, "wrong_state")
        api.post(f"/exchanges/{exchange['id']}/convert").refused(409, "wrong_state")
        api.post(f"/exchanges/{exchange['id']}/cancel").refused(409, "wrong_state")


def test_a_replacement_of_the_same_moves_no_money(api: Api) -> None:
    stocked(api, "TEE-M", price="180.00")
    publish(api, label_fee={"gross": "5.00"}, resolutions=["refund", "replacement"])
    rma = swap(api, resolution="replacement", exchange_for=[])
    exchange = exchange_of(api, rma)
    assert read(api, rma)["exchanges"] == [exchange]
    assert exchange["lines"] == [
        {"sku": "TEE-M", "quantity": 1, "title": "Tee M", "unit_price": "100.00", "shipped": 0}
    ]
    come_back(api, rma)
    exchange = exchange_of(api, rma)
    assert (exchange["due"], exchange["refund"], exchange["status"]) == ("0.00", "0.00", "ready")
    ship(api, exchange)
    assert read(api, rma)["status"] == "resolved"


def test_an_agent_opens_an_exchange_for_a_refund(api: Api) -> None:
    stocked(api)
    publish(api, auto_reimburse=False)
    rma = api.post("/returns", request_body(place(api, TEE))).made()
    with unchanged():
        api.post(f"/returns/{rma['rma']}/exchange").refused(422, "invalid")
    made = api.post(f"/returns/{rma['rma']}/exchange", {"exchange_for": [{"sku": "TEE-L", "quantity": 1}]}).made()
    assert read(api, rma)["resolution"] == "exchange"
    assert api.post(f"/returns/{rma['rma']}/exchange").ok()["id"] == made["id"]


def test_an_exchange_of_another_shop_is_the_same_404(api: Api, api_for: object) -> None:
    stocked(api)
    exchange = exchange_of(api, swap(api))
    stranger = api_for("admin", shops=["elsewhere"])  # type: ignore[operator]
    for verb in ("ship", "cancel", "convert"):
        stranger.post(f"/exchanges/{exchange['id']}/{verb}").refused(404, "not_found")
    stranger.get(f"/exchanges/{exchange['id']}").refused(404, "not_found")
    assert stranger.get("/exchanges").ok()["results"] == []


def test_the_customers_page_tells_of_the_replacement(api: Api, client: Client) -> None:
    stocked(api, price="130.00")
    rma = swap(api)
    come_back(api, rma)
    link = urlsplit(read(api, rma)["portal_url"]).path
    shown = client.get(link).content.decode()
    assert "Your replacement" in shown
    assert "30.00" in shown
    exchange = exchange_of(api, rma)
    paid_by_hand(api, exchange)
    ship(api, exchange, "T-77")
    assert "T-77" in client.get(link).content.decode()


def test_the_customer_is_mailed_once_about_each_step(api: Api) -> None:
    stocked(api, price="130.00")
    rma = swap(api)
    come_back(api, rma)
    exchange = exchange_of(api, rma)
    paid_by_hand(api, exchange)
    ship(api, exchange)
    dispatch_all()
    kinds = list(Message.objects.filter(kind__startswith="exchange.").order_by("pk").values_list("kind", flat=True))
    assert kinds == ["exchange.payment_asked", "exchange.shipped"]
    assert "30.00" in Message.objects.get(kind="exchange.payment_asked").text
