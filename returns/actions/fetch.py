"""Fetching labels from carriers that need the network: claim, call outside of any transaction, store."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from accounts.actors import SYSTEM_ACTOR
from returns import carriers, events
from returns.actions.ship import label_request, store_label
from returns.carriers.base import CarrierRefused, CarrierUnclear
from returns.lifecycle import lock_return
from returns.models import Return, Shipment

MAX_ATTEMPTS = 8


def issue_pending_labels() -> int:
    """Fetch labels from carriers that need the network: claim, call outside of any transaction, store."""
    count = 0
    while (shipment := _claim_pending()) is not None:
        _issue(shipment)
        count += 1
    return count


def _claim_pending() -> Shipment | None:
    now = timezone.now()
    with transaction.atomic():
        rows = Shipment.objects.filter(state=Shipment.State.LABEL_PENDING, next_attempt_at__lte=now)
        shipment = rows.select_for_update(of=("self",)).order_by("next_attempt_at").first()
        if shipment is not None:
            shipment.attempts += 1
            shipment.next_attempt_at = now + timedelta(minutes=2)
            shipment.save(update_fields=["attempts", "next_attempt_at"])
    return shipment


def _issue(shipment: Shipment) -> None:
    rma = shipment.returns.select_related("order", "order_version", "shop").first()
    if rma is None:
        return
    try:
        issued = carriers.get(shipment.carrier).issue(label_request(shipment, rma))
    except CarrierRefused as refusal:
        _give_up(shipment, rma, refusal.detail)
        return
    except CarrierUnclear as error:
        _put_off(shipment, rma, str(error))
        return
    with transaction.atomic():
        rma = lock_return(rma)
        current = Shipment.objects.select_for_update().get(pk=shipment.pk)
        if current.state == Shipment.State.LABEL_PENDING:
            store_label(current, rma, issued.tracking_number, actor=SYSTEM_ACTOR)


def _put_off(shipment: Shipment, rma: Return, why: str) -> None:
    if shipment.attempts >= MAX_ATTEMPTS:
        _give_up(shipment, rma, why)
        return
    delay = timedelta(seconds=10 * 2**shipment.attempts)
    Shipment.objects.filter(pk=shipment.pk).update(last_error=why, next_attempt_at=timezone.now() + delay)


def _give_up(shipment: Shipment, rma: Return, why: str) -> None:
    with transaction.atomic():
        rma = lock_return(rma)
        Shipment.objects.filter(pk=shipment.pk).update(state=Shipment.State.DRAFT, last_error=why, next_attempt_at=None)
        events.log(rma, "label.failed", actor=SYSTEM_ACTOR, shipment=str(shipment.uid))
