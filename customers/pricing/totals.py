"""What every line and delivery charge of an order was paid with: discounts spread, tax inside or on top."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from accounts.problems import FieldError, Refused
from customers import money
from customers.pricing.crosschecks import line_value
from customers.pricing.document import Line, OrderDocument, Shipping


class Mismatch(Refused):
    """Figures of the document that contradict each other; `extra` has them as `stated` and `computed`."""

    code = "mismatch"

    def __init__(self, detail: str, pointer: str, stated: str, computed: str) -> None:
        text = detail % {"stated": stated, "computed": computed}
        super().__init__(text, errors=[FieldError(pointer, "mismatch", text)], stated=stated, computed=computed)


@dataclass(frozen=True, slots=True)
class PricedLine:
    """What was paid for a line after every discount; of a kit the components carry the money."""

    id: str
    quantity: int
    tax_rate: Decimal
    gross: int
    net: int
    tax: int
    order_discount: int
    parent: str | None
    components: tuple[str, ...]

    @property
    def is_leaf(self) -> bool:
        """Whether the money of this line is its own: the sum of all leaves is the sum of all goods."""
        return not self.components


@dataclass(frozen=True, slots=True)
class PricedShipping:
    """What was paid for delivery; `cheapest_standard` is gross, the most that the law makes refundable."""

    id: str
    tax_rate: Decimal
    gross: int
    net: int
    tax: int
    cheapest_standard: int | None


@dataclass(frozen=True, slots=True)
class PricedOrder:
    """The totals of an order in minor units of its currency."""

    currency: str
    lines: tuple[PricedLine, ...]
    shipping: tuple[PricedShipping, ...]
    total: int
    net: int
    tax: int
    captured: int

    def leaves(self) -> Iterator[PricedLine]:
        """The lines that carry money, in the order of the document."""
        return (line for line in self.lines if line.is_leaf)


def _with_tax(value: int, rate: Decimal, inside: bool) -> tuple[int, int, int]:
    """Gross, net and tax of a value in the basis of the prices; tax half up."""
    if inside:
        tax = money.tax_inside(value, rate)
        return value, value - tax, tax
    tax = money.tax_on(value, rate)
    return value + tax, value, tax


def _rate(line: Line) -> Decimal:
    return line.tax_rate if line.tax_rate is not None else Decimal(0)


def _discounts(order: OrderDocument) -> dict[str, int]:
    """Each line's share of the order's discount, by value."""
    tops = [line for line in order.lines if line.parent is None]
    shares = money.spread(order.discount, [line_value(line) for line in tops])
    return {line.id: share for line, share in zip(tops, shares, strict=True)}


def _components(order: OrderDocument) -> dict[str, list[Line]]:
    found: dict[str, list[Line]] = defaultdict(list)
    for line in order.lines:
        if line.parent is not None:
            found[line.parent].append(line)
    return found


def _kit(parent: PricedLine, parts: list[Line]) -> dict[str, PricedLine]:
    """The kit's money at its components: by share, or by pieces when no shares are known."""
    weights = [part.share or 0 for part in parts]
    if not any(weights):
        weights = [part.quantity for part in parts]
    grosses = money.spread(parent.gross, weights)
    # Tax goes by the gross parts, so that no part holds more tax than money.
    taxes = money.spread(parent.tax, grosses)
    return {
        part.id: PricedLine(part.id, part.quantity, parent.tax_rate, gross, gross - tax, tax, 0, parent.id, ())
        for part, gross, tax in zip(parts, grosses, taxes, strict=True)
    }


def _goods(order: OrderDocument) -> tuple[PricedLine, ...]:
    discounts = _discounts(order)
    components = _components(order)
    found: dict[str, PricedLine] = {}
    for line in order.lines:
        if line.parent is not None:
            continue
        value = line_value(line) - discounts[line.id]
        gross, net, tax = _with_tax(value, _rate(line), order.prices_include_tax)
        parts = components.get(line.id, [])
        found[line.id] = PricedLine(
            line.id, line.quantity, _rate(line), gross, net, tax, discounts[line.id], None,
            tuple([part.id for part in parts]),
        )  # fmt: skip
        if parts:
            found.update(_kit(found[line.id], parts))
    return tuple([found[line.id] for line in order.lines])


def _delivery(row: Shipping, inside: bool) -> PricedShipping:
    gross, net, tax = _with_tax(row.amount - row.discount, row.tax_rate, inside)
    cheapest = row.cheapest_standard
    if cheapest is not None:
        cheapest = _with_tax(cheapest, row.tax_rate, inside)[0]
    return PricedShipping(row.id, row.tax_rate, gross, net, tax, cheapest)


def _check_lines(order: OrderDocument) -> None:
    """A unit price beside a line total may differ by its own rounding only."""
    for index, line in enumerate(order.lines):
        if line.total is None or line.unit_price is None:
            continue
        computed = line.unit_price * line.quantity - line.discount
        if abs(computed - line.total) > line.quantity // 2:
            raise Mismatch(
                _("The line’s total is %(stated)s, but price and discount make %(computed)s."),
                f"/lines/{index}/total",
                money.to_text(line.total, order.currency),
                money.to_text(computed, order.currency),
            )


def _check_total(order: OrderDocument, total: int) -> None:
    computed = money.to_text(total, order.currency)
    if order.total is not None and order.total != total:
        stated = money.to_text(order.total, order.currency)
        raise Mismatch(
            _("The total is %(stated)s, but lines, discounts, tax and shipping make %(computed)s."),
            "/total", stated, computed,
        )  # fmt: skip
    # An authorization covers what was captured of it, so the larger of the two counts.
    paid = sum(max(payment.captured, payment.authorized or 0) for payment in order.payments)
    if paid > total:
        stated = money.to_text(paid, order.currency)
        raise Mismatch(
            _("The payments make %(stated)s, which is more than the total of %(computed)s."),
            "/payments", stated, computed,
        )  # fmt: skip


def price(order: OrderDocument) -> PricedOrder:
    """What each line and delivery charge was paid with. Raises Mismatch when the figures do not add up."""
    _check_lines(order)
    lines = _goods(order)
    shipping = tuple([_delivery(row, order.prices_include_tax) for row in order.shipping])
    leaves = [line for line in lines if line.is_leaf]
    net = sum(line.net for line in leaves) + sum(row.net for row in shipping)
    tax = sum(line.tax for line in leaves) + sum(row.tax for row in shipping)
    _check_total(order, net + tax)
    captured = sum(payment.captured for payment in order.payments)
    return PricedOrder(order.currency, lines, shipping, net + tax, net, tax, captured)
