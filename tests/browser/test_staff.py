"""The desk and the warehouse in Chromium: every page of the demo shop in three languages, and a parcel by keyboard."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page

from accounts.actions import run_jobs
from accounts.actors import SYSTEM_ACTOR
from insights.actions import start_backtest
from inspections.models import Inspection, Receipt
from notifications.models import Message
from refunds.models import Exchange, StoreCredit
from returns.actions import draft_policy
from returns.models import Return, ReturnPolicy
from returns.models.rma import Status
from tests.browser.conftest import DESK, PHONE, Open, check

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True, serialized_rollback=True)]
PASSWORD = "correct horse battery"
EVERY_TERM = {
    "name": "Every kind of field",
    "when": {"ordered_between": "11-01..12-24", "categories": ["shoes"], "max_price": {"EUR": "10.00", "PLN": "45.00"},
             "risk_at_least": "medium", "sale_channels": ["distance"], "days_since_delivery_over": 7},
    "then": {"decision": "review", "message": {"en": "We look.", "pl": "Sprawdzimy."}, "window_days": 10,
             "fee": {"percent": 15}, "label_fee": {"gross": "4.00"}, "methods": ["label"], "auto_reimburse": False,
             "deduction_by_grade": {"B": 10}, "questions": ["was_opened"], "return_until": "2027-01-31"},
}  # fmt: skip
TABLET = 1024


@pytest.fixture
def shop(live_server: Any, own_rows: None, settings: Any) -> None:
    """The demo shop's week, its pictures at the address of this server."""
    settings.BASE_URL = live_server.url
    call_command("seed_demo", password=PASSWORD, verbosity=0)


def signed_in(page: Page, email: str, language: str) -> Page:
    """The page after the login form let this person in."""
    page.goto(f"/accounts/login/?lang={language}")
    page.fill("[name=login]", email)
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_load_state()
    assert "/login" not in page.url
    return page


def of_status(status: str) -> Return:
    """Some return of the demo that stands there."""
    found = Return.objects.filter(status=status, shop__code="main").first()
    assert found is not None, status
    return found


def desk_pages() -> Iterator[str]:
    """Every page of the desk that can be looked at."""
    yield from (reverse(f"desk:{name}") for name in ("queue", "search", "new-return", "payments"))
    yield from (reverse(f"desk:{name}") for name in ("unidentified", "parked-events", "outbox"))
    yield from (reverse("desk:queue") + f"?tab={tab}" for tab in ("waiting", "inspect", "late", "open"))
    yield from (reverse("desk:return", args=[of_status(status).code]) for status in Status.values)
    yield reverse("desk:reimburse", args=[of_status(Status.INSPECTED).code])
    yield from (
        reverse(f"desk:{name}")
        for name in ("approvals", "exchanges", "credits", "new-credit", "breaks", "new-payout-file")
    )
    yield from (reverse(f"desk:{name}") for name in ("books", "papers", "register", "payout-files", "policies"))
    live = ReturnPolicy.objects.get(shop__code="main", state="published")
    yield reverse("desk:policy", args=[live.uid])
    order = of_status(Status.INSPECTED).order
    yield reverse("desk:policy", args=[live.uid]) + f"?order={order.number}&reason=style&resolution=refund"
    yield reverse("desk:policy", args=[live.uid]) + "?order=example.com"
    rich = draft_policy({**live.document, "rules": [EVERY_TERM, *live.document["rules"]]}, actor=SYSTEM_ACTOR)
    today = timezone.localdate()
    start_backtest(rich, start=today - timedelta(days=60), end=today, actor=SYSTEM_ACTOR)
    run_jobs()
    yield reverse("desk:policy", args=[rich.uid])
    yield reverse("desk:edit-policy", args=[rich.uid])
    yield reverse("desk:order", args=[of_status(Status.INSPECTED).order.uid])
    yield reverse("desk:return", args=[Exchange.objects.filter(state="ready")[0].rma.code])
    yield reverse("desk:credit", args=[StoreCredit.objects.order_by("pk")[0].code])
    yield reverse("desk:message", args=[Message.objects.filter(rma__shop__code="main").latest("pk").pk])


def warehouse_pages() -> Iterator[str]:
    """Every page of the warehouse that can be looked at."""
    yield from (reverse(f"warehouse:{name}") for name in ("scan", "park", "parked", "repairs"))
    yield from (reverse("warehouse:queue", args=[name]) for name in ("inspect", "receive"))
    yield reverse("warehouse:receive", args=[of_status(Status.AUTHORIZED).code])
    yield reverse("warehouse:inspect", args=[of_status(Status.RECEIVED).code])
    yield reverse("warehouse:match", args=[Receipt.objects.filter(rma=None).latest("pk").uid])
    yield reverse("warehouse:disposition", args=[Inspection.objects.filter(rma__shop__code="main").latest("pk").uid])


@pytest.mark.parametrize("language", ["en", "he", "pl"])
def test_every_page_of_the_desk(open_page: Open, shop: None, language: str) -> None:
    page = signed_in(open_page(language=language, width=DESK), "manager@demo.test", language)
    for path in desk_pages():
        answer = page.goto(path)
        assert answer is not None
        assert answer.status == 200, path
        check(page)
    assert page.locator("html").get_attribute("dir") == ("rtl" if language == "he" else "ltr")


@pytest.mark.parametrize("language", ["en", "he", "pl"])
def test_every_page_of_the_warehouse(open_page: Open, shop: None, language: str) -> None:
    page = signed_in(open_page(language=language, width=TABLET), "warehouse@demo.test", language)
    for path in warehouse_pages():
        answer = page.goto(path)
        assert answer is not None
        assert answer.status == 200, path
        check(page)


def test_staff_pages_on_a_phone_in_the_dark(open_page: Open, shop: None) -> None:
    page = signed_in(open_page(width=PHONE, scheme="dark"), "manager@demo.test", "en")
    for path in (reverse("desk:queue"), reverse("desk:return", args=[of_status(Status.INSPECTED).code])):
        page.goto(path)
        check(page)
    page.goto(reverse("warehouse:inspect", args=[of_status(Status.RECEIVED).code]))
    check(page)


def test_a_parcel_from_scan_to_receipt_by_keyboard(open_page: Open, shop: None) -> None:
    rma = of_status(Status.AUTHORIZED)
    page = signed_in(open_page(width=TABLET), "warehouse@demo.test", "en")
    page.goto(reverse("warehouse:scan"))
    page.keyboard.type(rma.code)  # the field is focused by itself, as a scanner needs it
    page.keyboard.press("Enter")
    page.wait_for_url("**/receive/**")
    page.locator("button[value=announced]").press("Enter")
    page.wait_for_url(lambda url: "/receive/" not in url)
    rma.refresh_from_db()
    assert rma.status == Status.RECEIVED
