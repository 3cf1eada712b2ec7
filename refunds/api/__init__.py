"""The REST operations on money."""

from refunds.api.approvals import Approve, Reject
from refunds.api.coupons import PoolCodes, Pools, ReturnCoupons
from refunds.api.credits import (
    ApproveCredit,
    CashOut,
    CreditEntries,
    OneStoreCredit,
    Redemptions,
    ReverseRedemption,
    StoreCredits,
    VoidCredit,
)
from refunds.api.goodwill import Goodwill, PreviewGoodwill, PreviewReduction, PriceReduction
from refunds.api.operations import (
    MarkPaid,
    OneRefund,
    OneReimbursement,
    Preview,
    Refundable,
    Reimbursements,
    Retry,
)
from refunds.api.otherwise import PayOtherwise

__all__ = [
    "Approve",
    "ApproveCredit",
    "CashOut",
    "CreditEntries",
    "Goodwill",
    "MarkPaid",
    "OneRefund",
    "OneReimbursement",
    "OneStoreCredit",
    "PayOtherwise",
    "PoolCodes",
    "Pools",
    "Preview",
    "PreviewGoodwill",
    "PreviewReduction",
    "PriceReduction",
    "Redemptions",
    "Refundable",
    "Reimbursements",
    "Reject",
    "Retry",
    "ReturnCoupons",
    "ReverseRedemption",
    "StoreCredits",
    "VoidCredit",
]
