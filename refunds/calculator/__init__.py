"""The refund calculator: `calculate(Request) -> Quote`, pure and the only place that works out refunds."""

from refunds.calculator.calculation import calculate, remaining, share_of
from refunds.calculator.inputs import (
    Allowance,
    Claim,
    Deduction,
    FeeRule,
    Leaf,
    Payment,
    RefundOrder,
    Request,
    ShippingRow,
    Tender,
)
from refunds.calculator.quote import LineKind, Quote, QuoteLine
from refunds.calculator.refusals import BadRequest, OverAmount, OverQuantity
from refunds.calculator.tenders import bear

__all__ = [
    "Allowance",
    "BadRequest",
    "Claim",
    "Deduction",
    "FeeRule",
    "Leaf",
    "LineKind",
    "OverAmount",
    "OverQuantity",
    "Payment",
    "Quote",
    "QuoteLine",
    "RefundOrder",
    "Request",
    "ShippingRow",
    "Tender",
    "bear",
    "calculate",
    "remaining",
    "share_of",
]
