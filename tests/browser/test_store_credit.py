"""Store credit in Chromium: the balance page on a phone, the desk's pages, each in two directions of writing."""

from __future__ import annotations

import os
from typing import Any

import pytest
from django.contrib.auth.models import Group

from accounts.actors import STAFF, Actor
from accounts.models import User
from accounts.scopes import expand
from customers.models import Shop
from refunds.actions.coupons import load_codes, open_pool
from refunds.actions.credit import grant_store_credit
from refunds.actions.redeem import redeem_store_credit
from refunds.models import StoreCredit
from tests.browser.conftest import DESK, PHONE, Open, check
from tests.notifications import story

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True, serialized_rollback=True)]
PASSWORD = "correct horse battery"
ANN = Actor(STAFF, "990", "Ann", expand(["admin"]))


@pytest.fixture
def credit(live_server: Any, own_rows: None, settings: Any) -> StoreCredit:
    """An Israeli voucher, partly spent."""
    settings.BASE_URL = live_server.url
    Shop.objects.filter(code="main").update(address={"country": "IL"}, support_email="help@example.com")
    shop = Shop.objects.get(code="main")
    made = grant_store_credit(shop, 80_00, "ILS", actor=ANN, reason="Late parcel", email="kim@example.com")
    redeem_store_credit(made, 76_50, reference="ORDER-1", actor=ANN)
    return made


def kept(page: Any, name: str) -> None:
    """A picture of the page, where somebody wants to look at it."""
    if folder := os.environ.get("PICTURES"):
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)


@pytest.mark.parametrize(("language", "scheme"), [("en", "light"), ("he", "dark"), ("pl", "light")])
def test_the_balance_page(open_page: Open, credit: StoreCredit, language: str, scheme: str) -> None:
    page = open_page(language=language, width=PHONE, scheme=scheme)
    page.goto(f"/credit/{credit.code}?lang={language}")
    assert page.locator(".cb-sum").inner_text()
    check(page)
    kept(page, f"credit-{language}")


@pytest.mark.parametrize("language", ["en", "he"])
def test_the_desk(open_page: Open, credit: StoreCredit, language: str) -> None:
    shop = Shop.objects.get(code="main")
    waiting = grant_store_credit(shop, 900_00, "ILS", actor=ANN, reason="Large")
    rma = story.a_request()
    load_codes(open_pool(shop, "THANKS", name="Thank you", worth="10% off"), ["A1"])
    person = User.objects.create_user("boss@example.com", PASSWORD, name="Boss")
    person.groups.set([Group.objects.get(name="manager")])
    page = open_page(language=language, width=DESK)
    page.goto(f"/accounts/login/?lang={language}")
    page.fill("[name=login]", "boss@example.com")
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_load_state()
    pages = {
        "list": "/desk/credits/",
        "one": f"/desk/credits/{credit.code}/",
        "waiting": f"/desk/credits/{waiting.code}/",
        "new": "/desk/credits/new/",
        "coupon": f"/desk/returns/{rma.code}/coupon/",
        "return": f"/desk/returns/{rma.code}/",
    }
    for name, address in pages.items():
        for width in (DESK, PHONE):
            page.set_viewport_size({"width": width, "height": 900})
            page.goto(address)
            page.wait_for_load_state()
            check(page)
            kept(page, f"desk-{name}-{language}-{width}")
