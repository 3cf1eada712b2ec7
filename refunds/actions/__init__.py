"""Making the customer whole: preview, reimburse, pay, credit."""

from refunds.actions.credit import import_store_credit, issue_store_credit
from refunds.actions.left import refundable
from refunds.actions.money import mark_paid, retry_refund
from refunds.actions.plan import Wish
from refunds.actions.reimburse import preview, reimburse_return

__all__ = [
    "Wish",
    "import_store_credit",
    "issue_store_credit",
    "mark_paid",
    "preview",
    "refundable",
    "reimburse_return",
    "retry_refund",
]
