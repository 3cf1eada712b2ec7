"""The second person: when one has to look before money goes, and who cannot be it."""

from __future__ import annotations

from django.db.models import Sum
from django.utils.translation import gettext as _

from accounts.actors import STAFF, Actor
from accounts.keys import keys_made_by, people_behind
from accounts.problems import Forbidden
from customers.models import Order
from refunds.actions.rows import WITHOUT_GOODS
from refunds.models import Reimbursement, ReimbursementLine
from returns.policy.document import Policy

GIVE, APPROVE = "give_goodwill", "approve_reimbursement"


def must_be_approved(order: Order, amount: int, policy: Policy) -> bool:
    """Whether `amount` without goods needs a second person, with all that one person alone gave on the order before.

    Small amounts one after the other are one large amount. Where the policy's limit does not name the currency,
    nobody said how much one person may give, so every amount needs two.
    """
    if amount <= 0:
        return False
    limit = policy.standing.goodwill_second_person_above
    above = limit.compare(amount + given_alone(order), order.currency)
    return above is None or above > 0


def given_alone(order: Order) -> int:
    """Money without goods that went on an order and that no second person has approved; minor units."""
    lines = ReimbursementLine.objects.filter(
        reimbursement__order=order, kind__in=WITHOUT_GOODS, reimbursement__approved_at=None
    ).exclude(reimbursement__state__in=(Reimbursement.State.REJECTED, Reimbursement.State.AWAITING_APPROVAL))
    return int(lines.aggregate(sum=Sum("gross"))["sum"] or 0)


def check_may_give(actor: Actor) -> None:
    """Raise Forbidden for staff without the permission; a key gives by its scope."""
    if actor.kind == STAFF and not actor.may(GIVE):
        raise Forbidden(_("Giving money without goods needs the permission for it. Ask somebody who has it."))


def may_approve(row: Reimbursement, actor: Actor) -> bool:
    """Whether this actor can be the second person for a reimbursement: permitted, and nobody who made it."""
    if actor.kind == STAFF and not actor.may(APPROVE):
        return False
    makers = people_behind(row.created_by)
    if row.held_by:
        makers |= people_behind(row.held_by)
    return not makers & people_behind(actor.identity)


def own_identities(actor: Actor) -> frozenset[str]:
    """Every identity that is this actor, for looking at many rows with one statement."""
    return people_behind(actor.identity) | keys_made_by(actor)


def check_may_approve(row: Reimbursement, actor: Actor) -> None:
    """Raise Forbidden for whoever prepared it, by whatever door or key, and for staff without the permission."""
    if not may_approve(row, actor):
        raise Forbidden(_("Somebody else has to decide this: a person who may approve, and who did not prepare it."))
