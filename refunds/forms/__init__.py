"""What people decide about money, as they fill it in."""

from refunds.forms.books import DocumentForm, SpanForm
from refunds.forms.credits import CashForm, CouponForm, GrantForm, VoidForm
from refunds.forms.fields import PayoutForm
from refunds.forms.gifts import GoodwillForm, ReduceForm
from refunds.forms.reimburse import ReimburseForm, initial_of

__all__ = [
    "CashForm",
    "CouponForm",
    "DocumentForm",
    "GoodwillForm",
    "GrantForm",
    "PayoutForm",
    "ReduceForm",
    "ReimburseForm",
    "SpanForm",
    "VoidForm",
    "initial_of",
]
