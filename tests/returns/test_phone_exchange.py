"""An exchange for somebody on the phone: what can leave, the difference before filing, and every refusal."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from customers.models import Order, Product
from refunds.models import Exchange
from returns.models import Return
from returns.outbox import dispatch_all
from tests.builders import Api, place
from tests.refunds.shelf import TEE, stocked
from tests.snapshot import unchanged

pytestmark = pytest.mark.django_db
NEW = "/desk/returns/new/"
SUBMIT = re.compile(r'name="submit" value="(\w+)"')
SEEN = re.compile(r'name="seen" value="([-0-9.]+)"')


@pytest.fixture
def agent(api: Api, staff: Callable[[str], Client]) -> Client:
    """An agent's browser, an order of two tees, and other tees on the shelf."""
    stocked(api, "TEE-M", variant_of="TEE", options={"size": "M"})
    stocked(api, "TEE-L", "130.00", options={"size": "L"})
    stocked(api, "CAP", "60.00", title="Blue cap", variant_of=None)
    place(api, TEE)
    return staff("agent")


def typed(**more: str) -> dict[str, str]:
    """The form as the agent fills it in: one tee, too small, an exchange."""
    rows = {"quantity-A": "1", "reason-A": "too_small", "comment-A": "tight", "resolution": "exchange", "method": ""}
    return {"order": str(Order.objects.get().uid), **rows, **more}


def send(browser: Client, step: str, submit: str = "", **more: str) -> tuple[int, str]:
    """Press a button; with the page's own number of this submit."""
    if not submit:
        found = SUBMIT.search(browser.get(f"{NEW}?order={Order.objects.get().uid}").content.decode())
        assert found
        submit = found[1]
    answer: Any = browser.post(NEW, typed(step=step, submit=submit, **more))
    return answer.status_code, answer.content.decode().replace("\xa0", " ")


def seen_in(page: str) -> str:
    found = SEEN.search(page)
    assert found
    return found[1]


def test_what_can_leave_is_shown_and_nothing_is_written(agent: Client) -> None:
    with unchanged():
        status, page = send(agent, "swap")
        assert status == 200
        assert 'value="TEE-L"' in page
        assert 'value="tight"' in page
        assert "Choose what leaves instead of each item." in page
        assert 'value="CAP"' in send(agent, "swap", **{"find-A": "blue"})[1]


@pytest.mark.parametrize(
    ("sku", "label", "difference"),
    [("TEE-L", "Exchange, you pay", "30.00"), ("CAP", "Exchange, you get back", "-40.00")],
)
def test_the_difference_is_shown_before_it_is_filed(agent: Client, sku: str, label: str, difference: str) -> None:
    page = send(agent, "swap", **{"instead-A": sku})[1]
    assert label in page
    assert f"€{difference.lstrip('-')}" in page
    assert seen_in(page) == difference
    assert send(agent, "make", **{"instead-A": sku, "seen": difference})[0] == 302
    rma = Return.objects.get()
    assert (rma.resolution, rma.requested_by) == ("exchange", "staff")
    assert rma.items.get().exchange_for == [{"sku": sku, "quantity": 1}]
    dispatch_all()
    made = Exchange.objects.get()
    assert (made.due, made.refund) == ((3000, 0) if sku == "TEE-L" else (0, 4000))


def test_it_is_not_filed_before_the_difference_was_seen(agent: Client) -> None:
    with unchanged():
        status, page = send(agent, "make", **{"instead-A": "TEE-L"})
        assert (status, "Tell the customer the difference below" in page) == (422, True)
        assert send(agent, "make", **{"instead-A": "TEE-L", "seen": "29.00"})[0] == 422
    assert send(agent, "make", **{"instead-A": "TEE-L", "seen": seen_in(page)})[0] == 302


def test_without_a_choice_or_when_it_is_gone_nothing_is_filed(agent: Client) -> None:
    with unchanged():
        assert send(agent, "make")[0] == 422
    Product.objects.filter(sku="TEE-L").update(stock=0)
    with unchanged():
        status, page = send(agent, "make", **{"instead-A": "TEE-L", "seen": "30.00"})
    assert status == 422
    assert "sold out" in page
    assert 'value="tight"' in page


def test_without_anything_on_the_shelf_it_says_so(agent: Client) -> None:
    Product.objects.update(stock=0)
    with unchanged():
        assert "No exchange is on offer" in send(agent, "swap")[1]
        assert send(agent, "make", seen="0.00")[0] == 422


def test_the_same_button_twice_files_it_once(agent: Client) -> None:
    page = send(agent, "swap", **{"instead-A": "TEE-L"})[1]
    found = SUBMIT.search(page)
    assert found
    for _press in range(2):
        assert send(agent, "make", found[1], **{"instead-A": "TEE-L", "seen": seen_in(page)})[0] == 302
    assert Return.objects.count() == 1
