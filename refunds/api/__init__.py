"""The REST operations on money."""

from refunds.api.credits import (
    CashOut,
    CreditEntries,
    OneStoreCredit,
    Redemptions,
    ReverseRedemption,
    StoreCredits,
    VoidCredit,
)
from refunds.api.operations import (
    MarkPaid,
    OneRefund,
    OneReimbursement,
    Preview,
    Refundable,
    Reimbursements,
    Retry,
)

__all__ = [
    "CashOut",
    "CreditEntries",
    "MarkPaid",
    "OneRefund",
    "OneReimbursement",
    "OneStoreCredit",
    "Preview",
    "Redemptions",
    "Refundable",
    "Reimbursements",
    "Retry",
    "ReverseRedemption",
    "StoreCredits",
    "VoidCredit",
]
