"""What the calculator answers: signed lines whose sums are the totals, and which payment bears what."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Literal

LineKind = Literal[
    "item", "discount", "shipping", "restocking_fee", "label_fee", "deduction", "goodwill", "bonus",
    "return_postage", "price_reduction",
]  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class QuoteLine:
    """One signed line: negative lowers the payout; `tax_rate` None is money outside of VAT.

    `line` is the id of an order line (of a kit: its components), `shipping` that of a delivery charge.
    """

    kind: LineKind
    item: str | None
    line: str | None
    quantity: int
    net: int
    tax: int
    gross: int
    tax_rate: Decimal | None
    shipping: str | None = None
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class Quote:
    """A reimbursement down to the payments that bear it, in minor units of `currency`.

    `split` pairs payments with amounts; `credit` goes to store credit or into an exchange; `payout` is
    postage that no payment can bear, to be paid by hand. The three add up to `total`; a mere quote has none.
    """

    currency: str
    tender: str
    lines: tuple[QuoteLine, ...]
    split: tuple[tuple[str, int], ...]
    credit: int
    payout: int

    @cached_property
    def total(self) -> int:
        """What the customer gets."""
        return sum(line.gross for line in self.lines)

    @cached_property
    def net(self) -> int:
        """The total without tax."""
        return sum(line.net for line in self.lines)

    @cached_property
    def tax(self) -> int:
        """The tax inside the total."""
        return sum(line.tax for line in self.lines)

    @cached_property
    def tax_by_rate(self) -> Mapping[Decimal, int]:
        """The tax inside the total by rate, lowest rate first."""
        found: dict[Decimal, int] = defaultdict(int)
        for line in self.lines:
            if line.tax_rate is not None:
                found[line.tax_rate] += line.tax
        return dict(sorted(found.items()))

    @cached_property
    def fee(self) -> int:
        """The restocking fees, as a positive amount."""
        return self._kept("restocking_fee")

    @cached_property
    def label_fee(self) -> int:
        """The charge for the label, as a positive amount."""
        return self._kept("label_fee")

    def _kept(self, kind: str) -> int:
        return -sum(line.gross for line in self.lines if line.kind == kind)
