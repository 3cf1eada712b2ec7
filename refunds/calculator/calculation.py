"""The one calculation behind preview, reimbursement, goodwill and quotes."""

from __future__ import annotations

from django.utils.translation import gettext as _

from customers import money
from refunds.calculator.goods import pay_allowances, pay_items, pay_shipping
from refunds.calculator.inputs import Leaf, Request
from refunds.calculator.kept import keep_deductions, keep_fees, keep_label_fee, keep_promotion
from refunds.calculator.ledgers import OpenLeaf
from refunds.calculator.quote import Quote
from refunds.calculator.refusals import OverAmount
from refunds.calculator.sheet import Sheet
from refunds.calculator.tenders import split


def calculate(request: Request) -> Quote:
    """The itemised reimbursement of a request. Raises OverQuantity, OverAmount or BadRequest."""
    sheet = Sheet.of(request)
    pay_items(sheet)
    pay_shipping(sheet)
    keep_deductions(sheet)
    keep_promotion(sheet)
    keep_fees(sheet)
    keep_label_fee(sheet)
    pay_allowances(sheet)
    _hold_ceiling(sheet)
    if request.return_postage:
        sheet.pay("return_postage", request.return_postage, 0, None)
    if request.tender in ("store_credit", "exchange"):
        _pay_bonus(sheet)
    parts, credit, payout = split(request, sheet.total, request.return_postage)
    return Quote(
        currency=request.currency, tender=request.tender, lines=tuple(sheet.lines), split=parts,
        credit=credit, payout=payout,
    )  # fmt: skip


def _hold_ceiling(sheet: Sheet) -> None:
    """Never more than is left of the order: refuse, or keep the difference where the caller says so."""
    request = sheet.request
    ceiling = request.ceiling
    if ceiling is None:
        ceiling = sum(payment.rest for payment in request.payments) if request.split else sheet.total
    over = sheet.total - max(0, ceiling)
    if over <= 0:
        return
    if not request.clip:
        detail = _("Only %(max)s of what the customer paid is left to pay back.")
        nothing = _("Nothing of what the customer paid is left to pay back.")
        raise OverAmount(max(0, ceiling), request.currency, pointer="", detail=detail, nothing=nothing)
    sheet.keep("deduction", over, sheet.pots, reason=_("More than is left of what was paid for the order"))


def _pay_bonus(sheet: Sheet) -> None:
    """The extra that the shop gives with credit or an exchange: a voucher, so without tax, and never paid out."""
    part, whole = sheet.request.bonus_percent.as_integer_ratio()
    bonus = money.divide_half_up(sheet.total * part, whole * 100)
    if sheet.request.tender == "exchange" and sheet.request.exchange_price is not None:
        bonus = min(bonus, max(0, sheet.request.exchange_price - sheet.total))
    if bonus:
        sheet.pay("bonus", bonus, 0, None)


def remaining(leaf: Leaf) -> tuple[int, int]:
    """Gross and tax that can still be paid back on a line by any way."""
    return OpenLeaf.of(leaf).allowable


def share_of(leaf: Leaf, units: int, already: int) -> int:
    """What was paid (gross) for `units` of a line after `already` others; all shares add up to the line."""
    return money.unit_share(leaf.gross, leaf.quantity, already, units)
