"""The money of exchanges over HTTP against the strict fake gateway: link, hold, given back, and both ledgers agree."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
import requests
from django.utils import timezone

from refunds.actions.charges import execute_charges
from refunds.actions.reconcile import reconcile_all
from refunds.fakes.server import Gateway
from refunds.models import Break, Charge
from returns.outbox import dispatch_all
from tests.builders import Api, Json, place
from tests.refunds.fakery import paid_by, running
from tests.refunds.shelf import TEE, come_back, exchange_of, ship, stocked, swap

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def fake() -> Iterator[Gateway]:
    """A fake gateway of its own for each test."""
    with running() as gateway:
        yield gateway


def run(minutes: float = 0) -> None:
    """The task, as if that much later; what follows from an answer is due at once."""
    dispatch_all()
    for _again in range(3):
        execute_charges(timezone.now() + timedelta(minutes=minutes, seconds=1))


def order_of(api: Api) -> Json:
    return place(api, TEE, **paid_by("pay_swap", amount="200.00"))


def test_a_link_is_paid_and_given_back_and_no_break_opens(api: Api) -> None:
    stocked(api, price="130.00")
    rma = swap(api, order=order_of(api))
    come_back(api, rma)
    run()
    (charge,) = exchange_of(api, rma)["charges"]
    assert charge["status"] == "open"
    assert requests.post(charge["url"], timeout=5).ok
    run(15)
    exchange = exchange_of(api, rma)
    assert (exchange["status"], exchange["charges"][0]["captured"]) == ("ready", "30.00")
    api.post(f"/exchanges/{exchange['id']}/convert").ok()
    run(1)
    assert exchange_of(api, rma)["charges"][0]["refunded"] == "30.00"
    reconcile_all()
    assert list(Break.objects.values_list("kind", "subject")) == []


def test_a_deposit_is_held_and_let_go(api: Api) -> None:
    stocked(api)
    rma = swap(api, order=order_of(api))
    api.post(f"/returns/{rma['rma']}/exchange", {"advance": True}).ok()
    run()
    exchange = exchange_of(api, rma)
    assert (exchange["status"], exchange["charges"][0]["status"]) == ("ready", "held")
    ship(api, exchange)
    come_back(api, rma)
    run(1)
    assert Charge.objects.get().state == "released"
