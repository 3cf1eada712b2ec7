"""A refund on its way through a gateway: every fault ends in the right state, once, and with a way forward."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from customers.models import OrderPayment
from refunds.actions import answers, execute, waiting
from refunds.actions.answers import record_answer
from refunds.actions.execute import claim_refund, execute_refund
from refunds.actions.gates import gateway_for
from refunds.fakes.server import Gateway
from refunds.gateways import RefundAnswer, RefundOutcome
from refunds.gateways.fake import FakeGateway
from refunds.models import Break, Refund, RefundAttempt, Reimbursement, StoreCredit
from refunds.tasks import execute_refunds
from returns.models import Event, Return
from tests.builders import Api, read
from tests.refunds.fakery import accepted, begun, later, ledger, running, work
from tests.snapshot import unchanged

pytestmark = pytest.mark.django_db
State = Refund.State


@pytest.fixture(autouse=True)
def fake() -> Iterator[Gateway]:
    """A fake gateway of its own for each test."""
    with running() as gateway:
        yield gateway


def moved(gateway: Gateway) -> tuple[int, int]:
    """How many refunds the gateway made, and for how much."""
    found = ledger(gateway)
    assert found["twice"] == found["over_captured"] == []
    return found["succeeded"]["refunds"], found["succeeded"]["amount"]


def kinds(rma: Any, prefix: str = "refund.") -> list[str]:
    found = Event.objects.filter(rma__code=rma["rma"], kind__startswith=prefix).order_by("seq")
    return list(found.values_list("kind", flat=True))


def test_nothing_is_called_before_the_worker_comes(api: Api, fake: Gateway) -> None:
    rma, refund = begun(api)
    assert (refund.state, refund.tries, refund.first_called_at) == (State.CREATED, 0, None)
    assert ledger(fake)["calls"] == 0
    assert OrderPayment.objects.get().refunded == 10000
    assert read(api, rma)["status"] == "inspected"


def test_it_is_sent_once_and_settles(api: Api, fake: Gateway) -> None:
    rma, refund = begun(api)
    work(refund)
    assert (refund.state, refund.gateway_refund_id, refund.next_attempt_at) == (State.SUCCEEDED, "fr_1", None)
    assert execute_refunds() == 0
    assert moved(fake) == (1, 10000)
    assert read(api, rma)["status"] == "resolved"
    assert read(api, rma)["reimbursements"][0]["status"] == "settled"
    assert kinds(rma) == ["refund.started", "refund.succeeded"]


@pytest.mark.parametrize("mode", ["error_after", "timeout_after", "forget_keys"])
def test_an_answer_that_got_lost_is_looked_up(api: Api, fake: Gateway, mode: str) -> None:
    rma, refund = begun(api, mode)
    work(refund)
    assert refund.state == State.PROCESSING
    assert moved(fake) == (1, 10000)
    assert execute_refunds() == 0, "not before its time"
    later(refund)
    assert (refund.state, refund.attempt, moved(fake)) == (State.SUCCEEDED, 1, (1, 10000))
    assert ledger(fake)["calls"] == 1, "it was never sent again"
    assert kinds(rma) == ["refund.started", "refund.succeeded"]


def test_what_never_arrived_is_sent_again_under_the_same_key(api: Api, fake: Gateway) -> None:
    _rma, refund = begun(api, "error_before")
    work(refund)
    assert (refund.state, moved(fake)) == (State.PROCESSING, (0, 0))
    later(refund)
    assert (refund.state, refund.attempt, moved(fake)) == (State.SUCCEEDED, 1, (1, 10000))
    assert set(RefundAttempt.objects.values_list("key", flat=True)) == {f"{refund.uid}-1"}


def test_unknown_so_soon_is_not_believed(api: Api, fake: Gateway) -> None:
    _rma, refund = begun(api, "error_before")
    work(refund)
    Refund.objects.update(next_attempt_at=timezone.now())
    work(refund)
    assert (refund.state, ledger(fake)["calls"]) == (State.PROCESSING, 1)


def test_after_the_key_window_a_person_decides(api: Api, fake: Gateway) -> None:
    _rma, refund = begun(api, "error_before")
    work(refund)
    later(refund, days=2)
    assert (refund.state, ledger(fake)["calls"]) == (State.PROCESSING, 1)
    found = Break.objects.get()
    assert (found.kind, found.subject, found.detail["answer"]) == ("stuck", f"{refund.uid}-1", "unknown")
    api.post(f"/refunds/{refund.uid}/retry").ok()
    refund.refresh_from_db()
    assert (refund.attempt, refund.first_called_at) == (2, None)
    found.refresh_from_db()
    assert found.closed_at
    work(refund)
    later(refund)
    assert (refund.state, refund.idempotency_key, moved(fake)) == (State.SUCCEEDED, f"{refund.uid}-2", (1, 10000))


def test_pending_is_asked_about_until_it_is_over(api: Api, fake: Gateway) -> None:
    fake.manners.settle_after = 3600
    _rma, refund = begun(api, "pending")
    work(refund)
    assert (refund.state, refund.gateway_refund_id) == (State.PROCESSING, "fr_1")
    first = refund.next_attempt_at
    later(refund)
    assert refund.state == State.PROCESSING
    assert first
    assert refund.next_attempt_at
    assert refund.next_attempt_at - timezone.now() > first - timezone.now(), "the waits grow"
    with fake.book.turn():
        fake.book.do("UPDATE refund SET settles = 0")
        fake.book.settle_pending()
    assert later(refund).state == State.SUCCEEDED
    assert moved(fake) == (1, 10000)


def test_a_refusal_frees_the_money_and_is_told(api: Api, fake: Gateway) -> None:
    rma, refund = begun(api, "decline")
    work(refund)
    assert (refund.state, refund.failure_code, refund.next_attempt_at) == (State.FAILED, "declined", None)
    assert OrderPayment.objects.get().refunded == 0
    assert kinds(rma) == ["refund.started", "refund.failed"]
    assert read(api, rma)["reimbursements"][0]["status"] == "failed"
    assert read(api, rma)["status"] == "inspected"
    assert moved(fake) == (0, 0)


def test_a_failed_one_is_tried_again_under_the_next_number(api: Api, fake: Gateway) -> None:
    rma, refund = begun(api, "decline_once")
    work(refund)
    api.post(f"/refunds/{refund.uid}/retry").ok()
    assert OrderPayment.objects.get().refunded == 10000
    work(refund)
    assert (refund.state, refund.idempotency_key, moved(fake)) == (State.SUCCEEDED, f"{refund.uid}-2", (1, 10000))
    assert read(api, rma)["status"] == "resolved"


def test_a_failed_one_whose_money_went_elsewhere_is_not_tried_again(api: Api) -> None:
    _rma, refund = begun(api, "decline_once")
    work(refund)
    OrderPayment.objects.update(refunded_elsewhere=1)
    with unchanged():
        told = api.post(f"/refunds/{refund.uid}/retry").refused(422, "over_amount")
    assert told["max"] == "99.99"


def test_on_its_way_it_cannot_be_tried_again(api: Api) -> None:
    _rma, refund = begun(api, "error_before")
    work(refund)
    with unchanged():
        api.post(f"/refunds/{refund.uid}/retry").refused(409, "wrong_state")


def test_without_any_answer_for_long_a_person_sees_it(api: Api, fake: Gateway) -> None:
    _rma, refund = begun(api, "timeout_after")
    fake.shutdown()
    fake.server_close()
    for _n in range(6):
        later(refund, minutes=1)
    assert (refund.state, refund.tries) == (State.PROCESSING, 6)
    assert Break.objects.get().detail["answer"] == "unclear"
    api.post(f"/refunds/{refund.uid}/retry").ok()
    refund.refresh_from_db()
    assert refund.attempt == 1, "without a certain answer the key never changes"
    assert refund.next_attempt_at
    assert refund.next_attempt_at <= timezone.now()


def test_a_worker_that_died_after_the_claim_left_it_to_be_looked_up(api: Api, fake: Gateway) -> None:
    _rma, refund = begun(api)
    due = claim_refund()
    assert due is not None
    assert due.fresh
    assert claim_refund() is None, "leased"
    later(refund)
    assert (refund.state, moved(fake)) == (State.SUCCEEDED, (1, 10000))


def test_two_workers_with_the_same_refund_move_it_once(api: Api, fake: Gateway) -> None:
    _rma, refund = begun(api)
    due = claim_refund()
    assert due is not None
    later(refund)
    execute_refund(due)
    refund.refresh_from_db()
    assert (refund.state, moved(fake)) == (State.SUCCEEDED, (1, 10000))
    assert Break.objects.count() == 0


def test_a_gateway_that_raises_is_unclear(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    _rma, refund = begun(api)

    def broken(self: Any, call: Any) -> RefundAnswer:
        raise KeyError("status")

    monkeypatch.setattr(FakeGateway, "refund", broken)
    work(refund)
    assert (refund.state, refund.last_error) == (State.PROCESSING, "KeyError: 'status'")


def test_one_that_cannot_be_recorded_holds_up_nobody(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    _rma, bad = begun(api)
    _rma, good = begun(api)
    real = answers.mark_succeeded

    def breaks(held: Any, reference: str | None, **more: Any) -> None:
        if held.refund.pk == bad.pk:
            raise RuntimeError
        real(held, reference, **more)

    monkeypatch.setattr(answers, "mark_succeeded", breaks)
    assert execute_refunds() == 2
    assert dict(Refund.objects.values_list("pk", "state")) == {bad.pk: State.PROCESSING, good.pk: State.SUCCEEDED}
    monkeypatch.setattr(answers, "mark_succeeded", real)
    assert later(bad).state == State.SUCCEEDED


def test_success_after_a_failure_is_taken_up(api: Api) -> None:
    rma, refund = begun(api, "decline")
    work(refund)
    late(refund)
    assert refund.state == State.SUCCEEDED
    assert OrderPayment.objects.get().refunded == 10000
    assert read(api, rma)["status"] == "resolved"


def late(refund: Refund, key: str = "", name: str = "fr_99", **more: Any) -> Refund:
    """The gateway says after all that money moved."""
    answer = RefundAnswer(RefundOutcome.SUCCEEDED, gateway_id=name)
    record_answer(refund.pk, answer, key=key or f"{refund.uid}-1", source="webhook", **more)
    refund.refresh_from_db()
    return refund


def test_success_after_a_failure_that_was_paid_otherwise_is_a_break(api: Api) -> None:
    _rma, refund = begun(api, "decline")
    work(refund)
    api.post(f"/refunds/{refund.uid}/pay-otherwise", {"tender": "cash"}).made()
    late(refund)
    assert refund.state == State.FAILED
    found = Break.objects.get()
    assert (found.kind, found.theirs, found.detail["counted"]) == ("only_there", 10000, 0)


def test_success_of_a_former_attempt_stops_the_new_one(api: Api, fake: Gateway) -> None:
    _rma, refund = begun(api, "decline")
    work(refund)
    api.post(f"/refunds/{refund.uid}/retry").ok()
    late(refund)
    assert refund.state == State.SUCCEEDED
    assert execute_refunds() == 0


def test_success_of_a_former_attempt_after_the_new_one_is_a_break(api: Api) -> None:
    _rma, refund = begun(api, "decline_once")
    work(refund)
    api.post(f"/refunds/{refund.uid}/retry").ok()
    work(refund)
    assert refund.state == State.SUCCEEDED
    for _n in range(2):
        late(refund)
    assert Break.objects.get().kind == "only_there"
    assert Refund.objects.get().gateway_refund_id == "fr_2"


def test_failure_after_a_success_is_a_break_and_moves_nothing(api: Api) -> None:
    _rma, refund = begun(api)
    work(refund)
    answer = RefundAnswer(RefundOutcome.FAILED, gateway_id="fr_1", reason="bank sent it back")
    record_answer(refund.pk, answer, key=refund.idempotency_key, source="webhook")
    refund.refresh_from_db()
    assert refund.state == State.SUCCEEDED
    assert Break.objects.get().kind == "state"
    assert OrderPayment.objects.get().refunded == 10000


def test_another_amount_is_never_taken_for_ours(api: Api) -> None:
    _rma, refund = begun(api)
    late(refund, amount=9999)
    assert refund.state == State.PROCESSING
    found = Break.objects.get()
    assert (found.kind, found.ours, found.theirs) == ("amount", 10000, 9999)


def test_one_gateway_refund_never_pays_two(api: Api) -> None:
    _rma, first = begun(api)
    work(first)
    _rma, second = begun(api)
    late(second, name="fr_1")
    assert second.state == State.PROCESSING
    assert Break.objects.get().kind == "state"


@pytest.mark.parametrize("outcome", [RefundOutcome.SUCCEEDED, RefundOutcome.UNCLEAR, RefundOutcome.PENDING])
def test_the_same_answer_again_changes_no_state(api: Api, outcome: RefundOutcome) -> None:
    rma, refund = begun(api)
    work(refund)
    before = kinds(rma)
    record_answer(refund.pk, RefundAnswer(outcome, gateway_id="fr_1"), key=refund.idempotency_key, source="webhook")
    refund.refresh_from_db()
    assert (refund.state, kinds(rma), Break.objects.count()) == (State.SUCCEEDED, before, 0)


class TestOtherwise:
    def failed(self, api: Api) -> tuple[Any, Refund]:
        rma, refund = begun(api, "decline")
        return rma, work(refund)

    @pytest.mark.parametrize("tender", ["bank_transfer", "cash"])
    def test_by_hand(self, api: Api, tender: str) -> None:
        rma, refund = self.failed(api)
        payout = {"holder": "A. Nowak", "iban": "PL61109010140000071219812874"}
        body = {"tender": tender} | ({"payout": payout} if tender == "bank_transfer" else {})
        other = api.post(f"/refunds/{refund.uid}/pay-otherwise", body).made()
        assert other["status"] == "manual_pending"
        assert OrderPayment.objects.get().refunded == 10000
        assert read(api, rma)["reimbursements"][0]["status"] == "processing"
        api.post(f"/refunds/{other['id']}/mark-paid").ok()
        assert read(api, rma)["status"] == "resolved"
        assert Reimbursement.objects.get().state == "settled"

    def test_into_store_credit(self, api: Api, fake: Gateway) -> None:
        rma, refund = self.failed(api)
        other = api.post(f"/refunds/{refund.uid}/pay-otherwise", {"tender": "store_credit"}).made()
        assert other["status"] == "succeeded"
        credit = StoreCredit.objects.get()
        assert (credit.balance, credit.entries.get().amount) == (10000, 10000)
        assert read(api, rma)["status"] == "resolved"
        assert moved(fake) == (0, 0)

    def test_once(self, api: Api) -> None:
        _rma, refund = self.failed(api)
        api.post(f"/refunds/{refund.uid}/pay-otherwise", {"tender": "cash"}).made()
        with unchanged():
            api.post(f"/refunds/{refund.uid}/pay-otherwise", {"tender": "cash"}).refused(409, "wrong_state")
            api.post(f"/refunds/{refund.uid}/retry").refused(409, "wrong_state")

    @pytest.mark.parametrize("body", [{}, {"tender": "shells"}, {"tender": "bank_transfer", "payout": {"holder": "A"}}])
    def test_nonsense(self, api: Api, body: dict[str, Any]) -> None:
        _rma, refund = self.failed(api)
        with unchanged():
            api.post(f"/refunds/{refund.uid}/pay-otherwise", body).refused(422, "invalid")

    def test_not_what_did_not_fail(self, api: Api) -> None:
        _rma, refund = begun(api)
        with unchanged():
            api.post(f"/refunds/{refund.uid}/pay-otherwise", {"tender": "cash"}).refused(409, "wrong_state")

    def test_not_when_the_money_is_gone(self, api: Api) -> None:
        _rma, refund = self.failed(api)
        OrderPayment.objects.update(refunded_elsewhere=5000)
        with unchanged():
            told = api.post(f"/refunds/{refund.uid}/pay-otherwise", {"tender": "cash"}).refused(422, "over_amount")
        assert told["max"] == "50.00"


def test_a_split_with_one_refusal_is_partly_settled_and_has_a_way_forward(api: Api, fake: Gateway) -> None:
    payments = {
        "payments": [
            {"id": "P1", "gateway": "fake", "reference": "a?mode=ok", "captured": "60.00", "kind": "card"},
            {"id": "P2", "gateway": "fake", "reference": "b?mode=decline_once", "captured": "40.00", "kind": "card"},
        ]
    }
    rma = accepted(api, **payments)
    made = api.post(f"/returns/{rma['rma']}/reimbursements", {}).made()
    assert len(made["refunds"]) == 2
    execute_refunds()
    now = api.get(f"/reimbursements/{made['id']}").ok()
    assert now["status"] == "partially_settled"
    assert {row["amount"]: row["status"] for row in now["refunds"]} == {"60.00": "succeeded", "40.00": "failed"}
    failed = Refund.objects.get(state=State.FAILED)
    api.post(f"/refunds/{failed.uid}/retry").ok()
    execute_refunds()
    assert api.get(f"/reimbursements/{made['id']}").ok()["status"] == "settled"
    assert moved(fake) == (2, 10000)
    assert Return.objects.get().refunded == 10000


def test_without_an_address_it_is_paid_by_hand(api: Api, settings: Any) -> None:
    settings.FAKE_GATEWAY_URL = ""
    _rma, refund = begun(api)
    assert refund.state == State.MANUAL_PENDING
    assert gateway_for("fake").code == "manual"
    assert gateway_for("never-heard-of").code == "manual"


def test_a_gateway_that_went_away_after_the_call_is_not_paid_by_hand_too(api: Api, settings: Any) -> None:
    _rma, refund = begun(api, "timeout_after")
    work(refund)
    settings.FAKE_GATEWAY_URL = ""
    assert later(refund).state == State.PROCESSING


def test_the_lease_outlasts_every_time_out() -> None:
    assert timedelta(seconds=30) < execute.LEASE
    assert list(waiting.WAITS) == sorted(waiting.WAITS)
