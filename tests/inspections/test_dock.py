"""Receiving, parking and matching, as actions: the goods are never lost and a refusal changes nothing."""

from __future__ import annotations

import pytest

from accounts.problems import Conflict, Invalid
from inspections.actions import (
    Arrived,
    Unexpected,
    hold_photo,
    match_receipt,
    park_parcel,
    photograph_parcel,
    receive_parcel,
)
from inspections.models import Receipt
from returns import actions
from returns.lifecycle import IllegalMove
from returns.models import Event, Photo
from tests.inspections import goods
from tests.inspections.goods import AGENT, DOCK, a_return, arrived, fresh, item_of, kinds, received
from tests.snapshot import unchanged

pytestmark = pytest.mark.django_db


def test_all_as_announced_is_one_call() -> None:
    rma = a_return(2)
    receipt = received(rma, parcel="P1")
    assert fresh(rma).status == "received"
    assert item_of(rma).received == 2
    assert [(line.quantity, line.damaged) for line in receipt.lines.all()] == [(2, 0)]
    assert kinds(rma)[-1] == "parcel.received"
    assert receipt.received_by == DOCK.name


def test_less_than_announced_stays_awaited() -> None:
    rma = a_return(3)
    received(rma, 1, parcel="P1")
    assert fresh(rma).status == "partially_received"
    assert item_of(rma).announced == 2


def test_several_parcels_complete_a_return() -> None:
    rma = a_return(3)
    received(rma, 1, parcel="P1")
    received(rma, 2, parcel="P2")
    assert fresh(rma).status == "received"
    assert kinds(rma).count("parcel.received") == 2


def test_more_than_announced_stays_visible_and_ties_up_nothing() -> None:
    rma = a_return(1)
    received(rma, 3)
    assert fresh(rma).status == "received"
    item = item_of(rma)
    assert (item.received, item.authorized, item.line.claimed) == (3, 1, 1)


def test_damaged_units_are_among_the_counted() -> None:
    rma = a_return(2)
    receipt = receive_parcel(rma, actor=DOCK, items=[arrived(rma, 2, damaged=1)])
    assert [(line.quantity, line.damaged) for line in receipt.lines.all()] == [(2, 1)]
    data = Event.objects.filter(rma=rma).order_by("-seq")[0].data
    assert data["items"] == [{"item": str(item_of(rma).uid), "quantity": 2, "damaged": 1}]


def test_more_damaged_than_counted_is_refused() -> None:
    rma = a_return(2)
    with unchanged(), pytest.raises(Invalid) as refusal:
        receive_parcel(rma, actor=DOCK, items=[arrived(rma, 1, damaged=2)])
    assert refusal.value.errors[0].pointer == "/items/0/damaged"


def test_what_nobody_announced_is_written_down() -> None:
    rma = a_return(2)
    receipt = received(rma, unexpected=[Unexpected("MUG", 2, "blue"), Unexpected("", 1, "a shoe")])
    lines = [(line.sku, line.quantity, line.note) for line in receipt.lines.filter(item=None).order_by("pk")]
    assert lines == [("MUG", 2, "blue"), ("", 1, "a shoe")]
    assert item_of(rma).received == 2


def test_the_same_parcel_twice_is_a_conflict() -> None:
    rma = a_return(2)
    first = received(rma, 1, parcel="P1")
    with unchanged(), pytest.raises(Conflict) as refusal:
        received(rma, 1, parcel="P1")
    assert refusal.value.extra["receipt"] == str(first.uid)


def test_all_as_announced_twice_is_a_conflict_even_without_a_name() -> None:
    rma = a_return(2)
    received(rma)
    with unchanged(), pytest.raises(Conflict):
        received(rma)


def test_a_later_parcel_with_a_surprise_is_taken_in() -> None:
    rma = a_return(2)
    received(rma)
    received(rma, unexpected=[Unexpected("MUG", 1)])
    assert Receipt.objects.filter(rma=rma).count() == 2


def test_an_item_of_another_return_is_refused() -> None:
    rma, other = a_return(1), a_return(1)
    with unchanged(), pytest.raises(Invalid) as refusal:
        receive_parcel(rma, actor=DOCK, items=[Arrived(str(item_of(other).uid), 1)])
    assert refusal.value.errors[0].code == "unknown"


def test_an_unknown_location_is_refused() -> None:
    rma = a_return(1)
    with unchanged(), pytest.raises(Invalid) as refusal:
        received(rma, location="MOON")
    assert refusal.value.errors[0].pointer == "/location"


def test_a_parcel_before_the_decision_is_received_and_decided_later() -> None:
    rma = goods.undecided(2)
    received(rma)
    assert fresh(rma).status == "received"
    actions.authorize_return(fresh(rma), actor=AGENT)
    assert fresh(rma).status == "received"
    assert item_of(rma).authorized == 2


@pytest.mark.parametrize("end", [actions.cancel_return])
def test_a_return_that_expects_nothing_takes_no_parcel(end: object) -> None:
    rma = a_return(1)
    end(rma, actor=AGENT)  # type: ignore[operator]
    with unchanged(), pytest.raises(IllegalMove):
        received(fresh(rma), 1)


def test_late_units_after_closing_short_are_claimed_again() -> None:
    rma = a_return(3)
    received(rma, 1)
    actions.close_short(fresh(rma), actor=AGENT)
    assert item_of(rma).missing == 2
    assert item_of(rma).line.claimed == 1
    received(fresh(rma), 2)
    item = item_of(rma)
    assert (item.received, item.missing, item.line.claimed) == (3, 0, 3)
    assert fresh(rma).status == "received"


def test_late_units_that_somebody_else_claimed_meanwhile_stay_a_surplus() -> None:
    order = goods.an_order()
    rma = a_return(3, order=order)
    received(rma, 1)
    actions.close_short(fresh(rma), actor=AGENT)
    a_return(2, order=order)
    received(fresh(rma), 2)
    item = item_of(rma)
    assert (item.received, item.missing, item.line.claimed) == (3, 2, 3)


def test_the_parcel_is_tied_to_the_shipment_it_travelled_in() -> None:
    rma = a_return(1)
    shipment = actions.announce_own_shipment(rma, carrier="DHL", tracking_number="JD014", actor=AGENT)
    assert received(fresh(rma), parcel="JD014").shipment == shipment


def test_held_photos_hang_on_the_receipt_and_the_return() -> None:
    rma = a_return(1)
    photo = hold_photo(goods.picture(), actor=DOCK)
    receipt = received(rma, photos=[str(photo.uid)])
    assert list(receipt.photos.all()) == [photo]
    assert fresh(rma).photos.get() == photo
    assert kinds(rma)[-2:] == ["parcel.received", "photo.added"]


def test_a_photo_that_hangs_elsewhere_is_not_taken() -> None:
    photo = hold_photo(goods.picture(), actor=DOCK)
    first, second = a_return(1), a_return(1)
    received(first, photos=[str(photo.uid)])
    assert received(second, photos=[str(photo.uid)]).photos.count() == 0
    photo.refresh_from_db()
    assert photo.rma == first


def test_what_is_no_photo_is_refused() -> None:
    with unchanged(), pytest.raises(Invalid):
        hold_photo(b"no picture at all", actor=DOCK)


def test_an_unidentified_parcel_keeps_its_photo_until_it_is_matched_and_after() -> None:
    photo = hold_photo(goods.picture(), actor=DOCK)
    parked = park_parcel(actor=DOCK, parcel="CE417", note="No slip", photos=[str(photo.uid)])
    later = photograph_parcel(parked, goods.picture("blue"), actor=DOCK)
    assert parked.rma is None
    assert Photo.objects.filter(rma=None).count() == 2
    rma = a_return(2)
    matched = match_receipt(parked, rma, actor=AGENT, items=[arrived(rma, 1)])
    assert matched.matched_at is not None
    assert set(fresh(rma).photos.all()) == {photo, later}
    assert fresh(rma).status == "partially_received"
    stream = Event.objects.filter(stream=f"parcel:{parked.pk}").order_by("seq")
    assert [event.kind for event in stream] == ["parcel.parked", "photo.added", "photo.added", "receipt.matched"]


def test_a_parcel_is_matched_once() -> None:
    parked = park_parcel(actor=DOCK, parcel="CE417")
    rma, other = a_return(1), a_return(1)
    match_receipt(parked, rma, actor=AGENT)
    with unchanged(), pytest.raises(Conflict):
        match_receipt(parked, other, actor=AGENT)


def test_a_match_that_repeats_a_parcel_is_refused() -> None:
    parked = park_parcel(actor=DOCK, parcel="P1")
    rma = a_return(2)
    received(rma, 1, parcel="P1")
    with unchanged(), pytest.raises(Conflict):
        match_receipt(parked, fresh(rma), actor=AGENT)


def test_a_match_with_a_cancelled_return_is_refused() -> None:
    parked, rma = park_parcel(actor=DOCK), a_return(1)
    actions.cancel_return(rma, actor=AGENT)
    with unchanged(), pytest.raises(IllegalMove):
        match_receipt(parked, fresh(rma), actor=AGENT)


def test_what_was_read_inside_becomes_the_items_of_the_match() -> None:
    parked = park_parcel(actor=DOCK, unexpected=[Unexpected("TEE", 1), Unexpected("MUG", 1)])
    rma = a_return(2)
    match_receipt(parked, rma, actor=AGENT, items=[arrived(rma, 1)])
    lines = [(line.sku, line.item is not None) for line in parked.lines.order_by("sku")]
    assert lines == [("MUG", False), ("TEE", True)]
