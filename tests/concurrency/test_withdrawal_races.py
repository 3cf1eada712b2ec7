"""A statement confirmed twice at the same moment is one statement; two about the same units open one return."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from returns.actions.withdrawals import receive
from returns.actions.withdrawals.statement import Statement
from returns.models import Event, Return, Withdrawal
from tests.builders import Api, api_client, place
from tests.concurrency.race import Race, meet

pytestmark = pytest.mark.django_db


@pytest.fixture
def api() -> Api:
    """A client whose key may do everything."""
    return api_client("admin")


def confirmations(api: Api, *submits: str) -> list[Any]:
    """The same form, confirmed by several browsers at once."""
    order = place(api)
    form = {"name": "A. Nowak", "contract": order["number"], "means": order["customer"]["email"]}
    return [lambda s=s: Client().post("/withdraw", {**form, "submit": s}).status_code for s in submits]


def test_the_button_twice(api: Api, race: Race, monkeypatch: pytest.MonkeyPatch) -> None:
    meet(monkeypatch, receive, "_row")
    assert race(*confirmations(api, "one", "one")) == [302, 302]
    assert Withdrawal.objects.count() == Return.objects.count() == 1
    assert Event.objects.filter(kind="withdrawal.received").count() == 1


def test_without_the_one_time_id_there_would_be_two(api: Api, race: Race, monkeypatch: pytest.MonkeyPatch) -> None:
    keys = iter(["a" * 64, "b" * 64])
    monkeypatch.setattr(Statement, "key", lambda self: next(keys))
    assert race(*confirmations(api, "one", "one")) == [302, 302]
    assert Withdrawal.objects.count() == 2


def test_two_statements_share_the_units(api: Api, race: Race, monkeypatch: pytest.MonkeyPatch) -> None:
    meet(monkeypatch, receive, "settle")
    assert race(*confirmations(api, "one", "two")) == [302, 302]
    assert Withdrawal.objects.count() == 2
    (rma,) = Return.objects.all()
    assert rma.items.get().requested == 3
