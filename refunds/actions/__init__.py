"""Making the customer whole: preview, reimburse, pay, credit."""

from refunds.actions.approve import approve_reimbursement, reject_reimbursement
from refunds.actions.credit import import_store_credit, issue_store_credit
from refunds.actions.goodwill import give_goodwill, preview_goodwill
from refunds.actions.left import refundable
from refunds.actions.money import mark_paid, pay_otherwise, retry_refund
from refunds.actions.plan import Wish
from refunds.actions.reduce import preview_reduction, reduce_price
from refunds.actions.reimburse import preview, reimburse_return

__all__ = [
    "Wish",
    "approve_reimbursement",
    "give_goodwill",
    "import_store_credit",
    "issue_store_credit",
    "mark_paid",
    "pay_otherwise",
    "preview",
    "preview_goodwill",
    "preview_reduction",
    "reduce_price",
    "refundable",
    "reimburse_return",
    "reject_reimbursement",
    "retry_refund",
]
