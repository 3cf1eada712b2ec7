"""The REST operations on money."""

from refunds.api.operations import (
    MarkPaid,
    OneRefund,
    OneReimbursement,
    OneStoreCredit,
    Preview,
    Refundable,
    Reimbursements,
    Retry,
)

__all__ = [
    "MarkPaid",
    "OneRefund",
    "OneReimbursement",
    "OneStoreCredit",
    "Preview",
    "Refundable",
    "Reimbursements",
    "Retry",
]
