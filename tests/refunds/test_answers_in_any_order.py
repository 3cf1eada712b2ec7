"""Whatever a gateway says, in whatever order and however often: counters, states and events stay true."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator

import pytest
from django.db import transaction
from django.db.models import Sum

from accounts.actors import SYSTEM_ACTOR
from accounts.problems import Refused
from customers.models import OrderPayment
from refunds.actions.answers import record_answer
from refunds.actions.execute import claim_refund
from refunds.actions.money import mark_paid, pay_otherwise, retry_refund
from refunds.fakes.server import Gateway
from refunds.gateways import RefundAnswer, RefundOutcome
from refunds.models import Break, Refund, Reimbursement
from returns.models import Event, Return
from tests.builders import Api
from tests.refunds.fakery import begun, running

pytestmark = pytest.mark.django_db
LIVES = 600 if os.environ.get("FULL") else 14
HOLDS = ("created", "processing", "manual_pending", "succeeded", "external")


@pytest.fixture(autouse=True)
def fake() -> Iterator[Gateway]:
    """Somewhere to point to; nobody calls it here."""
    with running() as gateway:
        yield gateway


def something_happens(chance: random.Random, refund: Refund) -> None:
    """An answer by any way for any attempt that was ever sent, or a person."""
    refund.refresh_from_db()
    what = chance.choice(["answer"] * 6 + ["claim", "retry", "otherwise", "paid"])
    if what == "answer":
        attempt = chance.randint(1, refund.attempt)
        outcome = chance.choice([o for o in RefundOutcome if o != RefundOutcome.BY_HAND])
        answer = RefundAnswer(outcome, gateway_id=f"fr_{attempt}", code="x")
        source = chance.choice(["call", "look_up", "webhook", "ledger"])
        record_answer(refund.pk, answer, key=f"{refund.uid}-{attempt}", source=source)
    elif what == "claim":
        claim_refund()
    elif what == "retry":
        retry_refund(refund, actor=SYSTEM_ACTOR)
    elif what == "otherwise":
        pay_otherwise(refund, tender=chance.choice(["cash", "store_credit"]), actor=SYSTEM_ACTOR)
    else:
        for other in Refund.objects.filter(state="manual_pending"):
            mark_paid(other, actor=SYSTEM_ACTOR)


def check(story: list[str]) -> None:
    """What must hold after every step; all of it can be read off the rows."""
    payment, row = OrderPayment.objects.get(), Reimbursement.objects.get()
    held = Refund.objects.filter(state__in=HOLDS, payment=payment).aggregate(n=Sum("amount"))["n"] or 0
    assert payment.refunded == held <= payment.captured, story
    paid = Refund.objects.filter(state="succeeded")
    assert paid.count() <= 1, story
    assert Event.objects.filter(kind="refund.succeeded").count() == paid.count(), story
    assert (row.state == "settled") == paid.exists(), story
    rma = Return.objects.get()
    assert (rma.refunded, rma.open_reimbursements) == ((10000, 0) if paid.exists() else (0, 1)), story
    for refund in Refund.objects.all():
        assert refund.next_attempt_at is None or refund.state in ("created", "processing"), story


class Undo(Exception):
    """Ends a life and forgets it."""


def live(seed: int, refund: Refund) -> tuple[str, int]:
    """One random life on top of the same beginning, undone at its end."""
    chance, story = random.Random(seed), [str(seed)]
    end: tuple[str, int] = ("", 0)
    try:
        with transaction.atomic():
            for _step in range(14):
                try:
                    something_happens(chance, refund)
                except Refused as refusal:
                    story.append(refusal.code)
                refund.refresh_from_db()
                story.append(refund.state)
                check(story)
            end = (refund.state, Break.objects.count())
            raise Undo
    except Undo:
        return end


def test_no_order_of_answers_breaks_the_books(api: Api) -> None:
    _rma, refund = begun(api)
    ends = [live(seed, refund) for seed in range(LIVES)]
    assert {state for state, _breaks in ends} >= {"succeeded", "failed", "processing"}, "every way out was taken"
    assert any(breaks for _state, breaks in ends), "something was for a person"
