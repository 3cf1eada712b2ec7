"""What the customer gets: units, delivery charges, and money without goods."""

from __future__ import annotations

from django.utils.translation import gettext as _

from customers import money
from refunds.calculator.inputs import Allowance, Claim
from refunds.calculator.ledgers import OpenLeaf, OpenShipping
from refunds.calculator.refusals import BadRequest, OverAmount, OverQuantity
from refunds.calculator.sheet import Sheet


def pay_items(sheet: Sheet) -> None:
    """A line for every leaf of every claim. Raises OverQuantity."""
    for index, claim in enumerate(sheet.request.claims):
        most = _most_units(sheet, claim)
        if claim.units > most:
            raise OverQuantity(most, pointer=f"/items/{index}/quantity")
        for leaf_id, per_unit in claim.parts:
            leaf = sheet.leaves[leaf_id]
            k = claim.units * per_unit
            if k:
                gross, tax = leaf.take_units(k)
                sheet.pay("item", gross, tax, leaf.leaf.tax_rate, item=claim.item, line=leaf_id, quantity=k)


def _most_units(sheet: Sheet, claim: Claim) -> int:
    open_units = [
        (sheet.leaves[leaf].leaf.quantity - sheet.leaves[leaf].units) // per_unit
        for leaf, per_unit in claim.parts
        if per_unit
    ]
    if claim.payable is not None:
        open_units.append(claim.payable)
    return max(0, min(open_units, default=0))


def pay_shipping(sheet: Sheet) -> None:
    """Lines for the delivery charges that were asked for. Raises OverAmount."""
    wish = sheet.request.shipping
    if wish == "none":
        return
    rows = list(sheet.shipping.values())
    rests = [row.rest[0] for row in rows]
    amount = sum(rests) if wish == "all" else wish
    if amount < 0:
        raise BadRequest(_("The amount must not be negative."), pointer="/shipping")
    if amount > sum(rests):
        raise OverAmount(sum(rests), sheet.request.currency, pointer="/shipping")
    for row, part in zip(rows, money.spread(amount, rests), strict=True):
        if part:
            sheet.pay("shipping", part, row.take(part), row.row.tax_rate, shipping=row.row.id)


def pay_allowances(sheet: Sheet) -> None:
    """Lines for goodwill and price reductions, each up to what its targets have left. Raises OverAmount."""
    for allowance in sheet.request.allowances:
        _pay_allowance(sheet, allowance)


def _pay_allowance(sheet: Sheet, allowance: Allowance) -> None:
    leaves = [sheet.leaves[each] for each in allowance.leaves]
    rows = [sheet.shipping[each] for each in allowance.shipping]
    rests = [leaf.allowable[0] for leaf in leaves] + [row.rest[0] for row in rows]
    most = sum(rests) if allowance.limit is None else min(sum(rests), max(0, allowance.limit))
    amount = most if allowance.amount == "rest" else allowance.amount
    if amount < 0:
        raise BadRequest(_("The amount must not be negative."), pointer="/amount")
    if amount > most:
        raise OverAmount(most, sheet.request.currency, pointer="/amount")
    targets: list[OpenLeaf | OpenShipping] = [*leaves, *rows]
    for target, part in zip(targets, money.spread(amount, rests), strict=True):
        if part:
            _pay_part(sheet, allowance, target, part)


def _pay_part(sheet: Sheet, allowance: Allowance, target: OpenLeaf | OpenShipping, part: int) -> None:
    item, reason = allowance.item, allowance.reason
    if isinstance(target, OpenLeaf):
        leaf, tax = target.leaf, target.take_money(part)
        sheet.pay(allowance.kind, part, tax, leaf.tax_rate, item=item, line=leaf.id, reason=reason)
    else:
        row, tax = target.row, target.take(part)
        sheet.pay(allowance.kind, part, tax, row.tax_rate, item=item, shipping=row.id, reason=reason)
