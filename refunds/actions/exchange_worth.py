"""What an exchange is worth: the goods that come back against the goods that leave, by the one calculator."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from customers import money
from customers.models import Product
from refunds.actions.bound import IN_KIND, resolution_of, swapped
from refunds.actions.inputs import request_for
from refunds.actions.rows import Rows
from refunds.calculator import Quote, Request, calculate
from refunds.models import ExchangeLine
from returns.actions.replacements import Replacement, check_rows, rows_of
from returns.models import ReturnItem
from returns.queries import policy_of, published_policy

EXCHANGE, REPLACEMENT = IN_KIND

Units = list[tuple[ReturnItem, int]]


def open_units(item: ReturnItem) -> int:
    """Units of an item that can still come back and be made good."""
    return max(0, item.hoped_for - item.refunded - item.exchanged)


@dataclass(frozen=True, slots=True)
class Worth:
    """Minor units: what comes back is worth (bonus included), what leaves costs, and the difference both ways.

    `paid` is what the customer added already, for a replacement that left before the goods came back.
    """

    quote: Quote
    value: int
    price: int
    bonus: int
    paid: int = 0

    @property
    def due(self) -> int:
        """What the customer adds."""
        return max(0, self.price - self.paid - self.value)

    @property
    def refund(self) -> int:
        """What the customer gets back."""
        return max(0, self.value + self.paid - self.price)


def worth_of(rows: Rows, units: Units, lines: Sequence[ExchangeLine], *, ahead: bool, paid: int = 0) -> Worth:
    """What units are worth against the lines that leave; `ahead` before the goods are here and accepted.

    A line that is even costs what the units of its item are worth. Raises what the calculator refuses.
    """
    asked = _request(rows, units, ahead=ahead)
    even = {str(line.item.uid) for line in lines if line.even and line.item is not None}
    price = sum(line.unit_price * line.quantity for line in lines if not line.even)
    if even:
        plain = calculate(replace(asked, bonus_percent=Decimal(0)))
        price += max(0, sum(line.gross for line in plain.lines if line.item in even))
    quote = calculate(replace(asked, exchange_price=max(0, price - paid)))
    bonus = sum(line.gross for line in quote.lines if line.kind == "bonus")
    return Worth(quote, max(0, quote.total), price, bonus, paid)


def _request(rows: Rows, units: Units, *, ahead: bool) -> Request:
    policy = policy_of(published_policy(rows.rma.shop_id))
    asked = request_for(rows, units, policy, tender="exchange", shipping="none", deductions=[])
    terms = rows.decisions.get(units[0][0].pk) if units else None
    bonus = (terms.detail.get("exchange_bonus_percent") if terms else None) or 0
    # the rest goes back as far as the payments take it, and by hand beyond; that is settled when it is paid
    payments = tuple(replace(payment, refundability="full") for payment in asked.payments)
    claims = tuple(replace(claim, payable=None) for claim in asked.claims) if ahead else asked.claims
    free = all(resolution_of(rows.rma, item) == REPLACEMENT for item, _quantity in units)
    return replace(
        asked,
        bonus_percent=Decimal(str(bonus)),
        payments=payments,
        claims=claims,
        label_fee=0 if free else asked.label_fee,
    )


def lines_for(rows: Rows, given: Sequence[Mapping[str, Any]] | None = None) -> list[ExchangeLine]:
    """What should leave, not stored: the same again for a replacement, for an exchange what was asked for.

    `given` goes before what the return says. Raises Invalid and OutOfStock as asking does.
    """
    rma = rows.rma
    items = [item for item in swapped(rma, rows.items) if open_units(item)]
    same = [_same(rows, item) for item in items if resolution_of(rma, item) == REPLACEMENT]
    wanted = [item for item in items if resolution_of(rma, item) == EXCHANGE]
    if given is not None:
        return same + _chosen(rows, wanted, rows_of(given), None)
    own = [line for item in wanted for line in _chosen(rows, [item], rows_of(item.exchange_for), item)]
    common = rows_of(rma.exchange_for) if any(not item.exchange_for for item in wanted) else []
    return same + own + _chosen(rows, wanted, common, None)


def _same(rows: Rows, item: ReturnItem) -> ExchangeLine:
    line = item.line
    return ExchangeLine(
        item=item,
        product=Product.objects.filter(sku=line.sku).first(),
        sku=line.sku,
        title=line.title or line.sku,
        quantity=open_units(item),
        unit_price=money.unit_share(line.gross, line.quantity, 0, 1),
        tax_rate=line.tax_rate,
        even=True,
    )


def _chosen(
    rows: Rows, items: Sequence[ReturnItem], wanted: Sequence[Replacement], item: ReturnItem | None
) -> list[ExchangeLine]:
    if not wanted or not items:
        return []
    products = {product.sku: product for product in Product.objects.filter(sku__in={row.sku for row in wanted})}
    rate = items[0].line.tax_rate
    return [
        ExchangeLine(
            item=item,
            product=products.get(row.sku),
            sku=row.sku,
            title=products[row.sku].title if row.sku in products else row.sku,
            quantity=row.quantity,
            unit_price=_unit_price(rows, products.get(row.sku), row, rate),
            tax_rate=_rate(products.get(row.sku), rate),
        )
        for row in wanted
    ]


def _unit_price(rows: Rows, product: Product | None, row: Replacement, rate: Decimal) -> int:
    """The price with tax, as the order has its prices: where they come without, the tax is added."""
    if row.unit_price is not None:
        price = money.parse(row.unit_price, rows.order.currency)
    else:
        price = product.price if product else 0
    return price if rows.order.prices_include_tax else price + money.tax_on(price, _rate(product, rate))


def _rate(product: Product | None, otherwise: Decimal) -> Decimal:
    return otherwise if product is None or product.tax_rate is None else product.tax_rate


def check_given(rows: Rows, given: Sequence[Mapping[str, Any]]) -> None:
    """Whether what a person chose can be had. Raises Invalid and OutOfStock (`max`)."""
    check_rows(rows.order.currency, rows_of(given))
