"""What a customer would like instead: whether it exists, has its price in the order's currency, and is there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from accounts.problems import FieldError, Invalid
from customers import money
from customers.actions.stock import OutOfStock
from customers.models import Order, Product
from returns.actions.wish import Wanted

EXCHANGE = "exchange"


@dataclass(frozen=True, slots=True)
class Replacement:
    """Units of one product that should leave; `pointer` names the place in the request."""

    sku: str
    quantity: int
    unit_price: str | None
    pointer: str


def check_replacements(order: Order, wanted: Wanted) -> None:
    """Whether everything that is asked for instead can be had. Raises Invalid and OutOfStock (`max`)."""
    check_rows(order.currency, list(_rows(wanted)))


def check_rows(currency: str, rows: Sequence[Replacement]) -> dict[str, Product]:
    """The products behind replacement rows by SKU. Raises Invalid and OutOfStock (`max`)."""
    products = {product.sku: product for product in Product.objects.filter(sku__in={row.sku for row in rows})}
    total: dict[str, int] = {}
    for row in rows:
        product = products.get(row.sku)
        if product is None:
            raise _wrong(f"{row.pointer}/sku", "unknown", _("There is no product %(sku)s.") % {"sku": row.sku[:100]})
        _check_price(currency, product, row)
        total[row.sku] = total.get(row.sku, 0) + row.quantity
        if product.free is not None and product.free < total[row.sku]:
            raise _short(product, product.free, row)
    return products


def rows_of(given: Sequence[Mapping[str, Any]], pointer: str = "/exchange_for") -> list[Replacement]:
    """Replacement rows as a request has them."""
    return [
        Replacement(str(row["sku"]), row["quantity"], row.get("unit_price"), f"{pointer}/{n}")
        for n, row in enumerate(given)
    ]


def _rows(wanted: Wanted) -> Iterator[Replacement]:
    swapped = [
        (index, wish) for index, wish in enumerate(wanted.items) if (wish.resolution or wanted.resolution) == EXCHANGE
    ]
    if any(not wish.exchange_for for _index, wish in swapped):
        yield from rows_of(wanted.exchange_for)
    for index, wish in swapped:
        yield from rows_of(wish.exchange_for, f"/items/{index}/exchange_for")


def _check_price(currency: str, product: Product, row: Replacement) -> None:
    if row.unit_price is None:
        if product.currency == currency:
            return
        detail = _("%(sku)s is sold in %(its)s and the order was paid in %(currency)s. Give unit_price.") % {
            "sku": product.sku, "its": product.currency, "currency": currency,
        }  # fmt: skip
        raise _wrong(f"{row.pointer}/unit_price", "required", detail)
    try:
        money.parse(row.unit_price, currency)
    except money.BadAmount as error:
        raise _wrong(f"{row.pointer}/unit_price", "invalid", str(error)) from error


def words_of_stock(free: int, title: str) -> str:
    """The refusal for more of a product than is left: how many there are, or that there is none."""
    if free <= 0:
        return _("%(title)s is sold out. Choose something else.") % {"title": title}
    return _("Only %(max)d of %(title)s are left. Choose fewer, or something else.") % {"max": free, "title": title}


def _short(product: Product, free: int, row: Replacement) -> OutOfStock:
    detail = words_of_stock(free, product.title)
    return OutOfStock(detail, errors=[FieldError(f"{row.pointer}/quantity", "out_of_stock", detail)], max=free)


def _wrong(pointer: str, code: str, detail: str) -> Invalid:
    return Invalid(detail, errors=[FieldError(pointer, code, detail)])
