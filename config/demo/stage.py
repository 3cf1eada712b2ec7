"""The stage of the demo: every verb is one action by one person, and the outbox runs behind each."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Final

from django.utils import timezone

from accounts.actors import Actor, customer_actor
from config.demo import clock
from customers.models import Order
from inspections.actions import Arrived, Finding, inspect_items, receive_parcel
from refunds.actions import Wish as Money
from refunds.actions import mark_paid, reimburse_return
from refunds.models import Refund
from returns.actions import Wish, add_photo, record_tracking, request_return
from returns.actions.wish import Wanted
from returns.models import Return, ReturnItem, Shipment
from returns.outbox import dispatch_all

PHOTOS: Final = Path(__file__).parent / "photos"
OFFICE: Final = {"asked": "10:12", "sent": "12:40", "came": "09:40", "checked": "14:05", "paid": "08:30"}

Story = Iterator[datetime]
"""A story says when it goes on, does so, and says again."""


@dataclass(frozen=True, slots=True)
class Found:
    """What the bench finds on all units of a line."""

    grade: str = "A"
    disposition: str = "restock"
    note: str = ""
    photos: tuple[str, ...] = ()
    outcome: str = "accepted"
    checklist: Mapping[str, bool] = field(default_factory=lambda: {"tags_on": True, "free_of_marks": True})


@dataclass(frozen=True, slots=True)
class Stage:
    """The day it is and the people who act."""

    now: datetime
    staff: Mapping[str, Actor]

    def day(self, days: float, hour: str = "10:12", minutes: int = 0) -> datetime:
        """That many days ago at an hour of the day; parts of a day are counted back from now."""
        if days < 1:
            return self.now - timedelta(days=days)
        then = datetime.combine((self.now - timedelta(days=days)).date(), time.fromisoformat(hour), self.now.tzinfo)
        return then + timedelta(minutes=minutes)

    def at(self, step: str, days: float, number: str) -> datetime:
        """When a step of an ordinary return happens: in its hour of the day, not everybody's in the same minute."""
        return self.day(days, OFFICE[step], int(number[-2:]) % 47)

    def play(self, stories: Sequence[Story]) -> None:
        """Let all stories happen at once, in the order of time, each step followed by what follows from it."""
        waiting = [(next(story), place) for place, story in enumerate(stories)]
        heapq.heapify(waiting)
        while waiting:
            moment, place = waiting[0]
            with clock.at(moment):
                later = next(stories[place], None)
                dispatch_all()
            if later is None:
                heapq.heappop(waiting)
            else:
                heapq.heapreplace(waiting, (later, place))

    def ask(
        self,
        number: str,
        wants: Mapping[str, str],
        *,
        units: Mapping[str, int] | None = None,
        comment: str = "",
        method: str | None = "label",
        resolution: str = "refund",
        by: str = "customer",
        instead: str = "",
    ) -> Return:
        """Ask for lines of an order, each with its reason; all units of a line unless `units` says how many."""
        order = Order.objects.get(number=number)
        bought = dict(order.lines.values_list("external_id", "quantity"))
        counts = bought | dict(units or {})
        wanted = Wanted(
            [Wish(line, counts[line], reason, comment=comment) for line, reason in wants.items()],
            resolution=resolution,
            method=method,
            requested_by=by,
            exchange_for=[{"sku": instead, "quantity": 1}] if instead else [],
        )
        actor = customer_actor() if by == "customer" else self.staff["agent"]
        return request_return(order, wanted, actor=actor)

    def item(self, rma: Return, line: str) -> ReturnItem:
        """The item of a line."""
        return rma.items.select_related("line").get(line__external_id=line)

    def scan(self, rma: Return, *codes: str, place: str = "") -> None:
        """The carrier scans the parcel, now."""
        shipment = rma.shipments.exclude(state=Shipment.State.VOIDED).get()
        moment = timezone.now()
        record_tracking(
            shipment, [{"code": code, "at": moment, "location": place} for code in codes], actor=self.staff["agent"]
        )

    def photo(self, rma: Return, name: str, kind: str, line: str = "", caption: str = "") -> str:
        """Somebody takes a picture; answers with its id."""
        actor = customer_actor() if kind == "customer" else self.staff["warehouse"]
        item = self.item(rma, line) if line else None
        data = (PHOTOS / f"{name}.jpg").read_bytes()
        return str(add_photo(rma, data, kind=kind, actor=actor, item=item, caption=caption).uid)

    def receive(self, rma: Return, counts: Mapping[str, tuple[int, int]] | None = None, note: str = "") -> None:
        """The parcel is at the dock; `counts` per line are units and how many of them are damaged."""
        arrived = None
        if counts is not None:
            arrived = [Arrived(str(self.item(rma, line).uid), *found) for line, found in counts.items()]
        parcel = rma.shipments.values_list("tracking_number", flat=True).first() or None
        receive_parcel(rma, actor=self.staff["warehouse"], parcel=parcel, items=arrived, note=note)

    def check(self, rma: Return, found: Mapping[str, Found] | None = None) -> None:
        """The bench looks at everything that is here; what is not named is as new."""
        named = found or {}
        findings = []
        for item in rma.items.select_related("line"):
            if item.uninspected:
                seen = named.get(item.line.external_id, Found())
                findings.append(_finding(item, seen))
        inspect_items(rma, findings, actor=self.staff["warehouse"])

    def decide_money(self, rma: Return, off: Mapping[str, tuple[str, str]], expected: str | None = None) -> None:
        """An agent refunds; `off` per line is what is kept and why, in the customer's language."""
        deductions = [
            {"item": str(self.item(rma, line).uid), "amount": amount, "reason": reason}
            for line, (amount, reason) in off.items()
        ]
        reimburse_return(rma, Money(deductions=deductions, expected_total=expected), actor=self.staff["agent"])

    def pay(self, rma: Return) -> None:
        """The refunds that wait to be paid by hand are paid."""
        for refund in Refund.objects.filter(reimbursement__rma=rma, state=Refund.State.MANUAL_PENDING).order_by("pk"):
            mark_paid(refund, actor=self.staff["manager"], reference=f"SEPA-{rma.code}-{refund.pk}")


def post_office(rma: Return) -> str:
    """Where the customer hands a parcel in, in the words of the place."""
    return {"IE": "Drumcondra post office", "PL": "Urząd Pocztowy 12", "IL": "סניף דואר"}.get(rma.order.country, "DHL")


def _finding(item: ReturnItem, seen: Found) -> Finding:
    return Finding(
        item=str(item.uid),
        quantity=item.uninspected,
        grade=seen.grade,
        outcome=seen.outcome,
        disposition=seen.disposition,
        checklist=seen.checklist,
        note=seen.note,
        photos=seen.photos,
    )
