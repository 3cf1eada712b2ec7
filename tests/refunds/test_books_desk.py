"""Accounting on the desk: days, the file, documents to record, the register."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from customers.models import Shop
from refunds.models import Document, RegisterEntry, Reimbursement
from refunds.reactions import enter_in_register
from returns.models import Event
from tests.builders import Api, api_client, line, place, publish, whole_life
from tests.snapshot import unchanged

pytestmark = pytest.mark.django_db
Staff = Callable[[str], Client]
SUBMIT = re.compile(r'name="submit" value="([0-9a-f]{32})"')


@pytest.fixture
def agent(staff: Staff) -> Client:
    return staff("agent")


@pytest.fixture
def api() -> Api:
    client = api_client("admin")
    publish(client, auto_reimburse=False)
    return client


def paid(api: Api, **changes: object) -> Reimbursement:
    """A return of one tee of 61.50 that was paid back."""
    rma = whole_life(api, place(api, line("A", quantity=1, unit_price="61.50"), **changes))
    return Reimbursement.objects.get(uid=rma["reimbursements"][0]["id"])


def shown(browser: Client, name: str, status: int = 200, **query: str) -> str:
    answer = browser.get(reverse(f"desk:{name}"), query)
    assert answer.status_code == status
    return answer.content.decode()


def test_the_days_and_the_sums(agent: Client, api: Api) -> None:
    paid(api)
    page = shown(agent, "books")
    assert "Everything ties out" in page
    assert page.count("€61.50") >= 4
    assert "€11.50" in page
    Reimbursement.objects.update(total=6_151)
    page = shown(agent, "books")
    assert "Something differs" in page
    assert "The lines do not make the total" in page


@pytest.mark.parametrize(
    "days", [{"first": "2026-03-01", "last": "2026-01-01"}, {"first": "x"}, {"first": "2019-01-01"}]
)
def test_days_that_make_no_sense(agent: Client, api: Api, days: dict[str, str]) -> None:
    paid(api)
    assert "cb-error" in shown(agent, "books", 422, **days)


def test_the_ledger_as_a_file(agent: Client, api: Api) -> None:
    row = paid(api)
    answer = agent.get(reverse("desk:ledger-file"))
    text = b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]
    assert text.startswith("\ufeffat,date,book,kind")
    assert str(row.uid) in text
    assert text.count("\r\n") == 3
    assert "attachment" in answer["Content-Disposition"]


def test_recording_a_document_takes_it_off_the_list(agent: Client, api: Api) -> None:
    row = paid(api)
    page = shown(agent, "papers")
    assert row.order.number in page
    form = {"submit": SUBMIT.search(page)[1], "kind": "credit_note", "number": "CN-77", "issued_on": "2026-11-01"}  # type: ignore[index]
    for _press in range(2):
        answer = agent.post(reverse("desk:record-paper", args=[row.uid]), form)
        assert (answer.status_code, answer["Location"]) == (302, reverse("desk:papers"))
    assert Document.objects.get().number == "CN-77"
    assert "Every reimbursement has its document" in shown(agent, "papers")
    assert row.rma is not None
    assert "CN-77" in agent.get(reverse("desk:return", args=[row.rma.code])).content.decode()


@pytest.mark.parametrize(
    "wrong", [{"number": ""}, {"issued_on": "2199-01-01"}, {"kind": "receipt_return"}, {"submit": ""}]
)
def test_a_document_that_cannot_be_recorded(agent: Client, api: Api, wrong: dict[str, str]) -> None:
    row = paid(api)
    submit = SUBMIT.search(shown(agent, "papers"))
    assert submit
    form = {"submit": submit[1], "kind": "credit_note", "number": "CN-7<b>", "issued_on": "2026-11-01", **wrong}
    with unchanged():
        answer = agent.post(reverse("desk:record-paper", args=[row.uid]), form)
    assert answer.status_code == 422
    assert "<details open>" in answer.content.decode()
    assert "CN-7<b>" not in answer.content.decode()


def test_the_register_and_its_protocol(agent: Client, api: Api) -> None:
    Shop.objects.filter(code="main").update(address={"country": "PL"})
    receipt = {"kind": "receipt", "number": "000123/0456", "issued_on": "2026-10-12"}
    row = paid(api, documents=[receipt], currency="PLN")
    assert "No entries in this year" in shown(agent, "register")
    for event in Event.objects.filter(rma=row.rma, kind="refund.succeeded"):
        enter_in_register(event)
    page = shown(agent, "register")
    entry = RegisterEntry.objects.get()
    assert entry.name in page
    assert "000123/0456" in page
    assert agent.get(reverse("desk:protocol", args=[entry.pk])).content.startswith(b"%PDF")
    table = agent.get(reverse("desk:register"), {"format": "csv"})
    assert b"000123/0456" in b"".join(table.streaming_content)  # type: ignore[attr-defined]
    last_year = str(timezone.localdate().year - 1)
    assert "No entries in this year" in shown(agent, "register", year=last_year)


def test_who_may(staff: Staff, api: Api) -> None:
    row = paid(api)
    warehouse, admin = staff("integrator"), staff("manager")
    for name in ("books", "ledger-file", "papers", "register"):
        assert admin.get(reverse(f"desk:{name}")).status_code == 200
        assert Client().get(reverse(f"desk:{name}")).status_code == 302
    with unchanged():
        assert warehouse.post(reverse("desk:record-paper", args=[row.uid])).status_code == 403


def test_statements_do_not_grow_with_rows(agent: Client, api: Api) -> None:
    def statements() -> int:
        with CaptureQueriesContext(connection) as caught:
            for name in ("books", "papers", "register"):
                shown(agent, name)
        return len(caught)

    paid(api)
    few = statements()
    for _more in range(3):
        paid(api)
    assert statements() == few


@pytest.mark.parametrize("language", ["en", "he", "pl"])
@pytest.mark.parametrize("name", ["books", "papers", "register"])
def test_pages_in_every_language(agent: Client, api: Api, name: str, language: str) -> None:
    paid(api)
    agent.cookies["django_language"] = language
    first = (timezone.localdate() - timedelta(days=3)).isoformat()
    assert f'lang="{language}"' in shown(agent, name, first=first)
