"""Taking back the store credit of a return: voided, opened again, and every cent accounted for, whatever was spent."""

from __future__ import annotations

import random
import re
from collections.abc import Callable

import pytest
from django.db.models import Sum
from django.test import Client
from django.utils import timezone

from accounts.actors import SYSTEM_ACTOR
from customers.models import Order
from refunds.actions.span import Span
from refunds.actions.take_back import can_take_back
from refunds.actions.totals import daily_totals
from refunds.models import Break, Refund, Reimbursement, StoreCredit, StoreCreditEntry
from refunds.queries import broken_lines, unbalanced_credits
from returns.links import token_for
from returns.models import Event, Return
from tests.builders import Api, Json, api_client, ask, inspect, item_of, line, place, publish, read, receive, reimburse
from tests.refunds.test_ledger import entries
from tests.snapshot import unchanged

pytestmark = pytest.mark.django_db
SUBMIT = re.compile(r'name="submit" value="(\w+)"')
PLAIN = line("A", quantity=3, unit_price="33.33", tax_rate="0.23")


@pytest.fixture
def desk(staff: Callable[[str], Client]) -> Client:
    """An agent's browser."""
    return staff("agent")


def here(api: Api, units: int = 3, bonus: int = 0) -> Json:
    """A return that is here and checked, of three tees for 99.99 in all; nothing pays by itself."""
    publish(api, auto_reimburse=False, bonus_credit_percent=bonus)
    rma = ask(api, place(api, PLAIN), ("A", units), resolution="store_credit")
    receive(api, rma)
    inspect(api, rma, ("A", units))
    return rma


def spend(api: Api, made: Json, amount: str, reference: str = "N-1") -> None:
    path = f"/store-credits/{made['store_credit']['code']}/redemptions"
    api.post(path, {"amount": amount, "reference": reference}).made()


def press(browser: Client, rma: Json, made: Json, reason: str = "Sent to the wrong customer") -> tuple[int, str]:
    """Take it back on the return's page."""
    submit = SUBMIT.search(browser.get(f"/desk/returns/{rma['rma']}/").content.decode())
    assert submit
    path = f"/desk/reimbursements/{made['id']}/take-back/"
    answer = browser.post(path, {"submit": submit[1], "reason": reason}, follow=True)
    return answer.status_code, answer.content.decode().replace("\xa0", " ")


def check_books() -> None:
    """Whatever happened: ledgers add up, the day ties out, and an order holds exactly what its customer still has."""
    assert not list(unbalanced_credits())
    assert not list(broken_lines())
    today = timezone.localdate()
    assert daily_totals(Span(first=today, last=today, actor=SYSTEM_ACTOR)).differences == []
    standing = Reimbursement.objects.filter(reverses=None, reversal__isnull=True).exclude(state="rejected")
    for order in Order.objects.all():
        open_now = sum(row.taken["order"] for row in standing.filter(order=order))
        claims = Break.objects.filter(kind="credit_spent", reimbursement__order=order).select_related(
            "reimbursement__reverses"
        )
        held = sum(min(row.ours or 0, row.reimbursement.reverses.taken["order"]) for row in claims)  # type: ignore[union-attr]
        assert order.refunded == open_now + held
        assert order.refunded <= 9999
        spent = StoreCreditEntry.objects.filter(credit__order=order, kind__in=("redeemed", "reversed")).aggregate(
            sum=Sum("amount")
        )["sum"]
        left = sum(StoreCredit.objects.filter(order=order).values_list("balance", flat=True))
        paid = sum(
            Refund.objects.filter(reimbursement__order=order, state="succeeded").values_list("amount", flat=True)
        )
        bonus = StoreCreditEntry.objects.filter(credit__order=order, kind="bonus").aggregate(sum=Sum("amount"))["sum"]
        assert left + paid - (spent or 0) <= 9999 + (bonus or 0)


def test_what_is_unspent_is_voided_and_the_units_can_be_paid_otherwise(api: Api, desk: Client) -> None:
    rma = here(api)
    made = reimburse(api, rma)
    assert (made["store_credit"]["amount"], read(api, rma)["status"]) == ("99.99", "resolved")
    status, page = press(desk, rma, made)
    assert (status, "Nothing of it was spent." in page) == (200, True)
    after = read(api, rma)
    assert (after["status"], after["amounts"]["refunded"]) == ("inspected", "0.00")
    credit = StoreCredit.objects.get()
    assert (credit.balance, bool(credit.voided_at)) == (0, True)
    reversal = Reimbursement.objects.get(kind="reversal")
    assert (reversal.total, reversal.net, reversal.tax) == (-9999, -8129, -1870)
    assert not Break.objects.exists()
    check_books()
    again = reimburse(api, rma, tender="original")
    assert again["total"] == "99.99"
    for refund in again["refunds"]:
        api.post(f"/refunds/{refund['id']}/mark-paid").ok()
    assert read(api, rma)["status"] == "resolved"
    check_books()


def test_what_was_spent_is_a_claim_and_is_never_paid_again(api: Api, desk: Client) -> None:
    rma = here(api, bonus=10)
    made = reimburse(api, rma)
    spend(api, made, "40.00")
    status, page = press(desk, rma, made)
    assert (status, "€40.00 of it was spent" in page) == (200, True)
    claim = Break.objects.get()
    assert (claim.kind, claim.ours, claim.subject) == ("credit_spent", 4000, made["store_credit"]["code"])
    shown = desk.get("/desk/breaks/").content.decode().replace("\xa0", " ")
    assert rma["rma"] in shown
    assert "€40.00" in shown
    check_books()
    again = reimburse(api, rma, tender="original")
    assert again["total"] == "59.99"
    check_books()
    event = Event.objects.get(kind="reimbursement.reversed")
    assert (event.data["spent"], event.data["reason"]) == ("40.00", "Sent to the wrong customer")


def test_the_ledger_of_accounting_ends_at_nothing(api: Api, desk: Client) -> None:
    rma = here(api, bonus=10)
    made = reimburse(api, rma)
    press(desk, rma, made)
    rows = entries(api)
    for book in ("decision", "store_credit"):
        amounts = [float(row["gross"]) for row in rows if row["book"] == book]
        assert len(amounts) > 1
        assert round(sum(amounts), 2) == 0


def test_the_customer_s_page_shows_neither_the_credit_nor_its_end(api: Api, desk: Client, client: Client) -> None:
    rma = here(api)
    made = reimburse(api, rma)
    page = f"/r/{token_for(Return.objects.get())}"
    assert made["store_credit"]["code"] in client.get(page).content.decode()
    press(desk, rma, made)
    shown = client.get(page).content.decode()
    assert made["store_credit"]["code"] not in shown
    assert "-99.99" not in shown.replace("−", "-")


def test_taking_it_back_twice_takes_it_back_once(api: Api, desk: Client) -> None:
    rma = here(api)
    made = reimburse(api, rma)
    press(desk, rma, made)
    path = f"/desk/reimbursements/{made['id']}/take-back/"
    assert path not in desk.get(f"/desk/returns/{rma['rma']}/").content.decode()
    with unchanged():
        assert press(desk, rma, made)[0] == 200
    assert Reimbursement.objects.filter(kind="reversal").count() == 1


@pytest.mark.parametrize("why", ["voided", "expired", "money", "no reason"])
def test_what_cannot_be_taken_back_is_refused_and_changes_nothing(api: Api, desk: Client, why: str) -> None:
    rma = here(api)
    made = reimburse(api, rma, **({"tender": "cash"} if why == "money" else {}))
    if why == "voided":
        api.post(f"/store-credits/{made['store_credit']['code']}/void", {"reason": "x"}).ok()
    if why == "expired":
        StoreCredit.objects.update(expires_on="2020-01-01")
    assert can_take_back(Reimbursement.objects.get()) == (why == "no reason")
    with unchanged():
        status, page = press(desk, rma, made, reason="" if why == "no reason" else "x")
    assert status == (422 if why == "no reason" else 409)
    assert 'role="alert"' in page


def test_only_who_may_refund(api: Api, staff: Callable[[str], Client]) -> None:
    made, browser = reimburse(api, here(api)), staff("warehouse")
    with unchanged():
        answer = browser.post(f"/desk/reimbursements/{made['id']}/take-back/", {"reason": "x"})
    assert answer.status_code == 403


@pytest.mark.parametrize("seed", range(6))
def test_any_order_of_steps_keeps_every_cent(desk: Client, seed: int) -> None:
    chance, api = random.Random(seed), api_client("admin")
    rma = here(api, bonus=chance.choice([0, 10, 33]))
    for step in range(12):
        what = chance.choice(["pay", "pay", "spend", "spend", "give back", "take back"])
        credits = list(StoreCredit.objects.filter(voided_at=None, balance__gt=0).order_by("pk"))
        if what == "pay":
            wish: Json = {"items": [{"item": item_of(rma), "quantity": chance.randint(1, 3)}]}
            api.post(
                f"/returns/{rma['rma']}/reimbursements", wish | {"tender": chance.choice(["store_credit", "cash"])}
            )
        elif what == "spend" and credits:
            credit = chance.choice(credits)
            amount = f"{chance.randint(1, credit.balance) / 100:.2f}"
            path = f"/store-credits/{credit.code}/redemptions"
            api.post(path, {"amount": amount, "reference": f"N-{step}"}).made()
        elif what == "give back" and credits:
            for entry in StoreCreditEntry.objects.filter(credit__in=credits, kind="redeemed", reversal=None)[:1]:
                api.post(f"/store-credits/{entry.credit.code}/redemptions/{entry.reference}/reverse").ok()
        elif what == "take back" and credits:
            made = chance.choice(credits).reimbursement
            assert made is not None
            assert press(desk, rma, {"id": str(made.uid)})[0] == 200
        for refund in Refund.objects.filter(state="manual_pending"):
            api.post(f"/refunds/{refund.uid}/mark-paid").ok()
        check_books()
