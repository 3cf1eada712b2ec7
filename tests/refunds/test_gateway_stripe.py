"""Stripe's wire format, spoken over HTTP with a process of its own, and which of its answers are clear."""

from __future__ import annotations

import hashlib
import hmac
import json
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests

from accounts.problems import Invalid
from config.checks import stripe_package
from refunds import gateways
from refunds.gateways import accounts, stripe
from refunds.gateways.base import BadSignature, LedgerAway, RefundCall, RefundOutcome
from refunds.gateways.stripe import KEY, StripeGateway, to_ours, to_theirs
from tests.refunds.providers import Provider, serving
from tests.servers import free_port

SECRET, HOOK = "sk_test_12345", "whsec_test"
WAIT = 30


@pytest.fixture(scope="module")
def base() -> Iterator[str]:
    """A server that speaks Stripe's wire format."""
    port = free_port()
    command = [sys.executable, "-m", "localstripe", "--port", str(port), "--from-scratch"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        address = f"http://127.0.0.1:{port}"
        _wait(address, process)
        yield address
    finally:
        process.terminate()
        process.wait(10)


def _wait(address: str, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + WAIT
    while time.monotonic() < until:
        assert process.poll() is None, "the server did not start"
        try:
            requests.get(f"{address}/v1/refunds", auth=(SECRET, ""), timeout=1)
        except requests.ConnectionError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError("the server does not answer")


def paid(base: str, amount: int = 10000, currency: str = "eur") -> str:
    """A payment that went through; its id."""

    def post(path: str, **data: Any) -> dict[str, Any]:
        answer = requests.post(f"{base}/v1/{path}", data=data, auth=(SECRET, ""), timeout=10)
        assert answer.ok, answer.text
        return answer.json()  # type: ignore[no-any-return]

    number = {"card[number]": "4242424242424242", "card[exp_month]": 12, "card[exp_year]": 2035, "card[cvc]": "123"}
    method = post("payment_methods", type="card", **number)["id"]
    intent = post("payment_intents", amount=amount, currency=currency, payment_method=method)["id"]
    assert post(f"payment_intents/{intent}/confirm")["status"] == "succeeded"
    return str(intent)


def call(reference: str, amount: int = 1234, currency: str = "EUR", **more: Any) -> RefundCall:
    """A refund of 12.34."""
    return RefundCall(f"{uuid.uuid4()}-1", reference, amount, currency, order_number="1001", **more)


def test_a_refund_is_made_and_found(base: str) -> None:
    gateway, intent = StripeGateway(SECRET, base), paid(base)
    first, second = call(intent), call(intent, 300)
    made = gateway.refund(first)
    assert made.outcome == RefundOutcome.SUCCEEDED
    assert made.gateway_id
    assert made.gateway_id.startswith("re_")
    gateway.refund(second)
    stored = requests.get(f"{base}/v1/refunds/{made.gateway_id}", auth=(SECRET, ""), timeout=10).json()
    assert (stored["amount"], stored["currency"], stored["payment_intent"]) == (1234, "eur", intent)
    assert stored["metadata"] == {KEY: first.key, "order": "1001"}
    found = gateway.look_up(first)
    assert (found.outcome, found.gateway_id) == (RefundOutcome.SUCCEEDED, made.gateway_id)
    by_id = RefundCall("other", intent, 1234, "EUR", gateway_id=made.gateway_id)
    assert gateway.look_up(by_id).outcome == RefundOutcome.SUCCEEDED
    assert gateway.look_up(call(intent)).outcome == RefundOutcome.UNKNOWN
    missing = RefundCall("other", intent, 1234, "EUR", gateway_id="re_nothing")
    assert gateway.look_up(missing).outcome == RefundOutcome.UNKNOWN


def test_a_refund_of_nothing_fails_for_certain(base: str) -> None:
    answer = StripeGateway(SECRET, base).refund(call("pi_nothing"))
    assert answer.outcome == RefundOutcome.FAILED
    assert answer.reason
    assert StripeGateway("wrong", base).refund(call("pi_nothing")).outcome == RefundOutcome.FAILED


def test_the_ledger_is_read_until_what_is_older(base: str) -> None:
    gateway, intent = StripeGateway(SECRET, base), paid(base)
    asked = call(intent, 777)
    made = gateway.refund(asked)
    rows = {row.gateway_id: row for row in gateway.refunds_since(datetime.now(UTC) - timedelta(minutes=1)) or ()}
    row = rows[made.gateway_id or ""]
    assert (row.key, row.amount, row.currency, row.payment_reference) == (asked.key, 777, "EUR", intent)
    assert row.outcome == RefundOutcome.SUCCEEDED
    assert list(gateway.refunds_since(datetime.now(UTC) + timedelta(hours=1)) or ()) == []


def signed(event: dict[str, Any], secret: str = HOOK, at: int | None = None) -> tuple[bytes, dict[str, str]]:
    """A webhook as Stripe signs it."""
    body, stamp = json.dumps(event).encode(), int(time.time()) if at is None else at
    digest = hmac.new(secret.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
    return body, {"Stripe-Signature": f"t={stamp},v1={digest}"}


def event(kind: str = "refund.updated", **row: Any) -> dict[str, Any]:
    """An event about a refund."""
    refund = {
        "object": "refund",
        "id": "re_1",
        "amount": 500,
        "currency": "jpy",
        "status": "succeeded",
        "created": 1700000000,
        "payment_intent": "pi_1",
        "metadata": {KEY: "k-1"},
        **row,
    }
    return {"id": "evt_1", "object": "event", "type": kind, "data": {"object": refund}}


GATEWAY = StripeGateway(SECRET, "http://127.0.0.1:1", HOOK)


def test_a_signed_event_is_a_notice() -> None:
    (notice,) = GATEWAY.notices(*signed(event()))
    assert (notice.event_id, notice.kind, notice.about) == ("evt_1", "refund.updated", "refund")
    assert (notice.key, notice.gateway_id, notice.outcome) == ("k-1", "re_1", "succeeded")
    assert (notice.amount, notice.currency) == (500, "JPY")
    (failed,) = GATEWAY.notices(*signed(event("charge.refund.updated", status="failed", failure_reason="expired_card")))
    assert (failed.outcome, failed.reason) == ("failed", "expired_card")
    assert GATEWAY.notices(*signed(event("charge.refunded", object="charge"))) == []


def test_a_forged_event_is_refused() -> None:
    body, headers = signed(event())
    old = signed(event(), at=int(time.time()) - 3600)
    for given in ((body + b" ", headers), (body, {}), signed(event(), "whsec_other"), old, signed(event(), "\0")):
        with pytest.raises(BadSignature):
            GATEWAY.notices(*given)
    with pytest.raises(BadSignature):
        StripeGateway(SECRET).notices(*signed(event(), ""))


class Answers(Provider):
    """Says what it is told to, in Stripe's words for errors."""

    def __init__(self, status: int, error: str = "api_error", document: Any = None) -> None:
        super().__init__()
        self.said = (status, document or {"error": {"type": error, "message": "No.", "code": "no"}})

    def answer(self, method: str, path: str, headers: dict[str, str], body: bytes) -> tuple[int, Any]:
        """The same for everything."""
        return self.said


@pytest.mark.parametrize(
    ("status", "error", "outcome"),
    [
        (400, "invalid_request_error", "failed"),
        (400, "idempotency_error", "unclear"),
        (401, "invalid_request_error", "failed"),
        (402, "card_error", "failed"),
        (409, "invalid_request_error", "unclear"),
        (429, "invalid_request_error", "unclear"),
        (500, "api_error", "unclear"),
        (503, "api_error", "unclear"),
    ],
)
def test_only_a_refusal_before_anything_is_definite(status: int, error: str, outcome: str) -> None:
    provider = Answers(status, error)
    with serving(provider) as base:
        answer = StripeGateway(SECRET, base).refund(call("pi_1"))
        assert answer.outcome == outcome
        assert StripeGateway(SECRET, base).look_up(call("pi_1")).outcome == RefundOutcome.UNCLEAR
        with pytest.raises(LedgerAway):
            list(StripeGateway(SECRET, base).refunds_since(datetime.now(UTC)) or ())
    assert len([row for row in provider.seen if row[0] == "POST"]) == 1


def test_the_key_is_sent_and_nothing_is_sent_twice() -> None:
    provider, asked = Answers(200, document={"object": "refund", "id": "re_1", "status": "pending"}), call("ch_1")
    with serving(provider) as base:
        assert StripeGateway(SECRET, base).refund(asked).outcome == RefundOutcome.PENDING
        provider.fault = "cut"
        assert StripeGateway(SECRET, base).refund(asked).outcome == RefundOutcome.UNCLEAR
    assert len(provider.seen) == 2
    assert {row[2]["idempotency-key"] for row in provider.seen} == {asked.key}
    assert b"charge=ch_1" in provider.seen[0][3]


@pytest.mark.parametrize(
    ("ours", "currency", "theirs"),
    [
        (1234, "EUR", 1234),
        (500, "JPY", 500),
        (1230, "KWD", 1230),
        (1234, "KWD", None),
        (5, "UGX", 500),
        (7, "ISK", 700),
    ],
)
def test_amounts_in_the_minor_units_of_stripe(ours: int, currency: str, theirs: int | None) -> None:
    assert to_theirs(ours, currency) == theirs
    if theirs is not None:
        assert to_ours(theirs, currency) == ours


def test_what_stripe_cannot_express_is_refused_before_it_is_sent() -> None:
    assert GATEWAY.refund(call("pi_1", 1234, "KWD")).outcome == RefundOutcome.FAILED
    assert to_ours(501, "UGX") == -1


def test_the_settings_decide(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.STRIPE_SECRET_KEY = ""
    assert gateways.get("stripe").code == "manual"
    settings.STRIPE_SECRET_KEY, settings.STRIPE_API_BASE = SECRET, "http://127.0.0.1:1"
    assert gateways.get("stripe").code == "stripe"
    assert gateways.get("stripe").key_window == timedelta(hours=24)
    assert stripe_package(None) == []
    monkeypatch.setattr(stripe, "sdk", None)
    assert gateways.get("stripe").code == "manual"
    assert "requirements/extras.txt" in str(stripe_package(None)[0].hint)
    with pytest.raises(Invalid):
        accounts.check("stripe", {})


def test_a_second_account_of_stripe() -> None:
    assert accounts.check("stripe", {"webhook_secret": HOOK}) == {"webhook_secret": HOOK}
    with pytest.raises(Invalid):
        accounts.check("stripe", {"secret": "x"})
