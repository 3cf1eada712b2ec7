"""Price reductions: money back for goods that stay with the customer, who may still return them for the rest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.problems import FieldError, Invalid
from customers import money
from refunds import payout
from refunds.actions.goodwill import MAX_REASON, bearable, check_total, chosen_payments, quote_for, wrong
from refunds.actions.inputs import leaves_of
from refunds.actions.load import load
from refunds.actions.plan import PAYABLE_IN, TENDERS, Plan
from refunds.actions.reimburse import perform, unsaved
from refunds.actions.rows import Rows
from refunds.actions.second import check_may_give, must_be_approved
from refunds.calculator import Allowance, OverAmount, OverQuantity, share_of
from refunds.models import Reimbursement
from returns.lifecycle import refuse_move
from returns.models import Return, ReturnItem
from returns.queries import policy_of, published_policy

ABOVE_LIMIT = "price_reduction_above_limit"


@dataclass(frozen=True, slots=True)
class Reduction:
    """What becomes cheaper by how much: rows of `{item, amount}` or `{item, percent}`, and why."""

    items: Sequence[Mapping[str, Any]]
    reason: str
    tender: str | None = None
    payout: Mapping[str, Any] | None = None
    expected_total: str | None = None


def preview_reduction(rma: Return, wish: Reduction, *, actor: Actor) -> Reimbursement:
    """What `reduce_price` would write now, not stored; the same refusals."""
    check_may_give(actor)
    return unsaved(plan_reduction(load(rma, locked=False), wish))


def reduce_price(rma: Return, wish: Reduction, *, actor: Actor) -> Reimbursement:
    """Give part of the price back for units that the customer keeps; no parcel is needed.

    The units leave the return and are free to be returned later, which pays only the rest. Above the policy's limit
    it awaits a second person. Raises Forbidden, IllegalMove, Invalid, OverQuantity for goods that are not with the
    customer, and OverAmount (`max`).
    """
    check_may_give(actor)
    with transaction.atomic():
        return perform(plan_reduction(load(rma, locked=True), wish), actor)


def kept_units(item: ReturnItem) -> int:
    """Units of an item that are with the customer and were not paid for."""
    here = item.wanted - item.cancelled - item.missing - item.received
    return max(0, here - max(0, item.refunded + item.exchanged - item.accepted))


def plan_reduction(rows: Rows, wish: Reduction) -> Plan:
    """A price reduction worked out over loaded rows."""
    if rows.rma.status not in PAYABLE_IN:
        raise refuse_move(rows.rma, _("Reducing the price"))
    reason = wish.reason.strip()[:MAX_REASON]
    if not reason:
        raise wrong("/reason", _("Say why. Money without goods is never given without a reason."))
    tender = wish.tender or ("store_credit" if rows.rma.resolution == "store_credit" else "original")
    if tender not in TENDERS:
        raise wrong("/tender", _("Pay as one of: %(known)s.") % {"known": ", ".join(TENDERS)})
    picked = [_picked(rows, row, index, reason) for index, row in enumerate(wish.items)]
    if len({str(item.uid) for item, _units, _allowance in picked}) < len(picked):
        raise wrong("/items", _("Name each item once."))
    payments = chosen_payments(rows, None, tender)
    quote = quote_for(rows, tuple(allowance for _item, _units, allowance in picked), payments, tender)
    if quote.total > bearable(rows, payments, tender):
        raise OverAmount(bearable(rows, payments, tender), rows.currency, pointer="/items")
    check_total(quote, wish.expected_total)
    policy = policy_of(published_policy(rows.order.shop_id))
    reduced = {str(item.uid): units for item, units, _allowance in picked}
    return Plan(
        rows, [], {"reduced": reduced, "tender": tender}, quote,
        payout.check(wish.payout) if wish.payout else {},
        kind=Reimbursement.Kind.PRICE_REDUCTION,
        reason=reason,
        held_for=ABOVE_LIMIT if must_be_approved(rows.order, quote.total, policy) else "",
    )  # fmt: skip


def _picked(rows: Rows, row: Mapping[str, Any], index: int, reason: str) -> tuple[ReturnItem, int, Allowance]:
    item = next((item for item in rows.items if str(item.uid) == str(row["item"])), None)
    if item is None:
        detail = _("This return has no item %(item)s.") % {"item": str(row["item"])[:60]}
        raise Invalid(detail, errors=[FieldError(f"/items/{index}/item", "unknown", detail)])
    units = kept_units(item)
    if not units:
        raise OverQuantity(0, pointer=f"/items/{index}/item")
    leaves, parts = {leaf.id: leaf for leaf in leaves_of(rows)}, rows.parts(item.line)
    worth = sum(
        share_of(leaves[leaf], min(units * pieces, leaves[leaf].quantity - leaves[leaf].refunded_units),
                 leaves[leaf].refunded_units)
        for leaf, pieces in parts
    )  # fmt: skip
    names = tuple(leaf for leaf, _pieces in parts)
    amount = _amount(rows, row, worth, f"/items/{index}")
    if amount > worth:
        raise OverAmount(worth, rows.currency, pointer=f"/items/{index}/amount")
    return item, units, Allowance(
        kind="price_reduction", amount=amount, leaves=names, item=str(item.uid), limit=worth, reason=reason
    )  # fmt: skip


def _amount(rows: Rows, row: Mapping[str, Any], worth: int, at: str) -> int:
    """The amount as given, or the percentage of what was paid for the units, half up; minor units."""
    amount, percent = row.get("amount"), row.get("percent")
    if (amount is None) == (percent is None):
        raise wrong(at, _("Give either an amount or a percentage."))
    if amount is not None:
        try:
            minor = money.parse(amount, rows.currency)
        except money.BadAmount as error:
            raise wrong(f"{at}/amount", error.message) from error
    else:
        minor = _share(str(percent), worth, at)
    if not minor:
        raise wrong(f"{at}/{'amount' if amount is not None else 'percent'}", _("Give more than nothing."))
    return minor


def _share(text: str, worth: int, at: str) -> int:
    try:
        percent = Decimal(text)
    except InvalidOperation:
        percent = Decimal(-1)
    if not 0 < percent <= 100:
        raise wrong(f"{at}/percent", _("The percentage is above 0 and at most 100."))
    part, whole = percent.as_integer_ratio()
    return money.divide_half_up(worth * part, whole * 100)
