"""Links, holds and deposits of exchanges: once per key whatever the gateway says, and never more than was asked."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from refunds import gateways
from refunds.actions.charges import execute_charges, record_charge_notice
from refunds.actions.deposits import chase_deposits
from refunds.gateways.base import GatewayNotice
from refunds.models import Charge, Exchange
from returns.models import Event
from returns.outbox import dispatch_all
from tests.builders import Api, Json, place, read
from tests.refunds.lender import Lender
from tests.refunds.shelf import TEE, card, come_back, counts, exchange_of, paid_by_hand, ship, stocked, swap
from tests.snapshot import unchanged

pytestmark = pytest.mark.django_db


@pytest.fixture
def lender(monkeypatch: pytest.MonkeyPatch) -> Lender:
    """A gateway that can take money, known as `lender`."""
    gateway = Lender()
    monkeypatch.setitem(gateways.KNOWN, "lender", lambda: gateway)
    return gateway


def order_of(api: Api) -> Json:
    return place(api, TEE, payments=[card("P1", "200.00", gateway="lender")])


def run(minutes: float = 0) -> None:
    """The task, as if that much later; twice, as what follows from an answer is due at once."""
    dispatch_all()
    for _again in range(3):
        execute_charges(timezone.now() + timedelta(minutes=minutes, seconds=1))
    dispatch_all()


def dearer(api: Api) -> Json:
    """An accepted exchange that waits for 30.00."""
    stocked(api, price="130.00")
    rma = swap(api, order=order_of(api))
    come_back(api, rma)
    return rma


def ahead(api: Api, price: str = "100.00") -> Json:
    """A return whose replacement should leave first."""
    stocked(api, price=price)
    rma = swap(api, order=order_of(api))
    api.post(f"/returns/{rma['rma']}/exchange", {"advance": True}).ok()
    return rma


def test_a_difference_is_asked_for_by_link_and_paid(api: Api, lender: Lender) -> None:
    rma = dearer(api)
    run()
    (charge,) = exchange_of(api, rma)["charges"]
    assert (charge["status"], charge["kind"], charge["amount"]) == ("open", "link", "30.00")
    assert charge["url"].startswith("https://pay.example/")
    assert Event.objects.filter(kind="exchange.payment_asked").count() == 1
    lender.pay()
    run(15)
    assert exchange_of(api, rma)["status"] == "ready"
    assert [verb for verb, _key in lender.calls].count("ask") == 1


@pytest.mark.parametrize("late", [False, True])
def test_a_lost_answer_is_looked_up_and_never_asked_again(api: Api, lender: Lender, late: bool) -> None:
    rma = dearer(api)
    lender.lost = {"ask"}
    execute_charges(timezone.now() + timedelta(seconds=1))
    assert Charge.objects.get().state == "processing"
    if late:
        lender.pay()
    run(30)
    assert [verb for verb, _key in lender.calls].count("ask") == 1
    assert len(lender.charges) == 1
    assert exchange_of(api, rma)["status"] == ("ready" if late else "awaiting_payment")


def test_a_call_that_never_arrived_is_sent_again_under_its_key(api: Api, lender: Lender) -> None:
    dearer(api)
    charge = Charge.objects.get()
    # the worker died between the claim and the call
    Charge.objects.update(state="processing", first_called_at=timezone.now(), tries=1)
    run(30)
    assert lender.calls[:2] == [("look", charge.idempotency_key), ("ask", charge.idempotency_key)]
    assert Charge.objects.get().state == "open"


def notice(charge: Charge, outcome: str, amount: int) -> GatewayNotice:
    return GatewayNotice(
        "e1", "charge", "charge", charge.idempotency_key, charge.gateway_id or "", outcome, amount, "EUR"
    )


def test_a_webhook_and_the_answer_pay_once_in_any_order(api: Api, lender: Lender) -> None:
    rma = dearer(api)
    run()
    charge = Charge.objects.get()
    lender.pay()
    for outcome in ("paid", "open", "paid"):
        assert record_charge_notice(notice(charge, outcome, 3000), gateway="lender")
    run(15)
    assert Charge.objects.get().captured == 3000
    assert Event.objects.filter(kind="exchange.paid").count() == 1
    assert exchange_of(api, rma)["status"] == "ready"
    with unchanged():
        assert not record_charge_notice(notice(charge, "paid", 3000), gateway="another")


def test_too_little_paid_is_not_enough(api: Api, lender: Lender) -> None:
    rma = dearer(api)
    run()
    record_charge_notice(notice(Charge.objects.get(), "paid", 2000), gateway="lender")
    assert exchange_of(api, rma)["status"] == "awaiting_payment"


@pytest.mark.parametrize("lost", [set(), {"release"}, {"refund"}])
@pytest.mark.parametrize("paid", [False, True])
def test_converting_lets_the_link_go_or_gives_the_money_back_once(
    api: Api, lender: Lender, lost: set[str], paid: bool
) -> None:
    rma = dearer(api)
    run()
    if paid:
        lender.pay()
        run(15)
    lender.lost = lost
    api.post(f"/exchanges/{exchange_of(api, rma)['id']}/convert").ok()
    run(1)
    run(30)
    charge = Charge.objects.get()
    assert charge.state == "released"
    assert (charge.captured, charge.refunded) == ((3000, 3000) if paid else (0, 0))
    assert lender.back.get(charge.gateway_id or "", 0) == (3000 if paid else 0)


def test_a_link_that_is_paid_after_it_was_let_go_is_given_back(api: Api, lender: Lender) -> None:
    rma = dearer(api)
    run()
    api.post(f"/exchanges/{exchange_of(api, rma)['id']}/convert").ok()
    run(1)
    record_charge_notice(notice(Charge.objects.get(), "paid", 3000), gateway="lender")
    run(1)
    assert lender.back == {Charge.objects.get().gateway_id: 3000}


def test_a_replacement_leaves_first_and_the_deposit_is_let_go(api: Api, lender: Lender) -> None:
    rma = ahead(api)
    run()
    exchange = exchange_of(api, rma)
    assert (exchange["status"], exchange["deposit"], exchange["due"]) == ("ready", "100.00", "0.00")
    assert exchange["charges"][0]["status"] == "held"
    ship(api, exchange)
    assert counts() == (4, 0)
    done = come_back(api, rma)
    run(1)
    assert done["status"] == "resolved"
    assert exchange_of(api, rma)["charges"][0]["status"] == "released"
    assert Event.objects.filter(kind="exchange.deposit_released").exists()


def test_first_and_dearer_asks_for_both(api: Api, lender: Lender) -> None:
    rma = ahead(api, "130.00")
    run()
    exchange = exchange_of(api, rma)
    assert sorted((row["purpose"], row["amount"], row["status"]) for row in exchange["charges"]) == [
        ("deposit", "100.00", "held"),
        ("difference", "30.00", "open"),
    ]
    assert exchange["status"] == "awaiting_payment"
    lender.pay()
    run(15)
    ship(api, exchange_of(api, rma))
    assert come_back(api, rma)["status"] == "resolved"


def test_first_and_cheaper_pays_the_rest_when_the_goods_are_here(api: Api, lender: Lender) -> None:
    rma = ahead(api, "70.00")
    run()
    ship(api, exchange_of(api, rma))
    shown = come_back(api, rma)
    assert [row["amount"] for row in shown["reimbursements"][0]["refunds"]] == ["30.00"]


def test_goods_that_are_not_accepted_are_paid_out_of_the_deposit(api: Api, lender: Lender) -> None:
    rma = ahead(api)
    run()
    ship(api, exchange_of(api, rma))
    come_back(api, rma, outcome="rejected")
    run(1)
    (charge,) = exchange_of(api, rma)["charges"]
    assert (charge["status"], charge["captured"]) == ("paid", "100.00")


@pytest.mark.parametrize("lost", [set(), {"capture"}])
def test_goods_that_never_come_are_paid_out_of_the_deposit_after_a_warning(
    api: Api, lender: Lender, lost: set[str]
) -> None:
    rma = ahead(api)
    run()
    ship(api, exchange_of(api, rma))
    due = Exchange.objects.get().goods_due_on
    assert due is not None
    now = timezone.now()
    assert chase_deposits(now) == 0
    assert chase_deposits(now + timedelta(days=(due - now.date()).days - 2)) == 1
    assert chase_deposits(now + timedelta(days=(due - now.date()).days - 1)) == 0
    assert chase_deposits(now + timedelta(days=(due - now.date()).days + 1)) == 1
    assert chase_deposits(now + timedelta(days=(due - now.date()).days + 2)) == 0
    lender.lost = lost
    run(1)
    run(30)
    (charge,) = exchange_of(api, rma)["charges"]
    assert (charge["status"], charge["captured"]) == ("paid", "100.00")
    assert [verb for verb, _key in lender.calls].count("capture") == 1
    assert read(api, rma)["resolution"] == "refund"


def test_a_hold_that_is_refused_becomes_a_link(api: Api, lender: Lender) -> None:
    lender.refuses = {"hold"}
    rma = ahead(api)
    run()
    charges = exchange_of(api, rma)["charges"]
    assert [(row["kind"], row["status"]) for row in charges] == [("hold", "failed"), ("link", "open")]
    lender.pay()
    run(15)
    ship(api, exchange_of(api, rma))
    come_back(api, rma)
    run(1)
    paid = Charge.objects.get(kind="link")
    assert lender.back == {paid.gateway_id: 10000}


def test_a_deposit_by_hand_is_noted_and_given_back_by_hand(api: Api) -> None:
    stocked(api)
    rma = swap(api)
    exchange = api.post(f"/returns/{rma['rma']}/exchange", {"advance": True}).ok()
    charge = exchange["charges"][0]
    with unchanged():
        api.post(f"/exchanges/{exchange['id']}/ship").refused(409, "wrong_state")
        api.post(f"/charges/{charge['id']}/given-back").refused(409, "wrong_state")
    paid_by_hand(api, exchange)
    ship(api, exchange)
    come_back(api, rma)
    done = api.post(f"/charges/{charge['id']}/given-back", {"reference": "cash"}).ok()
    assert (done["status"], done["refunded"]) == ("released", "100.00")
    with unchanged():
        api.post(f"/charges/{charge['id']}/given-back").ok()


def test_cancelling_the_return_before_the_replacement_left_lets_the_deposit_go(api: Api, lender: Lender) -> None:
    rma = ahead(api)
    run()
    api.post(f"/returns/{rma['rma']}/cancel").ok()
    run(1)
    assert (exchange_of(api, rma)["status"], Charge.objects.get().state) == ("cancelled", "released")
    assert counts() == (5, 0)


def test_cancelling_the_return_after_it_left_keeps_the_deposit(api: Api, lender: Lender) -> None:
    rma = ahead(api)
    run()
    ship(api, exchange_of(api, rma))
    api.post(f"/returns/{rma['rma']}/cancel").ok()
    run(1)
    assert (Charge.objects.get().state, Charge.objects.get().captured) == ("paid", 10000)


def test_nothing_is_called_inside_a_transaction(api: Api, lender: Lender, monkeypatch: pytest.MonkeyPatch) -> None:
    from django.db import connection

    depth: list[Any] = []
    original = Lender.ask
    monkeypatch.setattr(
        Lender, "ask", lambda self, call: depth.append(len(connection.savepoint_ids)) or original(self, call)
    )
    dearer(api)
    before = len(connection.savepoint_ids)
    run()
    assert depth == [before]
