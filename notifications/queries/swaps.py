"""What the mails about exchanges and repairs tell; None where this event is nothing to write about."""

from __future__ import annotations

from typing import Any

from customers import money
from inspections.models import RepairJob
from refunds.models import Charge, Exchange
from returns import carriers
from returns.models import Event, Return

Facts = dict[str, Any]


def _exchange(event: Event, rma: Return) -> Exchange | None:
    return Exchange.objects.filter(rma=rma, uid=event.data.get("exchange")).first()


def _charge(event: Event, rma: Return) -> Charge | None:
    return Charge.objects.select_related("exchange").filter(exchange__rma=rma, uid=event.data.get("charge")).first()


def _titles(exchange: Exchange) -> list[str]:
    rows = exchange.lines.order_by("pk")
    return [f"{row.quantity} × {row.title}" if row.quantity > 1 else row.title for row in rows]


def _travel(carrier: str, tracking: str) -> Facts:
    known = carriers.KNOWN.get(carrier)
    name = "" if known and known.local else str(known.name) if known else carrier
    return {
        "carrier": name,
        "tracking": tracking,
        "track_url": (known.track_url(tracking) if known and tracking else None) or "",
    }


def payment_asked(event: Event, rma: Return) -> Facts | None:
    """What to pay before the replacement leaves, and where; None once it was paid or let go."""
    charge = _charge(event, rma)
    if charge is None or charge.state not in (Charge.State.OPEN, Charge.State.HELD):
        return None
    return {
        "amount": charge.amount,
        "currency": charge.currency,
        "pay_url": charge.url,
        "is_deposit": charge.purpose == Charge.Purpose.DEPOSIT,
        "titles": _titles(charge.exchange),
    }


def shipped(event: Event, rma: Return) -> Facts | None:
    """What left, and under which number."""
    exchange = _exchange(event, rma)
    if exchange is None:
        return None
    due = exchange.goods_due_on if exchange.advance and exchange.reimbursement_id is None else None
    return {"titles": _titles(exchange), "send_by": due} | _travel(exchange.carrier, exchange.tracking_number)


def cancelled(event: Event, rma: Return) -> Facts | None:
    """What does not leave; nothing where the whole return was cancelled, which has its own mail."""
    exchange = _exchange(event, rma)
    return {"titles": _titles(exchange)} if exchange is not None and rma.is_open else None


def deposit_due(event: Event, rma: Return) -> Facts | None:
    """Until when the goods must be here."""
    exchange = _exchange(event, rma)
    if exchange is None or exchange.reimbursement_id is not None:
        return None
    return {"amount": exchange.deposit, "currency": exchange.currency, "send_by": exchange.goods_due_on}


def deposit_kept(event: Event, rma: Return) -> Facts | None:
    """How much of the deposit was taken."""
    charge = _charge(event, rma)
    if charge is None:
        return None
    return {"amount": money.parse(event.data["amount"], charge.currency), "currency": charge.currency}


def _job(event: Event, rma: Return) -> RepairJob | None:
    return RepairJob.objects.select_related("item__line").filter(rma=rma, uid=event.data.get("repair")).first()


def repair_failed(event: Event, rma: Return) -> Facts | None:
    """That it cannot be repaired, and what happens instead."""
    job = _job(event, rma)
    if job is None:
        return None
    return {"title": job.item.line.title, "note": job.note, "replaced": job.instead == "replacement"}


def repair_shipped(event: Event, rma: Return) -> Facts | None:
    """That it is repaired and on its way back."""
    job = _job(event, rma)
    if job is None:
        return None
    return {"title": job.item.line.title, "note": job.note} | _travel(job.carrier, job.tracking_number)


SWAPS = {
    "exchange.payment_asked": payment_asked,
    "exchange.shipped": shipped,
    "exchange.cancelled": cancelled,
    "exchange.deposit_due": deposit_due,
    "exchange.deposit_kept": deposit_kept,
    "repair.failed": repair_failed,
    "repair.shipped": repair_shipped,
}
