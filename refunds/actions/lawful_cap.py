"""The most that may be kept of an item for its condition, by the law that its decision was made under."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy

from customers import money
from refunds.actions.rows import Rows
from refunds.calculator.caps import (
    BY_LAW,
    NOT_LOOKED_AT,
    NOT_TOLD,
    SELLERS_FAULT,
    Cap,
    DeductionFacts,
    deduction_cap,
)
from returns.models import ReturnItem
from returns.policy.law import ACCEPT, book

WHY_NOTHING: Mapping[str, Any] = {
    SELLERS_FAULT: gettext_lazy("for goods that were faulty, wrong or damaged the customer pays nothing."),
    NOT_LOOKED_AT: gettext_lazy("nobody has inspected the goods."),
    NOT_TOLD: gettext_lazy(
        "the order does not say that the customer was told of the right to withdraw, and who was not told answers for "
        "no lost value (Directive 2011/83/EU art. 14(2))."
    ),
    BY_LAW: gettext_lazy("the law that this return stands under leaves lost value to a claim of its own."),
}
"""Why nothing may be kept for condition, by the code of the cap."""


def cap_of(rows: Rows, item: ReturnItem, refund: int, *, looked_at: bool) -> Cap:
    """The most that may be kept of an item that is paid with `refund`, minor units, and why."""
    decision = rows.decisions.get(item.pk)
    order = (decision.inputs.get("order") or {}) if decision else {}
    by_law, told = _by_law(decision.detail if decision else {}, rows.currency)
    return deduction_cap(
        DeductionFacts(
            reason=item.reason,
            customer_kind=order.get("customer_kind"),
            looked_at=looked_at,
            refund=refund,
            by_law=by_law,
            told=told,
        )
    )


def _by_law(detail: Mapping[str, Any], currency: str) -> tuple[int | None, bool]:
    """The most that the law of a decision lets the trader keep, and whether the customer was told of the right.

    None where no law speaks, and where it leaves the whole worth of the goods: then what is paid for them bounds it.
    """
    law = detail.get("law") or {}
    if law.get("right") != ACCEPT or law.get("value_loss") is None:
        return None, True
    most = money.parse(law["value_loss"], currency)
    profile = book().profiles.get(law.get("profile") or "")
    if profile is None or profile.value_loss != "if_informed":
        return most, True
    return (None, True) if most else (0, False)
