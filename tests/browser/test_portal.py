"""The customer's door in Chromium: three languages, light and dark, with and without script."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page

from accounts.actors import STAFF, SYSTEM_ACTOR, Actor
from accounts.scopes import expand
from customers.actions import upsert_order
from returns import actions
from returns.models import Return
from returns.policy.document import HOUSE_POLICY
from tests.browser.conftest import DESK, PHONE, Open, check
from tests.customers.orders import story

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True, serialized_rollback=True)]
AGENT = Actor(STAFF, "7", "Dana Levi", expand(["admin"]))
EMAIL = "aoife@brennan.example"


@pytest.fixture
def order(live_server: Any, own_rows: None) -> Any:
    """The mockups' order, delivered five days ago, under a policy that asks for proof of damage."""
    document = story()
    days = [(timezone.now() - timedelta(days=days)).isoformat() for days in (9, 7, 5)]
    document["placed_at"], shipped, delivered = days
    lines = {line["id"]: line["quantity"] for line in document["lines"]}
    document["deliveries"] = [{"id": "D1", "lines": lines, "shipped_at": shipped, "delivered_at": delivered}]
    document["customer"] = {"email": EMAIL, "name": "Aoife Brennan"}
    for line, picture in zip(document["lines"], ("jacket", "bottle"), strict=True):
        line["image_url"] = f"{live_server.url}/static/demo/{picture}.svg"
    proof = {"name": "Proof", "when": {"reasons": ["damaged_in_transit"]}, "then": {"questions": ["was_opened"]}}
    rules = HOUSE_POLICY | {"rules": [proof]}
    actions.publish_policy(actions.draft_policy(rules, actor=AGENT), actor=AGENT)
    return upsert_order(document, actor=SYSTEM_ACTOR).order


def press(page: Page, selector: str) -> None:
    """Click, and wait for the page that the click leads to."""
    with page.expect_navigation():
        page.click(selector)


def walk(page: Page, order: Any, look: Any) -> None:
    """From the first page to the return's own link, by the names that every language shares."""
    page.goto("/")
    look(page)
    page.fill("[name=order]", order.number)
    page.fill("[name=contact]", EMAIL)
    press(page, "main button.btn-primary")
    look(page)
    page.check("[name=line] >> nth=0")
    page.check("[name=line] >> nth=1")
    press(page, ".cb-dock button")
    look(page)
    for line in ("J", "B"):
        page.check(f"[name=reason-{line}][value=damaged_in_transit]", force=True)
        page.wait_for_timeout(700)
    if page.locator("[name=resolution]").count() == 0:
        press(page, ".cb-dock button.btn-primary")
    look(page)
    for line in ("J", "B"):
        page.check(f"[name=answer-{line}-was_opened][value=no]", force=True)
    press(page, ".cb-dock button.btn-primary")
    look(page)
    press(page, ".cb-dock button.btn-primary")
    look(page)
    assert "/done" in page.url
    page.goto(page.url.removesuffix("/done"))
    look(page)


@pytest.mark.parametrize("language", ["en", "he", "pl"])
def test_a_return_on_a_phone(open_page: Open, order: Any, language: str) -> None:
    walk(open_page(language=language), order, check)
    assert Return.objects.get().locale == language


def test_a_return_in_the_dark_on_a_wide_screen(open_page: Open, order: Any) -> None:
    walk(open_page(width=DESK, scheme="dark"), order, check)


def test_a_return_without_script(open_page: Open, order: Any) -> None:
    page = open_page(script=False)
    walk(page, order, lambda page: None)
    assert page.locator("html").get_attribute("data-bs-theme") == "light"


@pytest.mark.parametrize(
    "path", ["/policy", "/faq", "/accessibility", "/privacy", "/r/nothing", "/credit/SC-2222-2222"]
)
def test_pages_of_text(open_page: Open, order: Any, path: str) -> None:
    page = open_page(width=PHONE)
    page.goto(path)
    check(page)


def test_the_language_is_changed_on_the_page(open_page: Open, order: Any) -> None:
    page = open_page()
    page.goto("/")
    page.click(".cb-langs summary")
    press(page, ".cb-langs button[value=he]")
    assert page.locator("html").get_attribute("dir") == "rtl"


def test_the_whole_way_works_with_the_keyboard(open_page: Open, order: Any) -> None:
    page = open_page()
    page.goto("/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "cb-skip"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.focus("[name=order]")
    page.keyboard.type(order.number)
    page.keyboard.press("Tab")
    page.keyboard.type(EMAIL)
    page.keyboard.press("Enter")
    page.wait_for_url("**/return/items*")
    page.focus("[name=line]")
    page.keyboard.press("Space")
    assert page.locator("[name=line] >> nth=0").is_checked()
