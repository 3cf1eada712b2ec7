"""What is kept back: deductions, lost promotions, restocking fees and the charge for the label."""

from __future__ import annotations

from decimal import Decimal

from django.utils.translation import gettext as _

from customers import money
from refunds.calculator.inputs import Claim, FeeRule
from refunds.calculator.refusals import BadRequest, OverAmount
from refunds.calculator.sheet import Sheet, rest_of


def keep_deductions(sheet: Sheet) -> None:
    """Negative lines for what is wrong with items. Raises OverAmount above what the item is refunded with."""
    known = {claim.item: claim for claim in sheet.request.claims}
    for index, deduction in enumerate(sheet.request.deductions):
        at = f"/deductions/{index}"
        claim = known.get(deduction.item)
        if claim is None:
            raise BadRequest(_("This item is not part of the reimbursement."), pointer=f"{at}/item")
        if deduction.amount < 0:
            raise BadRequest(_("The amount must not be negative."), pointer=f"{at}/amount")
        pots = sheet.of_item(deduction.item)
        if deduction.amount > rest_of(pots):
            raise OverAmount(rest_of(pots), sheet.request.currency, pointer=f"{at}/amount")
        sheet.keep("deduction", deduction.amount, pots, item=claim.item, line=claim.line, reason=deduction.reason)


def keep_promotion(sheet: Sheet) -> None:
    """Negative `discount` lines for a promotion whose condition is lost: down to nothing and never below."""
    pots = [pot for pot in sheet.pots if pot.item is not None]
    sheet.keep("discount", min(sheet.request.claw_back, rest_of(pots)), pots)


def _rule(claim: Claim) -> FeeRule:
    return FeeRule() if claim.fee is None or claim.fee_waived else claim.fee


class _Caps:
    """What fees may still be taken, by item and all together; None is no limit."""

    def __init__(self, sheet: Sheet) -> None:
        self._all = sheet.request.fee_cap
        self._items = {claim.item: claim.fee_cap for claim in sheet.request.claims}

    def take(self, item: str, wanted: int) -> int:
        """As much of `wanted` as the caps leave."""
        own = self._items[item]
        allowed = max(0, min([wanted, *(cap for cap in (own, self._all) if cap is not None)]))
        if own is not None:
            self._items[item] = own - allowed
        if self._all is not None:
            self._all -= allowed
        return allowed


def keep_fees(sheet: Sheet) -> None:
    """Restocking fees, rounded down: never above the item's refund and never above the law's caps."""
    caps = _Caps(sheet)
    for claim in {claim.item: claim for claim in sheet.request.claims}.values():
        rule = _rule(claim)
        pots = sheet.of_item(claim.item)
        gross = sum(line.gross for line in sheet.lines if line.kind == "item" and line.item == claim.item)
        fee = money.share_down(gross, rule.percent)
        if not claim.fixed_taken:
            fee += rule.fixed
        fee = caps.take(claim.item, min(fee, rest_of(pots)))
        sheet.keep("restocking_fee", fee, pots, item=claim.item, line=claim.line)
    _keep_shipping_fee(sheet, caps)


def _keep_shipping_fee(sheet: Sheet, caps: _Caps) -> None:
    """The percentage of refunded shipping, once: by the highest fee that reaches shipping."""
    sharing = [claim for claim in sheet.request.claims if not _rule(claim).keep_shipping]
    if not sharing:
        return
    highest = max(sharing, key=lambda claim: _rule(claim).percent)
    percent: Decimal = _rule(highest).percent
    for line in [line for line in sheet.lines if line.kind == "shipping"]:
        pots = [pot for pot in sheet.pots if pot.shipping == line.shipping]
        fee = caps.take(highest.item, min(money.share_down(line.gross, percent), rest_of(pots)))
        sheet.keep("restocking_fee", fee, pots, shipping=line.shipping)


def keep_label_fee(sheet: Sheet) -> None:
    """The charge for the shop's own label, once: never more than the refund."""
    if not sheet.request.label_fee_waived:
        sheet.keep("label_fee", min(sheet.request.label_fee, rest_of(sheet.pots)), sheet.pots)
