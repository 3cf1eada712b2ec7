"""A shop's books for tests: what an order was paid with and what reimbursements took of it so far."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from customers.pricing import OrderDocument, PricedOrder
from refunds.calculator import Claim, Leaf, Payment, Quote, Request, ShippingRow, calculate


class Book:
    """Asks the calculator and keeps what it answers, as the database does."""

    def __init__(self, document: OrderDocument, priced: PricedOrder) -> None:
        self.priced = priced
        self.leaves = {
            each.id: Leaf(id=each.id, quantity=each.quantity, gross=each.gross, tax=each.tax, tax_rate=each.tax_rate)
            for each in priced.leaves()
        }
        self.shipping = {
            each.id: ShippingRow(id=each.id, gross=each.gross, tax=each.tax, tax_rate=each.tax_rate)
            for each in priced.shipping
        }
        self.payments = {
            each.id: Payment(
                id=each.id, kind=each.kind, captured=each.captured, refundability=each.refundability,
                position=position,
            )
            for position, each in enumerate(document.payments)
        }  # fmt: skip
        self.received = 0

    def parts(self, line: str) -> tuple[tuple[str, int], ...]:
        """The leaves of one unit of a line."""
        whole = next(each for each in self.priced.lines if each.id == line)
        if whole.is_leaf:
            return ((line, 1),)
        return tuple((leaf, self.leaves[leaf].quantity // whole.quantity) for leaf in whole.components)

    def claim(self, line: str, units: int, **more: Any) -> Claim:
        """Units of a line as one return item of the same name."""
        return Claim(item=f"item-{line}", line=line, units=units, parts=self.parts(line), **more)

    def request(self, **wishes: Any) -> Request:
        """A request over what is left."""
        return Request(
            currency=self.priced.currency, leaves=tuple(self.leaves.values()),
            shipping_rows=tuple(self.shipping.values()), payments=tuple(self.payments.values()),
            **{"ceiling": self.priced.captured - self.received, **wishes},
        )  # fmt: skip

    def quote(self, **wishes: Any) -> Quote:
        """What the calculator answers; nothing is kept."""
        return calculate(self.request(**wishes))

    def reimburse(self, **wishes: Any) -> Quote:
        """What the calculator answers, kept in the books."""
        quote = self.quote(**wishes)
        self.received += quote.total
        for line in quote.lines:
            self._keep(line.kind, line.line, line.shipping, line.quantity, line.gross, line.tax)
        for payment, amount in quote.split:
            self.payments[payment] = replace(self.payments[payment], taken=self.payments[payment].taken + amount)
        return quote

    def _keep(self, kind: str, line: str | None, shipping: str | None, units: int, gross: int, tax: int) -> None:
        if gross < 0:
            return
        if shipping is not None:
            row = self.shipping[shipping]
            self.shipping[shipping] = replace(
                row, refunded_gross=row.refunded_gross + gross, refunded_tax=row.refunded_tax + tax
            )
        elif kind == "item" and line is not None:
            leaf = self.leaves[line]
            self.leaves[line] = replace(
                leaf, refunded_units=leaf.refunded_units + units,
                refunded_gross=leaf.refunded_gross + gross, refunded_tax=leaf.refunded_tax + tax,
            )  # fmt: skip
        elif line is not None:
            leaf = self.leaves[line]
            self.leaves[line] = replace(
                leaf, goodwill_gross=leaf.goodwill_gross + gross, goodwill_tax=leaf.goodwill_tax + tax
            )
