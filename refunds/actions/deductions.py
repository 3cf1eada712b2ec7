"""Money kept for the condition of goods: what the policy suggests, the finding behind it, and the law's cap."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import override

from accounts.problems import FieldError, Invalid
from customers import money
from inspections.models import Inspection, Outcome
from refunds.actions.lawful_cap import WHY_NOTHING, cap_of
from refunds.actions.rows import Rows
from refunds.actions.wish import Wish
from refunds.calculator import Deduction, OverAmount, Request, calculate
from refunds.calculator.caps import BY_LAW, Cap
from returns.models import ReturnItem

Units = Sequence[tuple[ReturnItem, int]]


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What the policy would keep of some inspected units, minor units, and the finding that speaks for it."""

    item: str
    amount: int
    reason: str
    inspection: Inspection


@dataclass(slots=True)
class Kept:
    """The deductions of a reimbursement; `forgone` is what a person let go of what the policy suggests."""

    deductions: tuple[Deduction, ...] = ()
    evidence: dict[str, Inspection] = field(default_factory=dict)
    forgone: int = 0


def decide_deductions(rows: Rows, units: Units, wish: Wish, asked: Request) -> Kept:
    """What is kept: as a person says, else as the policy suggests by the inspector's grade; never above the cap.

    Raises Invalid for an amount that is none, and OverAmount (`max`) above what the law leaves.
    """
    by_grade = any(percents_of(rows, item) for item, _quantity in units)
    if not wish.deductions and not by_grade:
        return Kept()
    found = _findings(rows)
    refunds = refund_by_item(asked)
    caps = {str(item.uid): _cap(rows, item, found, refunds) for item, _quantity in units}
    suggested = _suggest(rows, units, found, refunds, caps) if by_grade else []
    if wish.deductions is None:
        given = tuple(Deduction(item=one.item, amount=one.amount, reason=one.reason) for one in suggested)
        return Kept(given, _evidence(units, found, suggested))
    given = _as_said(rows, wish.deductions, caps)
    return Kept(given, _evidence(units, found, ()), _forgone(suggested, given))


def percents_of(rows: Rows, item: ReturnItem) -> Mapping[str, Any]:
    decision = rows.decisions.get(item.pk)
    return (decision.detail.get("deduction_by_grade") or {}) if decision else {}


def _findings(rows: Rows) -> dict[int, list[Inspection]]:
    """What the bench accepted, by item, in the order it was looked at."""
    found: dict[int, list[Inspection]] = {}
    accepted = Inspection.objects.filter(rma=rows.rma, outcome=Outcome.ACCEPTED)
    for inspection in accepted.prefetch_related("photos").order_by("pk"):
        found.setdefault(inspection.item_id, []).append(inspection)
    return found


def refund_by_item(asked: Request) -> dict[str, int]:
    """What each item is paid with before anything is kept, by the calculator; minor units."""
    paid: dict[str, int] = {}
    for line in calculate(replace(asked, split=False, ceiling=None)).lines:
        if line.kind == "item" and line.item:
            paid[line.item] = paid.get(line.item, 0) + line.gross
    return paid


def _cap(rows: Rows, item: ReturnItem, found: Mapping[int, Sequence[Inspection]], refunds: Mapping[str, int]) -> Cap:
    return cap_of(rows, item, refunds.get(str(item.uid), 0), looked_at=bool(found.get(item.pk)))


def _suggest(
    rows: Rows,
    units: Units,
    found: Mapping[int, Sequence[Inspection]],
    refunds: Mapping[str, int],
    caps: Mapping[str, Cap],
) -> list[Suggestion]:
    suggested = []
    for item, quantity in units:
        uid, percents = str(item.uid), percents_of(rows, item)
        left = caps[uid].amount
        for inspection, count in _taken(found.get(item.pk, ()), item.refunded + item.exchanged, quantity):
            share = money.share_down(refunds.get(uid, 0) * count, Decimal(str(percents.get(inspection.grade, 0))))
            amount = min(share // quantity, left)
            left -= amount
            if amount:
                suggested.append(Suggestion(uid, amount, _words(inspection, rows), inspection))
    return suggested


def _taken(found: Sequence[Inspection], already: int, quantity: int) -> list[tuple[Inspection, int]]:
    """Which findings the next units are from: those looked at first are paid first."""
    taken = []
    for inspection in found:
        skipped = min(already, inspection.quantity)
        already -= skipped
        count = min(quantity, inspection.quantity - skipped)
        quantity -= count
        if count:
            taken.append((inspection, count))
    return taken


def _words(inspection: Inspection, rows: Rows) -> str:
    """The finding as the customer reads it."""
    if inspection.note.strip():
        return " ".join(inspection.note.split())[:300]
    with override(rows.rma.locale or "en"):
        return _("Condition: %(grade)s") % {"grade": inspection.get_grade_display()}


def _as_said(rows: Rows, said: Sequence[Mapping[str, Any]], caps: Mapping[str, Cap]) -> tuple[Deduction, ...]:
    given: list[Deduction] = []
    kept: dict[str, int] = {}
    for index, row in enumerate(said):
        item, amount = str(row["item"]), minor_of(rows, row, index)
        kept[item] = kept.get(item, 0) + amount
        cap = caps.get(item)
        if cap is not None and kept[item] > cap.amount:
            raise _above(cap, rows.currency, index)
        given.append(Deduction(item=item, amount=amount, reason=str(row.get("reason") or "")))
    return tuple(given)


def _above(cap: Cap, currency: str, index: int) -> OverAmount:
    words = _("At most %(max)s can be kept here: it is what the customer gets for this item.")
    if cap.code == BY_LAW:
        words = _("At most %(max)s can be kept here by law.")
    why = WHY_NOTHING.get(cap.code) or _("the customer gets nothing for this item.")
    nothing = _("Nothing can be kept here: %(why)s") % {"why": why}
    return OverAmount(cap.amount, currency, pointer=f"/deductions/{index}/amount", detail=words, nothing=nothing)


def minor_of(rows: Rows, row: Mapping[str, Any], index: int) -> int:
    """The amount of a deduction in minor units. Raises Invalid."""
    try:
        return money.parse(row["amount"], rows.currency)
    except money.BadAmount as error:
        raise Invalid(str(error), errors=[FieldError(f"/deductions/{index}/amount", "invalid", str(error))]) from error


def _evidence(
    units: Units, found: Mapping[int, Sequence[Inspection]], suggested: Sequence[Suggestion]
) -> dict[str, Inspection]:
    """The finding behind each item's deduction: what the suggestion stands on, else the worst that says anything."""
    chosen = {}
    for item, quantity in units:
        looked = [one for one, _n in _taken(found.get(item.pk, ()), item.refunded + item.exchanged, quantity)]
        telling = [one for one in looked if _tells(one)]
        if telling:
            chosen[str(item.uid)] = max(telling, key=lambda one: one.grade)
    for one in sorted(suggested, key=lambda one: one.inspection.grade):
        chosen[one.item] = one.inspection
    return chosen


def _tells(inspection: Inspection) -> bool:
    noes = any(answer is False for answer in inspection.checklist.values())
    return bool(inspection.grade != "A" or noes or inspection.note.strip() or inspection.photos.all())


def _forgone(suggested: Sequence[Suggestion], given: Sequence[Deduction]) -> int:
    """What the policy suggests and a person does not keep, item by item; minor units."""
    wanted: dict[str, int] = {}
    for one in suggested:
        wanted[one.item] = wanted.get(one.item, 0) + one.amount
    for deduction in given:
        if deduction.item in wanted:
            wanted[deduction.item] -= deduction.amount
    return sum(max(0, amount) for amount in wanted.values())
