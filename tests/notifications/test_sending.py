"""From the row to a real SMTP server: bytes, retries, refusals, order, and a server that is away."""

from __future__ import annotations

import threading
from datetime import timedelta
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from typing import Any

import pytest
from django.db import connection, connections
from django.utils import timezone
from pypdf import PdfReader

from accounts import doorbell
from accounts.problems import WrongState
from customers.models import Order, Shop
from notifications.actions import claim_message, resend_message, retry_parked, sent
from notifications.actions.sending import outgoing
from notifications.catalogue import MAX_ATTEMPTS
from notifications.channels.email import compose
from notifications.models import Message
from notifications.tasks import send_messages
from returns.models import Event
from tests.notifications import story
from tests.notifications.post_office import PostOffice

pytestmark = pytest.mark.django_db
State = Message.State
RING = doorbell._ring


def part(mail: EmailMessage, kind: str) -> Any:
    found = [each for each in mail.walk() if each.get_content_type() == kind]
    assert len(found) == 1
    return found[0].get_content()


@pytest.mark.parametrize("language", ["en", "he", "pl"])
def test_text_html_and_label_arrive_as_written(post_office: PostOffice, language: str) -> None:
    name = {"en": "Tidewell", "he": "טיידוול", "pl": "Łódź Żeglarska"}[language]
    Shop.objects.update(name=name, sender_email="returns@shop.test", support_email="help@shop.test")
    rma = story.a_request(language)
    story.dispatch()
    assert story.send() == 2
    first, second = post_office.mails
    message = Message.objects.get(kind="label.issued")
    assert second["Subject"] == message.subject
    assert second["From"].addresses[0].display_name == name
    assert second["From"].addresses[0].addr_spec == "returns@shop.test"
    assert second["Reply-To"] == "help@shop.test"
    assert second["To"] == f"{language}@example.com"
    assert second["Message-ID"] == message.message_id
    assert second["Auto-Submitted"] == "auto-generated"
    assert first["References"] == second["References"] == f"<{rma.code.lower()}@shop.test>"
    assert parsedate_to_datetime(second["Date"]) == message.created_at.replace(microsecond=0)
    assert part(second, "text/plain").replace("\r\n", "\n").strip() == message.text.strip()
    assert part(second, "text/html").replace("\r\n", "\n").strip() == message.html.strip()
    pdf = part(second, "application/pdf")
    assert pdf.startswith(b"%PDF")
    assert not list(first.iter_attachments())
    assert [each.get_filename() for each in second.iter_attachments()] == [f"label-{rma.code}.pdf"]


def test_the_attached_label_is_a_readable_pdf(post_office: PostOffice, tmp_path: Any) -> None:
    rma = story.a_request()
    story.dispatch()
    story.send()
    file = tmp_path / "label.pdf"
    file.write_bytes(part(post_office.mails[1], "application/pdf"))
    pages = PdfReader(file).pages
    assert len(pages) == 1
    assert rma.code in pages[0].extract_text()


def test_a_retry_sends_the_same_bytes(post_office: PostOffice) -> None:
    story.a_request("he")
    story.dispatch()
    post_office.on_data = lambda data: "451 Try later" if len(post_office.seen) <= 2 else None
    for _n in range(4):
        story.send()
    assert len(post_office.taken) == 2
    assert len(post_office.seen) == 4
    assert len(set(post_office.seen[:3])) == 1
    assert post_office.seen[2] == post_office.taken[0]
    assert Message.objects.get(kind="return.authorized").attempts == 3


def test_sending_again_sends_the_same_bytes_with_the_label(post_office: PostOffice) -> None:
    story.a_request("pl")
    story.dispatch()
    story.send()
    message = Message.objects.get(kind="label.issued")
    resend_message(message, actor=story.AGENT)
    story.send()
    assert post_office.taken[1] == post_office.taken[2]
    assert Event.objects.filter(kind="message.resent", data__message=str(message.pk)).exists()


def test_a_refused_recipient_is_parked_at_once_and_holds_up_nobody(post_office: PostOffice) -> None:
    refusal = "550 5.1.1 No such mailbox"
    post_office.on_recipient = lambda address: refusal if address == "en@example.com" else None
    story.a_request()
    story.a_request("pl")
    story.dispatch()
    assert send_messages() == 2
    parked = Message.objects.filter(state=State.PARKED)
    told = {(row.recipient, row.last_error, row.attempts) for row in parked}
    assert told == {("en@example.com", refusal, 1)}
    assert len(parked) == 2
    assert post_office.recipients == ["pl@example.com"] * 2


def test_a_full_mailbox_is_tried_again_later(post_office: PostOffice) -> None:
    story.a_request()
    story.dispatch()
    post_office.on_recipient = lambda address: "452 Mailbox full"
    before = timezone.now()
    send_messages()
    message = Message.objects.order_by("pk")[0]
    assert (message.state, message.attempts) == (State.QUEUED, 1)
    assert timedelta(seconds=48) <= message.next_attempt_at - before <= timedelta(seconds=90)
    assert send_messages() == 0


def test_after_the_last_attempt_it_is_parked_and_the_next_one_goes(post_office: PostOffice) -> None:
    story.a_request()
    story.dispatch()
    first, second = Message.objects.order_by("pk")
    post_office.on_data = lambda data: "451 No" if first.message_id.encode() in data else None
    for attempt in range(1, MAX_ATTEMPTS + 1):
        assert not post_office.taken
        story.send()
        first.refresh_from_db()
        assert first.attempts == attempt
    assert (first.state, first.last_error) == (State.PARKED, "451 No")
    second.refresh_from_db()
    assert second.state == State.SENT
    post_office.on_data = lambda data: None
    assert retry_parked(Message.objects.all(), actor=story.AGENT) == 1
    assert story.send() == 1
    assert len(post_office.taken) == 2


def test_nothing_is_lost_while_the_server_is_away_and_all_comes_once_in_order(
    post_office: PostOffice,
) -> None:
    story.publish()
    post_office.stop()
    rma = story.a_request()
    story.dispatch()
    assert story.send() == 0
    rma = story.inspected(story.received(story.scanned(rma)))
    other = story.a_request("pl")
    story.dispatch()
    for _n in range(MAX_ATTEMPTS + 3):
        assert story.send() == 0
    assert not Message.objects.exclude(state=State.QUEUED).exists()
    assert Message.objects.filter(last_error__contains="refused").exists()
    post_office.start()
    while story.send():
        pass
    assert not Message.objects.exclude(state=State.SENT).exists()
    for each in (rma, other):
        ids = list(Message.objects.filter(rma=each).order_by("pk").values_list("message_id", flat=True))
        arrived = [mail["Message-ID"] for mail in post_office.mails if mail["Message-ID"] in ids]
        assert arrived == ids


def test_one_try_of_an_absent_server_per_run(post_office: PostOffice) -> None:
    for _n in range(3):
        story.a_request()
    story.dispatch()
    post_office.stop()
    send_messages()
    assert Message.objects.exclude(last_error="").count() == 1


def test_order_is_kept_within_a_return(post_office: PostOffice) -> None:
    rma = story.a_request()
    other = story.a_request("pl")
    story.dispatch()
    first = Message.objects.filter(rma=rma).order_by("pk")[0]
    Message.objects.filter(pk=first.pk).update(next_attempt_at=timezone.now() + timedelta(hours=1))
    send_messages()
    assert not Message.objects.filter(rma=rma, state=State.SENT).exists()
    assert Message.objects.filter(rma=other, state=State.SENT).count() == 2


def test_a_dead_workers_message_is_sent_after_its_lease(post_office: PostOffice) -> None:
    story.a_request()
    story.dispatch()
    receipt = claim_message()
    assert receipt is not None
    assert send_messages() == 0
    Message.objects.filter(pk=receipt.pk).update(next_attempt_at=timezone.now())
    assert send_messages() == 2
    sent(receipt)
    assert Message.objects.get(pk=receipt.pk).attempts == 2


def test_a_message_that_kills_its_worker_is_parked_in_the_end(post_office: PostOffice) -> None:
    story.a_request()
    story.dispatch()
    first = Message.objects.order_by("pk")[0]
    for _n in range(MAX_ATTEMPTS):
        assert claim_message()
        Message.objects.filter(pk=first.pk).update(next_attempt_at=timezone.now())
    send_messages()
    first.refresh_from_db()
    assert first.state == State.PARKED
    assert len(post_office.taken) == 1


def test_a_claim_that_ran_out_cannot_mark_what_another_holds(post_office: PostOffice) -> None:
    story.a_request()
    story.dispatch()
    old = claim_message()
    assert old is not None
    Message.objects.filter(pk=old.pk).update(next_attempt_at=timezone.now())
    assert claim_message() is not None
    sent(old)
    assert Message.objects.get(pk=old.pk).state == State.SENDING


def test_a_broken_connection_starts_anew(post_office: PostOffice) -> None:
    story.a_request()
    story.a_request("pl")
    story.dispatch()
    post_office.on_data = lambda data: "421 Too many on this connection" if len(post_office.seen) == 1 else None
    send_messages()
    assert Message.objects.filter(state=State.SENT).count() == 2
    story.send()
    story.send()
    assert not Message.objects.exclude(state=State.SENT).exists()


def test_an_address_that_is_none_is_parked(post_office: PostOffice) -> None:
    story.a_request()
    story.dispatch()
    Message.objects.update(recipient="no address\n at all")
    send_messages()
    assert set(Message.objects.values_list("state", flat=True)) == {State.PARKED}


def test_a_label_that_cannot_be_drawn_holds_up_nobody(post_office: PostOffice) -> None:
    story.a_request()
    story.dispatch()
    Message.objects.filter(kind="label.issued").update(attachments=[{"kind": "label"}])
    send_messages()
    bad = Message.objects.get(kind="label.issued")
    assert (bad.state, bad.attempts) == (State.QUEUED, 1)
    assert "KeyError" in bad.last_error


def test_sending_again_goes_to_the_address_of_today(post_office: PostOffice) -> None:
    rma = story.a_request()
    story.dispatch()
    story.send()
    message = Message.objects.get(kind="label.issued")
    Order.objects.filter(pk=rma.order_id).update(email="new@example.com")
    copy = resend_message(message, actor=story.AGENT)
    assert copy.recipient == "new@example.com"
    assert resend_in_flight_is_refused(message)
    story.send()
    assert post_office.recipients[-1] == "new@example.com"
    assert copy.message_id != message.message_id
    message.refresh_from_db()
    assert (message.state, message.recipient) == (State.SENT, "en@example.com")


def resend_in_flight_is_refused(message: Message) -> bool:
    before = Event.objects.count(), Message.objects.count()
    with pytest.raises(WrongState):
        resend_message(message, actor=story.AGENT)
    return before == (Event.objects.count(), Message.objects.count())


def test_the_same_row_always_makes_the_same_bytes() -> None:
    story.a_request("he")
    story.dispatch()
    message = Message.objects.get(kind="label.issued")
    once, twice = (compose(outgoing(message.pk)).message().as_bytes() for _n in range(2))
    assert once == twice


def test_without_a_mail_server_mails_are_kept_in_files(settings: Any, tmp_path: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = tmp_path
    story.a_request("he")
    story.dispatch()
    assert send_messages() == 2
    kept = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    assert all(message.message_id.encode() in kept for message in Message.objects.all())


def test_a_dead_broker_fails_no_request_and_all_goes_out_once(
    post_office: PostOffice, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    rung: list[str] = []

    class DeadBroker:
        def send_task(self, task: str, **_options: Any) -> None:
            rung.append(task)
            raise ConnectionError("no broker")

    monkeypatch.setattr(doorbell, "_ring", RING)
    monkeypatch.setattr(doorbell, "_silent_until", 0.0)
    monkeypatch.setattr(doorbell, "SILENCE_AFTER_FAILURE", 0.0)
    monkeypatch.setattr(doorbell, "current_app", DeadBroker())
    with django_capture_on_commit_callbacks(execute=True):
        story.a_request()
    with django_capture_on_commit_callbacks(execute=True):
        story.dispatch()
    assert {"returns.tasks.dispatch_outbox", "notifications.tasks.send_messages"} <= set(rung)
    assert Message.objects.filter(state=State.QUEUED).count() == 2
    # what beat does every ten seconds once the broker is back
    assert (send_messages(), send_messages()) == (2, 0)
    assert len(post_office.taken) == 2


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time")
def test_two_senders_send_everything_once_and_in_order(post_office: PostOffice) -> None:
    for language in ("en", "pl", "he", "en", "pl", "he"):
        story.a_request(language)
    story.dispatch()

    def work() -> None:
        try:
            send_messages()
        finally:
            connections.close_all()

    senders = [threading.Thread(target=work) for _n in range(3)]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join(60)
    arrived = [mail["Message-ID"] for mail in post_office.mails]
    assert len(arrived) == len(set(arrived)) == 12
    for message in Message.objects.filter(kind="label.issued"):
        earlier = Message.objects.get(rma=message.rma, kind="return.authorized")
        assert arrived.index(earlier.message_id) < arrived.index(message.message_id)
