"""What the policy says of a wish, what it is worth, and how the goods travel."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from accounts.actors import STAFF, Actor
from accounts.problems import FieldError
from customers.actions import Claim
from customers.models import OrderLine
from returns.actions.wish import NotEligible, Wanted, Wish
from returns.models import ReturnPolicy
from returns.models.rma import Status
from returns.policy.decision import AUTHORIZED, REVIEW, Decision, Terms, inputs
from returns.policy.eligibility import decide
from returns.policy.facts import LineFacts, OrderFacts, Request
from returns.policy.law import LawFacts
from returns.policy.quote import expected_gross
from returns.queries import policy_at, policy_of

# a decision with everything that it looked at
Made = tuple[Decision, dict[str, Any]]


def decision_on(
    policy: ReturnPolicy,
    facts: OrderFacts,
    line: LineFacts,
    wish: Wish,
    wanted: Wanted,
    now: datetime,
    law: LawFacts | None = None,
) -> Made:
    request = Request(
        reason=wish.reason,
        resolution=wish.resolution or wanted.resolution,
        method=wanted.method,
        basis_claimed=wanted.basis_claimed,
        requested_at=min([now, *wanted.told.values()]),
        risk=wanted.risk,
    )
    frozen = policy_of(policy)
    earlier = policy_at(policy.shop_id, facts.placed_at) if frozen.honour_terms_at_purchase else None
    settled = wanted.settled
    decision = decide(frozen, facts, line, request, now, at_purchase=earlier, law=law, settled=settled)
    return decision, inputs(facts, line, request, now, law, settled)


def worth_of(claim: Claim, decision: Decision, lines: list[OrderLine]) -> int:
    """What the customer may expect back for a wish, fee taken off; minor units."""
    gross = expected_gross(claim.line, lines, claim.quantity)
    return gross - decision.terms.fee.on(gross)


def method_of(wanted: Wanted, terms: Sequence[Terms], actor: Actor) -> str:
    """How the goods travel: as asked where the policy offers it for every item, else what it offers first.

    Raises NotEligible. One's own carrier is always possible; keeping the goods only where the policy says so.
    """
    offered = [method for method in terms[0].methods if all(method in term.methods for term in terms)]
    if wanted.method is None and wanted.resolution == "price_reduction":
        return "keep"  # the goods stay with the customer, so nothing travels
    if wanted.method is None:
        return next(iter(offered or [method for method in terms[0].methods if method != "keep"]), "own_carrier")
    if wanted.method in (*offered, "own_carrier") or (actor.kind == STAFF and actor.may("override_policy")):
        return wanted.method
    detail = _("The policy does not offer this way to send it back. Possible: %(offered)s.") % {
        "offered": ", ".join([*offered, "own_carrier"])
    }
    raise NotEligible(detail, errors=[FieldError("/method", "not_eligible", detail)])


def status_for(outcomes: Sequence[str]) -> Status:
    """Any item to review keeps the return `requested`; all declined is `declined`; else it is `authorized`."""
    if REVIEW in outcomes:
        return Status.REQUESTED
    return Status.AUTHORIZED if AUTHORIZED in outcomes else Status.DECLINED
