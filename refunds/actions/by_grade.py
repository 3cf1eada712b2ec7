"""What each grade would keep of one unit at the bench, before anybody closes the finding; nothing is written."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal

from accounts.problems import Refused
from customers import money
from refunds.actions.bound import swapped
from refunds.actions.deductions import percents_of, refund_by_item
from refunds.actions.inputs import request_for
from refunds.actions.lawful_cap import cap_of
from refunds.actions.load import load
from returns.models import Return, ReturnItem
from returns.queries import policy_of, published_policy

EXCHANGED, NO_RULE = "exchanged", "no_rule"


@dataclass(frozen=True, slots=True)
class Forecast:
    """What one unit is paid with, and of it what each grade keeps: percent and minor units.

    `why` is the code of why nothing is kept whatever the grade: `no_rule`, `exchanged`, or that of the law's cap.
    """

    paid: int
    kept: dict[str, tuple[Decimal, int]]
    why: str = ""


def forecast(rma: Return, item: ReturnItem) -> Forecast | None:
    """What the policy's percentages by grade mean for the next unit of an item, within the law's cap.

    None where no unit of it can be paid. The same calculator pays later; several units together may differ by a
    minor unit, and a person may keep less.
    """
    rows = load(rma, locked=False)
    known = next((one for one in rows.items if one.pk == item.pk), None)
    if known is None:
        return None
    asked = request_for(rows, [(known, 1)], policy_of(published_policy(rma.shop_id)), tender="original",
                        shipping="none", deductions=())  # fmt: skip
    try:
        # not accepted yet, so nothing is payable yet
        paid = refund_by_item(replace(asked, claims=tuple(replace(claim, payable=None) for claim in asked.claims)))
    except Refused:
        return None
    refund = paid.get(str(known.uid), 0)
    if swapped(rows.rma, [known]):
        return Forecast(refund, {}, EXCHANGED)
    percents = {grade: Decimal(str(share)) for grade, share in percents_of(rows, known).items() if Decimal(str(share))}
    if not percents:
        return Forecast(refund, {}, NO_RULE)
    cap = cap_of(rows, known, refund, looked_at=True)
    if not cap.amount:
        return Forecast(refund, {}, cap.code)
    kept = {grade: (share, min(money.share_down(refund, share), cap.amount)) for grade, share in percents.items()}
    return Forecast(refund, kept)
