"""What must fit together inside one order document: ids, kits, deliveries, payments and discounts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Protocol

from customers import money
from customers.pricing.document import Line, OrderDocument
from customers.pricing.fields import Bad
from customers.pricing.schema import Report, step


class _Named(Protocol):
    @property
    def id(self) -> str: ...


def cross_check(order: OrderDocument, report: Report) -> None:
    """Report everything of a readable document that does not fit together."""
    if report.clean("customer"):
        _contact(order, report)
    if report.clean("lines"):
        _unique("lines", order.lines, report)
        _lines(order, report)
        if report.clean("deliveries"):
            _unique("deliveries", order.deliveries or (), report)
            _deliveries(order, report)
    if report.clean("lines", "discount", "currency"):
        _order_discount(order, report)
    if report.clean("shipping"):
        _unique("shipping", order.shipping, report)
        _shipping(order, report)
    if report.clean("payments"):
        _unique("payments", order.payments, report)
        if report.clean("refunds", "currency"):
            _refunds(order, report)


def _contact(order: OrderDocument, report: Report) -> None:
    # A till sells to people it does not know; everybody else can be written to or called.
    if order.customer.email is None and order.customer.phone is None and order.sale_channel != "store":
        report.add("/customer/email", Bad("contact_needed"))


def _unique(member: str, rows: Sequence[_Named], report: Report) -> None:
    seen: set[str] = set()
    for index, row in enumerate(rows):
        if row.id in seen:
            report.add(f"/{member}/{index}/id", Bad("duplicate"))
        seen.add(row.id)


def line_value(line: Line) -> int:
    """What a line costs after its own discount, in the basis of the prices (minor units)."""
    if line.total is not None:
        return line.total
    return (line.unit_price or 0) * line.quantity - line.discount


def _lines(order: OrderDocument, report: Report) -> None:
    if not order.lines:
        report.add("/lines", Bad("empty"))
    by_id = {line.id: line for line in order.lines}
    kits = {line.parent for line in order.lines if line.parent is not None}
    for index, line in enumerate(order.lines):
        if line.parent is None:
            _priced(f"/lines/{index}", line, order.currency, report)
        else:
            _component(f"/lines/{index}", line, by_id.get(line.parent), report)
    if kits:
        _shares(order, report)


def _priced(at: str, line: Line, currency: str, report: Report) -> None:
    if line.pieces is not None or line.share is not None:
        report.add(f"{at}/{'share' if line.pieces is None else 'pieces'}", Bad("pieces_without_parent"))
    if line.total is None and line.unit_price is None:
        report.add(f"{at}/unit_price", Bad("price_needed"))
        return
    price = (line.unit_price or 0) * line.quantity
    if price > money.LARGEST:
        report.add(f"{at}/unit_price", Bad("too_large"))
    elif line.unit_price is not None and line.discount > price:
        report.add(f"{at}/discount", Bad("above_price", max=money.to_text(price, currency)))


def _component(at: str, line: Line, parent: Line | None, report: Report) -> None:
    if parent is None or parent is line:
        report.add(f"{at}/parent", Bad("parent_missing"))
        return
    if parent.parent is not None:
        report.add(f"{at}/parent", Bad("parent_nested"))
    pieces = line.pieces if line.pieces is not None else line.quantity // parent.quantity
    if pieces * parent.quantity != line.quantity:
        report.add(f"{at}/{'quantity' if line.pieces is None else 'pieces'}", Bad("bad_pieces"))
    for name, amount in (("unit_price", line.unit_price), ("discount", line.discount), ("total", line.total)):
        if amount:
            report.add(f"{at}/{name}", Bad("component_priced"))


def _shares(order: OrderDocument, report: Report) -> None:
    shared = {line.parent for line in order.lines if line.parent is not None and line.share is not None}
    for index, line in enumerate(order.lines):
        if line.parent in shared and line.share is None:
            report.add(f"/lines/{index}/share", Bad("share_needed"))


def _deliveries(order: OrderDocument, report: Report) -> None:
    ordered = {line.id: line.quantity for line in order.lines}
    brought: Counter[str] = Counter()
    for index, delivery in enumerate(order.deliveries or ()):
        for line, quantity in delivery.lines.items():
            at = f"/deliveries/{index}/lines{step(line)}"
            brought[line] += quantity
            if line not in ordered:
                report.add(at, Bad("unknown_line"))
            elif brought[line] > ordered[line]:
                report.add(at, Bad("above_quantity", max=ordered[line]))


def _order_discount(order: OrderDocument, report: Report) -> None:
    value = sum(line_value(line) for line in order.lines if line.parent is None)
    if value > money.LARGEST:
        report.add("/lines", Bad("too_large"))
    elif order.discount > value:
        report.add("/discount", Bad("above_price", max=money.to_text(value, order.currency)))


def _shipping(order: OrderDocument, report: Report) -> None:
    for index, row in enumerate(order.shipping):
        if row.discount > row.amount:
            limit = money.to_text(row.amount, order.currency)
            report.add(f"/shipping/{index}/discount", Bad("above_price", max=limit))


def _refunds(order: OrderDocument, report: Report) -> None:
    captured = {payment.id: payment.captured for payment in order.payments}
    returned: Counter[str] = Counter()
    for index, refund in enumerate(order.refunds):
        returned[refund.payment] += refund.amount
        if refund.payment not in captured:
            report.add(f"/refunds/{index}/payment", Bad("unknown_payment"))
        elif returned[refund.payment] > captured[refund.payment]:
            limit = money.to_text(captured[refund.payment], order.currency)
            report.add(f"/refunds/{index}/amount", Bad("above_captured", max=limit))
