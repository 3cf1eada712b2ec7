"""Which payment bears how much of a refund."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext as _

from refunds.calculator.inputs import OWN_MONEY, Payment, RefundOrder, Request
from refunds.calculator.refusals import OverAmount

# These leave the means of payment aside, so its refundability does not matter.
_PAID_OUT = frozenset({"bank_transfer", "cash"})
_CREDITED = frozenset({"store_credit", "exchange"})


def in_order(payments: Iterable[Payment], order: RefundOrder) -> list[Payment]:
    """The payments in the order they are refunded; the shop's own money last unless kinds are listed."""
    if isinstance(order, tuple):
        ranks = {kind: rank for rank, kind in enumerate(order)}
        return sorted(
            payments,
            key=lambda p: (ranks.get(p.kind, len(ranks)), p.kind in OWN_MONEY, -p.position),
        )
    sign = 1 if order == "first_first" else -1
    return sorted(payments, key=lambda p: (p.kind in OWN_MONEY, sign * p.position))


def bears(payment: Payment, tender: str) -> int:
    """The most that a payment can bear of a refund by this tender."""
    if tender in _PAID_OUT or payment.refundability == "full":
        return payment.rest
    if payment.refundability == "none":
        return 0
    return payment.rest if payment.refundable is None else max(0, min(payment.rest, payment.refundable))


def split(request: Request, total: int, postage: int) -> tuple[tuple[tuple[str, int], ...], int, int]:
    """(payment, amount) pairs, the part that becomes credit, what is left to be paid by hand.

    By hand goes postage, of this reimbursement or of earlier ones that payments bore: it never costs goods their
    refund. Raises OverAmount when the payments cannot bear the goods' part of the total.
    """
    if not request.split:
        return (), 0, 0
    kept = _kept_as_credit(request, total)
    parts, missing = _fill(request.payments, request.refund_order, request.tender, total - kept)
    if missing > postage + request.postage_borne:
        raise OverAmount(
            total - missing,
            request.currency,
            pointer="/tender",
            detail=_("The payments can take back %(max)s. Pay the customer by bank transfer or with store credit."),
            nothing=_("The payments can take nothing back. Pay the customer by bank transfer or with store credit."),
        )
    return parts, kept, missing


def bear(
    payments: Iterable[Payment], amount: int, *, order: RefundOrder, currency: str, tender: str = "original"
) -> tuple[tuple[str, int], ...]:
    """(payment, amount) pairs that together give back an amount decided before. Raises OverAmount."""
    parts, missing = _fill(payments, order, tender, amount)
    if missing:
        raise OverAmount(amount - missing, currency, pointer="/tender")
    return parts


def _fill(
    payments: Iterable[Payment], order: RefundOrder, tender: str, amount: int
) -> tuple[tuple[tuple[str, int], ...], int]:
    """What each payment bears in its order, and what none can."""
    parts: list[tuple[str, int]] = []
    for payment in in_order(payments, order):
        part = min(amount, bears(payment, tender))
        if part:
            parts.append((payment.id, part))
            amount -= part
    return tuple(parts), amount


def _kept_as_credit(request: Request, total: int) -> int:
    """What stays in the house: all of a store credit, and of an exchange as much as the replacement costs."""
    if request.tender not in _CREDITED:
        return 0
    if request.tender == "exchange" and request.exchange_price is not None:
        return min(total, max(0, request.exchange_price))
    return total
