"""Receiving: one parcel at one dock, whatever is in it."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Subquery
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.problems import Conflict, FieldError, Invalid
from customers.actions import Claim, OverQuantity, claim_units
from customers.models import Order, OrderLine
from inspections.models import Location, Receipt, ReceiptLine
from returns import events
from returns.actions import follow
from returns.actions.deadlines import note_fact
from returns.actions.remarks import MAX_PHOTOS, store_photo
from returns.lifecycle import lock_items, lock_return, refuse_move
from returns.models import Photo, Return, ReturnItem, Shipment
from returns.models.rma import FREE, Status
from returns.photos.reencode import reencode

KIND = "receipt"


@dataclass(frozen=True, slots=True)
class Arrived:
    """Units of an announced item in the parcel, `damaged` of them damaged at the door."""

    item: str
    quantity: int
    damaged: int = 0


@dataclass(frozen=True, slots=True)
class Unexpected:
    """Something in the parcel that nobody announced."""

    sku: str
    quantity: int
    note: str = ""


def receive_parcel(
    rma: Return,
    *,
    actor: Actor,
    location: str = "MAIN",
    parcel: str | None = None,
    items: Sequence[Arrived] | None = None,
    unexpected: Sequence[Unexpected] = (),
    note: str = "",
    photos: Sequence[str] = (),
    now: datetime | None = None,
) -> Receipt:
    """Take a parcel in; `items` None means all that was announced, `photos` are ids of held photos.

    More or less than announced is accepted and stays visible. The same parcel at the same dock twice is a
    Conflict, and so is "all that was announced" when nothing is announced any more. Raises IllegalMove for a
    return that expects nothing any more: park the parcel then.
    """
    now = now or timezone.now()
    with transaction.atomic():
        Order.objects.select_for_update(of=("self",)).only("pk").get(pk=rma.order_id)
        rma = lock_return(rma)
        rows = lock_items(rma)
        if rma.status in (*FREE, Status.RESOLVED):
            raise refuse_move(rma, _("Receiving (reopen the return, or park the parcel without an RMA)"))
        counted = _counted(rows, items)
        if items is None and not counted and not unexpected:
            raise Conflict(_("All that was announced is here already. Count what is in this parcel."))
        receipt = _new_receipt(rma, find_location(location, rma, parcel), parcel, note, actor, now)
        _write_lines(receipt, counted, unexpected)
        _count(rma, rows, counted)
        _tell(rma, rows, receipt, counted, actor, now)
        kept = attach_photos(receipt, photos)
        if kept:
            events.log_all(rma, kept, actor=actor, at=now)
    receipt.rma = rma
    return receipt


def find_location(code: str, rma: Return | None = None, parcel: str | None = None) -> Location:
    """The location with this code, and on the way the shipment that the parcel's name belongs to. Raises Invalid."""
    ours = Shipment.objects.filter(returns=rma, tracking_number=parcel or "-").values("pk")[:1]
    place = Location.objects.annotate(shipment_pk=Subquery(ours)).filter(code=code).first()
    if place is None:
        detail = _("There is no location %(code)s. MAIN always exists.") % {"code": code[:40]}
        raise Invalid(detail, errors=[FieldError("/location", "unknown", detail)])
    return place


def _counted(rows: list[ReturnItem], items: Sequence[Arrived] | None) -> list[tuple[ReturnItem, int, int]]:
    if items is None:
        return [(item, item.announced, 0) for item in rows if item.announced]
    by_uid = {str(item.uid): item for item in rows}
    found: dict[str, list[int]] = {}
    for index, arrived in enumerate(items):
        if arrived.item not in by_uid:
            detail = _("This return has no item %(item)s.") % {"item": arrived.item[:60]}
            raise Invalid(detail, errors=[FieldError(f"/items/{index}/item", "unknown", detail)])
        if arrived.damaged > arrived.quantity:
            detail = _("`quantity` includes `damaged`, so it cannot be less.")
            raise Invalid(detail, errors=[FieldError(f"/items/{index}/damaged", "invalid", detail)])
        sums = found.setdefault(arrived.item, [0, 0])
        sums[0] += arrived.quantity
        sums[1] += arrived.damaged
    return [(by_uid[uid], quantity, damaged) for uid, (quantity, damaged) in found.items()]


def _new_receipt(
    rma: Return | None, place: Location, parcel: str | None, note: str, actor: Actor, now: datetime
) -> Receipt:
    name = parcel or f"parcel-{secrets.token_hex(4)}"
    receipt = Receipt(
        rma=rma,
        location=place,
        shipment_id=place.shipment_pk,  # type: ignore[attr-defined]
        parcel=name,
        note=note,
        received_by=actor.name,
        received_at=now,
    )
    try:
        with transaction.atomic():
            receipt.save(force_insert=True)
    except IntegrityError as error:
        known = Receipt.objects.filter(rma=rma, location=place, parcel=name).values_list("uid", flat=True).first()
        raise Conflict(
            _("Parcel %(parcel)s was received here already.") % {"parcel": name}, receipt=str(known)
        ) from error
    return receipt


def _write_lines(
    receipt: Receipt, counted: list[tuple[ReturnItem, int, int]], unexpected: Sequence[Unexpected]
) -> None:
    rows = [
        ReceiptLine(receipt=receipt, item=item, sku=item.line.sku, quantity=quantity, damaged=damaged)
        for item, quantity, damaged in counted
        if quantity
    ]
    rows += [
        ReceiptLine(receipt=receipt, sku=thing.sku, quantity=thing.quantity, note=thing.note) for thing in unexpected
    ]
    receipt.fresh_lines = ReceiptLine.objects.bulk_create(rows)  # type: ignore[attr-defined]


def _count(rma: Return, rows: list[ReturnItem], counted: list[tuple[ReturnItem, int, int]]) -> None:
    late: dict[int, int] = {}
    for item, quantity, _damaged in counted:
        back = min(item.missing, max(0, quantity - item.announced))
        if back:
            late[item.pk] = back
        item.received += quantity
    if late:
        _found_again(rma, rows, late)
    ReturnItem.objects.bulk_update(rows, ["received", "missing"])


def _found_again(rma: Return, rows: list[ReturnItem], late: dict[int, int]) -> None:
    """Units that were given up and came after all are claimed again, if nobody else did meanwhile."""
    lines = list(OrderLine.objects.filter(order_id=rma.order_id))
    by_pk = {line.pk: line for line in lines}
    for item in rows:
        if item.pk not in late:
            continue
        try:
            claim_units(lines, [Claim(by_pk[item.line_id], late[item.pk])])
        except OverQuantity:
            continue  # stays visible as a surplus that is never refunded by itself
        item.missing -= late[item.pk]


def _tell(
    rma: Return,
    rows: list[ReturnItem],
    receipt: Receipt,
    counted: list[tuple[ReturnItem, int, int]],
    actor: Actor,
    now: datetime,
) -> None:
    arrived = [
        {"item": str(item.uid), "quantity": quantity, "damaged": damaged}
        for item, quantity, damaged in counted
        if quantity
    ]
    data: dict[str, Any] = {"receipt": str(receipt.uid), "items": arrived}
    if not follow(rma, rows, actor=actor, at=now, **data):
        events.log(rma, "parcel.received", actor=actor, at=now, **data)
        Return.objects.filter(pk=rma.pk).update(updated_at=now)
    if arrived and not any(item.announced for item in rows):
        note_fact(rma, "goods_received_at", now)


def park_parcel(
    *,
    actor: Actor,
    location: str = "MAIN",
    parcel: str | None = None,
    unexpected: Sequence[Unexpected] = (),
    note: str = "",
    photos: Sequence[str] = (),
    now: datetime | None = None,
) -> Receipt:
    """Take in a parcel that nobody can tell where it belongs; it is matched later and never lost."""
    place = find_location(location)
    with transaction.atomic():
        receipt = _new_receipt(None, place, parcel, note, actor, now or timezone.now())
        _write_lines(receipt, [], unexpected)
        happened = [("parcel.parked", {"receipt": str(receipt.uid)}), *attach_photos(receipt, photos)]
        events.append(f"parcel:{receipt.pk}", happened, actor=actor, is_new=True)
    return receipt


def match_receipt(receipt: Receipt, rma: Return, *, actor: Actor, items: Sequence[Arrived] | None = None) -> Receipt:
    """Say which return a parked parcel belongs to; its photos go with it. Raises Conflict when it is matched."""
    now = timezone.now()
    with transaction.atomic():
        Order.objects.select_for_update(of=("self",)).only("pk").get(pk=rma.order_id)
        rma = lock_return(rma)
        rows = lock_items(rma)
        receipt = Receipt.objects.select_for_update(of=("self",)).select_related("location").get(pk=receipt.pk)
        if receipt.rma_id is not None:
            raise Conflict(_("This parcel is matched already."))
        if rma.status in (*FREE, Status.RESOLVED):
            raise refuse_move(rma, _("Receiving"))
        counted = _counted(rows, items)
        receipt.rma, receipt.matched_at = rma, now
        try:
            with transaction.atomic():
                receipt.save(update_fields=["rma", "matched_at"])
        except IntegrityError as error:
            raise Conflict(_("This return has a parcel of that name at that dock already.")) from error
        # what was read at the door and is now counted as an item is not unexpected any more
        receipt.lines.filter(item=None, sku__in=[item.line.sku for item, units, _bad in counted if units]).delete()
        _write_lines(receipt, counted, ())
        Photo.objects.filter(receipts=receipt).update(rma=rma)
        _count(rma, rows, counted)
        _tell(rma, rows, receipt, counted, actor, now)
        events.append(
            f"parcel:{receipt.pk}", [("receipt.matched", {"rma": rma.code, "receipt": str(receipt.uid)})], actor=actor
        )
    return receipt


def hold_photo(data: bytes, *, actor: Actor) -> Photo:
    """Keep a clean picture for a receipt that is still being written. Raises Invalid with the reason."""
    return store_photo(reencode(data), kind=KIND, actor=actor)


def attach_photos(receipt: Receipt, uids: Sequence[str]) -> list[events.Happening]:
    """Hang held photos on a receipt, each once; the caller logs what is returned."""
    if not uids:
        return []
    rows = list(Photo.objects.filter(uid__in=uids, rma=None, receipts=None, kind=KIND).order_by("pk")[:MAX_PHOTOS])
    Photo.objects.filter(pk__in=[row.pk for row in rows]).update(rma=receipt.rma_id)
    receipt.photos.add(*rows)
    return [("photo.added", {"photo": str(row.uid), "of": KIND, "sha256": row.sha256}) for row in rows]


def photograph_parcel(receipt: Receipt, data: bytes, *, actor: Actor) -> Photo:
    """Keep a clean picture of a parcel, matched or not."""
    clean = reencode(data)
    with transaction.atomic():
        receipt = Receipt.objects.select_for_update(of=("self",)).select_related("rma").get(pk=receipt.pk)
        if receipt.photos.count() >= MAX_PHOTOS:
            raise Conflict(_("This parcel has %(max)d photos already.") % {"max": MAX_PHOTOS})
        photo = store_photo(clean, kind=KIND, actor=actor)
        photo.rma = receipt.rma
        photo.save(update_fields=["rma"])
        receipt.photos.add(photo)
        data_of = {"receipt": str(receipt.uid), "photo": str(photo.uid), "sha256": photo.sha256}
        events.append(f"parcel:{receipt.pk}", [("photo.added", data_of)], actor=actor)
    return photo
