"""What the inspector sees of money: what each grade keeps, or why nothing is kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from customers.templatetags.comeback import money_text, percent
from refunds.actions.by_grade import EXCHANGED, NO_RULE, forecast
from refunds.actions.lawful_cap import WHY_NOTHING
from returns.models import Return, ReturnItem

NOTHING: Mapping[str, Any] = {
    **WHY_NOTHING,
    EXCHANGED: gettext_lazy("it is exchanged, and an exchange keeps nothing for condition."),
    NO_RULE: gettext_lazy("the policy has no deduction for a grade."),
}


def cost(rma: Return, item: ReturnItem) -> dict[str, Any]:
    """`kept` by grade in words, such as 35 % and what that is in money for one unit, and `cost_note` under them."""
    found = forecast(rma, item)
    if found is None:
        return {"kept": {}, "cost_note": ""}
    kept = {
        grade: {"share": percent(share / 100), "amount": money_text(amount, rma.currency)}
        for grade, (share, amount) in found.kept.items()
        if amount
    }
    if not kept:
        why = NOTHING.get(found.why) or _("the customer gets nothing for it.")
        return {"kept": {}, "cost_note": _("Nothing is kept, whatever the grade: %(why)s") % {"why": why}}
    paid = money_text(found.paid, rma.currency)
    words = _("Kept of %(amount)s for each unit, as the policy says; the desk may keep less.")
    return {"kept": kept, "cost_note": words % {"amount": paid}}
