"""Labels out, scans in: how the parcel travels."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from accounts.actors import SYSTEM, Actor
from accounts.problems import WrongState
from returns import carriers, events
from returns.carriers.base import LabelRequest, VoidOutcome, VoidRequest
from returns.lifecycle import lock_return, refuse_move
from returns.links import portal_url
from returns.models import Label, Return, Shipment, ShipmentReturn
from returns.models.rma import Status
from returns.queries import policy_of, published_policy, search_text

SHIPPABLE = (Status.AUTHORIZED, Status.IN_TRANSIT, Status.PARTIALLY_RECEIVED)
LIVE = (Shipment.State.LABEL_PENDING, Shipment.State.LABEL_ISSUED)
ISSUE_LABELS = "returns.tasks.issue_labels"


def create_shipment(
    rma: Return, *, actor: Actor, carrier: str = "manual", service: str | None = None, parcels: int = 1
) -> Shipment:
    """Ask for labels. A local carrier's are there at once, others' are fetched by a sender task.

    A label that the house itself queued for this return is taken over when it is the same.
    Raises IllegalMove and UnknownCarrier.
    """
    chosen = carriers.get(carrier)
    service = carriers.service(chosen, service or None)
    with transaction.atomic():
        rma = lock_return(rma)
        if rma.status not in SHIPPABLE:
            raise refuse_move(rma, _("A label"))
        ready = _queued_by_us(rma, carrier, service, parcels) if actor.kind != SYSTEM else None
        if ready is not None:
            return ready
        shipment = Shipment.objects.create(
            shop=rma.shop,
            carrier=carrier,
            service=service,
            parcels=parcels,
            state=Shipment.State.LABEL_PENDING,
            next_attempt_at=timezone.now(),
        )
        ShipmentReturn.objects.create(shipment=shipment, rma=rma)
        events.log(rma, "label.requested", actor=actor, shipment=str(shipment.uid), carrier=carrier)
        if chosen.local:
            issued = chosen.issue(label_request(shipment, rma))
            store_label(shipment, rma, issued.tracking_number, actor=actor)
        else:
            events.nudge(ISSUE_LABELS)
        touch(rma)
    return shipment


def _queued_by_us(rma: Return, carrier: str, service: str, parcels: int) -> Shipment | None:
    mine = rma.shipments.filter(carrier=carrier, service=service, parcels=parcels, state__in=LIVE)
    shipment = mine.order_by("pk").first()
    if shipment is None:
        return None
    asked = rma.events.filter(kind="label.requested", data__shipment=str(shipment.uid)).first()
    return shipment if asked is not None and asked.actor_kind == SYSTEM else None


def label_request(shipment: Shipment, rma: Return) -> LabelRequest:
    """What a carrier needs to know; the serial makes asking again safe."""
    document = rma.order_version.document
    return LabelRequest(
        serial=shipment.pk,
        rma=rma.code,
        service=shipment.service,
        sender=document.get("ship_to") or {},
        recipient=return_address(rma),
        parcels=shipment.parcels,
    )


def return_address(rma: Return) -> dict[str, Any]:
    """Where parcels go: the shop's address, under its own name."""
    return {"name": rma.shop.legal_name or rma.shop.name, **rma.shop.address}


def store_label(shipment: Shipment, rma: Return, tracking_number: str, *, actor: Actor) -> None:
    """Freeze what is printed on each parcel and log that the label is there. The return is locked."""
    now = timezone.now()
    shipment.tracking_number, shipment.state = tracking_number, Shipment.State.LABEL_ISSUED
    shipment.next_attempt_at, shipment.last_error = None, ""
    shipment.save()
    days = policy_of(published_policy(rma.shop_id)).standing.label_valid_days
    Label.objects.bulk_create(
        [
            Label(
                shipment=shipment,
                parcel=number,
                data=_label_data(shipment, rma, number, now),
                valid_until=(now + timedelta(days=days)).date(),
            )
            for number in range(1, shipment.parcels + 1)
        ]
    )
    rma.search_text = search_text(rma, [item.line for item in rma.items.select_related("line")], tracking_number)
    rma.save(update_fields=["search_text"])
    events.log(rma, "label.issued", actor=actor, shipment=str(shipment.uid), carrier=shipment.carrier)


def _carrier_name(shipment: Shipment, rma: Return) -> str:
    with override(rma.locale):
        return carriers.get(shipment.carrier).name


def _label_data(shipment: Shipment, rma: Return, number: int, now: datetime) -> dict[str, Any]:
    return {
        "rma": rma.code,
        "shop": rma.shop.name,
        "sender": rma.order_version.document.get("ship_to") or {"name": rma.order.name},
        "recipient": return_address(rma),
        "carrier": _carrier_name(shipment, rma),
        "service": "" if shipment.service == "standard" else shipment.service,
        "tracking_number": shipment.tracking_number,
        "qr_text": portal_url(rma),
        "issued_on": now.date().isoformat(),
        "locale": rma.locale,
        "parcel": number,
        "parcels": shipment.parcels,
        "ref": rma.order.number,
    }


def void_shipment(shipment: Shipment, *, actor: Actor) -> Shipment:
    """Take a label back before anybody has scanned it. Raises WrongState."""
    with transaction.atomic():
        rma = lock_return(shipment.returns.values_list("pk", flat=True)[0])
        shipment = Shipment.objects.select_for_update(of=("self",)).get(pk=shipment.pk)
        if shipment.state not in LIVE:
            raise WrongState(_("Only a label that nobody has scanned can be voided."))
        scanned = shipment.tracking.exists()
        carrier = carriers.get(shipment.carrier)
        answer = carrier.void(VoidRequest(shipment.tracking_number, shipment.service, scanned))
        if answer.outcome == VoidOutcome.REFUSED:
            raise WrongState(answer.reason)
        pending = answer.outcome == VoidOutcome.PENDING
        shipment.state = Shipment.State.VOID_PENDING if pending else Shipment.State.VOIDED
        shipment.save(update_fields=["state", "updated_at"])
        events.log(rma, "label.voided", actor=actor, shipment=str(shipment.uid))
        touch(rma)
    return shipment


def touch(rma: Return) -> None:
    """Note that something about the return changed."""
    rma.updated_at = timezone.now()
    rma.save(update_fields=["updated_at"])
