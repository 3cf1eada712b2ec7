"""Decisions to pay, movements of money, credit, exchanges, and what ties them to everybody else's books."""

from refunds.models.books import (
    Break,
    Document,
    DocumentSeries,
    GatewayAccount,
    GatewayEntry,
    GatewayEvent,
    RegisterEntry,
)
from refunds.models.credit import Coupon, CouponPool, StoreCredit, StoreCreditEntry
from refunds.models.exchange import Charge, Exchange, ExchangeLine
from refunds.models.refund import PayoutFile, Refund, RefundAttempt
from refunds.models.reimbursement import Reimbursement, ReimbursementLine

__all__ = [
    "Break",
    "Charge",
    "Coupon",
    "CouponPool",
    "Document",
    "DocumentSeries",
    "Exchange",
    "ExchangeLine",
    "GatewayAccount",
    "GatewayEntry",
    "GatewayEvent",
    "PayoutFile",
    "Refund",
    "RefundAttempt",
    "RegisterEntry",
    "Reimbursement",
    "ReimbursementLine",
    "StoreCredit",
    "StoreCreditEntry",
]
