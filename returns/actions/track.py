"""What happens on the way: a parcel that the customer posted, and what carriers say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.problems import WrongState
from returns import events
from returns.actions.deadlines import note_fact
from returns.actions.ship import SHIPPABLE, touch
from returns.lifecycle import lock_return, move, refuse_move
from returns.models import Photo, Return, Shipment, ShipmentReturn, TrackingEvent
from returns.models.rma import Status

MOVING = {"accepted": Shipment.State.IN_TRANSIT, "in_transit": Shipment.State.IN_TRANSIT}


def announce_own_shipment(
    rma: Return,
    *,
    actor: Actor,
    carrier: str,
    tracking_number: str = "",
    cost: int | None = None,
    proof: Photo | None = None,
    now: datetime | None = None,
) -> Shipment:
    """The customer posted it themselves; this is their proof of sending. `cost` is in minor units."""
    now = now or timezone.now()
    with transaction.atomic():
        rma = lock_return(rma)
        if rma.status not in SHIPPABLE:
            raise refuse_move(rma, _("Announcing a parcel"))
        shipment = Shipment.objects.create(
            shop=rma.shop,
            carrier=carrier,
            tracking_number=tracking_number,
            state=Shipment.State.IN_TRANSIT,
            by_customer=True,
            cost=cost,
            currency=rma.currency,
        )
        ShipmentReturn.objects.create(shipment=shipment, rma=rma)
        rma.proof_of_sending_at = rma.proof_of_sending_at or now
        rma.search_text = f"{rma.search_text} {tracking_number.lower()}"[:2000]
        rma.save(update_fields=["proof_of_sending_at", "search_text", "updated_at"])
        note_fact(rma, "proof_of_sending_at", rma.proof_of_sending_at)
        data: dict[str, Any] = {"shipment": str(shipment.uid), "proof": str(proof.uid) if proof else None}
        if rma.status == Status.AUTHORIZED:
            move(rma, Status.IN_TRANSIT, "parcel.in_transit", actor=actor, **data)
        else:
            events.log(rma, "shipment.announced", actor=actor, **data)
    return shipment


def record_tracking(shipment: Shipment, scans: Sequence[Mapping[str, Any]], *, actor: Actor) -> Shipment:
    """Store what a carrier said, in whatever order it says it; the state only ever moves forward.

    Each scan has `code`, `at` (instant) and `location`. A scan that is known already changes nothing.
    """
    with transaction.atomic():
        carried = [lock_return(pk) for pk in sorted(shipment.returns.values_list("pk", flat=True))]
        shipment = Shipment.objects.select_for_update(of=("self",)).get(pk=shipment.pk)
        if shipment.state in (Shipment.State.VOIDED, Shipment.State.VOID_PENDING):
            raise WrongState(_("This label was voided. Whoever scans it has another parcel in hand."))
        fresh = _store_scans(shipment, scans)
        if fresh:
            _advance(shipment, carried, fresh, actor)
    return shipment


def _store_scans(shipment: Shipment, scans: Sequence[Mapping[str, Any]]) -> list[TrackingEvent]:
    known = set(shipment.tracking.values_list("code", "at"))
    rows = {
        (scan["code"], scan["at"]): TrackingEvent(
            shipment=shipment, code=scan["code"], at=scan["at"], location=scan.get("location") or ""
        )
        for scan in scans
        if (scan["code"], scan["at"]) not in known
    }
    return TrackingEvent.objects.bulk_create(list(rows.values()))


def _advance(shipment: Shipment, carried: list[Return], fresh: list[TrackingEvent], actor: Actor) -> None:
    latest = shipment.tracking.order_by("at", "pk").last()
    state = _state_of(shipment, latest.code if latest else "", [scan.code for scan in fresh])
    if state != shipment.state:
        shipment.state = state
        shipment.save(update_fields=["state", "updated_at"])
    moved = any(scan.code in MOVING or scan.code == "delivered" for scan in fresh)
    for rma in carried:
        codes = [scan.code for scan in fresh]
        if rma.status == Status.AUTHORIZED and moved:
            rma.proof_of_sending_at = rma.proof_of_sending_at or min(scan.at for scan in fresh)
            rma.save(update_fields=["proof_of_sending_at"])
            note_fact(rma, "proof_of_sending_at", rma.proof_of_sending_at)
            move(
                rma,
                Status.IN_TRANSIT,
                "parcel.in_transit",
                actor=actor,
                shipment=str(shipment.uid),
                codes=codes,
            )
        else:
            events.log(rma, "parcel.scanned", actor=actor, shipment=str(shipment.uid), codes=codes)
            touch(rma)


def _state_of(shipment: Shipment, latest: str, fresh: list[str]) -> str:
    if shipment.state == Shipment.State.DELIVERED:
        return shipment.state
    if "delivered" in fresh or latest == "delivered":
        return Shipment.State.DELIVERED
    if latest in ("exception", "returned_to_sender"):
        return Shipment.State.EXCEPTION
    if latest in MOVING:
        return MOVING[latest]
    return shipment.state
