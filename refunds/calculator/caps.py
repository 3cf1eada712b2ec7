"""The most that may be kept for the condition of goods: pure, and the seam where profiles of law come in.

A consumer who withdraws answers only for value that was lost by handling beyond what shows the goods, and for none
at all where nobody told them of the right (Directive 2011/83/EU art. 14(2)), so somebody must have looked at the
goods; Israeli law leaves lost value to a claim of its own (Consumer Protection Law 5741-1981 s. 14E); and nobody pays
for what was the seller's own fault (Directive (EU) 2019/771 art. 10 and 14).
"""

from __future__ import annotations

from dataclasses import dataclass

SELLER_ANSWERS = frozenset(
    {"defective", "wrong_item", "not_as_described", "damaged_in_transit", "missing_parts", "recall_safety"}
)
SELLERS_FAULT, NOT_LOOKED_AT, WITHIN = "sellers_fault", "not_looked_at", "within_refund"
NOT_TOLD, BY_LAW = "not_told", "by_law"


@dataclass(frozen=True, slots=True)
class DeductionFacts:
    """What a cap depends on, in minor units: `refund` is what the item is paid with, `by_law` the most that the
    governing law lets the trader keep of it, None where none speaks; `told` whether the right was made known."""

    reason: str
    customer_kind: str | None
    looked_at: bool
    refund: int
    by_law: int | None = None
    told: bool = True


@dataclass(frozen=True, slots=True)
class Cap:
    """The most that may be kept of an item, minor units, and why."""

    amount: int
    code: str


def deduction_cap(facts: DeductionFacts) -> Cap:
    """The most that may be kept for condition. An unknown kind of customer is a consumer."""
    if facts.customer_kind != "business":
        if facts.reason in SELLER_ANSWERS:
            return Cap(0, SELLERS_FAULT)
        if not facts.looked_at:
            return Cap(0, NOT_LOOKED_AT)
    if facts.by_law is not None and facts.by_law < facts.refund:
        return Cap(facts.by_law, BY_LAW if facts.told else NOT_TOLD)
    return Cap(facts.refund, WITHIN)
