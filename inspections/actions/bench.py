"""Inspecting: units get a grade, an outcome and a way to go; stock moves once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.problems import Conflict, FieldError, Invalid
from customers.actions import Claim, OverQuantity, claim_units, free_units
from customers.models import Order, OrderLine, Product
from inspections.actions.repairs import in_repair
from inspections.models import Disposition, Inspection, Location, Outcome, StockMovement
from returns import events
from returns.actions import follow
from returns.lifecycle import lock_items, lock_return, refuse_move
from returns.models import Photo, Return, ReturnItem
from returns.models.rma import Status

INSPECTABLE = (Status.PARTIALLY_RECEIVED, Status.RECEIVED)
INTO_STOCK = Disposition.RESTOCK
NOT_OURS = (Disposition.RESTOCK, Disposition.REFURBISH, Disposition.LIQUIDATE)


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found on some units of an item."""

    item: str
    quantity: int
    grade: str
    outcome: str
    disposition: str
    checklist: Mapping[str, Any] = field(default_factory=dict)
    note: str = ""
    photos: Sequence[str] = ()


def inspect_items(
    rma: Return, findings: Sequence[Finding], *, actor: Actor, location: str = "MAIN", now: datetime | None = None
) -> list[Inspection]:
    """Record findings; when nothing is left to look at the return is inspected.

    Raises IllegalMove, OverQuantity (`max`), Invalid for foreign items or photos and for a disposition that
    does not fit the outcome.
    """
    now = now or timezone.now()
    with transaction.atomic():
        rma, rows, lines = _lock(rma, any(f.disposition == Disposition.RETURN_TO_CUSTOMER for f in findings))
        if rma.status not in INSPECTABLE:
            raise refuse_move(rma, _("Inspecting"))
        if rma.decided_at is None:
            raise refuse_move(rma, _("Inspecting before somebody decided"))
        by_uid = {str(item.uid): item for item in rows}
        _check(by_uid, findings, in_repair(rma) if _repairs(rma, rows) else {})
        photos = _photos(rma, findings)
        made = _write(rma, by_uid, findings, actor, now)
        _attach(made, findings, photos)
        _move_stock(made, location, now)
        _count(rows, lines, made)
        _tell(rma, rows, made, actor, now)
    return made


def _lock(rma: Return, with_pool: bool) -> tuple[Return, list[ReturnItem], list[OrderLine]]:
    """Lock order before return where units may go back to the pool."""
    lines: list[OrderLine] = []
    if with_pool:
        Order.objects.select_for_update(of=("self",)).get(pk=rma.order_id)
        lines = list(OrderLine.objects.filter(order_id=rma.order_id))
    locked = lock_return(rma)
    return locked, lock_items(locked), lines


def _repairs(rma: Return, rows: Sequence[ReturnItem]) -> bool:
    return any((row.resolution or rma.resolution) == "repair" for row in rows)


def _check(by_uid: Mapping[str, ReturnItem], findings: Sequence[Finding], held: Mapping[int, int]) -> None:
    wanted: dict[str, int] = {}
    for index, finding in enumerate(findings):
        item = by_uid.get(finding.item)
        if item is None:
            detail = _("This return has no item %(item)s.") % {"item": finding.item[:60]}
            raise Invalid(detail, errors=[FieldError(f"/items/{index}/item", "unknown", detail)])
        wanted[finding.item] = wanted.get(finding.item, 0) + finding.quantity
        possible = max(0, item.uninspected - held.get(item.pk, 0))
        if wanted[finding.item] > possible:
            words = (
                _("Only %(max)d units are here and not inspected.") if possible else _("All that is here is inspected.")
            )
            detail = words % {"max": possible}
            errors = [FieldError(f"/items/{index}/quantity", "over_quantity", detail)]
            raise OverQuantity(detail, errors=errors, max=possible)
        check_fit(finding.outcome, finding.disposition, f"/items/{index}/disposition")


def check_fit(outcome: str, disposition: str, pointer: str = "/disposition") -> None:
    """Rejected goods are the customer's, so the shop cannot sell them; accepted ones are paid for. Raises Invalid."""
    if outcome == Outcome.REJECTED and disposition in NOT_OURS:
        detail = _("Rejected goods still belong to the customer; they cannot go to %(disposition)s.") % {
            "disposition": Disposition(disposition).label
        }
        raise Invalid(detail, errors=[FieldError(pointer, "invalid", detail)])
    if outcome == Outcome.ACCEPTED and disposition == Disposition.RETURN_TO_CUSTOMER:
        detail = _("Accepted goods are paid for; only rejected ones go back to the customer.")
        raise Invalid(detail, errors=[FieldError(pointer, "invalid", detail)])


def _photos(rma: Return, findings: Sequence[Finding]) -> dict[str, Photo]:
    wanted = {uid for finding in findings for uid in finding.photos}
    if not wanted:
        return {}
    # the pictures of one return are few, and what was sent may be no id at all
    found = {str(photo.uid): photo for photo in Photo.objects.filter(rma=rma) if str(photo.uid) in wanted}
    missing = sorted(wanted - set(found))
    if missing:
        detail = _("This return has no photo %(photo)s. Upload it first.") % {"photo": missing[0]}
        raise Invalid(detail, errors=[FieldError("/items", "unknown", detail)])
    return found


def _write(
    rma: Return, by_uid: Mapping[str, ReturnItem], findings: Sequence[Finding], actor: Actor, now: datetime
) -> list[Inspection]:
    return Inspection.objects.bulk_create(
        [
            Inspection(
                rma=rma,
                item=by_uid[finding.item],
                quantity=finding.quantity,
                checklist=dict(finding.checklist),
                grade=finding.grade,
                outcome=finding.outcome,
                disposition=finding.disposition,
                note=finding.note,
                inspector=actor.name,
                inspector_ref=actor.identity,
                inspected_at=now,
            )
            for finding in findings
        ]
    )


def _attach(made: list[Inspection], findings: Sequence[Finding], photos: Mapping[str, Photo]) -> None:
    through = Inspection.photos.through
    links = [
        through(inspection_id=inspection.pk, photo_id=photos[uid].pk)
        for inspection, finding in zip(made, findings, strict=True)
        for uid in dict.fromkeys(finding.photos)
    ]
    if links:
        through.objects.bulk_create(links)


def _move_stock(made: list[Inspection], location: str, now: datetime) -> None:
    restocked = [inspection for inspection in made if inspection.disposition == INTO_STOCK]
    if not restocked:
        return
    place = Location.objects.only("pk").get(code=location)
    StockMovement.objects.bulk_create(
        [_movement(inspection, inspection.quantity, place, now) for inspection in restocked]
    )
    units: dict[str, int] = {}
    for inspection in restocked:
        sku = inspection.item.line.sku
        units[sku] = units.get(sku, 0) + inspection.quantity
    add_stock(units)


def _movement(inspection: Inspection, quantity: int, place: Location, now: datetime) -> StockMovement:
    return StockMovement(
        sku=inspection.item.line.sku,
        quantity=quantity,
        disposition=INTO_STOCK,
        inspection=inspection,
        revision=inspection.revision,
        location=place,
        at=now,
    )


def add_stock(units: Mapping[str, int]) -> None:
    """Change the stock of the products that count theirs, {SKU: units}; locked by SKU, one order for everybody."""
    counted = Product.objects.select_for_update().filter(sku__in=units, stock__isnull=False).order_by("sku")
    products = list(counted)
    for product in products:
        product.stock = (product.stock or 0) + units[product.sku]
    if products:
        Product.objects.bulk_update(products, ["stock"])


def _count(rows: list[ReturnItem], lines: list[OrderLine], made: list[Inspection]) -> None:
    by_pk = {item.pk: item for item in rows}
    before = _tied(rows)
    for inspection in made:
        item = by_pk[inspection.item_id]
        if inspection.outcome == Outcome.ACCEPTED:
            item.accepted += inspection.quantity
        else:
            item.rejected += inspection.quantity
        if inspection.disposition == Disposition.RETURN_TO_CUSTOMER:
            item.sent_back += inspection.quantity
    ReturnItem.objects.bulk_update(rows, ["accepted", "rejected", "sent_back"])
    freed = {line: units - _tied(rows).get(line, 0) for line, units in before.items()}
    freed = {line: units for line, units in freed.items() if units > 0}
    if freed:
        free_units(lines, freed)


def _tied(rows: Sequence[ReturnItem]) -> dict[int, int]:
    """Units per order line that these items tie up in the pool."""
    tied: dict[int, int] = {}
    for item in rows:
        tied[item.line_id] = tied.get(item.line_id, 0) + item.holding
    return tied


def _tell(rma: Return, rows: list[ReturnItem], made: list[Inspection], actor: Actor, now: datetime) -> None:
    found = [
        {
            "inspection": str(inspection.uid),
            "item": str(inspection.item.uid),
            "quantity": inspection.quantity,
            "grade": inspection.grade,
            "outcome": inspection.outcome,
            "disposition": inspection.disposition,
        }
        for inspection in made
    ]
    if not follow(rma, rows, actor=actor, at=now, items=found):
        events.log(rma, "inspection.recorded", actor=actor, at=now, items=found)
        Return.objects.filter(pk=rma.pk).update(updated_at=now)


def correct_disposition(inspection: Inspection, *, disposition: str, reason: str, actor: Actor) -> Inspection:
    """Change where inspected units go, by an opposite movement. Raises Invalid and Conflict."""
    now = timezone.now()
    with transaction.atomic():
        rma, rows, lines = _lock(inspection.rma, True)
        inspection = (
            Inspection.objects.select_for_update(of=("self",)).select_related("item__line").get(pk=inspection.pk)
        )
        before = inspection.disposition
        if before == disposition:
            raise Conflict(_("The disposition is %(disposition)s already.") % {"disposition": disposition})
        check_fit(inspection.outcome, disposition)
        item = next(row for row in rows if row.pk == inspection.item_id)
        _swap_pool(inspection, item, lines, disposition)
        _reverse(inspection, reason, now)
        inspection.disposition, inspection.revision = disposition, inspection.revision + 1
        inspection.save(update_fields=["disposition", "revision"])
        _move_stock([inspection], "MAIN", now)
        data = {"inspection": str(inspection.uid), "was": before, "is": disposition, "reason": reason[:200]}
        events.log(rma, "disposition.corrected", actor=actor, at=now, **data)
        Return.objects.filter(pk=rma.pk).update(updated_at=now)
    return inspection


def _swap_pool(inspection: Inspection, item: ReturnItem, lines: list[OrderLine], disposition: str) -> None:
    was, will = (d == Disposition.RETURN_TO_CUSTOMER for d in (inspection.disposition, disposition))
    if was == will:
        return
    line = next(line for line in lines if line.pk == item.line_id)
    before = _tied([item])[line.pk]
    item.sent_back += inspection.quantity if will else -inspection.quantity
    change = _tied([item])[line.pk] - before
    if change > 0:
        claim_units(lines, [Claim(line, change, "/disposition")])
    elif change < 0:
        free_units(lines, {line.pk: -change})
    item.save(update_fields=["sent_back"])


def _reverse(inspection: Inspection, reason: str, now: datetime) -> None:
    movement = inspection.movements.filter(reverses__isnull=True, reversed_by__isnull=True).first()
    if movement is None:
        return
    StockMovement.objects.create(
        sku=movement.sku,
        quantity=-movement.quantity,
        disposition=movement.disposition,
        inspection=inspection,
        revision=movement.revision,
        location=movement.location,
        reverses=movement,
        reason=reason,
        at=now,
    )
    add_stock({movement.sku: -movement.quantity})
