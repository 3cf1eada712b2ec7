"""The rows that a reimbursement depends on, and what it takes out of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from customers import money
from customers.actions.pool import parts_of, pieces_per_kit
from customers.models import Order, OrderLine, OrderPayment, OrderShipping
from refunds.calculator import Quote
from refunds.models import Reimbursement
from returns.models import PolicyDecision, Return, ReturnItem

WITHOUT_GOODS = ("goodwill", "price_reduction")
"""Kinds of lines that give money and take no goods."""


@dataclass(slots=True)
class Taken:
    """What a reimbursement takes out of one order line."""

    units: int = 0
    gross: int = 0
    tax: int = 0
    withheld_gross: int = 0
    withheld_tax: int = 0


@dataclass(slots=True)
class Rows:
    """Everything a reimbursement depends on."""

    back: Return | None
    order: Order
    items: list[ReturnItem]
    lines: list[OrderLine]
    shipping: list[OrderShipping]
    payments: list[OrderPayment]
    decisions: dict[int, PolicyDecision]
    made: list[Reimbursement]

    @property
    def rma(self) -> Return:
        """The return that is made good; goodwill on an order has none, and nobody asks for it there."""
        assert self.back is not None
        return self.back

    @property
    def currency(self) -> str:
        """What the order was paid in."""
        return self.order.currency

    @property
    def ceiling(self) -> int:
        """What is left of the order as a whole, whatever way it went back; minor units."""
        return sum(p.captured - p.elsewhere for p in self.payments) - self.order.refunded

    def parts(self, line: OrderLine) -> tuple[tuple[str, int], ...]:
        """The lines that carry the money of a line: itself, or a kit's components with pieces per kit."""
        components = parts_of(self.lines).get(line.pk, [])
        if not components:
            return ((line.external_id, 1),)
        return tuple((part.external_id, pieces_per_kit(part, line)) for part in components)

    def charged(self, quote: Quote) -> int:
        """What counts against the order: all but a bonus on top and postage laid out."""
        return sum(line.gross for line in quote.lines if line.kind not in ("bonus", "return_postage"))

    def taken_by_leaf(self, quote: Quote, units: Sequence[tuple[ReturnItem, int]]) -> dict[str, Taken]:
        """Units, shares and what was kept, per line that carries money."""
        found: dict[str, Taken] = {}
        for item, quantity in units:
            for leaf, pieces in self.parts(item.line):
                found.setdefault(leaf, Taken()).units += quantity * pieces
        leaves = {str(item.uid): [leaf for leaf, _pieces in self.parts(item.line)] for item, _quantity in units}
        for line in quote.lines:
            if line.kind == "item" and line.line in found:
                found[line.line].gross += line.gross
                found[line.line].tax += line.tax
            elif line.kind in ("restocking_fee", "deduction") and line.item in leaves:
                self._withhold(found, leaves[line.item], line.gross, line.tax)
        return found

    def _withhold(self, found: dict[str, Taken], leaves: list[str], gross: int, tax: int) -> None:
        """Spread what was kept over the lines that carry the item's money, by what each was paid."""
        weights = [found[leaf].gross for leaf in leaves]
        spread = zip(leaves, money.spread(-gross, weights), money.spread(-tax, weights), strict=True)
        for leaf, kept, kept_tax in spread:
            found[leaf].withheld_gross += kept
            found[leaf].withheld_tax += kept_tax
