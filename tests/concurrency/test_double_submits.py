"""Thousands of double submits at the same moment, through every door: the money moves once, and nobody sees an error.

`make scale ARGS=tests/concurrency/test_double_submits.py` runs ten thousand of them.
"""

from __future__ import annotations

import json
import os
import time
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.db.models import F
from django.test import Client
from django.urls import reverse

from customers.models import OrderPayment
from refunds.actions import reimburse as reimburse_actions
from refunds.fakes.server import Gateway
from refunds.gateways.fake import sign
from refunds.models import Refund, Reimbursement
from refunds.tasks import execute_refunds
from returns.models import ReturnItem
from tests.builders import Api, Json
from tests.concurrency.race import Race, meet, statuses, without_locks
from tests.refunds.fakery import SECRET, accepted, ledger, running

SUBMITS = 10_000 if os.environ.get("FULL") else 200
PER_ROUND = 20

pytestmark = [pytest.mark.django_db, pytest.mark.scale, pytest.mark.timeout(3600)]
Act = Callable[[], Any]


def browsers(staff: Callable[[str], Client]) -> list[Client]:
    """Two windows of the same agent."""
    first = staff("agent")
    second = Client()
    second.cookies = first.cookies
    return [first, second]


def decisions(api: Api, rma: Json, windows: list[Client]) -> list[Act]:
    """Ten wishes for the same money: one key four times, other keys, and a double click on the desk."""
    path, key = f"/returns/{rma['rma']}/reimbursements", uuid.uuid4().hex
    clients = [Api(api.text) for _n in range(8)]
    item = ReturnItem.objects.get(rma__code=rma["rma"])
    form = {f"quantity-{item.uid}": 1, "tender": "original", "shipping": "none", "step": "pay"}
    form |= {"submit": uuid.uuid4().hex, "expected_total": "100.00"}
    address = reverse("desk:reimburse", args=[rma["rma"]])
    return [
        *(lambda c=c: c.post(path, {}, Idempotency_Key=key).status for c in clients[:4]),
        *(lambda c=c: c.post(path, {}, Idempotency_Key=uuid.uuid4().hex).status for c in clients[4:6]),
        *(lambda c=c: c.post(path, {}).status for c in clients[6:]),
        *(lambda w=w: w.post(address, form).status_code for w in windows),
    ]


def hook(refund: Refund, event: str, name: str) -> int:
    """The gateway tells that the refund succeeded."""
    data = {"id": name, "key": refund.idempotency_key, "status": "succeeded", "amount": 10000, "currency": "EUR"}
    body = json.dumps({"id": event, "kind": "refund.succeeded", "about": "refund", "data": data}).encode()
    headers = {"Fake-Signature": sign(SECRET, body, int(time.time()))}
    answer = Client(raise_request_exception=False).post(
        "/hooks/gateways/fake", body, content_type="application/json", headers=headers
    )
    return answer.status_code


def movements(api: Api, refund: Refund, windows: list[Client], name: str) -> list[Act]:
    """Ten who move the same refund: three workers, webhooks that come twice, and people who press what they see."""
    clients = [Api(api.text) for _n in range(3)]
    forms = {"submit": uuid.uuid4().hex}
    event, retry = f"fe_{refund.uid}", reverse("desk:retry-refund", args=[refund.uid])
    return [
        *(lambda: 200 if execute_refunds() >= 0 else 500 for _n in range(3)),
        *(lambda: hook(refund, event, name) for _n in range(2)),
        *(lambda c=c: c.post(f"/refunds/{refund.uid}/retry", {}).status for c in clients[:2]),
        lambda: clients[2].post(f"/refunds/{refund.uid}/mark-paid", {}).status,
        *(lambda w=w: w.post(retry, forms).status_code for w in windows),
    ]


def one_round(api: Api, race: Race, windows: list[Client], fake: Gateway) -> list[Any]:
    """A return that everybody wants paid at once, and its refund that everybody moves at once; all answers."""
    rma = accepted(api)
    answers = race(*decisions(api, rma, windows))
    refund = Refund.objects.get(reimbursement__rma__code=rma["rma"])
    # the gateway numbers its refunds in their order, so a webhook may be as early as the call
    name = f"fr_{ledger(fake)['succeeded']['refunds'] + 1}"
    answers += race(*movements(api, refund, windows, name))
    execute_refunds()
    refund.refresh_from_db()
    assert (refund.state, refund.attempt, refund.amount) == ("succeeded", 1, 10000), refund
    return answers


def test_nothing_is_paid_twice(api: Api, race: Race, staff: Callable[[str], Client]) -> None:
    windows, answers, rounds = browsers(staff), [], max(1, SUBMITS // PER_ROUND)
    with running() as fake:
        for _n in range(rounds):
            answers += one_round(api, race, windows, fake)
        found = ledger(fake)
    assert len(answers) == rounds * PER_ROUND
    assert [answer for answer in answers if not isinstance(answer, int) or answer >= 500] == []
    assert Reimbursement.objects.count() == Refund.objects.count() == rounds
    assert (found["succeeded"]["refunds"], found["twice"], found["over_captured"]) == (rounds, [], [])
    assert not OrderPayment.objects.exclude(refunded=F("captured")).exists()


def test_control_without_locks(
    api: Api, race: Race, staff: Callable[[str], Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same wishes without the locks: more than one is decided, or somebody sees an error."""
    with running():
        rma = accepted(api)
        without_locks(monkeypatch)
        meet(monkeypatch, reimburse_actions, "plan_for", parties=2)
        path = f"/returns/{rma['rma']}/reimbursements"
        answers = race(*(lambda c=c: c.post(path, {}) for c in [Api(api.text), Api(api.text)]))
    assert Refund.objects.count() > 1 or statuses(answers) != [200, 201]
