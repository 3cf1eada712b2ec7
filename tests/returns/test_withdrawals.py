"""Statements of withdrawal through the API: acknowledged at once, matched or not, judged apart, proved."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import DatabaseError, OperationalError, transaction

from accounts.actors import SYSTEM_ACTOR
from accounts.problems import Invalid, WrongState
from customers.models import Order, Shop
from notifications.actions import sending
from notifications.actions.sending import Receipt, claim_message, outgoing, put_off, sent
from notifications.channels.base import Rejected
from notifications.models import Message
from returns.actions.withdrawals import (
    Statement,
    answer_withdrawal,
    match_withdrawal,
    posted,
    proof_of,
    receive_withdrawal,
    resend_acknowledgement,
    settle,
)
from returns.actions.withdrawals.statement import clean_ref
from returns.labels.letter import LetterData, Part, render_letter
from returns.models import Event, Return, Withdrawal
from returns.outbox import dispatch_all
from tests.builders import (
    Api,
    Json,
    api_client,
    ask,
    days_ago,
    delivered,
    inspect,
    line,
    pay,
    place,
    receive,
    reimburse,
)
from tests.snapshot import unchanged

pytestmark = pytest.mark.django_db


def said(order: Json, **changes: object) -> Json:
    """The body of a statement about an order."""
    return {
        "name": "A. Nowak", "contract": f"Order no. {order['number']}.", "locale": "en",
        "acknowledge_to": order["customer"]["email"], **changes,
    }  # fmt: skip


def told(ref: str) -> list[str]:
    """The kinds of events in a statement's stream."""
    row = Withdrawal.objects.get(ref=ref)
    return list(Event.objects.filter(stream=row.stream).order_by("seq").values_list("kind", flat=True))


def old_order(api: Api, days: float, *lines: Json, **changes: Any) -> Json:
    """An order that was delivered so many days ago, its buyer told of the right in time."""
    lines = lines or (line(),)
    given = {"contract": {"withdrawal_information_given_at": days_ago(days + 4)}}
    return place(
        api, *lines, placed_at=days_ago(days + 4), deliveries=delivered(list(lines), days), **{**given, **changes}
    )


def test_in_time_it_opens_an_authorized_return_for_everything(api: Api, order: Json) -> None:
    made = api.post("/withdrawals", said(order)).made()
    assert made["matched_order"] == {"id": order["id"], "channel": "web", "number": order["number"]}
    rma = api.get(f"/returns/{made['return']}").ok()
    assert (rma["status"], rma["basis_claimed"], rma["method"]) == ("authorized", "withdrawal", "own_carrier")
    assert rma["items"][0]["quantity"]["authorized"] == 3
    received = datetime.fromisoformat(made["received_at"])
    assert rma["refund_due"]["operational"] == (received + timedelta(days=14)).date().isoformat()
    assert told(made["ref"]) == ["withdrawal.received", "withdrawal.matched", "withdrawal.judged"]


def test_the_acknowledgement_has_every_word_and_the_time(api: Api, order: Json) -> None:
    made = api.post("/withdrawals", said(order, locale="pl", items=["A", {"line": "A", "quantity": 1}])).made()
    text = made["acknowledgement"]["text"]
    row = Withdrawal.objects.get(ref=made["ref"])
    for word in (f"Order no. {order['number']}.", "A. Nowak", order["customer"]["email"], made["ref"], "1 × Tee"):
        assert word in text
    assert "Niniejszym informuję o moim odstąpieniu" in text
    assert f"{row.received_at.astimezone().strftime('%S')} Europe/Warsaw" in text
    assert row.content_sha256 in text
    assert made["acknowledgement"]["status"] == "queued"


@pytest.mark.parametrize("change", [
    {"contract": "what I bought in May"}, {"acknowledge_to": "b@example.com", "name": "B."}, {"contract": "\U0001f600"},
])  # fmt: skip
def test_one_that_matches_nothing_is_valid(api: Api, order: Json, change: Json) -> None:
    made = api.post("/withdrawals", said(order, **change)).made()
    assert (made["matched_order"], made["return"], made["verdict"]) == (None, None, None)
    assert "This confirms receipt only." in made["acknowledgement"]["text"]
    assert told(made["ref"]) == ["withdrawal.received"]


def test_late_is_acknowledged_and_left_to_a_person(api: Api) -> None:
    order = old_order(api, 40)
    made = api.post("/withdrawals", said(order)).made()
    assert made["verdict"] == "reject"
    assert "This confirms receipt only." in made["acknowledgement"]["text"]
    assert api.get(f"/returns/{made['return']}").ok()["status"] == "requested"


def test_sent_in_time_is_in_time(api: Api) -> None:
    order = old_order(api, 40)
    made = api.post("/withdrawals", said(order, channel="letter", dispatched_at=days_ago(30))).made()
    assert made["verdict"] == "accept"


def test_excluded_goods_are_judged_apart(api: Api) -> None:
    lines = line("A"), line("B", exclusions=["custom_made"])
    made = api.post("/withdrawals", said(place(api, *lines))).made()
    assert made["verdict"] == "partly"
    assert made["evaluation"]["worst"]["exclusion_code"] == "X_CUSTOM"
    assert api.get(f"/returns/{made['return']}").ok()["status"] == "requested"
    alone = api.post("/withdrawals", said(place(api, *lines), items=[{"line": "A"}])).made()
    assert alone["verdict"] == "accept"


def test_units_that_another_return_holds_are_left_out_and_named(api: Api, order: Json) -> None:
    ask(api, order, ("A", 2))
    made = api.post("/withdrawals", said(order)).made()
    assert made["left_out"] == ["Tee"]
    assert api.get(f"/returns/{made['return']}").ok()["items"][0]["quantity"]["requested"] == 1
    again = api.post("/withdrawals", said(order)).made()
    assert (again["return"], again["left_out"]) == (None, ["Tee"])
    assert Withdrawal.objects.to_decide().get().ref == again["ref"]


def test_before_delivery_one_may_withdraw(api: Api) -> None:
    made = api.post("/withdrawals", said(place(api, line(), deliveries=[]))).made()
    assert made["verdict"] == "accept"
    assert made["return"]


def test_a_failure_of_ours_loses_nothing(api: Api, order: Json, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*args: object, **kwargs: object) -> None:
        raise RuntimeError("no law today")

    monkeypatch.setattr(settle, "verdicts_on", broken)
    made = api.post("/withdrawals", said(order)).made()
    assert (made["matched_order"], made["acknowledgement"]["status"]) == (None, "queued")
    assert Withdrawal.objects.to_match().get().trouble
    assert Return.objects.count() == 0


def test_a_key_makes_it_once(api: Api, order: Json) -> None:
    first = api.post("/withdrawals", said(order), Idempotency_Key="w1").made()
    assert api.post("/withdrawals", said(order), Idempotency_Key="w1").made()["ref"] == first["ref"]
    api.post("/withdrawals", said(order, name="B"), Idempotency_Key="w1").refused(422, "idempotency_mismatch")
    assert Withdrawal.objects.count() == 1


@pytest.mark.parametrize(("change", "pointer"), [
    ({"name": ""}, "/name"), ({"contract": 7}, "/contract"), ({"acknowledge_to": None}, "/acknowledge_to"),
    ({"items": []}, "/items"), ({"items": [{"line": "A", "quantity": 0}]}, "/items/0"), ({"law": "us"}, "/law"),
    ({"channel": "pigeon"}, "/channel"), ({"reason": "style"}, "/reason"), ({"dispatched_at": "May"}, "/dispatched_at"),
])  # fmt: skip
def test_what_cannot_be_read_is_refused_and_changes_nothing(api: Api, order: Json, change: Json, pointer: str) -> None:
    body = said(order, **change)
    with unchanged():
        answer = api.post("/withdrawals", body)
        answer.refused(422, "invalid")
    assert pointer in answer.pointers()


def test_others_see_nothing(api: Api, order: Json) -> None:
    ref = api.post("/withdrawals", said(order)).made()["ref"]
    stranger = api_client("admin", shops=["oak"])
    for path in (f"/withdrawals/{ref}", f"/withdrawals/{ref}/proof", f"/withdrawals/{ref}/proof.pdf"):
        stranger.get(path).refused(404, "not_found")
        api.get(path.lower()).ok()
    api.get("/withdrawals/WD-2222-2222-2222").refused(404, "not_found")
    assert clean_ref(ref.lower().replace("-", " ")) == ref


def delivered_mail() -> tuple[Receipt, Any]:
    """The next mail, as it leaves."""
    receipt = claim_message()
    assert receipt is not None
    return receipt, outgoing(receipt.pk)


def test_the_mail_goes_at_once_with_the_whole_text_and_the_file(api: Api) -> None:
    made = api.post("/withdrawals", {"name": "Ж", "contract": "?", "acknowledge_to": "z@example.com"}).made()
    dispatch_all()
    dispatch_all()
    receipt, mail = delivered_mail()
    assert (mail.recipient, mail.subject) == ("z@example.com", made["acknowledgement"]["subject"])
    for written in made["acknowledgement"]["text"].splitlines():
        assert written in mail.text
    (file,) = mail.attachments
    assert (file.filename, file.content[:4]) == (f"{made['ref']}.pdf", b"%PDF")
    assert outgoing(receipt.pk) == mail
    sent(receipt)
    row = Withdrawal.objects.get(ref=made["ref"])
    assert row.ack_state == "sent"
    event = Event.objects.get(stream=row.stream, kind="withdrawal.acknowledged")
    assert event.data["message_id"] == mail.message_id
    assert event.data["text_sha256"] == hashlib.sha256(mail.text.encode()).hexdigest()
    assert claim_message() is None


def test_one_that_bounces_stays_valid_and_can_be_sent_elsewhere(api: Api, order: Json) -> None:
    made = api.post("/withdrawals", said(order, contract="?")).made()
    dispatch_all()
    receipt, _mail = delivered_mail()
    put_off(receipt, Rejected("550 no such user"))
    row = Withdrawal.objects.get(ref=made["ref"])
    assert (row.ack_state, row.ack_error) == ("failed", "550 no such user")
    assert list(Withdrawal.objects.unacknowledged()) == [row]
    resend_acknowledgement(row, actor=SYSTEM_ACTOR, to="right@example.com")
    dispatch_all()
    receipt, mail = delivered_mail()
    assert mail.recipient == "right@example.com"
    sent(receipt)
    kinds = ["received", "undelivered", "resent", "acknowledged"]
    assert told(made["ref"]) == [f"withdrawal.{kind}" for kind in kinds]


def test_a_postal_address_waits_for_paper(api: Api) -> None:
    body = {"name": "A", "contract": "?", "acknowledge_to": "Prosta 1, Warszawa", "channel": "letter"}
    row = Withdrawal.objects.get(ref=api.post("/withdrawals", body).made()["ref"])
    dispatch_all()
    assert (row.ack_state, Message.objects.count()) == ("to_post", 0)
    with unchanged(), pytest.raises(Invalid):
        resend_acknowledgement(row, actor=SYSTEM_ACTOR)
    assert posted(row, actor=SYSTEM_ACTOR).ack_state == "sent"


def test_a_person_matches_and_the_law_looks_at_the_day_it_was_said(api: Api, order: Json) -> None:
    made = api.post("/withdrawals", said(order, contract="?", items=["the red one"])).made()
    row = match_withdrawal(
        Withdrawal.objects.get(ref=made["ref"]), Order.objects.get(), actor=SYSTEM_ACTOR, units={"A": 2}
    )
    assert row.rma is not None
    assert row.rma.items.get().authorized == 2
    with unchanged(), pytest.raises(WrongState):
        match_withdrawal(row, Order.objects.get(), actor=SYSTEM_ACTOR)
    with unchanged(), pytest.raises(WrongState):
        answer_withdrawal(row, accepted=False, reasons="x", actor=SYSTEM_ACTOR)


def test_a_line_that_is_not_there_is_refused(api: Api, order: Json) -> None:
    row = Withdrawal.objects.get(ref=api.post("/withdrawals", said(order, contract="?")).made()["ref"])
    with unchanged(), pytest.raises(Invalid):
        match_withdrawal(row, Order.objects.get(), actor=SYSTEM_ACTOR, units={"Z": 1})


def test_our_answer_is_mailed_with_its_reasons(api: Api, order: Json) -> None:
    row = Withdrawal.objects.get(ref=api.post("/withdrawals", said(order, contract="?", locale="de")).made()["ref"])
    with unchanged(), pytest.raises(Invalid):
        answer_withdrawal(row, accepted=False, reasons=" ", actor=SYSTEM_ACTOR)
    answer_withdrawal(row, accepted=False, reasons="Maßanfertigung.", actor=SYSTEM_ACTOR)
    dispatch_all()
    mail = Message.objects.get(kind="withdrawal.decided")
    assert "Maßanfertigung." in mail.text
    assert "/withdraw/received/" in mail.text
    with unchanged(), pytest.raises(WrongState):
        answer_withdrawal(row, accepted=True, reasons="x", actor=SYSTEM_ACTOR)


def checked_by_a_stranger(proof: Json) -> bool:
    """What docs/withdrawals.md tells a stranger to do, with nothing but SHA-256 and JSON."""

    def digest(text: str) -> str:
        return hashlib.sha256(text.encode()).hexdigest()

    written = json.dumps(proof["content"], sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    before = ""
    for event in proof["events"]:
        if digest(event["preimage"]) != event["hash"] or json.loads(event["preimage"])[-1] != before:
            return False
        before = event["hash"]
    first = json.loads(proof["events"][0]["preimage"])[4]
    acknowledged = digest(proof["acknowledgement"]["canonical"])
    return first["content_sha256"] == digest(written) and first["acknowledgement_sha256"] == acknowledged


def test_the_proof_holds_and_a_stranger_can_check_it(api: Api, order: Json) -> None:
    ref = api.post("/withdrawals", said(order, id_number="123456782", law="il")).made()["ref"]
    proof = api.get(f"/withdrawals/{ref}/proof").ok()
    assert proof["whole"] is True
    assert checked_by_a_stranger(proof)
    assert "123456782" not in json.dumps(proof)
    for wrong in ({"name": "B. Nowak"}, {"contract_details": "other"}):
        forged = json.loads(json.dumps(proof))
        forged["content"]["as_typed"] |= wrong
        assert not checked_by_a_stranger(forged)
    forged = json.loads(json.dumps(proof))
    del forged["events"][1]
    assert not checked_by_a_stranger(forged)
    assert api.get(f"/withdrawals/{ref}/proof.pdf").content.startswith(b"%PDF")


LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    "change", [{"name": "B"}, {"statement": "x"}, {"received_at": LONG_AGO}, {"scope": ["y"]}, {"ack_sha256": "0" * 64}]
)
def test_what_was_said_is_never_rewritten(api: Api, order: Json, change: Json) -> None:
    ref = api.post("/withdrawals", said(order)).made()["ref"]
    with pytest.raises(DatabaseError), transaction.atomic():
        Withdrawal.objects.filter(ref=ref).update(**change)
    with pytest.raises(DatabaseError), transaction.atomic():
        Withdrawal.objects.filter(ref=ref)._raw_delete("default")
    Withdrawal.objects.filter(ref=ref).update(name="", statement="", erased_at=datetime.now(UTC))
    assert proof_of(Withdrawal.objects.get(ref=ref))["whole"] is True


def test_verify_log_covers_the_stream(api: Api, order: Json) -> None:
    ref = api.post("/withdrawals", said(order)).made()["ref"]
    row = Withdrawal.objects.get(ref=ref)
    call_command("verify_log", stream=row.stream)
    last = Event.objects.get(stream=row.stream, seq=3)
    Event.objects.create(stream=row.stream, seq=4, kind="withdrawal.judged", data={}, actor_kind="x", at=last.at,
                         previous_hash=last.hash, hash="0" * 64, rma=None)  # fmt: skip
    with pytest.raises(CommandError):
        call_command("verify_log", stream=row.stream)


def test_the_letter_breaks_long_words_and_pages() -> None:
    long = LetterData("T", "Shop", [Part("x" * 900), *[Part("zażółć gęślą jaźń שלום " * 9)] * 60], "pl")
    assert render_letter(long) == render_letter(long)
    assert render_letter(long).count(b"/Type /Page\n") > 1


def test_the_trusted_door_takes_the_name_for_the_contact(api: Api, order: Json) -> None:
    made = api.post("/withdrawals", said(order, acknowledge_to="other@example.com")).made()
    assert made["matched_order"]["number"] == order["number"]


def test_recorded_by_hand_it_counts_from_when_it_came(api: Api, order: Json) -> None:
    came = datetime.now(UTC) - timedelta(days=3)
    row = receive_withdrawal(
        Statement(name="A", contract=order["number"], means="a@example.com", channel="phone", received_at=came),
        shop=Shop.objects.get(code="main"), actor=SYSTEM_ACTOR, order=Order.objects.get(),
    )  # fmt: skip
    assert row.rma is not None
    assert row.rma.refund_due_on == (came + timedelta(days=14)).date()


def test_the_proof_follows_the_money(api: Api, order: Json) -> None:
    made = api.post("/withdrawals", said(order)).made()
    rma = api.get(f"/returns/{made['return']}").ok()
    receive(api, rma, ("A", 3))
    inspect(api, rma, ("A", 3))
    paid = reimburse(api, rma)
    pay(api, paid)
    proof = api.get(f"/withdrawals/{made['ref']}/proof").ok()
    money = proof["refund_chain"]
    assert money["goods_received_at"] is not None
    assert [each["id"] for each in money["reimbursements"]] == [paid["id"]]
    assert money["reimbursements"][0]["refunds"][0]["status"] == "succeeded"
    assert len(money["paid_at"]) == 1
    assert [each["kind"] for each in proof["return_events"]][:2] == ["return.requested", "return.authorized"]
    assert proof["return_events"][1]["previous_hash"] == proof["return_events"][0]["hash"]
    assert proof["acknowledgement"]["queued_at"] is not None
    (judged,) = proof["evaluation"]["items"]
    assert (judged["line"], judged["title"], judged["quantity"]) == ("A", "Tee", 3)
    assert proof["evaluation"]["looked_at"]["deliveries"][0]["delivered_at"]


def test_a_mail_waits_for_a_worker_that_was_dead_and_leaves_once(api: Api, order: Json) -> None:
    made = api.post("/withdrawals", said(order, contract="?")).made()
    assert Message.objects.count() == 0
    with time_machine.travel(datetime.now(UTC) + timedelta(hours=9)):
        for _worker in range(2):
            dispatch_all()
        receipt, mail = delivered_mail()
        assert claim_message() is None
        assert mail.recipient == order["customer"]["email"]
        sent(receipt)
        sent(receipt)
        dispatch_all()
        assert claim_message() is None
    assert told(made["ref"]).count("withdrawal.acknowledged") == 1
    assert made["acknowledgement"]["text"].splitlines()[1] in mail.text


def test_a_note_that_fails_does_not_mail_again(api: Api, order: Json, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(pk: int) -> None:
        raise OperationalError("too many connections")

    api.post("/withdrawals", said(order, contract="?")).made()
    dispatch_all()
    receipt, _mail = delivered_mail()
    monkeypatch.setattr(sending, "note_delivery", broken)
    sent(receipt)
    assert Message.objects.get().state == "sent"
    assert claim_message() is None
