"""The one pool of returnable units per order line, shared by returns, exchanges and claims."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from accounts.problems import FieldError, Refused
from customers.models import OrderLine


class OverQuantity(Refused):
    """More units than can come back; `max` says how many can."""

    code = "over_quantity"


@dataclass(frozen=True, slots=True)
class Claim:
    """Units of a line; `pointer` names the place in the request, for the refusal."""

    line: OrderLine
    quantity: int
    pointer: str = ""


def parts_of(lines: Iterable[OrderLine]) -> dict[int, list[OrderLine]]:
    """The components of each kit among the lines of an order."""
    parts: dict[int, list[OrderLine]] = {}
    for line in lines:
        if line.parent_id is not None:
            parts.setdefault(line.parent_id, []).append(line)
    return parts


def pieces_per_kit(component: OrderLine, kit: OrderLine) -> int:
    """How many pieces of a component one kit has."""
    return component.pieces or max(1, component.quantity // max(1, kit.quantity))


def returnable(line: OrderLine, parts: Mapping[int, list[OrderLine]]) -> int:
    """Units of the line that can still be claimed; of a kit as many as its components allow."""
    free = line.quantity - line.claimed
    for part in parts.get(line.pk, []):
        free = min(free, (part.quantity - part.claimed) // pieces_per_kit(part, line))
    return max(0, free)


def check_claims(lines: list[OrderLine], claims: list[Claim]) -> None:
    """Whether the claims fit together; repeated lines are summed, a kit counts for its components.

    Raises OverQuantity with `max`.
    """
    parts = parts_of(lines)
    wanted: Counter[int] = Counter()
    for claim in claims:
        possible = returnable(claim.line, parts)
        for part in parts.get(claim.line.pk, []):
            possible = min(
                possible, (part.quantity - part.claimed - wanted[part.pk]) // pieces_per_kit(part, claim.line)
            )
        possible = min(possible, claim.line.quantity - claim.line.claimed - wanted[claim.line.pk])
        if claim.quantity > possible:
            already = sum(other.quantity for other in claims[: claims.index(claim)] if other.line.pk == claim.line.pk)
            raise _over(claim, max(0, possible) + already)
        wanted[claim.line.pk] += claim.quantity
        for part in parts.get(claim.line.pk, []):
            wanted[part.pk] += claim.quantity * pieces_per_kit(part, claim.line)


def claim_units(lines: list[OrderLine], claims: list[Claim]) -> None:
    """Tie up units. `lines` are all lines of the order, whose row the caller has locked.

    Raises OverQuantity with `max`, and nothing is changed.
    """
    check_claims(lines, claims)
    wanted: Counter[int] = Counter()
    for claim in claims:
        wanted[claim.line.pk] += claim.quantity
    by_pk = {line.pk: line for line in lines}
    _shift(by_pk, parts_of(lines), wanted, +1)
    _save(by_pk.values())


def free_units(lines: list[OrderLine], freed: Mapping[int, int]) -> None:
    """Give units back to the pool: {line pk: quantity}. The caller has locked the order."""
    by_pk = {line.pk: line for line in lines}
    _shift(by_pk, parts_of(lines), Counter(freed), -1)
    _save(by_pk.values())


def _shift(by_pk: dict[int, OrderLine], parts: Mapping[int, list[OrderLine]], units: Counter[int], sign: int) -> None:
    for pk, quantity in units.items():
        line = by_pk[pk]
        line.claimed = max(0, line.claimed + sign * quantity)
        line.touched = True  # type: ignore[attr-defined]
        for part in parts.get(pk, []):
            part.claimed = max(0, part.claimed + sign * quantity * pieces_per_kit(part, line))
            part.touched = True  # type: ignore[attr-defined]


def _save(lines: Iterable[OrderLine]) -> None:
    touched = [line for line in lines if getattr(line, "touched", False)]
    if touched:
        OrderLine.objects.bulk_update(touched, ["claimed"])


def _over(claim: Claim, possible: int) -> OverQuantity:
    words = _("Only %(max)d of %(line)s can still come back.") if possible else _("No %(line)s can come back any more.")
    detail = words % {"max": possible, "line": claim.line.external_id}
    return OverQuantity(
        detail,
        errors=[FieldError(claim.pointer, "over_quantity", detail)],
        max=possible,
        returnable=possible,
        line=claim.line.external_id,
    )
