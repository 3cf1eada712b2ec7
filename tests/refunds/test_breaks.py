"""The desk's page of differences: closed with words, tried again, adopted; and what was refused, paid otherwise."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from customers.models import OrderPayment
from refunds.actions.breaks import open_break
from refunds.fakes.server import Gateway
from refunds.models import Break, Refund
from tests.builders import Api, read
from tests.refunds.fakery import begun, later, running, work
from tests.refunds.test_reconcile import foreign, one_run
from tests.snapshot import unchanged

pytestmark = pytest.mark.django_db
Staff = Callable[[str], Client]
SUBMIT = re.compile(r'name="submit" value="([0-9a-f]{32})"')
PAGE = "/desk/breaks/"


@pytest.fixture(autouse=True)
def fake() -> Iterator[Gateway]:
    """A fake gateway of its own for each test."""
    with running() as gateway:
        yield gateway


@pytest.fixture
def agent(staff: Staff) -> Client:
    """An agent's browser."""
    return staff("agent")


def press(browser: Client, name: str, row: Break, **given: str) -> Any:
    """Press a button of the page as it is shown now."""
    found = SUBMIT.search(browser.get(PAGE).content.decode())
    assert found
    return browser.post(reverse(f"desk:{name}", args=[row.pk]), {"submit": found[1], **given})


def paid_there(api: Api, fake: Gateway) -> tuple[Any, Refund, Break]:
    """A refund that the gateway declined, and that somebody then paid at the gateway's own desk."""
    rma, refund = begun(api, "decline_once")
    work(refund)
    foreign(fake, OrderPayment.objects.get().reference, 10000)
    one_run()
    return rma, refund, Break.objects.get()


@pytest.mark.parametrize("language", ["en", "he", "pl"])
def test_every_kind_is_shown_in_words(agent: Client, language: str) -> None:
    assert agent.get(PAGE, {"lang": language}).status_code == 200
    for kind in Break.Kind.values:
        open_break(kind, f"x-{kind}", gateway="fake", ours=1, theirs=2, currency="EUR")
    shown = agent.get(PAGE, {"lang": language})
    assert len(shown.context["rows"]) == len(Break.Kind.values)
    assert all(str(row["help"]) in shown.content.decode().replace("&#x27;", "'") for row in shown.context["rows"])


def test_closing_wants_words(agent: Client) -> None:
    row = open_break("amount", "x", gateway="fake", ours=1, theirs=2, currency="EUR")
    assert row is not None
    with unchanged():
        assert press(agent, "close-break", row, note="  ").status_code == 422
    assert press(agent, "close-break", row, note="Paid the rest in cash").status_code == 302
    row.refresh_from_db()
    assert (row.note, row.closed_by.split(":")[0]) == ("Paid the rest in cash", "staff")
    assert agent.get(PAGE).context["rows"] == []
    assert agent.post(reverse("desk:close-break", args=[row.pk]), {"submit": "f" * 32, "note": "x"}).status_code == 404


def test_stuck_is_tried_again(api: Api, agent: Client) -> None:
    _rma, refund = begun(api, "error_before")
    work(refund)
    later(refund, days=2)
    row = Break.objects.get()
    assert press(agent, "retry-break", row).status_code == 302
    refund.refresh_from_db()
    assert (refund.attempt, refund.state) == (2, "created")


def test_what_was_paid_there_is_adopted(api: Api, agent: Client, fake: Gateway) -> None:
    rma, refund, row = paid_there(api, fake)
    assert OrderPayment.objects.get().found_elsewhere == 10000
    assert press(agent, "adopt-break", row).status_code == 302
    refund.refresh_from_db()
    assert (refund.state, refund.gateway_refund_id) == ("succeeded", row.subject)
    payment = OrderPayment.objects.get()
    assert (payment.refunded, payment.found_elsewhere) == (10000, 0)
    assert read(api, rma)["status"] == "resolved"
    assert one_run().opened == 0


def test_nothing_that_does_not_fit_is_adopted(api: Api, agent: Client, fake: Gateway) -> None:
    _rma, _refund, row = paid_there(api, fake)
    Refund.objects.update(amount=9999)
    assert agent.get(PAGE).context["rows"][0]["url_adopt"] == ""
    with unchanged():
        assert press(agent, "adopt-break", row).status_code == 409


def test_who_may_not_refund_does_not_see_it(staff: Staff) -> None:
    assert staff("warehouse").get(PAGE).status_code == 403


def test_the_page_does_not_ask_more_for_more_rows(agent: Client) -> None:
    def statements() -> int:
        with CaptureQueriesContext(connection) as found:
            agent.get(PAGE)
        return len(found)

    open_break("amount", "x", gateway="fake", ours=1, theirs=2, currency="EUR")
    few = statements()
    for number in range(5):
        open_break("only_there", f"y{number}", gateway="fake", theirs=2, currency="EUR", payment=None)
    assert statements() == few


@pytest.mark.parametrize("tender", ["bank_transfer", "cash", "store_credit"])
def test_a_refused_one_is_paid_otherwise_from_the_desk(api: Api, agent: Client, tender: str) -> None:
    _rma, refund = begun(api, "decline")
    work(refund)
    page = agent.get(reverse("desk:payments"), {"state": "failed"}).content.decode()
    submit = SUBMIT.search(page)
    assert submit
    given = {"submit": submit[1], "tender": tender, "holder": "A. Nowak", "iban": "PL61109010140000071219812874"}
    address = reverse("desk:pay-otherwise", args=[refund.uid])
    assert address in page
    assert [agent.post(address, given).status_code for _n in range(2)] == [302, 302]
    assert Refund.objects.get(replaces=refund).state == ("succeeded" if tender == "store_credit" else "manual_pending")
    failed = agent.get(reverse("desk:payments"), {"state": "failed"})
    assert failed.context["rows"] == []


def test_a_wrong_account_is_refused_on_the_page(api: Api, agent: Client) -> None:
    _rma, refund = begun(api, "decline")
    work(refund)
    given = {"submit": "e" * 32, "tender": "bank_transfer", "holder": "A", "iban": "PL00"}
    with unchanged():
        answer = agent.post(reverse("desk:pay-otherwise", args=[refund.uid]), given)
    assert answer.status_code == 422
    assert 'role="alert"' in answer.content.decode()


def test_metrics_count_what_waits(api: Api, client: Client, settings: Any) -> None:
    settings.DEBUG = True
    begun(api)
    open_break("amount", "x", gateway="fake", ours=1, theirs=2, currency="EUR")
    shown = client.get("/metrics").content.decode()
    assert 'comeback_waiting{queue="breaks"} 1.0' in shown
    assert 'comeback_waiting{queue="refunds_to_send"} 1.0' in shown
