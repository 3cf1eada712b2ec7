"""Returns that end in an exchange or a repair, as far as each of their mails."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from django.utils import timezone

from customers.models import Product
from inspections.actions import repairs
from inspections.models import RepairJob
from refunds.actions.charge_hand import note_charge_paid
from refunds.actions.deposits import chase_deposits
from refunds.actions.exchange_steps import cancel_exchange, ship_exchange
from refunds.actions.exchanges import open_exchange
from refunds.models import Charge, Exchange
from returns.models import Return
from tests.notifications import story


def first(rma: Return) -> Exchange:
    """The replacement should leave first, against a deposit by hand."""
    Product.objects.create(sku="CAP", title="Cap", price=1000, currency="EUR")
    wish = [{"sku": "CAP", "quantity": 2, "unit_price": "10.00"}]
    exchange, _new = open_exchange(rma, actor=story.AGENT, advance=True, exchange_for=wish)
    return exchange


def gone(rma: Return) -> Exchange:
    """The replacement left."""
    exchange = first(rma)
    for charge in Charge.objects.all():
        note_charge_paid(charge, actor=story.AGENT)
    return ship_exchange(exchange, carrier="manual", tracking_number="T-77", actor=story.AGENT)


def late(rma: Return, days: int) -> Return:
    """The goods are so many days late, or early."""
    due = gone(rma).goods_due_on
    assert due is not None
    chase_deposits(timezone.now() + timedelta(days=(due - timezone.now().date()).days + days))
    return rma


def _job(rma: Return) -> RepairJob:
    story.dispatch()
    rma = story.received(story.scanned(rma))
    item = rma.items.order_by("pk")[0]
    return repairs.open_repair(rma, item=str(item.uid), quantity=1, actor=story.AGENT)


def failed(rma: Return) -> Return:
    """It cannot be repaired."""
    repairs.fail_repair(_job(rma), instead="refund", note="The frame is broken.", actor=story.AGENT)
    return rma


def repaired(rma: Return) -> Return:
    """It is repaired and on its way back."""
    job = repairs.finish_repair(_job(rma), actor=story.AGENT, note="New zip.")
    repairs.ship_repair(job, carrier="manual", tracking_number="T-78", actor=story.AGENT)
    return rma


def _then(act: Callable[[Return], object]) -> tuple[str, Callable[[Return], Return]]:
    def live(rma: Return) -> Return:
        act(rma)
        return rma

    return "authorize", live


SCENES = {
    "exchange.payment_asked": _then(first),
    "exchange.shipped": _then(gone),
    "exchange.cancelled": _then(lambda rma: cancel_exchange(first(rma), reason="", actor=story.AGENT)),
    "exchange.deposit_due": _then(lambda rma: late(rma, -2)),
    "exchange.deposit_kept": _then(lambda rma: late(rma, 1)),
    "repair.failed": _then(failed),
    "repair.shipped": _then(repaired),
}
