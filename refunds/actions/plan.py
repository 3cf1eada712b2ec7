"""Planning a reimbursement: the rows it depends on, the wish it answers, and its quote."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from django.utils.translation import gettext as _

from accounts.problems import Conflict, FieldError, Invalid, Refused
from customers import money
from inspections.models import Inspection
from refunds import payout
from refunds.actions.bound import bound_items, refuse_bound
from refunds.actions.deductions import decide_deductions, minor_of
from refunds.actions.inputs import request_for
from refunds.actions.load import load, load_order
from refunds.actions.rows import Rows
from refunds.actions.second import must_be_approved
from refunds.actions.wish import Wish
from refunds.calculator import OverQuantity, Quote, calculate
from refunds.models import Reimbursement
from returns.lifecycle import refuse_move
from returns.models import ReturnItem
from returns.models.rma import Status
from returns.queries import policy_of, published_policy

PAYABLE_IN = (
    Status.AUTHORIZED,
    Status.IN_TRANSIT,
    Status.PARTIALLY_RECEIVED,
    Status.RECEIVED,
    Status.INSPECTED,
    Status.RESOLVED,
)
__all__ = ["Mismatch", "Plan", "Wish", "existing_for", "load", "load_order", "plan_for"]

REMOVED = "deduction_removed"
# what people pay by hand -> the gateway whose list it is on
HAND_PAID = {"bank_transfer": "manual", "cash": "cash"}
TENDERS = ("original", "store_credit", *HAND_PAID)


class Mismatch(Refused):
    """The total is not what the caller expected."""

    code = "mismatch"


@dataclass(slots=True)
class Plan:
    """A quote with the wish it answers, ready to be written."""

    rows: Rows
    units: list[tuple[ReturnItem, int]]
    request: dict[str, Any]
    quote: Quote
    account: dict[str, str] = field(default_factory=dict)
    kind: str = Reimbursement.Kind.RETURN
    reason: str = ""
    held_for: str = ""
    evidence: dict[str, Inspection] = field(default_factory=dict)


def existing_for(rows: Rows, wish: Wish) -> Reimbursement | None:
    """The reimbursement that this wish asks for again, if there is one."""
    if not rows.made:
        return None
    payable = any(item.payable > 0 for item in rows.items)
    if wish.items is None and payable:
        return None
    given = _given(rows, wish)
    for made in rows.made:
        if all(made.request.get(name) == value for name, value in given.items()):
            return made
    if payable:
        return None
    raise Conflict(
        _("Everything that can be paid is in a reimbursement already, with other terms."),
        reimbursement=str(rows.made[0].uid),
    )


def _given(rows: Rows, wish: Wish) -> dict[str, Any]:
    given: dict[str, Any] = {}
    if wish.items is not None:
        given["items"] = sorted([str(row["item"]), row["quantity"]] for row in wish.items)
    if wish.shipping is not None:
        given["shipping"] = wish.shipping
    if wish.tender is not None:
        given["tender"] = wish.tender
    if wish.deductions is not None:
        given["deductions"] = sorted(
            [str(row["item"]), minor_of(rows, row, n)] for n, row in enumerate(wish.deductions)
        )
    return given


def plan_for(rows: Rows, wish: Wish) -> Plan:
    if rows.rma.status not in PAYABLE_IN:
        raise refuse_move(rows.rma, _("Reimbursing"))
    units = _units(rows, wish)
    tender = wish.tender or ("store_credit" if rows.rma.resolution == "store_credit" else "original")
    if tender not in TENDERS:
        detail = _("Pay as one of: %(known)s.") % {"known": ", ".join(TENDERS)}
        raise Invalid(detail, errors=[FieldError("/tender", "invalid", detail)])
    account = payout.check(wish.payout) if wish.payout else {}
    policy = policy_of(published_policy(rows.rma.shop_id))
    asked = request_for(rows, units, policy, tender=tender, shipping=wish.shipping, deductions=())
    kept = decide_deductions(rows, units, wish, asked)
    quote = calculate(replace(asked, deductions=kept.deductions))
    _check_expected(quote, wish)
    request = {
        "items": sorted([str(item.uid), quantity] for item, quantity in units),
        "shipping": wish.shipping or "none",
        "tender": tender,
        "deductions": sorted([deduction.item, deduction.amount] for deduction in kept.deductions),
    }
    held = REMOVED if must_be_approved(rows.order, kept.forgone, policy) else ""
    return Plan(rows, units, request, quote, account, held_for=held, evidence=kept.evidence)


def _units(rows: Rows, wish: Wish) -> list[tuple[ReturnItem, int]]:
    bound = bound_items(rows.back, rows.items)
    if wish.items is None:
        units = [(item, item.payable) for item in rows.items if item.payable > 0 and item.pk not in bound]
        if not units:
            raise refuse_bound() if bound else OverQuantity(0)
        return units
    by_uid = {str(item.uid): item for item in rows.items}
    found: dict[str, int] = {}
    for index, row in enumerate(wish.items):
        uid = str(row["item"])
        if uid not in by_uid:
            detail = _("This return has no item %(item)s.") % {"item": uid[:60]}
            raise Invalid(detail, errors=[FieldError(f"/items/{index}/item", "unknown", detail)])
        if by_uid[uid].pk in bound:
            raise refuse_bound()
        found[uid] = found.get(uid, 0) + row["quantity"]
        if found[uid] > by_uid[uid].payable:
            raise OverQuantity(max(0, by_uid[uid].payable), pointer=f"/items/{index}/quantity")
    return [(by_uid[uid], quantity) for uid, quantity in found.items() if quantity]


def _expected(quote: Quote, text: str) -> int:
    try:
        return money.parse(text, quote.currency)
    except money.BadAmount as error:
        raise Invalid(str(error), errors=[FieldError("/expected_total", "invalid", str(error))]) from error


def _check_expected(quote: Quote, wish: Wish) -> None:
    total = money.to_text(quote.total, quote.currency)
    if wish.expected_total is None or _expected(quote, wish.expected_total) == quote.total:
        return
    detail = _("The total is %(total)s and not %(expected)s. Look at it again.") % {
        "total": total,
        "expected": wish.expected_total,
    }
    raise Mismatch(detail, errors=[FieldError("/expected_total", "mismatch", detail)], computed=total)
