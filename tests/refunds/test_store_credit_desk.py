"""Store credit and coupons on the desk: found, read, issued by hand, approved by another, voided, given."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from customers.models import Shop, ShopMembership
from refunds.models import Coupon, StoreCredit
from tests.builders import Api
from tests.notifications import story
from tests.refunds.test_coupons import pool
from tests.refunds.test_store_credit import issue, spend
from tests.snapshot import unchanged

pytestmark = pytest.mark.django_db
Staff = Callable[..., Client]
SUBMIT = re.compile(r'name="submit" value="([0-9a-f]{32})"')
LIST, NEW = "/desk/credits/", "/desk/credits/new/"


def submit_of(answer: Any) -> str:
    found = SUBMIT.search(answer.content.decode())
    assert found
    return found[1]


def grant(browser: Client, **given: str) -> Any:
    data = {"shop": "main", "amount": "20.00", "currency": "EUR", "reason": "Late", "email": "kim@example.com"}
    return browser.post(NEW, {"submit": submit_of(browser.get(NEW)), **data, **given})


def press(browser: Client, code: str, verb: str, **given: str) -> Any:
    shown = browser.get(reverse("desk:credit", args=[code]))
    return browser.post(reverse(f"desk:{verb}-credit", args=[code]), {"submit": submit_of(shown), **given})


@pytest.mark.parametrize("language", ["en", "he", "pl"])
def test_the_list_and_a_ledger(api: Api, staff: Staff, language: str) -> None:
    agent, credit = staff("agent"), issue(api)
    spend(api, credit, "30.00", "TILL-7").made()
    listed = agent.get(LIST, {"lang": language}).content.decode()
    assert credit["code"] in listed
    shown = agent.get(reverse("desk:credit", args=[credit["code"]]), {"lang": language}).content.decode()
    assert "TILL-7" in shown
    assert f"/credit/{credit['code']}" in shown


def test_found_by_code_and_by_address(api: Api, staff: Staff) -> None:
    agent = staff("agent")
    one, other = issue(api, email="one@example.com"), issue(api, email="other@example.com")
    for find in (one["code"], one["code"].lower(), "One@example.com"):
        shown = agent.get(LIST, {"find": find}).content.decode()
        assert (one["code"] in shown, other["code"] in shown) == (True, False)
    assert agent.get(LIST, {"find": "\x00"}).status_code == 200
    waiting = issue(api, "500.00")
    shown = agent.get(LIST, {"state": "waiting"}).content.decode()
    assert (waiting["code"] in shown, one["code"] in shown) == (True, False)


def test_the_list_costs_the_same_however_long(api: Api, staff: Staff) -> None:
    agent = staff("agent")
    issue(api)

    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            agent.get(LIST)
        return len(queries)

    cost()
    before = cost()
    for _number in range(5):
        issue(api)
    assert cost() == before


def test_issued_by_hand_once(staff: Staff) -> None:
    agent = staff("agent")
    submit = submit_of(agent.get(NEW))
    data = {"shop": "main", "amount": "20.00", "currency": "eur", "reason": "Late", "email": "", "submit": submit}
    first, second = agent.post(NEW, data), agent.post(NEW, data)
    credit = StoreCredit.objects.get()
    assert first.url == second.url == reverse("desk:credit", args=[credit.code])
    assert (credit.balance, credit.created_by_name, credit.reason) == (2000, "Agent", "Late")


@pytest.mark.parametrize(
    "bad",
    [{"amount": ""}, {"amount": "0"}, {"amount": "1.234"}, {"currency": "XYZ"}, {"reason": ""}, {"shop": "nowhere"},
     {"email": "kim"}, {"expires_on": "2001-01-01"}],
)  # fmt: skip
def test_what_does_not_fit_is_said_and_kept(staff: Staff, bad: dict[str, str]) -> None:
    agent = staff("agent")
    with unchanged():
        answer = grant(agent, **bad)
        assert answer.status_code == 422
    if "reason" not in bad:
        assert "Late" in answer.content.decode()


class TestSecondPerson:
    def test_another_one_approves(self, staff: Staff) -> None:
        ann, bob = staff("manager", "ann@example.com"), staff("manager", "bob@example.com")
        grant(ann, amount="100.01")
        credit = StoreCredit.objects.get()
        assert (credit.balance, credit.pending) == (0, 10001)
        assert "/approve/" not in ann.get(reverse("desk:credit", args=[credit.code])).content.decode()
        assert press(bob, credit.code, "approve").status_code == 302
        credit.refresh_from_db()
        assert (credit.balance, credit.pending) == (10001, 0)
        story.dispatch()
        assert story.kinds() == ["store_credit.issued"]

    def test_never_ones_own_and_never_without_the_permission(self, staff: Staff) -> None:
        ann, agent = staff("manager", "ann@example.com"), staff("agent")
        grant(ann, amount="100.01")
        credit = StoreCredit.objects.get()
        with unchanged():
            assert press(ann, credit.code, "approve").status_code == 403
            assert press(agent, credit.code, "approve").status_code == 403


class TestVoid:
    def test_with_a_reason(self, api: Api, staff: Staff) -> None:
        agent, credit = staff("agent"), issue(api)
        with unchanged():
            assert press(agent, credit["code"], "void", reason="").status_code == 422
        assert press(agent, credit["code"], "void", reason="Lost").status_code == 302
        assert StoreCredit.objects.get().balance == 0

    def test_small_change_only_where_the_law_says(self, api: Api, staff: Staff) -> None:
        agent, credit = staff("agent"), issue(api)
        with unchanged():
            assert press(agent, credit["code"], "cash").status_code == 409
        Shop.objects.filter(code="main").update(address={"country": "IL"})
        voucher = issue(api, "80.00", currency="ILS")
        spend(api, voucher, "76.00").made()
        assert press(agent, voucher["code"], "cash", reference="K-1").status_code == 302
        assert StoreCredit.objects.get(code=voucher["code"]).entries.get(kind="cashed").reference == "K-1"


def test_who_may_not_and_whose_it_is_not(api: Api, staff: Staff) -> None:
    credit = issue(api)
    worker, stranger = staff("warehouse"), staff("agent", "far@example.com")
    other = Shop.objects.create(code="other", name="Other")
    ShopMembership.objects.create(user=User.objects.get(email="far@example.com"), shop=other)
    code = credit["code"]
    with unchanged():
        assert worker.get(NEW).status_code == 403
        assert worker.post(reverse("desk:void-credit", args=[code]), {"reason": "x"}).status_code == 403
        assert stranger.get(reverse("desk:credit", args=[code])).status_code == 404
        assert stranger.post(reverse("desk:void-credit", args=[code]), {"reason": "x"}).status_code == 404
        assert code not in stranger.get(LIST).content.decode()
        assert grant(stranger).status_code == 422
    assert Client().get(LIST).status_code == 302


class TestCoupon:
    def test_given_from_the_returns_page(self, api: Api, staff: Staff) -> None:
        agent, rma = staff("agent"), story.a_request()
        page = reverse("desk:return", args=[rma.code])
        assert "Give a coupon" not in agent.get(page).content.decode()
        pool(api, "C-1")
        assert "Give a coupon" in agent.get(page).content.decode()
        url = reverse("desk:coupon", args=[rma.code])
        data = {"pool": "THANKS", "reason": "Sorry", "submit": submit_of(agent.get(url))}
        assert agent.post(url, data).url == page
        assert agent.post(url, data).status_code in (302, 422)
        assert Coupon.objects.get().rma == rma

    def test_an_empty_pool(self, api: Api, staff: Staff) -> None:
        agent, rma = staff("agent"), story.a_request()
        pool(api)
        url = reverse("desk:coupon", args=[rma.code])
        assert "No coupon to give" in agent.get(url).content.decode()
        with unchanged():
            assert agent.post(url, {"pool": "THANKS"}).status_code == 422


def test_the_slip_of_a_return_leads_to_its_credit(staff: Staff) -> None:
    story.publish()
    rma = story.credited(story.inspected(story.received(story.a_request())))
    shown = staff("agent").get(reverse("desk:return", args=[rma.code])).content.decode()
    assert reverse("desk:credit", args=[StoreCredit.objects.get().code]) in shown
