"""Why a reimbursement cannot be calculated: each refusal says the most that is possible."""

from __future__ import annotations

from django.utils.translation import gettext as _

from accounts.problems import FieldError, Refused
from customers import money


class OverQuantity(Refused):
    """More units than can be paid; `extra["max"]` is the number that can."""

    code = "over_quantity"

    def __init__(self, most: int, *, pointer: str = "/items") -> None:
        detail = (
            _("At most %(max)s units can be paid back.") % {"max": most} if most > 0 else _("No unit is left to pay.")
        )
        super().__init__(detail, errors=[FieldError(pointer, self.code, detail)], max=most)


class OverAmount(Refused):
    """More money than is left; `extra["max"]` is the decimal string of what is.

    `detail` says it with `%(max)s` in it, `nothing` where there is nothing: nobody should read of 0.00.
    """

    code = "over_amount"

    def __init__(
        self, most: int, currency: str, *, pointer: str, detail: str | None = None, nothing: str | None = None
    ) -> None:
        limit = money.to_text(most, currency)
        text = (detail or _("At most %(max)s can be paid back here.")) % {"max": limit}
        if most <= 0:
            text = nothing or _("Nothing is left to pay back here.")
        super().__init__(text, errors=[FieldError(pointer, self.code, text)], max=limit)
        self.most = most


class BadRequest(Refused):
    """Amounts that mean nothing here, such as a deduction from an item that is not paid."""

    def __init__(self, detail: str, *, pointer: str) -> None:
        super().__init__(detail, errors=[FieldError(pointer, self.code, detail)])
