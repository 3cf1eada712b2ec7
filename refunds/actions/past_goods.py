"""The goods of a moved-in return: its shipment, its parcel, and what the bench found."""

from __future__ import annotations

from inspections.models import Inspection, Location, Receipt, ReceiptLine
from refunds.actions.past import History
from returns.models import Return, ReturnItem, Shipment, ShipmentReturn
from returns.models.rma import FREE, Status

TRAVELLING = {
    Status.REQUESTED: Shipment.State.DRAFT,
    Status.AUTHORIZED: Shipment.State.LABEL_ISSUED,
    Status.IN_TRANSIT: Shipment.State.IN_TRANSIT,
}


def travel(rma: Return, history: History) -> None:
    """The shipment that the dock will find by its tracking number; no label is made."""
    if history.shipment is None or rma.status in FREE:
        return
    shipment = Shipment.objects.create(
        shop=rma.shop,
        carrier=history.shipment.carrier,
        tracking_number=history.shipment.tracking_number,
        state=TRAVELLING.get(Status(rma.status), Shipment.State.DELIVERED),
        by_customer=True,
    )
    ShipmentReturn.objects.create(shipment=shipment, rma=rma)


def arrive(rma: Return, items: list[ReturnItem], history: History) -> None:
    """One parcel with everything that came."""
    came = [item for item in items if item.received]
    if not came:
        return
    receipt = Receipt.objects.create(
        rma=rma,
        location=Location.objects.get(code="MAIN"),
        parcel=history.shipment.tracking_number if history.shipment else history.reference,
        received_at=history.received_at or history.decided_at or history.requested_at,
    )
    ReceiptLine.objects.bulk_create(
        [ReceiptLine(receipt=receipt, item=item, sku=item.line.sku, quantity=item.received) for item in came]
    )


def inspect(rma: Return, items: list[ReturnItem], history: History) -> None:
    """What the bench found there; the stock of that day was counted there."""
    at = history.inspected_at or history.received_at or history.decided_at or history.requested_at
    Inspection.objects.bulk_create(
        [
            Inspection(
                rma=rma,
                item=item,
                quantity=row.quantity,
                grade=row.grade,
                outcome=row.outcome,
                disposition=row.disposition,
                note=row.note,
                inspected_at=at,
            )
            for item, past in zip(items, history.items, strict=True)
            for row in past.inspections
        ]
    )
