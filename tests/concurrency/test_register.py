"""Many returns into the register at once: numbers without gap and without twins."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.actors import SYSTEM_ACTOR
from customers.models import Shop
from refunds.actions import register
from refunds.models import DocumentSeries, RegisterEntry, Reimbursement
from tests.builders import Api, api_client, line, place, publish, whole_life
from tests.concurrency.race import Race, meet, without_locks

pytestmark = pytest.mark.django_db
RECEIPT = {"kind": "receipt", "number": "000123/0456", "issued_on": "2026-10-12"}


def settled(api: Api, number: int) -> list[Reimbursement]:
    """As many returns of sales with a Polish receipt, paid and not entered."""
    uids = []
    for _return in range(number):
        order = place(api, line("A", quantity=1), currency="PLN", documents=[RECEIPT])
        uids.append(whole_life(api, order)["reimbursements"][0]["id"])
    return list(Reimbursement.objects.filter(uid__in=uids))


def acts(rows: list[Reimbursement]) -> list[Any]:
    """Each entered by somebody of their own."""
    return [lambda row=row: register.enter_in_register(row, actor=SYSTEM_ACTOR) for row in rows]


@pytest.fixture
def api() -> Any:
    client = api_client("admin")
    publish(client, auto_reimburse=False)
    yield client
    Shop.objects.filter(code="main").update(address={})


def test_numbers_have_no_gaps(race: Race, api: Api) -> None:
    rows = settled(api, 4)
    race(*acts(rows + rows))
    numbers = sorted(RegisterEntry.objects.filter(reimbursement__in=rows).values_list("number", flat=True))
    assert numbers == list(range(numbers[0], numbers[0] + 4))
    assert DocumentSeries.objects.order_by("-pk")[0].last == numbers[-1]


def test_control_without_the_lock(race: Race, api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = settled(api, 2)
    without_locks(monkeypatch)
    meet(monkeypatch, register, "_data")
    answers = race(*acts([rows[0], rows[0]]))
    assert any(isinstance(answer, Exception) for answer in answers)
