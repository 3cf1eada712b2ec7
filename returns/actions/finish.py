"""How a return comes to its end: what never came, what was lost, what is written off."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.problems import Conflict, Invalid
from returns import events
from returns.actions.held import chosen, holdings, lock_all, settle_pool
from returns.lifecycle import follow, move, refuse_move
from returns.models import Return, ReturnItem
from returns.models.rma import Status

WAITING = (Status.AUTHORIZED, Status.IN_TRANSIT, Status.PARTIALLY_RECEIVED)
UNFINISHED = (*WAITING, Status.RECEIVED, Status.INSPECTED)


def close_short(rma: Return, *, actor: Actor, items: Sequence[Mapping[str, Any]] | None = None) -> Return:
    """Stop waiting for what never came: it counts as missing and its units are free again."""
    with transaction.atomic():
        rma, rows, lines = lock_all(rma)
        if rma.status not in WAITING:
            raise refuse_move(rma, _("Closing short"))
        before = holdings(rows)
        picked = _some(chosen(rows, items, lambda item: item.announced))
        for item, quantity in picked:
            item.missing += quantity
        ReturnItem.objects.bulk_update(rows, ["missing"])
        events.log(rma, "items.closed_short", actor=actor, items=_listed(picked))
        follow(rma, rows, actor=actor)
        settle_pool(rows, lines, before)
        _touch(rma)
    return rma


def report_lost(
    rma: Return,
    *,
    actor: Actor,
    reason: str,
    pay: bool = True,
    items: Sequence[Mapping[str, Any]] | None = None,
) -> Return:
    """Lost on the way: with `pay` the units become payable without inspection, else they count as missing."""
    with transaction.atomic():
        rma, rows, lines = lock_all(rma)
        if rma.status not in WAITING:
            raise refuse_move(rma, _("Reporting a loss"))
        before = holdings(rows)
        picked = _some(chosen(rows, items, lambda item: item.announced))
        for item, quantity in picked:
            if pay:
                item.waived += quantity
            else:
                item.missing += quantity
        ReturnItem.objects.bulk_update(rows, ["missing", "waived"])
        events.log(rma, "items.lost", actor=actor, items=_listed(picked), pay=pay, reason=reason[:200])
        follow(rma, rows, actor=actor)
        settle_pool(rows, lines, before)
        _touch(rma)
    return rma


def close_return(rma: Return, *, actor: Actor, reason: str) -> Return:
    """Nothing more will be paid: what is open is written off and the return is resolved."""
    with transaction.atomic():
        rma, rows, lines = lock_all(rma)
        if rma.status not in UNFINISHED:
            raise refuse_move(rma, _("Closing"))
        if rma.open_reimbursements:
            raise Conflict(_("Money is on its way for this return. Wait until it has settled, or reject it."))
        before = holdings(rows)
        for item in rows:
            item.missing += item.announced
            item.rejected += item.uninspected
            item.written_off += item.payable
        ReturnItem.objects.bulk_update(rows, ["missing", "rejected", "written_off"])
        events.log(rma, "return.closed", actor=actor, reason=reason[:200])
        move(rma, Status.RESOLVED, "return.resolved", actor=actor)
        rma.resolved_at = rma.updated_at
        rma.save(update_fields=["resolved_at"])
        settle_pool(rows, lines, before)
    return rma


def _some(picked: list[tuple[ReturnItem, int]]) -> list[tuple[ReturnItem, int]]:
    if not any(quantity for _item, quantity in picked):
        raise Invalid(_("Nothing is on its way any more."))
    return picked


def _listed(picked: list[tuple[ReturnItem, int]]) -> list[dict[str, Any]]:
    return [{"item": str(item.uid), "quantity": quantity} for item, quantity in picked if quantity]


def _touch(rma: Return) -> None:
    rma.updated_at = timezone.now()
    rma.save(update_fields=["updated_at"])
