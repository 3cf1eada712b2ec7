"""Exchanges at the desk: the queue, the panel on the return's page, and one press for each command."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.test import Client

from tests.builders import Api, Json
from tests.refunds.shelf import come_back, counts, exchange_of, stocked, swap
from tests.snapshot import unchanged

pytestmark = pytest.mark.django_db
Staff = Callable[[str], Client]


def accepted(api: Api, price: str) -> tuple[Json, Json]:
    stocked(api, price=price)
    rma = swap(api)
    come_back(api, rma)
    return rma, exchange_of(api, rma)


def page(browser: Client, rma: Json) -> str:
    return browser.get(f"/desk/returns/{rma['rma']}/").content.decode()


def press(browser: Client, rma: Json, path: str, **given: str) -> int:
    submit = re.search(r'name="submit" value="(\w+)"', page(browser, rma))
    assert submit
    return browser.post(path, {"submit": submit[1], **given}).status_code


def test_a_ready_exchange_is_shipped_from_the_page_of_its_return(api: Api, staff: Staff) -> None:
    rma, exchange = accepted(api, "100.00")
    browser = staff("manager")
    assert rma["rma"] in browser.get("/desk/exchanges/").content.decode()
    assert f"/desk/exchanges/{exchange['id']}/ship/" in page(browser, rma)
    assert press(browser, rma, f"/desk/exchanges/{exchange['id']}/ship/", tracking_number="T9") == 302
    assert exchange_of(api, rma)["shipping"]["tracking_number"] == "T9"
    assert rma["rma"] not in browser.get("/desk/exchanges/").content.decode()
    assert counts() == (4, 0)


def test_a_difference_is_noted_as_paid(api: Api, staff: Staff) -> None:
    rma, exchange = accepted(api, "130.00")
    browser = staff("manager")
    assert rma["rma"] in browser.get("/desk/exchanges/?tab=payment").content.decode()
    charge = exchange["charges"][0]["id"]
    assert press(browser, rma, f"/desk/charges/{charge}/paid/", reference="cash") == 302
    assert exchange_of(api, rma)["status"] == "ready"
    assert press(browser, rma, f"/desk/exchanges/{exchange['id']}/convert/") == 302
    assert rma["rma"] in browser.get("/desk/exchanges/?tab=owed").content.decode()
    assert press(browser, rma, f"/desk/charges/{charge}/given-back/") == 302
    assert exchange_of(api, rma)["charges"][0]["refunded"] == "30.00"


def test_cancel_and_advance_have_their_buttons(api: Api, staff: Staff) -> None:
    stocked(api)
    rma = swap(api)
    exchange = exchange_of(api, rma)
    browser = staff("agent")
    assert f"/desk/exchanges/{exchange['id']}/ship/" not in page(browser, rma)
    assert press(browser, rma, f"/desk/exchanges/{exchange['id']}/advance/") == 302
    assert exchange_of(api, rma)["deposit"] == "100.00"
    assert press(browser, rma, f"/desk/exchanges/{exchange['id']}/cancel/", reason="gone") == 302
    assert exchange_of(api, rma)["status"] == "cancelled"


def test_a_refusal_is_shown_on_the_page_and_changes_nothing(api: Api, staff: Staff) -> None:
    rma, exchange = accepted(api, "130.00")
    browser = staff("manager")
    submit = re.search(r'name="submit" value="(\w+)"', page(browser, rma))
    assert submit
    with unchanged():
        answer = browser.post(f"/desk/exchanges/{exchange['id']}/ship/", {"submit": submit[1]})
    assert answer.status_code == 409
    assert "30.00" in answer.content.decode()


@pytest.mark.parametrize("verb", ["ship", "go-on", "advance", "cancel", "convert"])
def test_who_only_inspects_may_ship_and_nothing_else(api: Api, staff: Staff, verb: str) -> None:
    _rma, exchange = accepted(api, "100.00")
    answer = staff("warehouse").post(f"/desk/exchanges/{exchange['id']}/{verb}/", {"submit": "x" * 32})
    assert (answer.status_code == 403) == (verb != "ship")
