"""What is left of each leaf, delivery charge and quoted line while a quote is worked out."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from customers import money
from refunds.calculator.inputs import Leaf, ShippingRow


def fitting_tax(wanted: int, gross: int, rest_gross: int, rest_tax: int) -> int:
    """Tax of `gross` out of a rest, such that neither part nor rest ever holds more tax than money."""
    lowest = max(0, rest_tax - (rest_gross - gross))
    return max(lowest, min(wanted, rest_tax, gross))


@dataclass(slots=True)
class OpenLeaf:
    """A leaf with its running sums."""

    leaf: Leaf
    units: int
    shares_gross: int
    shares_tax: int
    goodwill_gross: int
    goodwill_tax: int

    @classmethod
    def of(cls, leaf: Leaf) -> OpenLeaf:
        """The state before this quote."""
        return cls(
            leaf, leaf.refunded_units, leaf.refunded_gross, leaf.refunded_tax, leaf.goodwill_gross,
            leaf.goodwill_tax,
        )  # fmt: skip

    @property
    def rest(self) -> tuple[int, int]:
        """Gross and tax that units of this leaf can still be paid with."""
        # Goodwill first gives back what was kept of paid units; only the rest of it lessens other units.
        beyond_gross = max(0, self.goodwill_gross - self.leaf.withheld_gross)
        beyond_tax = max(0, self.goodwill_tax - self.leaf.withheld_tax)
        gross = self.leaf.gross - self.shares_gross - beyond_gross
        tax = self.leaf.tax - self.shares_tax - beyond_tax
        return max(0, gross), max(0, tax)

    @property
    def allowable(self) -> tuple[int, int]:
        """Gross and tax that goodwill can still reach: the rest, and what was kept of paid units."""
        leaf = self.leaf
        gross = leaf.gross - self.shares_gross - self.goodwill_gross + leaf.withheld_gross
        tax = leaf.tax - self.shares_tax - self.goodwill_tax + leaf.withheld_tax
        return max(0, gross), max(0, tax)

    def take_units(self, k: int) -> tuple[int, int]:
        """Gross and tax of the next `k` units; what was paid wrongly before is made good by them."""
        n, after = self.leaf.quantity, self.units + k
        rest_gross, rest_tax = self.rest
        due = money.divide_half_up(self.leaf.gross * after, n) - self.shares_gross
        gross = min(max(0, due), rest_gross)
        due_tax = money.divide_half_up(self.leaf.tax * after, n) - self.shares_tax
        tax = fitting_tax(due_tax, gross, rest_gross, rest_tax)
        self.units = after
        self.shares_gross += gross
        self.shares_tax += tax
        return gross, tax

    def take_money(self, gross: int) -> int:
        """Take goodwill of `gross` (at most `allowable`); its tax."""
        rest_gross, rest_tax = self.allowable
        tax = fitting_tax(money.tax_inside(gross, self.leaf.tax_rate), gross, rest_gross, rest_tax)
        self.goodwill_gross += gross
        self.goodwill_tax += tax
        return tax


@dataclass(slots=True)
class OpenShipping:
    """A delivery charge with its running sums."""

    row: ShippingRow
    gross: int
    tax: int

    @classmethod
    def of(cls, row: ShippingRow) -> OpenShipping:
        """The state before this quote."""
        return cls(row, row.refunded_gross, row.refunded_tax)

    @property
    def rest(self) -> tuple[int, int]:
        """Gross and tax that can still be paid back."""
        return max(0, self.row.gross - self.gross), max(0, self.row.tax - self.tax)

    def take(self, gross: int) -> int:
        """Take `gross` (at most the rest); its tax, so that the last part closes the row exactly."""
        rest_gross, rest_tax = self.rest
        due = 0
        if self.row.gross:
            due = money.divide_half_up(self.row.tax * (self.gross + gross), self.row.gross) - self.tax
        tax = fitting_tax(due, gross, rest_gross, rest_tax)
        self.gross += gross
        self.tax += tax
        return tax


@dataclass(slots=True)
class Pot:
    """What is left of one positive line of the quote, for fees and deductions to be taken from."""

    item: str | None
    shipping: str | None
    tax_rate: Decimal
    gross: int
    tax: int

    def take(self, gross: int) -> int:
        """Take `gross` (at most what is left); the tax inside it at the pot's rate."""
        tax = fitting_tax(money.tax_inside(gross, self.tax_rate), gross, self.gross, self.tax)
        self.gross -= gross
        self.tax -= tax
        return tax
