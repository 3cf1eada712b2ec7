"""Letting a customer keep what was to come back: its units are payable without inspection."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actors import INTEGRATION, Actor
from accounts.problems import Forbidden, Invalid
from returns import events
from returns.actions.held import chosen, holdings, lock_all, settle_pool
from returns.lifecycle import follow, refuse_move
from returns.models import PolicyDecision, Return, ReturnItem
from returns.models.rma import Status

KEEP = "keep"
KEEPABLE = (Status.AUTHORIZED, Status.IN_TRANSIT, Status.PARTIALLY_RECEIVED)


def let_keep(rma: Return, *, actor: Actor, reason: str, items: Sequence[Mapping[str, Any]] | None = None) -> Return:
    """Let the customer keep units that have not come, all of them unless `items` says which, and pay all the same.

    Where the policy does not offer it, that needs the permission to decide otherwise. When nothing is to come any
    more, no label is charged. Raises IllegalMove, Invalid, OverQuantity (`max`), Forbidden.
    """
    with transaction.atomic():
        rma, rows, lines = lock_all(rma)
        if rma.status not in KEEPABLE:
            raise refuse_move(rma, _("Letting the customer keep it"))
        before = holdings(rows)
        picked = [(item, quantity) for item, quantity in chosen(rows, items, lambda item: item.announced) if quantity]
        if not picked:
            raise Invalid(_("Nothing has to come back any more, so there is nothing to keep."))
        _check_may(rma, picked, actor)
        for item, quantity in picked:
            item.waived += quantity
        ReturnItem.objects.bulk_update(rows, ["waived"])
        _stop_waiting(rma, rows)
        kept = [{"item": str(item.uid), "quantity": quantity} for item, quantity in picked]
        events.log(rma, "items.kept", actor=actor, items=kept, by="staff", reason=reason[:200])
        follow(rma, rows, actor=actor)
        settle_pool(rows, lines, before)
        rma.updated_at = timezone.now()
        rma.save(update_fields=["updated_at"])
    return rma


def _check_may(rma: Return, picked: list[tuple[ReturnItem, int]], actor: Actor) -> None:
    if actor.kind == INTEGRATION or actor.may("override_policy"):
        return
    offered = {row.item_id: row.detail.get("methods") or () for row in PolicyDecision.objects.filter(rma=rma)}
    if any(KEEP not in offered.get(item.pk, ()) for item, _quantity in picked):
        raise Forbidden(_("The policy wants this back. Letting it go needs the permission to decide otherwise."))


def _stop_waiting(rma: Return, rows: list[ReturnItem]) -> None:
    if any(item.announced or item.received for item in rows):
        return
    rma.method, rma.label_fee = KEEP, 0
    rma.save(update_fields=["method", "label_fee"])
