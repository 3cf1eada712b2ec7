"""What the money of a return waits for, in the API and on the desk, and what can be done about it there."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from customers.models import Product
from refunds.fakes.server import Gateway
from refunds.models import Refund
from returns.outbox import dispatch_all
from tests.builders import Api, Json, ask, inspect, place, read, receive, reimburse, request_body, review
from tests.refunds.fakery import begun, running, work
from tests.refunds.shelf import TEE, come_back, exchange_of, paid_by_hand, ship, stocked, swap
from tests.snapshot import unchanged

pytestmark = pytest.mark.django_db
WORDS = {
    "exchange": "waiting for the replacement to leave",
    "difference": "waiting for the customer to pay the difference",
    "exchange_held": "the exchange waits for a person",
    "approval": "waiting for a second person",
    "by_hand": "waiting to be paid by hand",
    "refused": "the bank refused it, pay in another way",
    "gateway": "waiting for the bank",
    "customer": "waiting for the goods",
    "inspection": "waiting for inspection",
}


@pytest.fixture
def fake() -> Iterator[Gateway]:
    """A fake gateway of its own."""
    with running() as gateway:
        yield gateway


@pytest.fixture
def browser(staff: Callable[[str], Client]) -> Client:
    """The browser of somebody who may see and pay everything."""
    return staff("manager")


def waits(api: Api, browser: Client, rma: Json) -> str:
    """What the API says; the return's page and the queue say the same in words."""
    said: str = read(api, rma)["refund_due"]["blocked_by"]
    for url in (f"/desk/returns/{rma['rma']}/", "/desk/?tab=open"):
        assert WORDS[said] in browser.get(url).content.decode()
    return said


def test_an_exchange_waits_for_the_goods_the_difference_and_the_parcel(api: Api, browser: Client) -> None:
    stocked(api, price="130.00")
    rma = swap(api)
    assert waits(api, browser, rma) == "customer"
    receive(api, rma)
    assert waits(api, browser, rma) == "inspection"
    come_back_from_the_bench(api, rma)
    assert waits(api, browser, rma) == "difference"
    paid_by_hand(api, exchange_of(api, rma))
    assert waits(api, browser, rma) == "exchange"
    ship(api, exchange_of(api, rma))
    assert read(api, rma)["refund_due"]["blocked_by"] is None


def come_back_from_the_bench(api: Api, rma: Json) -> None:
    """Looked at, and what follows has happened."""
    inspect(api, rma, ("A", 1, "accepted"))
    dispatch_all()


def test_an_exchange_that_cannot_be_had_waits_for_a_person(api: Api, browser: Client) -> None:
    stocked(api)
    rma = ask(api, place(api, TEE), ("A", 1), resolution="exchange", exchange_for=[{"sku": "TEE-L", "quantity": 1}])
    Product.objects.update(stock=0)
    come_back(api, rma)
    assert waits(api, browser, rma) == "exchange_held"


def test_what_is_paid_by_hand_waits_for_whoever_pays(api: Api, browser: Client) -> None:
    review(api)
    rma = ask(api, place(api))
    api.post(f"/returns/{rma['rma']}/authorize").ok()
    receive(api, rma)
    inspect(api, rma)
    row = reimburse(api, rma, tender="cash")
    assert waits(api, browser, rma) == "by_hand"
    api.post(f"/refunds/{row['refunds'][0]['id']}/mark-paid").ok()
    assert read(api, rma)["refund_due"]["blocked_by"] is None


def test_a_refund_waits_for_the_bank_or_for_whoever_pays_otherwise(api: Api, browser: Client, fake: Gateway) -> None:
    rma, refund = begun(api, "decline")
    assert waits(api, browser, rma) == "gateway"
    work(refund)
    assert waits(api, browser, rma) == "refused"
    api.post(f"/refunds/{refund.uid}/pay-otherwise", {"tender": "cash"}).made()
    assert waits(api, browser, rma) == "by_hand"


def test_what_was_paid_otherwise_is_not_offered_again(api: Api, browser: Client, fake: Gateway) -> None:
    rma, refund = begun(api, "decline")
    work(refund)
    page = f"/desk/returns/{rma['rma']}/"
    retry = f"/desk/refunds/{refund.uid}/retry/"
    before = browser.get(page).content.decode()
    assert retry in before
    other = api.post(f"/refunds/{refund.uid}/pay-otherwise", {"tender": "cash"}).made()
    after = browser.get(page).content.decode()
    assert retry not in after
    assert "paid in another way" in after
    submit = re.search(r'name="submit" value="(\w+)"', before)
    assert submit
    with unchanged():
        raced = browser.post(retry, {"submit": submit[1], "back": "return"})
    assert raced.status_code == 409
    assert "This was paid in another way already." in raced.content.decode()
    assert Refund.objects.get(uid=other["id"]).state == Refund.State.MANUAL_PENDING


def test_slips_do_not_ask_once_per_refund(api: Api, browser: Client, fake: Gateway) -> None:
    rma, refund = begun(api, "decline")
    work(refund)
    page = f"/desk/returns/{rma['rma']}/"

    def count() -> int:
        with CaptureQueriesContext(connection) as seen:
            assert browser.get(page).status_code == 200
        return len(seen)

    count()
    before = count()
    for seq in range(2, 5):
        Refund.objects.create(
            reimbursement=refund.reimbursement, seq=seq, amount=1, currency="EUR", gateway="fake", state="failed"
        )
    assert count() == before


def test_nobody_reads_of_zero_where_there_is_nothing(api: Api) -> None:
    stocked(api, stock=0)
    order = place(api, TEE)
    body = request_body(order, ("A", 1))
    gone = api.post("/returns", {**body, "resolution": "exchange", "exchange_for": [{"sku": "TEE-L", "quantity": 1}]})
    assert gone.refused(422, "out_of_stock")["detail"] == "TEE-L is sold out. Choose something else."
    ask(api, order, ("A", 2))
    claimed = api.post("/returns", body).refused(422, "over_quantity")
    assert (claimed["max"], claimed["detail"]) == (0, "No A can come back any more.")
    spent = api.post("/store-credits", {"amount": "5.00", "currency": "EUR", "reason": "Sorry"}).made()
    path = f"/store-credits/{spent['code']}/redemptions"
    api.post(path, {"amount": "5.00", "reference": "1"}).made()
    empty = api.post(path, {"amount": "1.00", "reference": "2"}).refused(422, "over_amount")
    assert (empty["max"], empty["detail"]) == ("0.00", "Nothing is left on this store credit.")
