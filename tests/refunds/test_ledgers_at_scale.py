"""Many refunds through a gateway that does everything wrong: in the end both ledgers are equal to the cent.

`make scale ARGS=tests/refunds/test_ledgers_at_scale.py` makes a thousand of them, once with keys forgotten.
"""

from __future__ import annotations

import os
import random
import time
from datetime import timedelta
from typing import Any

import pytest
from django.db.models import F, Sum
from django.test import Client
from django.utils import timezone

from accounts.actors import SYSTEM_ACTOR
from customers.models import OrderPayment
from refunds.actions import retry_refund
from refunds.actions.gates import gateway_for
from refunds.actions.reconcile import reconcile_all
from refunds.fakes.server import Gateway
from refunds.gateways.fake import sign
from refunds.models import Break, Refund, Reimbursement
from refunds.tasks import execute_refunds
from tests.builders import Api, ask, card, inspect, line, place, publish, receive, reimburse
from tests.refunds.fakery import SECRET, ledger, running

REFUNDS = 1000 if os.environ.get("FULL") else 60
TENDERS = ("31.07", "20.20", "19.99", "18.74", "10.00")
MOST_ROUNDS = 60
FAULTS = {"decline": 0.1, "pending": 0.1, "error_before": 0.15, "error_after": 0.15, "timeout_after": 0.1}
LATE = {"webhooks": "http://127.0.0.1:1/", "webhook_delay": 1e9, "webhooks_twice": 0.3, "webhooks_shuffled": True}

pytestmark = [pytest.mark.django_db, pytest.mark.scale, pytest.mark.timeout(3600)]


def decided(api: Api) -> None:
    """Returns that are each paid back over five payments."""
    publish(api, auto_reimburse=False)
    for number in range(REFUNDS // len(TENDERS)):
        paid = [card(f"P{n}", much, gateway="fake", reference=f"{number}-{n}") for n, much in enumerate(TENDERS)]
        rma = ask(api, place(api, line(quantity=1), payments=paid), ("A", 1))
        receive(api, rma)
        inspect(api, rma)
        assert len(reimburse(api, rma)["refunds"]) == len(TENDERS)


def an_hour_passes() -> None:
    rows = Refund.objects.filter(state="processing")
    back = timedelta(hours=1)
    rows.update(first_called_at=F("first_called_at") - back, next_attempt_at=F("next_attempt_at") - back)


def deliver_webhooks(fake: Gateway, chance: random.Random) -> None:
    """Some of what the gateway has to tell, in any order; what stays comes later, and some of it twice."""
    rows = fake.book.rows("SELECT * FROM webhook")
    chance.shuffle(rows)
    for row in rows[: len(rows) // 2 + 1]:
        body = row["body"].encode()
        headers = {"Fake-Signature": sign(SECRET, body, int(time.time()))}
        said = Client().post("/hooks/gateways/fake", body, content_type="application/json", headers=headers)
        assert said.status_code == 200
        with fake.book.turn():
            fake.book.do("DELETE FROM webhook WHERE number = ?", row["number"])


def people_help() -> None:
    """A person tries again what was refused, and what the gateway certainly does not have."""
    stuck = Break.objects.filter(kind="stuck", closed_at=None, detail__answer="unknown").values("refund")
    for refund in [*Refund.objects.filter(state="failed"), *Refund.objects.filter(pk__in=stuck, state="processing")]:
        retry_refund(refund, actor=SYSTEM_ACTOR)


def live(fake: Gateway) -> None:
    """Rounds of work until everything is final."""
    chance = random.Random(3)
    for _round in range(MOST_ROUNDS):
        execute_refunds()
        deliver_webhooks(fake, chance)
        reconcile_all(timezone.now() - timedelta(days=30))
        people_help()
        an_hour_passes()
        if not Refund.objects.exclude(state="succeeded").exists():
            return


@pytest.mark.parametrize("forgetful", [False, True], ids=["keys-remembered", "keys-forgotten"])
def test_both_ledgers_are_equal(api: Api, settings: Any, forgetful: bool) -> None:
    settings.FAKE_GATEWAY_KEY_WINDOW = 0 if forgetful else 86400
    with running(seed=5, forget_after=0.0 if forgetful else None, **FAULTS, **LATE) as fake:
        decided(api)
        live(fake)
        found = ledger(fake)
        rows = list(gateway_for("fake").refunds_since(timezone.now() - timedelta(days=1)) or ())
    theirs = {row.gateway_id: (row.amount, row.key) for row in rows if row.outcome == "succeeded"}
    assert found["failed"]["refunds"] > 0, "nothing was refused, so nothing was tried"
    assert {
        refund.gateway_refund_id: (refund.amount, refund.idempotency_key) for refund in Refund.objects.all()
    } == theirs
    ours = Refund.objects.aggregate(n=Sum("amount"))["n"]
    assert found["succeeded"] == {"refunds": REFUNDS, "amount": ours}
    assert (found["pending"]["refunds"], found["twice"], found["over_captured"]) == (0, [], [])
    assert OrderPayment.objects.aggregate(n=Sum("refunded"))["n"] == ours
    assert set(Reimbursement.objects.values_list("state", flat=True)) == {"settled"}
    assert not Break.objects.exclude(kind="stuck").exists()
