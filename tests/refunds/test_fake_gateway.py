"""The fake gateway is strict: one key one answer, never beyond what was captured, and its faults are as promised."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from refunds.fakes.modes import MODES, Manners
from refunds.fakes.server import Gateway
from refunds.gateways import wire
from refunds.gateways.base import ChargeCall, ChargeOutcome, LedgerAway, RefundCall, RefundOutcome
from refunds.gateways.fake import FakeGateway, sign
from tests.refunds.fakery import SECRET, ledger, running
from tests.servers import free_port

Answer = tuple[int, Any]


@pytest.fixture
def fake() -> Iterator[Gateway]:
    """A fake gateway of its own for each test."""
    with running() as gateway:
        yield gateway


def client(gateway: Gateway) -> FakeGateway:
    return FakeGateway(gateway.url, SECRET, None)


def ask(gateway: Gateway, key: str, payment: str = "p", amount: Any = 100, **more: Any) -> Answer:
    body = {"payment": payment, "amount": amount, "currency": "EUR", **more}
    answer = requests.post(f"{gateway.url}/refunds", json=body, headers={"Idempotency-Key": key}, timeout=5)
    return answer.status_code, answer.json()


def test_the_same_key_gets_the_same_answer(fake: Gateway) -> None:
    assert ask(fake, "k") == ask(fake, "k")
    assert ledger(fake)["succeeded"] == {"refunds": 1, "amount": 100}


def test_the_same_key_with_another_body_is_refused(fake: Gateway) -> None:
    ask(fake, "k")
    assert ask(fake, "k", amount=99)[0] == 409
    assert ledger(fake)["succeeded"] == {"refunds": 1, "amount": 100}


def test_never_beyond_what_was_captured(fake: Gateway) -> None:
    assert ask(fake, "a", amount=60, captured=100)[0] == 200
    status, said = ask(fake, "b", amount=41, captured=100)
    assert (status, said["code"]) == (422, "over_captured")
    assert ask(fake, "c", amount=40, captured=100)[0] == 200
    assert ledger(fake)["over_captured"] == []


def test_what_was_captured_is_what_was_said_first(fake: Gateway) -> None:
    ask(fake, "a", amount=60, captured=100)
    assert ask(fake, "b", amount=60, captured=1000)[0] == 422


def test_without_a_captured_amount_there_is_no_limit(fake: Gateway) -> None:
    assert ask(fake, "a", amount=10**9)[0] == 200


@pytest.mark.parametrize("bad", [{"amount": 0}, {"amount": -1}, {"amount": "5"}, {"amount": True}, {"payment": ""}])
def test_nonsense_is_refused_and_moves_nothing(fake: Gateway, bad: dict[str, Any]) -> None:
    assert ask(fake, "k", **bad)[0] == 422
    assert ask(fake, "")[0] == 422
    assert ledger(fake)["succeeded"]["refunds"] == 0


OUTCOMES = {
    "ok": ("succeeded", 1),
    "decline": ("failed", 0),
    "decline_once": ("failed", 0),
    "pending": ("pending", 0),
    "error_before": ("unclear", 0),
    "error_after": ("unclear", 1),
    "timeout_after": ("unclear", 1),
    "forget_keys": ("unclear", 1),
}


@pytest.mark.parametrize("mode", MODES)
def test_each_mode_answers_and_moves_as_promised(fake: Gateway, mode: str) -> None:
    fake.manners.settle_after = 60
    call = RefundCall("k", f"pay_1?mode={mode}", 100, "EUR")
    answer = client(fake).refund(call)
    assert (answer.outcome.value, ledger(fake)["succeeded"]["refunds"]) == OUTCOMES[mode]
    found = client(fake).look_up(call)
    there = {"unclear": "succeeded" if OUTCOMES[mode][1] else "unknown"}.get(OUTCOMES[mode][0], OUTCOMES[mode][0])
    assert found.outcome.value == there


def test_a_declined_once_payment_goes_through_under_the_next_key(fake: Gateway) -> None:
    reference = "pay_1?mode=decline_once"
    outcomes = [client(fake).refund(RefundCall(key, reference, 100, "EUR")).outcome for key in ("a", "a", "b")]
    assert outcomes == [RefundOutcome.FAILED, RefundOutcome.FAILED, RefundOutcome.SUCCEEDED]


def test_a_forgotten_key_moves_the_money_again(fake: Gateway) -> None:
    """This is what the look-up before every resend is for."""
    reference = "pay_1?mode=forget_keys"
    for _n in range(2):
        client(fake).refund(RefundCall("a", reference, 100, "EUR"))
    assert ledger(fake)["twice"] == [{"key": "a", "times": 2}]


def test_keys_are_forgotten_after_their_time() -> None:
    with running(forget_after=0.0) as gateway:
        ask(gateway, "k")
        ask(gateway, "k")
        assert len(ledger(gateway)["twice"]) == 1


def test_pending_settles_by_itself_and_is_told(fake: Gateway) -> None:
    call = RefundCall("k", "pay_1?mode=pending", 100, "EUR")
    client(fake).refund(call)
    fake.counter.settle()
    assert client(fake).look_up(call).outcome == RefundOutcome.SUCCEEDED


def test_the_ledger_is_read_to_its_end(fake: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("refunds.gateways.fake.PAGE", 2)
    for key in "abcde":
        ask(fake, key)
    from datetime import UTC, datetime

    found = list(client(fake).refunds_since(datetime(2020, 1, 1, tzinfo=UTC)) or ())
    assert [row.key for row in found] == list("abcde")
    assert list(client(fake).refunds_since(datetime(2120, 1, 1, tzinfo=UTC)) or ()) == []
    fake.shutdown()
    fake.server_close()
    with pytest.raises(LedgerAway):
        list(client(fake).refunds_since(datetime(2020, 1, 1, tzinfo=UTC)) or ())


def test_a_seed_misbehaves_the_same_way_again() -> None:
    def run() -> list[str]:
        manners = Manners(seed=7, decline=0.2, error_before=0.2, error_after=0.2, timeout_after=0.1, pending=0.1)
        return [manners.mode("pay") for _n in range(200)]

    assert run() == run()
    assert set(run()) == {"ok", "decline", "error_before", "error_after", "timeout_after", "pending"}


def test_a_partly_captured_payment_gives_only_that_back() -> None:
    with running(partial_captures=1.0) as gateway:
        assert ask(gateway, "a", amount=100, captured=100)[1]["code"] == "over_captured"
        assert ask(gateway, "b", amount=50, captured=100)[0] == 200


class TestCharges:
    call = ChargeCall("c-1", 500, "EUR", "Difference", return_url="https://shop.example.com/r/1")

    def test_a_link_is_paid_by_a_button(self, fake: Gateway) -> None:
        made = client(fake).ask(self.call)
        assert (made.outcome, client(fake).ask(self.call)) == (ChargeOutcome.OPEN, made)
        assert "<button>" in requests.get(made.url, timeout=5).text
        paid = requests.post(made.url, timeout=5, allow_redirects=False)
        assert (paid.status_code, paid.headers["Location"]) == (303, self.call.return_url)
        found = client(fake).look_up_charge(self.call)
        assert (found.outcome, found.captured) == (ChargeOutcome.PAID, 500)
        assert "<button>" not in requests.get(made.url, timeout=5).text

    def test_a_hold_is_taken_in_part_once(self, fake: Gateway) -> None:
        held = client(fake).hold(self.call)
        assert held.outcome == ChargeOutcome.HELD
        take = ChargeCall("c-1-capture", 300, "EUR", "", gateway_id=held.gateway_id)
        for _n in range(2):
            taken = client(fake).capture(take)
            assert (taken.outcome, taken.captured) == (ChargeOutcome.PAID, 300)
        more = ChargeCall("c-2-capture", 200, "EUR", "", gateway_id=held.gateway_id)
        assert client(fake).capture(more).outcome == ChargeOutcome.FAILED
        assert client(fake).release(take).outcome == ChargeOutcome.FAILED

    def test_a_released_one_cannot_be_paid(self, fake: Gateway) -> None:
        made = client(fake).ask(self.call)
        let_go = ChargeCall("c-1-release", 500, "EUR", "", gateway_id=made.gateway_id)
        assert client(fake).release(let_go).outcome == ChargeOutcome.RELEASED
        assert requests.post(made.url, timeout=5).status_code == 422
        assert client(fake).look_up_charge(self.call).outcome == ChargeOutcome.RELEASED

    def test_the_same_key_for_another_amount_is_not_a_failure(self, fake: Gateway) -> None:
        client(fake).ask(self.call)
        assert client(fake).ask(ChargeCall("c-1", 501, "EUR", "")).outcome == ChargeOutcome.UNCLEAR

    def test_what_nobody_made_is_unknown(self, fake: Gateway) -> None:
        assert client(fake).look_up_charge(self.call).outcome == ChargeOutcome.UNKNOWN

    def test_the_page_shows_words_as_words(self, fake: Gateway) -> None:
        made = client(fake).ask(ChargeCall("c-9", 5, "EUR", "<script>alert(1)</script>"))
        assert "<script>" not in requests.get(made.url, timeout=5).text


class TestTheWire:
    def test_nobody_there_is_no_answer(self) -> None:
        reply = wire.call("GET", f"http://127.0.0.1:{free_port()}/")
        assert (reply.status, reply.ok, bool(reply.error)) == (0, False, True)

    def test_a_redirect_is_not_followed(self, fake: Gateway) -> None:
        made = client(fake).ask(TestCharges.call)
        assert wire.call("POST", made.url).status == 303

    def test_a_long_answer_is_cut_off(self, fake: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(wire, "MOST_BYTES", 10)
        assert wire.call("GET", f"{fake.url}/ledger").status == 0

    def test_a_slow_answer_ends(self, fake: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(wire, "READ", 0.1)
        fake.manners.delay = 0.5
        assert wire.call("GET", f"{fake.url}/ledger").status == 0


def signed(event: Any, at: int | None = None, secret: str = SECRET) -> tuple[bytes, dict[str, str]]:
    body = json.dumps(event).encode()
    return body, {"Fake-Signature": sign(secret, body, int(time.time()) if at is None else at)}


def test_the_process_starts_serves_and_stops(tmp_path: Path) -> None:
    port = free_port()
    command = [sys.executable, "manage.py", "fake_gateway", "--port", str(port), "--db", str(tmp_path / "book")]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2])
    try:
        assert process.stdout is not None
        assert f"http://127.0.0.1:{port}" in process.stdout.readline()
        assert requests.get(f"http://127.0.0.1:{port}/ledger", timeout=5).json()["calls"] == 0
    finally:
        process.terminate()
        assert process.wait(10) == 0
