"""Repairs: planned once the goods are here, done or given up, and sent back to the customer."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, Final

from django.db import transaction
from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.problems import FieldError, Invalid, WrongState
from customers.actions import OverQuantity, free_units
from customers.models import Order, OrderLine
from inspections.models import RepairJob
from returns import events
from returns.actions import follow
from returns.lifecycle import lock_items, lock_return, refuse_move
from returns.models import Return, ReturnItem
from returns.models.rma import FREE, Status

S = RepairJob.State
GOING: Final = (S.OPEN, S.IN_REPAIR, S.REPAIRED)
INSTEAD: Final = ("refund", "replacement")
WITHIN: Final = timedelta(days=21)
"""Days promised where nobody says another day: a repair takes a reasonable time (Directive (EU) 2019/771 art. 14)."""


def in_repair(rma: Return) -> dict[int, int]:
    """Units per item that repairs hold, {item pk: units}: the bench leaves them alone."""
    rows = RepairJob.objects.filter(rma=rma, state__in=GOING).values("item").annotate(n=Sum("quantity"))
    return {row["item"]: row["n"] for row in rows}


def open_repair(
    rma: Return,
    *,
    item: str,
    quantity: int,
    actor: Actor,
    place: str = RepairJob.Place.BENCH,
    due_on: date | None = None,
    note: str = "",
) -> RepairJob:
    """Plan the repair of units that are here and not inspected. Raises IllegalMove, Invalid, OverQuantity (`max`)."""
    with transaction.atomic():
        rma = lock_return(rma)
        if rma.status in (*FREE, Status.RESOLVED) or rma.decided_at is None:
            raise refuse_move(rma, _("Repairing"))
        found = next((row for row in lock_items(rma) if str(row.uid) == str(item)), None)
        if found is None:
            detail = _("This return has no item %(item)s.") % {"item": str(item)[:60]}
            raise Invalid(detail, errors=[FieldError("/item", "unknown", detail)])
        possible = found.uninspected - in_repair(rma).get(found.pk, 0)
        if quantity > possible:
            some, none = _("Only %(max)d units are here and not inspected."), _("All that is here is inspected.")
            detail = (some if possible > 0 else none) % {"max": max(0, possible)}
            raise OverQuantity(detail, errors=[FieldError("/quantity", "over_quantity", detail)], max=max(0, possible))
        job = RepairJob.objects.create(
            rma=rma, item=found, quantity=quantity, place=place, note=note[:1000], created_by=actor.identity,
            due_on=due_on or (timezone.localdate() + WITHIN),
        )  # fmt: skip
        found.resolution = "repair"
        found.save(update_fields=["resolution"])
        _tell(rma, job, "repair.opened", actor, due_on=job.due_on.isoformat(), place=place)
    return job


def start_repair(job: RepairJob, *, actor: Actor) -> RepairJob:
    """Somebody works on it now. Saying so twice changes nothing. Raises WrongState."""
    return _step(job, S.IN_REPAIR, (S.OPEN,), "repair.started", actor, {})


def finish_repair(job: RepairJob, *, actor: Actor, note: str = "") -> RepairJob:
    """It works again and waits for its parcel. Saying so twice changes nothing. Raises WrongState."""
    return _step(job, S.REPAIRED, (S.OPEN, S.IN_REPAIR), "repair.done", actor, _noted(note))


def _noted(note: str) -> dict[str, Any]:
    return {"note": note[:1000]} if note else {}


def _step(
    job: RepairJob, to: str, origins: tuple[str, ...], kind: str, actor: Actor, more: dict[str, Any]
) -> RepairJob:
    with transaction.atomic():
        rma = lock_return(job.rma_id)
        job = RepairJob.objects.select_for_update().get(pk=job.pk)
        if job.state == to:
            return job
        if job.state not in origins:
            raise _refuse(job)
        _save(job, state=to, **more)
        _tell(rma, job, kind, actor)
    return job


def fail_repair(job: RepairJob, *, instead: str, actor: Actor, note: str = "") -> RepairJob:
    """It cannot be repaired: the shop takes the units back and makes them good with `instead`.

    Saying so twice changes nothing. Raises Invalid for another way and WrongState.
    """
    if instead not in INSTEAD:
        detail = _("Instead of a repair there is: %(known)s.") % {"known": ", ".join(INSTEAD)}
        raise Invalid(detail, errors=[FieldError("/instead", "invalid", detail)])
    with transaction.atomic():
        rma, rows, _lines = _lock(job)
        job = RepairJob.objects.select_for_update().get(pk=job.pk)
        if job.state == S.NOT_REPAIRABLE:
            return job
        item = _item_of(job, rows, (S.OPEN, S.IN_REPAIR))
        item.accepted += job.quantity
        item.resolution = instead
        item.save(update_fields=["accepted", "resolution"])
        _save(job, state=S.NOT_REPAIRABLE, instead=instead, ended_at=timezone.now(), **_noted(note))
        _tell(rma, job, "repair.failed", actor, instead=instead)
        follow(rma, rows, actor=actor)
    return job


def ship_repair(job: RepairJob, *, actor: Actor, carrier: str = "", tracking_number: str = "") -> RepairJob:
    """The repaired units go back to the customer, who may ask for them again.

    The same parcel again changes nothing. Raises WrongState before the repair is done.
    """
    with transaction.atomic():
        rma, rows, lines = _lock(job)
        job = RepairJob.objects.select_for_update().get(pk=job.pk)
        if job.state == S.SENT_BACK and job.tracking_number == tracking_number:
            return job
        item = _item_of(job, rows, (S.REPAIRED,))
        before = item.holding
        item.rejected += job.quantity
        item.sent_back += job.quantity
        item.save(update_fields=["rejected", "sent_back"])
        if before > item.holding:
            free_units(lines, {item.line_id: before - item.holding})
        _save(job, state=S.SENT_BACK, carrier=carrier, tracking_number=tracking_number, ended_at=timezone.now())
        _tell(rma, job, "repair.shipped", actor, carrier=carrier, tracking_number=tracking_number)
        follow(rma, rows, actor=actor)
    return job


def _lock(job: RepairJob) -> tuple[Return, list[ReturnItem], list[OrderLine]]:
    order_id = Return.objects.values_list("order_id", flat=True).get(pk=job.rma_id)
    Order.objects.select_for_update(of=("self",)).get(pk=order_id)
    rma = lock_return(job.rma_id)
    return rma, lock_items(rma), list(OrderLine.objects.filter(order_id=order_id).order_by("position"))


def _item_of(job: RepairJob, rows: list[ReturnItem], origins: tuple[str, ...]) -> ReturnItem:
    """The item of a job that may go on; its units are still here and nobody decided on them. Raises WrongState."""
    if job.state not in origins:
        raise _refuse(job)
    item = next(row for row in rows if row.pk == job.item_id)
    if item.uninspected < job.quantity:
        raise WrongState(_("Somebody decided on these units meanwhile. Look at the return again."))
    return item


def _refuse(job: RepairJob) -> WrongState:
    return WrongState(
        _("This repair is “%(state)s”, so that is not possible now.") % {"state": S(job.state).label},
        status_now=str(job.state),
    )


def _save(job: RepairJob, **values: Any) -> None:
    for name, value in values.items():
        setattr(job, name, value)
    job.save(update_fields=[*values, "updated_at"])


def _tell(rma: Return, job: RepairJob, kind: str, actor: Actor, **more: Any) -> None:
    events.log(rma, kind, actor=actor, repair=str(job.uid), quantity=job.quantity, **more)
    Return.objects.filter(pk=rma.pk).update(updated_at=timezone.now())
