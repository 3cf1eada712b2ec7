"""What is asked for, and whether it can be asked for at all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from accounts.problems import FieldError, Invalid, Refused
from customers.actions import Claim, OverQuantity, check_claims
from customers.models import Order, OrderLine
from returns.models import ReturnItem
from returns.models.rma import FREE
from returns.policy.reasons import BEFORE_DELIVERY


class NotEligible(Refused):
    """The units cannot be asked for now; `returnable` says how many can."""

    code = "not_eligible"


@dataclass(frozen=True, slots=True)
class Wish:
    """One wanted item: a line by its id in the order, how many, and why."""

    line: str
    quantity: int
    reason: str
    comment: str = ""
    answers: Mapping[str, Any] = field(default_factory=dict)
    resolution: str | None = None
    exchange_for: Sequence[Mapping[str, Any]] = ()


@dataclass(frozen=True, slots=True)
class Wanted:
    """The whole wish: what the return is for and how it travels.

    `settled` is an outcome that does not wait for the policy: a statement of withdrawal is judged by law before.
    `told` are facts the law looks at (as in `LawFacts`) that came with the statement: when it was posted and read.
    """

    items: Sequence[Wish]
    resolution: str = "refund"
    method: str | None = None
    basis_claimed: str | None = None
    requested_by: str = "customer"
    exchange_for: Sequence[Mapping[str, Any]] = ()
    locale: str | None = None
    settled: str | None = None
    told: Mapping[str, Any] = field(default_factory=dict)
    risk: str | None = None


def claims_of(order: Order, lines: list[OrderLine], wanted: Wanted) -> list[Claim]:
    by_id = {line.external_id: line for line in lines}
    if not wanted.items:
        detail = _("Name at least one line of the order.")
        raise Invalid(detail, errors=[FieldError("/items", "required", detail)])
    errors = [
        FieldError(
            f"/items/{index}/line",
            "unknown",
            _("Order %(o)s has no line %(l)s.") % {"o": order.number, "l": wish.line},
        )
        for index, wish in enumerate(wanted.items)
        if wish.line not in by_id
    ]
    if errors:
        raise Invalid(errors[0].detail, errors=errors)
    claims = [Claim(by_id[wish.line], wish.quantity, f"/items/{i}/quantity") for i, wish in enumerate(wanted.items)]
    _refuse_too_many(lines, claims)
    _refuse_undelivered(claims, wanted)
    return claims


def _refuse_too_many(lines: list[OrderLine], claims: list[Claim]) -> None:
    """Refuse before anything is written; the refusal also names the return that holds the units."""
    try:
        check_claims(lines, claims)
    except OverQuantity as refusal:
        held = ReturnItem.objects.filter(line__order=claims[0].line.order_id, line__external_id=refusal.extra["line"])
        rows = held.exclude(rma__status__in=FREE).order_by("-pk")
        refusal.extra["open_return"] = rows.values_list("rma__code", flat=True).first()
        raise


def undelivered(asked: Iterable[tuple[Claim, str]], basis_claimed: str | None) -> dict[Claim, int]:
    """The claims, each with its reason, to units that have not left yet, with how many of the line have.

    A withdrawal, and a reason that speaks of a delivery that failed, need no delivery.
    """
    found: dict[Claim, int] = {}
    counted: dict[int, int] = {}
    for claim, reason in asked:
        if reason in BEFORE_DELIVERY or basis_claimed == "withdrawal":
            continue
        counted[claim.line.pk] = counted.get(claim.line.pk, 0) + claim.quantity
        possible = max(0, claim.line.delivered - claim.line.claimed)
        if counted[claim.line.pk] > possible:
            found[claim] = possible
    return found


def _refuse_undelivered(claims: list[Claim], wanted: Wanted) -> None:
    asked = zip(claims, (wish.reason for wish in wanted.items), strict=True)
    for claim, possible in undelivered(asked, wanted.basis_claimed).items():
        detail = _("%(line)s is not delivered yet. Before delivery say so with the reason late_or_no_delivery.") % {
            "line": claim.line.external_id
        }
        raise NotEligible(
            detail,
            errors=[FieldError(claim.pointer, "not_eligible", detail)],
            max=possible,
            returnable=possible,
        )
