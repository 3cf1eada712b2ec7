"""The sheet a quote is written on: signed lines, and pots of what is left of the positive ones."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from customers import money
from refunds.calculator.inputs import Request
from refunds.calculator.ledgers import OpenLeaf, OpenShipping, Pot
from refunds.calculator.quote import LineKind, QuoteLine


@dataclass(slots=True)
class Sheet:
    """The working state of one quote."""

    request: Request
    leaves: dict[str, OpenLeaf]
    shipping: dict[str, OpenShipping]
    lines: list[QuoteLine] = field(default_factory=list)
    pots: list[Pot] = field(default_factory=list)

    @classmethod
    def of(cls, request: Request) -> Sheet:
        """An empty sheet over what is left of the order."""
        return cls(
            request,
            {leaf.id: OpenLeaf.of(leaf) for leaf in request.leaves},
            {row.id: OpenShipping.of(row) for row in request.shipping_rows},
        )

    @property
    def total(self) -> int:
        """The sum of the lines so far."""
        return sum(line.gross for line in self.lines)

    def pay(
        self,
        kind: LineKind,
        gross: int,
        tax: int,
        rate: Decimal | None,
        *,
        item: str | None = None,
        line: str | None = None,
        shipping: str | None = None,
        quantity: int = 0,
        reason: str = "",
    ) -> None:
        """Add a positive line; one with a tax rate can be taken from afterwards."""
        self.lines.append(
            QuoteLine(
                kind=kind, item=item, line=line, quantity=quantity, net=gross - tax, tax=tax, gross=gross,
                tax_rate=rate, shipping=shipping, reason=reason,
            )
        )  # fmt: skip
        if rate is not None:
            self.pots.append(Pot(item, shipping, rate, gross, tax))

    def of_item(self, item: str) -> list[Pot]:
        """The pots of one return item."""
        return [pot for pot in self.pots if pot.item == item]

    def keep(
        self,
        kind: LineKind,
        amount: int,
        pots: Sequence[Pot],
        *,
        item: str | None = None,
        line: str | None = None,
        shipping: str | None = None,
        reason: str = "",
    ) -> None:
        """Take `amount` from the pots by what is left in them: one negative line for each tax rate."""
        taken: dict[Decimal, list[int]] = {}
        for pot, part in zip(pots, money.spread(amount, [pot.gross for pot in pots]), strict=True):
            if part:
                sums = taken.setdefault(pot.tax_rate, [0, 0])
                sums[0] += part
                sums[1] += pot.take(part)
        for rate, (gross, tax) in taken.items():
            self.lines.append(
                QuoteLine(
                    kind=kind, item=item, line=line, quantity=0, net=tax - gross, tax=-tax, gross=-gross,
                    tax_rate=rate, shipping=shipping, reason=reason,
                )
            )  # fmt: skip


def rest_of(pots: Iterable[Pot]) -> int:
    """What is left in the pots (gross)."""
    return sum(pot.gross for pot in pots)
