"""What the returns app does after events: queue labels, void them."""

from __future__ import annotations

from accounts.actors import INTEGRATION, SYSTEM_ACTOR
from returns.actions import create_shipment, void_shipment
from returns.models import Event, Shipment
from returns.models.rma import Status
from returns.policy.reasons import SHOP_CARRIED

CARRIER = "manual"


def queue_label(event: Event) -> None:
    """Make the label that a customer waits for; an integration asks for its own when it wants one."""
    rma = event.rma
    if rma is None or rma.status != Status.AUTHORIZED or rma.method not in SHOP_CARRIED:
        return
    if (event.rma and event.actor_kind == INTEGRATION) or rma.shipments.exists():
        return
    create_shipment(rma, actor=SYSTEM_ACTOR, carrier=CARRIER)


def void_labels(event: Event) -> None:
    """Nobody will use these labels any more."""
    if event.rma is None:
        return
    live = (Shipment.State.LABEL_PENDING, Shipment.State.LABEL_ISSUED)
    for shipment in event.rma.shipments.filter(state__in=live, tracking__isnull=True):
        void_shipment(shipment, actor=SYSTEM_ACTOR)


def void_labels_of_kept(event: Event) -> None:
    """The customer keeps it: once nothing is to come any more, nobody will use the labels either."""
    if event.rma is not None and not any(item.announced for item in event.rma.items.all()):
        void_labels(event)
