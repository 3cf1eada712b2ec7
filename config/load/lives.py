"""The few that are copied: an order without a return, and one return for each place in the life."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from accounts.actors import SYSTEM_ACTOR
from customers.actions import upsert_order
from customers.models import Order
from inspections.actions import Finding, inspect_items, receive_parcel
from refunds.actions import Wish as Money
from refunds.actions import mark_paid, reimburse_return
from refunds.models import Refund
from returns.actions import Wish, authorize_return, create_shipment, record_tracking, request_return
from returns.actions.wish import Wanted
from returns.models import Event, Return
from returns.models.rma import Status

CHANNEL = "load"
UNITS = 50
GOODS = (("TEE-M", "Tee", "20.00"), ("MUG-1", "Mug", "12.50"), ("CAP-9", "Cap", "17.90"))
SHARES = {
    Status.REQUESTED: 15,
    Status.AUTHORIZED: 25,
    Status.IN_TRANSIT: 10,
    Status.RECEIVED: 10,
    Status.INSPECTED: 5,
    Status.RESOLVED: 35,
}


def order_document(number: str, now: datetime) -> dict[str, Any]:
    """An order of three lines with many units each, paid and delivered a few days before `now`."""
    lines = [
        {"id": f"L{place}", "sku": sku, "title": title, "quantity": UNITS, "unit_price": price, "tax_rate": "0.23"}
        for place, (sku, title, price) in enumerate(GOODS, 1)
    ]
    return {
        "channel": CHANNEL,
        "number": number,
        "currency": "EUR",
        "prices_include_tax": True,
        "placed_at": (now - timedelta(days=9)).isoformat(),
        "locale": "en",
        "customer": {"email": f"{number.lower()}@example.com", "name": "A. Nowak"},
        "ship_to": {"name": "A. Nowak", "city": "Warszawa", "country": "PL", "time_zone": "Europe/Warsaw"},
        "lines": lines,
        "payments": [{"id": "P1", "gateway": "manual", "captured": "2520.00", "kind": "card"}],
        "deliveries": [
            {
                "id": "D1",
                "lines": {line["id"]: UNITS for line in lines},
                "shipped_at": (now - timedelta(days=7)).isoformat(),
                "delivered_at": (now - timedelta(days=5)).isoformat(),
            }
        ],
    }


def plain_order() -> Order:
    """An order without a return; the same one every time."""
    return _order("LOAD")


def lived() -> dict[Status, Order]:
    """One order for each place in the life, with one return that stands there; their events count as dispatched."""
    found = {status: _live(status) for status in SHARES}
    Event.objects.filter(rma__order__in=found.values()).update(dispatched_at=timezone.now())
    return found


def _order(number: str, *, arrived: bool = True) -> Order:
    known = Order.objects.filter(channel__code=CHANNEL, number=number).first()
    document = order_document(number, timezone.now()) | ({} if arrived else {"deliveries": None})
    return known or upsert_order(document, actor=SYSTEM_ACTOR).order


def _live(until: Status) -> Order:
    # nobody knows whether those goods arrived, so a person decides
    order = _order(f"LOAD-{until.upper()}", arrived=until != Status.REQUESTED)
    if order.returns.exists():
        return order
    wishes = [Wish(f"L{place}", 1, "too_small") for place, _goods in enumerate(GOODS, 1)]
    rma = request_return(order, Wanted(wishes, method="label", requested_by="customer"), actor=SYSTEM_ACTOR)
    for step in STEPS:
        rma.refresh_from_db()
        if rma.status == until:
            break
        step(rma)
    return order


def _authorize(rma: Return) -> None:
    if rma.status == Status.REQUESTED:
        authorize_return(rma, actor=SYSTEM_ACTOR)


def _label(rma: Return) -> None:
    create_shipment(rma, actor=SYSTEM_ACTOR, carrier="manual")


def _scan(rma: Return) -> None:
    scans = [{"code": "accepted", "at": timezone.now(), "location": ""}]
    record_tracking(rma.shipments.get(), scans, actor=SYSTEM_ACTOR)


def _receive(rma: Return) -> None:
    receive_parcel(rma, actor=SYSTEM_ACTOR)


def _inspect(rma: Return) -> None:
    found = [Finding(str(item.uid), 1, "A", "accepted", "restock") for item in rma.items.all()]
    inspect_items(rma, found, actor=SYSTEM_ACTOR)


def _pay(rma: Return) -> None:
    reimburse_return(rma, Money(), actor=SYSTEM_ACTOR)
    for refund in Refund.objects.filter(reimbursement__rma=rma):
        mark_paid(refund, actor=SYSTEM_ACTOR)


STEPS: tuple[Callable[[Return], None], ...] = (_authorize, _label, _scan, _receive, _inspect, _pay)
