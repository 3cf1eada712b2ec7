"""The withdrawal function in Chromium: the whole way without script and by keyboard alone, and every page by axe."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Page

from accounts.actors import SYSTEM_ACTOR
from accounts.models import User
from customers.actions import upsert_order
from returns.actions.withdrawals import Statement, receive_withdrawal
from returns.models import Withdrawal
from returns.policy.withdrawal import languages_of, words
from tests.browser.conftest import DESK, PHONE, Open, check
from tests.customers.orders import story

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True, serialized_rollback=True)]
EMAIL = "aoife@brennan.example"
WAYS = [("pl", "/withdraw", "eu"), ("he", "/cancel-transaction", "il"), ("en", "/withdraw", "eu")]


@pytest.fixture
def order(live_server: Any, own_rows: None) -> Any:
    """An order that was delivered three days ago."""
    document = story()
    placed, shipped, delivered = ((timezone.now() - timedelta(days=days)).isoformat() for days in (7, 5, 3))
    lines = {line["id"]: line["quantity"] for line in document["lines"]}
    document["placed_at"], document["customer"] = placed, {"email": EMAIL, "name": "Aoife Brennan"}
    document["deliveries"] = [{"id": "D1", "lines": lines, "shipped_at": shipped, "delivered_at": delivered}]
    return upsert_order(document, actor=SYSTEM_ACTOR).order


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until this has the focus, as somebody without a mouse does."""
    for _press in range(60):
        page.keyboard.press("Tab")
        if page.locator(f"{selector}:focus").count():
            return
    raise AssertionError(f"{selector} is never reached from {page.url}")


@pytest.mark.parametrize(("language", "path", "law"), WAYS)
@pytest.mark.parametrize("script", [False, True])
def test_the_whole_way_by_keyboard(
    open_page: Open, order: Any, language: str, path: str, law: str, script: bool
) -> None:
    page = open_page(language=language, width=PHONE, script=script)
    page.goto("/")
    tab_to(page, f"footer a[href='{path}']")
    assert page.locator(":focus").inner_text() == words(law, language).function
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{path}")
    for name, text in (("name", "Aoife Brennan"), ("contract", order.number), ("means", EMAIL)):
        tab_to(page, f"[name={name}]")
        page.keyboard.type(text)
    tab_to(page, "main button.btn-primary")
    assert page.locator(":focus").inner_text() == words(law, language).confirm
    page.keyboard.press("Enter")
    page.wait_for_url("**/withdraw/received/**")
    row = Withdrawal.objects.get()
    assert row.ref in page.locator("main").inner_text()
    assert (row.law, row.order_id, row.locale) == (law, order.pk, language)
    tab_to(page, "a[href$='acknowledgement.pdf']")
    tab_to(page, "a[href^='/r/']")
    page.keyboard.press("Enter")
    page.wait_for_url("**/r/*")


@pytest.mark.parametrize(("path", "law"), [("/withdraw", "eu"), ("/cancel-transaction", "il")])
def test_every_language_on_a_phone(open_page: Open, order: Any, path: str, law: str) -> None:
    page = open_page(width=PHONE)
    for language in languages_of(law):
        page.goto(f"{path}?lang={language}")
        assert page.locator("html").get_attribute("dir") == words(law, language).dir
        check(page)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_errors_and_the_receipt(open_page: Open, order: Any, scheme: str) -> None:
    page = open_page(language="pl", width=PHONE, scheme=scheme)
    page.goto("/withdraw")
    page.fill("[name=name]", "Aoife Brennan")
    page.click("main button.btn-primary")
    page.wait_for_selector("[role=alert]")
    check(page)
    assert page.input_value("[name=name]") == "Aoife Brennan"
    page.fill("[name=contract]", order.number)
    page.fill("[name=means]", EMAIL)
    page.click("main button.btn-primary")
    page.wait_for_url("**/withdraw/received/**")
    check(page)


def test_the_language_is_chosen_without_script(open_page: Open, order: Any) -> None:
    page = open_page(script=False)
    page.goto("/withdraw")
    page.click(".cb-langs summary")
    page.click(".cb-langs button[value=de]")
    page.wait_for_url("**lang=de")
    assert page.locator("main button.btn-primary").inner_text() == "Widerruf bestätigen"
    assert page.locator("html").get_attribute("lang") == "de"


def test_a_wide_screen(open_page: Open, order: Any) -> None:
    page = open_page(width=DESK)
    page.goto("/withdraw")
    check(page)


@pytest.mark.parametrize(("language", "width"), [("he", DESK), ("en", PHONE)])
def test_the_desk(open_page: Open, order: Any, live_server: Any, language: str, width: int) -> None:
    said = Statement(name="A", contract=order.number, means="x@example.com", submit="a", items=("the red one",))
    row = receive_withdrawal(said, shop=order.shop, actor=SYSTEM_ACTOR)
    page = open_page(language=language, width=width)
    person = User.objects.create_user("dana@example.com", "correct horse", name="Dana Levi")
    person.groups.set([Group.objects.get(name="agent")])
    browser = Client()
    browser.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    page.context.add_cookies(
        [{"name": "sessionid", "value": browser.cookies["sessionid"].value, "url": live_server.url}]
    )
    for path in ("", "?tab=all", "new/", f"{row.ref}/", f"{row.ref}/?order={order.uid}"):
        page.goto(f"/desk/withdrawals/{path}")
        assert "/desk/withdrawals/" in page.url
        check(page)


@pytest.mark.parametrize("script", [False, True])
def test_some_units_of_an_order_that_was_opened(open_page: Open, order: Any, script: bool) -> None:
    page = open_page(language="pl", width=PHONE, script=script)
    page.goto("/")
    page.fill("[name=order]", order.number)
    page.fill("[name=contact]", EMAIL)
    page.press("[name=contact]", "Enter")
    page.wait_for_url("**/return/items")
    page.click("footer a[href='/withdraw']")
    page.wait_for_url("**/withdraw")
    if script:
        check(page)
    page.check("#scope-items")
    page.check("[name=line] >> nth=0")
    page.click("main button.btn-primary")
    page.wait_for_url("**/withdraw/received/**")
    row = Withdrawal.objects.get()
    (named,) = row.scope
    assert row.rma is not None
    assert [item.line.external_id for item in row.rma.items.all()] == [named["line"]]
