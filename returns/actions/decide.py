"""Yes, no, taken back, run out, opened again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actors import CUSTOMER, INTEGRATION, Actor
from accounts.problems import FieldError, Forbidden, Invalid
from customers.actions import Claim, claim_units
from returns import events
from returns.actions.deadlines import note_fact
from returns.actions.held import chosen, holdings, lock_all, settle_pool
from returns.lifecycle import expectation, follow, move, refuse_move
from returns.models import PolicyDecision, Return, ReturnItem
from returns.models.rma import FREE, UNDECIDED, Status
from returns.policy.decision import DECLINED
from returns.queries import policy_of, published_policy

BEFORE_DECISION = UNDECIDED


def authorize_return(
    rma: Return,
    *,
    actor: Actor,
    items: Sequence[Mapping[str, Any]] | None = None,
    override: str | None = None,
    now: datetime | None = None,
) -> Return:
    """Say yes to all or some units; what is not authorized goes back to the pool.

    What the policy declined needs `override`, a reason, and the permission for it. A parcel that came before the
    decision only gets its quantities set. Raises IllegalMove, OverQuantity, Forbidden.
    """
    now = now or timezone.now()
    with transaction.atomic():
        rma, rows, lines = lock_all(rma)
        if rma.status not in BEFORE_DECISION or rma.decided_at is not None:
            raise refuse_move(rma, _("Authorizing"))
        before = holdings(rows)
        picked = chosen(rows, items, lambda item: item.requested - item.cancelled)
        if not any(quantity for _item, quantity in picked):
            raise Invalid(_("Authorize at least one unit, or decline the return."))
        _check_override(rma, picked, override, actor)
        for item, quantity in picked:
            # received + missing + cancelled = authorized: what was taken back before the decision is part of it
            item.authorized = quantity + item.cancelled if quantity else 0
            item.waived = quantity if rma.method == "keep" else 0
        rma.decided_at = now
        rma.expires_at = now + timedelta(days=_expire_after_days(rma))
        granted = [{"item": str(item.uid), "quantity": item.authorized} for item in rows if item.authorized]
        data = {"items": granted, **({"override": True} if override else {})}
        _arrive(rma, rows, actor, now, data)
        ReturnItem.objects.bulk_update(rows, ["authorized", "waived"])
        settle_pool(rows, lines, before)
        rma.save(update_fields=["expires_at", "decided_at", "updated_at"])
        note_fact(rma, "agreed_at", now)
    return rma


def _arrive(rma: Return, rows: list[ReturnItem], actor: Actor, now: datetime, data: dict[str, Any]) -> None:
    if rma.status == Status.REQUESTED:
        move(rma, Status.AUTHORIZED, "return.authorized", actor=actor, at=now, **data)
        if rma.method == "keep":
            events.log(rma, "items.kept", actor=actor, at=now, items=data["items"])
        return
    events.log(rma, "return.authorized", actor=actor, at=now, **data)
    short = any(item.announced for item in rows)
    target = Status.PARTIALLY_RECEIVED if short else Status.RECEIVED
    if target != rma.status:
        move(rma, target, "parcel.counted", actor=actor, at=now)


def _expire_after_days(rma: Return) -> int:
    return policy_of(published_policy(rma.shop_id)).standing.expire_after_days


def _check_override(rma: Return, picked: list[tuple[ReturnItem, int]], override: str | None, actor: Actor) -> None:
    declined = PolicyDecision.objects.filter(rma=rma, outcome=DECLINED, overridden_by="")
    against = [row for row in declined if any(item.pk == row.item_id and quantity for item, quantity in picked)]
    if not against:
        return
    if not override:
        detail = _("The policy declines this. Say why you decide otherwise: override.reason.")
        raise Invalid(detail, errors=[FieldError("/override", "required", detail)], code="not_eligible")
    if actor.kind != INTEGRATION and not actor.may("override_policy"):
        raise Forbidden(_("Deciding otherwise than the policy needs the permission for it."))
    for row in against:
        row.overridden_by, row.override_reason = actor.name, override
    PolicyDecision.objects.bulk_update(against, ["overridden_by", "override_reason"])


def decline_return(rma: Return, *, reason: str, message: str = "", actor: Actor) -> Return:
    """Say no, with a reason for the log and words for the customer; the units are free again.

    A complaint that a law wants answered is answered with reasons (in Poland Ustawa o prawach konsumenta art. 7a), so
    it needs the words. Raises IllegalMove and Invalid.
    """
    with transaction.atomic():
        rma, rows, lines = lock_all(rma)
        if rma.status != Status.REQUESTED:
            raise refuse_move(rma, _("Declining"))
        if rma.awaits_answer and not message.strip():
            detail = _("A complaint is answered with the reasons. Write them for the customer.")
            raise Invalid(detail, errors=[FieldError("/message", "required", detail)])
        before = holdings(rows)
        move(rma, Status.DECLINED, "return.declined", actor=actor, codes=[reason])
        rma.decline_reason, rma.decline_message, rma.decided_at = reason, message, rma.updated_at
        rma.save(update_fields=["decline_reason", "decline_message", "decided_at"])
        settle_pool(rows, lines, before)
    return rma


def cancel_return(
    rma: Return,
    *,
    actor: Actor,
    items: Sequence[Mapping[str, Any]] | None = None,
    requested_by: str = "staff",
) -> Return:
    """Take a return, or some units of it, back. A customer may until it is in transit, staff until a parcel is here."""
    by_customer = actor.kind == CUSTOMER or requested_by == "customer"
    allowed = [Status.REQUESTED, Status.AUTHORIZED] if by_customer else [*CANCELLABLE]
    with transaction.atomic():
        rma, rows, lines = lock_all(rma)
        if rma.status not in allowed or any(item.received for item in rows):
            raise refuse_move(rma, _("Cancelling"))
        before = holdings(rows)
        picked = chosen(rows, items, lambda item: item.holding - item.waived)
        if not any(quantity for _item, quantity in picked):
            raise Invalid(_("There is nothing to cancel."))
        for item, quantity in picked:
            item.cancelled += quantity
        taken = [{"item": str(item.uid), "quantity": quantity} for item, quantity in picked]
        if any(item.holding for item in rows):
            events.log(rma, "items.cancelled", actor=actor, items=taken)
        else:
            move(rma, Status.CANCELLED, "return.cancelled", actor=actor, items=taken, by=requested_by)
        ReturnItem.objects.bulk_update(rows, ["cancelled"])
        if rma.status != Status.CANCELLED:
            follow(rma, rows, actor=actor)
        settle_pool(rows, lines, before)
        rma.updated_at = timezone.now()
        rma.save(update_fields=["updated_at"])
    return rma


CANCELLABLE = (Status.REQUESTED, Status.AUTHORIZED, Status.IN_TRANSIT)


def reopen_return(rma: Return, *, actor: Actor) -> Return:
    """Bring a declined, cancelled or expired return back for a decision, or a resolved one back to the bench.

    The pool is checked again. Raises IllegalMove and OverQuantity.
    """
    with transaction.atomic():
        rma, rows, lines = lock_all(rma)
        if rma.status == Status.RESOLVED:
            move(rma, Status.INSPECTED, "return.reopened", actor=actor)
            Return.objects.filter(pk=rma.pk).update(resolved_at=None)
            return rma
        if rma.status not in FREE:
            raise refuse_move(rma, _("Reopening"))
        by_pk = {line.pk: line for line in lines}
        for item in rows:
            item.authorized = item.cancelled = item.waived = 0
        claim_units(lines, [Claim(by_pk[item.line_id], item.requested, "/items") for item in rows])
        ReturnItem.objects.bulk_update(rows, ["authorized", "cancelled", "waived"])
        move(rma, Status.REQUESTED, "return.reopened", actor=actor)
        # a complaint was answered by the first decision: what is looked at again has no day by law
        rma.expires_at = rma.decided_at = rma.answer_due_on = rma.answer_latest_on = None
        rma.expected = expectation(rma, rows)
        rma.save(update_fields=["expires_at", "decided_at", "answer_due_on", "answer_latest_on", "expected"])
    return rma
