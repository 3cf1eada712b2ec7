"""The edges of money: one cent, one hour or one state further, and a rule of refunds or credit says something else."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from refunds.actions.answers import record_answer
from refunds.calculator import Payment
from refunds.calculator.tenders import bear
from refunds.fakes.server import Gateway
from refunds.gateways import RefundAnswer, RefundOutcome
from refunds.models import Break, Refund, StoreCredit
from returns.models import ReturnItem
from tests.builders import (
    Api,
    Json,
    api_client,
    ask,
    command,
    inspect,
    item_of,
    line,
    pay,
    place,
    publish,
    receive,
    reimburse,
    units,
)
from tests.refunds.fakery import begun, later, ledger, running, work
from tests.snapshot import unchanged

LARGE: Json = {"target": "order", "amount": "150.00", "reason": "Ruined a party"}
OTHER = {"holder": "M. Allory", "iban": "GB33BUKB20201555555555"}
IRISH = {"holder": "Aoife Byrne", "iban": "IE29 AIBK 9311 5212 3456 78"}


@pytest.fixture
def fake(db: None) -> Iterator[Gateway]:
    """A fake gateway of its own for each test."""
    with running() as gateway:
        yield gateway


def succeeded(refund: Refund, amount: int | None = None) -> Refund:
    """The gateway says by webhook that money moved."""
    answer = RefundAnswer(RefundOutcome.SUCCEEDED, gateway_id="fr_99")
    record_answer(refund.pk, answer, key=f"{refund.uid}-1", source="webhook", amount=amount)
    refund.refresh_from_db()
    return refund


@pytest.mark.parametrize(("hours", "calls"), [(21, 2), (22, 1)])
def test_a_key_is_sent_again_in_the_first_nine_tenths_of_its_window(
    api: Api, fake: Gateway, hours: int, calls: int
) -> None:
    _rma, refund = begun(api, "error_before")
    work(refund)
    later(refund, hours=hours)
    assert ledger(fake)["calls"] == calls
    assert refund.state == ("succeeded" if calls == 2 else "processing")


def test_the_first_wait_for_an_answer_is_the_shortest(api: Api, fake: Gateway) -> None:
    _rma, refund = begun(api, "error_before")
    work(refund)
    assert refund.next_attempt_at
    assert 0 < (refund.next_attempt_at - timezone.now()).total_seconds() <= 5


def test_more_than_ours_is_no_more_ours_than_less(api: Api, fake: Gateway) -> None:
    _rma, refund = begun(api)
    assert succeeded(refund, amount=10001).state == "processing"
    assert (Break.objects.get().kind, Break.objects.get().theirs) == ("amount", 10001)


def test_success_after_a_failure_that_is_being_paid_otherwise_is_a_break(api: Api, fake: Gateway) -> None:
    """The payment has room for both, so only the refund in its place says that the money is on its way already."""
    publish(api, auto_reimburse=False)
    payments = [{"id": "P1", "gateway": "fake", "reference": "a?mode=decline", "captured": "300.00", "kind": "card"}]
    rma = ask(api, place(api, line(), payments=payments))
    receive(api, rma)
    inspect(api, rma)
    made = reimburse(api, rma)
    refund = work(Refund.objects.get(uid=made["refunds"][0]["id"]))
    assert refund.state == "failed"
    instead = {"tender": "bank_transfer", "payout": IRISH}
    api.post(f"/refunds/{refund.uid}/pay-otherwise", instead).made()
    assert succeeded(refund).state == "failed"
    assert Break.objects.get().kind == "only_there"


@pytest.mark.django_db
def test_what_was_rejected_is_no_money_that_one_person_gave(order: Json) -> None:
    maker, second = api_client("refunds:write"), api_client("refunds:write")
    made = maker.post(f"/orders/{order['id']}/goodwill", LARGE).made()
    second.post(f"/reimbursements/{made['id']}/reject", {"reason": "Too much"}).ok()
    assert maker.post(f"/orders/{order['id']}/goodwill", {**LARGE, "amount": "60.00"}).made()["status"] == "processing"


@pytest.mark.django_db
def test_credit_whose_last_day_passed_while_it_waited_is_not_approved(api: Api) -> None:
    asked = {"email": "kim@example.com", "amount": "100.01", "currency": "EUR", "reason": "Sorry."}
    credit = api_client("refunds:write").post("/store-credits", asked).made()
    today = datetime.now(UTC).date()
    StoreCredit.objects.update(expires_on=today - timedelta(days=2))
    with unchanged():
        api.post(f"/store-credits/{credit['code']}/approve").refused(409, "wrong_state")


@pytest.mark.django_db
def test_units_that_were_lost_and_paid_are_not_made_cheaper(api: Api) -> None:
    publish(api, auto_reimburse=False)
    rma = ask(api, place(api, line()), ("A", 3))
    command(api, rma, "lost", reason="The carrier says so", items=units(rma, ("A", 1)))
    pay(api, reimburse(api, rma))
    wish = {"items": [{"item": item_of(rma), "percent": "50"}], "reason": "Scratched"}
    made = api.post(f"/returns/{rma['rma']}/price-reduction/preview", wish).ok()
    assert made["total"] == "100.00", "half of the two units that are with the customer"


@pytest.mark.django_db
def test_shares_of_a_reduction_go_on_where_the_units_paid_before_ended(api: Api) -> None:
    """10.01 for three units is shared as 3.34, 3.33 and 3.34."""
    publish(api, auto_reimburse=False)
    order = place(api, line(unit_price=None, total="10.01"))
    first = ask(api, order, ("A", 1))
    receive(api, first)
    inspect(api, first)
    assert reimburse(api, first)["total"] == "3.34"
    second = ask(api, order, ("A", 1))
    wish = {"items": [{"item": item_of(second), "percent": "100"}], "reason": "Scratched"}
    assert api.post(f"/returns/{second['rma']}/price-reduction/preview", wish).ok()["total"] == "3.33"


def transferred(api: Api, **defaults: Json) -> tuple[Json, Json]:
    """A return of one tee, inspected, and its reimbursement by bank transfer."""
    publish(api, auto_reimburse=False, **defaults)
    rma = ask(api, place(api, line(quantity=1)))
    receive(api, rma)
    inspect(api, rma)
    return rma, reimburse(api, rma, tender="bank_transfer", payout=IRISH)


@pytest.mark.django_db
def test_a_fixed_fee_that_was_rejected_with_its_payout_is_free_again(api: Api) -> None:
    fee = {"percent": "0", "fixed": {"EUR": "10.00"}, "keep_shipping": True}
    order_of = {"kind": "business", "email": "trade@example.com", "name": "A. Nowak"}
    publish(api, auto_reimburse=False, fee=fee)
    rma = ask(api, place(api, line(quantity=1), customer=order_of))
    receive(api, rma)
    inspect(api, rma)
    made = reimburse(api, rma, tender="bank_transfer", payout=IRISH)
    assert (made["total"], ReturnItem.objects.get().fixed_fee_taken) == ("90.00", True)
    api.post(f"/reimbursements/{made['id']}/payout", OTHER).ok()
    api_client("admin").post(f"/reimbursements/{made['id']}/reject", {"reason": "Not theirs"}).ok()
    assert not ReturnItem.objects.get().fixed_fee_taken
    assert reimburse(api, rma)["total"] == "90.00"


@pytest.mark.django_db
def test_what_was_partly_paid_before_it_was_held_is_not_rejected_as_a_whole(api: Api) -> None:
    publish(api, auto_reimburse=False)
    payments = [
        {"id": "P1", "gateway": "manual", "reference": "a", "captured": "60.00", "kind": "card"},
        {"id": "P2", "gateway": "manual", "reference": "b", "captured": "40.00", "kind": "card"},
    ]
    rma = ask(api, place(api, line(quantity=1), payments=payments))
    receive(api, rma)
    inspect(api, rma)
    made = reimburse(api, rma, tender="bank_transfer", payout=IRISH)
    api.post(f"/refunds/{made['refunds'][0]['id']}/mark-paid").ok()
    api.post(f"/reimbursements/{made['id']}/payout", OTHER).ok()
    with unchanged():
        answer = api_client("admin").post(f"/reimbursements/{made['id']}/reject", {"reason": "Not theirs"})
        answer.refused(409, "wrong_state")


def test_among_equals_the_last_payment_goes_back_first() -> None:
    cards = [Payment(id=name, kind="card", captured=100, position=n) for n, name in enumerate("abc")]
    assert bear(cards, 150, order=("card",), currency="EUR") == (("c", 100), ("b", 50))


def test_a_partial_payment_takes_back_its_limit_and_never_more_than_its_rest() -> None:
    card = Payment(id="a", kind="card", captured=100, taken=70, refundability="partial", refundable=50)
    cash = Payment(id="b", kind="card", captured=100)
    assert bear([card, cash], 90, order="first_first", currency="EUR") == (("a", 30), ("b", 60))
