"""Webhooks and both ledgers: what each way of learning of money does, once, and what a person is shown."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
import requests
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from customers.models import Order, OrderPayment, OrderVersion
from refunds.actions.reconcile import Compared, reconcile_all
from refunds.fakes.server import Gateway
from refunds.gateways.fake import sign
from refunds.models import Break, GatewayEvent, Refund, RefundAttempt
from returns.models import Event
from tests.builders import Api, read
from tests.refunds.fakery import SECRET, begun, later, running, work
from tests.snapshot import unchanged

pytestmark = pytest.mark.django_db
State = Refund.State
HOOK = "/hooks/gateways/fake"


@pytest.fixture(autouse=True)
def fake() -> Iterator[Gateway]:
    """A fake gateway of its own for each test."""
    with running() as gateway:
        yield gateway


def event(refund: Refund, status: str = "succeeded", name: str = "fe_1", **data: Any) -> dict[str, Any]:
    thing = {
        "id": "fr_1",
        "key": refund.idempotency_key,
        "status": status,
        "amount": refund.amount,
        "currency": "EUR",
        "code": "",
    }
    return {"id": name, "kind": f"refund.{status}", "about": "refund", "data": {**thing, **data}}


def tell(body: Any, *, secret: str = SECRET, at: int | None = None, raw: bytes | None = None) -> Any:
    data = raw if raw is not None else json.dumps(body).encode()
    header = sign(secret, data, int(time.time()) if at is None else at)
    browser = Client(raise_request_exception=False, enforce_csrf_checks=True)
    return browser.post(HOOK, data, content_type="application/json", headers={"Fake-Signature": header})


def again(api: Api, order: Order) -> None:
    """The same order from the shop's system once more, with something new in it."""
    document = OrderVersion.objects.get(order=order, number=order.version).document
    locale = "he" if document["locale"] != "he" else "pl"
    assert api.post("/orders", {**document, "locale": locale}).ok()["version"] == order.version + 1


class TestWebhooks:
    def test_one_settles_what_was_unclear(self, api: Api) -> None:
        rma, refund = begun(api, "timeout_after")
        work(refund)
        assert tell(event(refund)).json() == {"events": 1, "new": 1}
        refund.refresh_from_db()
        assert (refund.state, refund.gateway_refund_id) == (State.SUCCEEDED, "fr_1")
        assert read(api, rma)["status"] == "resolved"
        assert GatewayEvent.objects.get().outcome == "done"

    def test_twice_is_once(self, api: Api) -> None:
        _rma, refund = begun(api)
        tell(event(refund))
        with unchanged():
            assert tell(event(refund)).json() == {"events": 1, "new": 0}
        assert Event.objects.filter(kind="refund.succeeded").count() == 1

    def test_before_the_worker_even_called_it_is_believed(self, api: Api, fake: Gateway) -> None:
        _rma, refund = begun(api)
        tell(event(refund))
        assert work(refund).state == State.SUCCEEDED
        assert RefundAttempt.objects.count() == 1

    def test_out_of_order_the_end_stays(self, api: Api) -> None:
        _rma, refund = begun(api)
        tell(event(refund, "succeeded", "fe_2"))
        tell(event(refund, "pending", "fe_1"))
        refund.refresh_from_db()
        assert refund.state == State.SUCCEEDED

    def test_a_refusal_that_comes_late_frees_the_money(self, api: Api, fake: Gateway) -> None:
        fake.manners.settle_after = 60
        _rma, refund = begun(api, "pending")
        work(refund)
        tell(event(refund, "failed", code="account_closed"))
        refund.refresh_from_db()
        assert (refund.state, refund.failure_code) == (State.FAILED, "account_closed")
        assert OrderPayment.objects.get().refunded == 0

    def test_what_is_not_ours_is_kept(self, api: Api) -> None:
        _rma, refund = begun(api)
        foreign = event(refund, key="somebody-1", id="fr_77")
        assert tell(foreign).status_code == 200
        assert GatewayEvent.objects.get().outcome == "kept"
        refund.refresh_from_db()
        assert refund.state == State.CREATED

    @pytest.mark.parametrize(
        "bad",
        [{"secret": "guessed"}, {"at": 1}, {"at": 99999999999}, {"secret": ""}],
        ids=["secret", "old", "new", "none"],
    )
    def test_a_wrong_signature_changes_nothing(self, api: Api, bad: dict[str, Any]) -> None:
        _rma, refund = begun(api)
        with unchanged():
            assert tell(event(refund), **bad).status_code == 400

    def test_without_a_secret_nobody_is_believed(self, api: Api, settings: Any) -> None:
        _rma, refund = begun(api)
        settings.FAKE_GATEWAY_SECRET = ""
        with unchanged():
            assert tell(event(refund), secret="").status_code == 400

    @pytest.mark.parametrize("raw", [b"", b"[]", b"{}", b"\xff", b'{"id": 1}', b'{"data": []}'])
    def test_signed_nonsense_is_no_error(self, api: Api, raw: bytes) -> None:
        with unchanged():
            assert tell(None, raw=raw).status_code == 400

    @pytest.mark.parametrize("gateway", ["manual", "never-heard-of"])
    def test_who_sends_no_webhooks_is_not_believed(self, db: None, gateway: str) -> None:
        assert Client().post(f"/hooks/gateways/{gateway}", b"{}", content_type="application/json").status_code == 400

    def test_only_post(self, db: None) -> None:
        assert Client().get(HOOK).status_code == 405

    def test_another_currency_is_not_ours(self, api: Api) -> None:
        _rma, refund = begun(api)
        tell(event(refund, currency="PLN"))
        refund.refresh_from_db()
        assert refund.state == State.CREATED


def foreign(gateway: Gateway, reference: str, amount: int, key: str = "by-hand-1") -> None:
    """Somebody refunds at the gateway's own desk."""
    body = {"payment": reference, "amount": amount, "currency": "EUR"}
    requests.post(f"{gateway.url}/refunds", json=body, headers={"Idempotency-Key": key}, timeout=5).raise_for_status()


def one_run() -> Compared:
    found = reconcile_all()
    return next(run for run in found if run.gateway == "fake")


def old(refund: Refund) -> None:
    """So long ago that every ledger has it."""
    then = timezone.now() - timedelta(hours=1)
    Refund.objects.filter(pk=refund.pk).update(created_at=then, succeeded_at=then)


class TestLedgers:
    def test_equal_ledgers_find_nothing(self, api: Api) -> None:
        _rma, refund = begun(api)
        work(refund)
        old(refund)
        run = one_run()
        assert (run.theirs, run.adopted, run.opened, run.healed) == (1, 0, 0, 0)

    def test_what_succeeded_there_is_adopted(self, api: Api) -> None:
        rma, refund = begun(api, "timeout_after")
        work(refund)
        assert one_run().adopted == 1
        refund.refresh_from_db()
        assert refund.state == State.SUCCEEDED
        assert read(api, rma)["status"] == "resolved"

    def test_money_that_left_without_us_is_shown_and_counted_once(self, api: Api, fake: Gateway) -> None:
        _rma, refund = begun(api, "decline")
        work(refund)
        payment = OrderPayment.objects.get()
        foreign(fake, payment.reference.replace("?mode=decline", "?mode=ok"), 1)
        with fake.book.turn():
            fake.book.do("UPDATE refund SET payment = ?, amount = 2500 WHERE key = 'by-hand-1'", payment.reference)
        for _n in range(2):
            one_run()
        found = Break.objects.get()
        assert (found.kind, found.theirs, found.detail["counted"]) == ("only_there", 2500, 2500)
        payment.refresh_from_db()
        assert (payment.refunded, payment.found_elsewhere) == (0, 2500)
        again(api, refund.reimbursement.order)
        payment.refresh_from_db()
        assert (payment.refunded_elsewhere, payment.found_elsewhere) == (0, 2500)
        api.post(f"/refunds/{refund.uid}/retry").refused(422, "over_amount")

    def test_a_stranger_s_payment_is_shown_and_counts_nowhere(self, api: Api, fake: Gateway) -> None:
        begun(api)
        foreign(fake, "nobody", 2500)
        one_run()
        assert Break.objects.get().detail["counted"] == 0

    def test_a_second_refund_under_one_key_is_seen(self, api: Api, fake: Gateway) -> None:
        """A gateway that forgot a key and paid twice; by hand, since we never send again without looking."""
        _rma, refund = begun(api)
        work(refund)
        payment = OrderPayment.objects.get()
        unlimited = {"reference": payment.reference, "captured": None, "currency": "EUR"}
        with fake.book.turn():
            fake.book.add_refund(refund.idempotency_key, unlimited, 10000, "succeeded")
        one_run()
        found = Break.objects.get()
        assert (found.kind, found.subject, found.refund_id) == ("only_there", "fr_2", refund.pk)

    def test_what_only_we_know_is_shown_and_heals(self, api: Api, fake: Gateway) -> None:
        _rma, refund = begun(api)
        work(refund)
        old(refund)
        with fake.book.turn():
            fake.book.do("UPDATE refund SET id = 'hidden'")
        run = one_run()
        kinds = set(Break.objects.values_list("kind", flat=True))
        assert (run.opened, kinds) == (2, {"only_here", "only_there"})
        with fake.book.turn():
            fake.book.do("UPDATE refund SET id = 'fr_1'")
        assert one_run().healed == 1
        assert Break.objects.get(kind="only_here").closed_at

    def test_another_amount_there_is_shown(self, api: Api, fake: Gateway) -> None:
        _rma, refund = begun(api)
        work(refund)
        with fake.book.turn():
            fake.book.do("UPDATE refund SET amount = 9000")
        one_run()
        found = Break.objects.get()
        assert (found.kind, found.ours, found.theirs) == ("amount", 10000, 9000)
        assert one_run().opened == 0

    def test_a_break_that_a_person_closed_stays_closed(self, api: Api, fake: Gateway) -> None:
        begun(api)
        foreign(fake, "nobody", 2500)
        one_run()
        Break.objects.update(closed_at=timezone.now(), note="the till in Haifa")
        assert one_run().opened == 0

    def test_stuck_heals_when_the_answer_comes(self, api: Api) -> None:
        _rma, refund = begun(api, "error_before")
        work(refund)
        later(refund, days=2)
        assert Break.objects.get().closed_at is None
        tell(event(refund))
        assert Break.objects.get().closed_at is not None

    def test_a_ledger_that_breaks_off_accuses_nobody(self, api: Api, fake: Gateway) -> None:
        _rma, refund = begun(api)
        work(refund)
        old(refund)
        fake.shutdown()
        fake.server_close()
        run = one_run()
        assert (run.readable, run.opened, Break.objects.count()) == (False, 0, 0)
        assert run.error

    def test_the_command_says_what_was_found(self, api: Api, fake: Gateway) -> None:
        begun(api)
        foreign(fake, "nobody", 2500)
        out = StringIO()
        call_command("reconcile_refunds", stdout=out)
        assert out.getvalue().splitlines() == ["fake: 1 there, 0 adopted, 1 opened, 0 healed", "1 open breaks"]

    def test_equal_rows_cost_no_statements(self, api: Api, fake: Gateway) -> None:
        def statements() -> int:
            with CaptureQueriesContext(
                connection,
            ) as found:
                one_run()
            return len(found)

        for n in range(2):
            _rma, refund = begun(api)
            work(refund)
            old(refund)
            if n == 0:
                few = statements()
        assert statements() == few
