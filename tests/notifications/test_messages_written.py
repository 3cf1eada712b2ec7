"""Which events write to the customer, once each, and when nothing is written."""

from __future__ import annotations

import pytest

from customers.models import Shop
from notifications.catalogue import CATALOGUE
from notifications.models import Message
from notifications.queries import STORIES
from notifications.reactions import write_messages
from returns import actions
from returns.models import Event
from tests.notifications import story

pytestmark = pytest.mark.django_db


def test_every_mailed_kind_has_its_story() -> None:
    assert set(STORIES) == set(CATALOGUE)


def test_authorized_at_once_is_one_mail_and_not_two() -> None:
    rma = story.a_request()
    story.dispatch()
    assert rma.status == "authorized"
    assert story.kinds() == ["return.authorized", "label.issued"]


def test_a_request_for_review_says_that_a_person_decides() -> None:
    story.publish(decision="review")
    rma = story.a_request()
    story.dispatch()
    assert rma.status == "requested"
    assert story.kinds() == ["return.requested"]
    assert Message.objects.get().recipient == "en@example.com"


def test_the_same_event_twice_is_one_message() -> None:
    story.a_request()
    story.dispatch()
    before = story.kinds()
    for event in Event.objects.all():
        write_messages(event)
    assert story.kinds() == before


def test_whole_life_writes_every_step_once() -> None:
    story.publish()
    rma = story.a_request()
    story.dispatch()
    story.scanned(rma)
    story.received(rma, "J")
    story.dispatch()
    story.received(rma, "B")
    rma = story.inspected(story.fresh(rma))
    actions.add_note(rma, "Thank you for the photo.", visible_to_customer=True, actor=story.AGENT)
    actions.add_note(rma, "Stained before, see last year.", actor=story.AGENT)
    story.refunded(rma)
    story.dispatch()
    assert story.kinds() == [
        "return.authorized",
        "label.issued",
        "parcel.in_transit",
        "parcel.received",
        "parcel.received",
        "inspection.completed",
        "comment.added",
        "refund.started",
        "refund.succeeded",
    ]


def test_the_customers_own_comment_is_not_mailed_back() -> None:
    rma = story.a_request()
    story.dispatch()
    before = story.kinds()
    actions.add_note(rma, "Here is a photo.", visible_to_customer=True, actor=story.CUSTOMER)
    story.dispatch()
    assert story.kinds() == before


def test_a_masked_customer_gets_no_mail_and_nothing_fails() -> None:
    story.a_request(customer={"email": None, "phone": "+48123123123", "name": "A. N."})
    story.dispatch()
    assert story.kinds() == []


def test_a_training_channel_sends_nothing() -> None:
    rma = story.a_request()
    story.sandbox(rma)
    story.dispatch()
    assert story.kinds() == []


def test_a_voided_label_is_not_mailed() -> None:
    rma = story.a_request()
    shipment = actions.create_shipment(rma, actor=story.AGENT)
    actions.void_shipment(shipment, actor=story.AGENT)
    story.dispatch()
    assert "label.issued" not in story.kinds()


def test_the_sender_is_the_shops_else_the_installations(settings: object) -> None:
    story.a_request()
    Shop.objects.update(name="Tidewell", sender_name="Tidewell Returns", sender_email="returns@tidewell.test")
    story.dispatch()
    message = Message.objects.order_by("pk")[0]
    assert message.sender == "Tidewell Returns <returns@tidewell.test>"
    assert message.message_id.endswith("@tidewell.test>")
    Shop.objects.update(sender_name="", sender_email="")
    story.a_request()
    story.dispatch()
    assert Message.objects.order_by("-pk")[0].sender == "Tidewell <returns@localhost>"
