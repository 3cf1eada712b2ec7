"""The fake gateway in this process, and the clock of refunds turned forward."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from threading import Thread
from typing import Any

import requests
from django.conf import settings
from django.db.models import F
from django.utils import timezone

from refunds.fakes.book import Book
from refunds.fakes.modes import Manners
from refunds.fakes.server import Gateway
from refunds.models import Refund
from refunds.tasks import execute_refunds
from tests.builders import Api, Json, ask, card, inspect, line, place, publish, receive, reimburse

SECRET = "between-us"


@contextmanager
def running(file: str = ":memory:", *, forget_after: float | None = None, **manners: Any) -> Iterator[Gateway]:
    """A fake gateway on a free port, to which the settings point; whoever hangs there hangs shortly."""
    gateway = Gateway(
        ("127.0.0.1", 0),
        Book(file, forget_after=forget_after),
        Manners(**{"hang": 0.0, "settle_after": 0.0, "secret": SECRET, **manners}),
    )
    thread = Thread(target=gateway.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    before = settings.FAKE_GATEWAY_URL, settings.FAKE_GATEWAY_SECRET
    settings.FAKE_GATEWAY_URL, settings.FAKE_GATEWAY_SECRET = gateway.url, SECRET
    try:
        yield gateway
    finally:
        settings.FAKE_GATEWAY_URL, settings.FAKE_GATEWAY_SECRET = before
        gateway.shutdown()
        gateway.server_close()
        thread.join(5)


def ledger(gateway: Gateway) -> Json:
    """What the gateway says it did."""
    return requests.get(f"{gateway.url}/ledger", timeout=5).json()  # type: ignore[no-any-return]


def paid_by(*references: str, amount: str = "100.00", **changes: Any) -> Json:
    """Changes of an order that is paid through the fake gateway, one payment for each reference."""
    payments = [
        card(f"P{n}", amount, gateway="fake", reference=reference) for n, reference in enumerate(references, start=1)
    ]
    return {"payments": payments, **changes}


def accepted(api: Api, mode: str = "ok", units: int = 1, **changes: Any) -> Json:
    """A return of one line of 100.00 paid through the fake in a mode, with everything back and accepted."""
    publish(api, auto_reimburse=False)
    reference = f"pay_{Refund.objects.count()}_{timezone.now().timestamp()}?mode={mode}"
    order = place(api, line(quantity=units), **{**paid_by(reference, amount=f"{units}00.00"), **changes})
    rma = ask(api, order, ("A", units))
    receive(api, rma)
    inspect(api, rma, ("A", units))
    return rma


def begun(api: Api, mode: str = "ok") -> tuple[Json, Refund]:
    """A refund of 100.00 through the fake in a mode, ready to be sent; with its return."""
    rma = accepted(api, mode)
    made = reimburse(api, rma)
    return rma, Refund.objects.get(uid=made["refunds"][0]["id"])


def work(refund: Refund) -> Refund:
    """Let the worker do what is due; the row as it is then."""
    execute_refunds()
    refund.refresh_from_db()
    return refund


def later(refund: Refund, **wait: float) -> Refund:
    """Everything that was to happen within that time (an hour unless told) happens."""
    span = timedelta(**(wait or {"hours": 1}))
    rows = Refund.objects.filter(pk=refund.pk)
    rows.update(
        first_called_at=F("first_called_at") - span,
        next_attempt_at=F("next_attempt_at") - max(span, timedelta(hours=1)),
    )
    return work(refund)
