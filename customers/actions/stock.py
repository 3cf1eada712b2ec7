"""Units of products that are promised before they leave: reserved, let go, taken; always under locks by SKU."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from accounts.problems import Refused
from customers.models import Product


class OutOfStock(Refused):
    """Fewer units are free than were asked for; `max` says how many are."""

    code = "out_of_stock"


def reserve_units(wanted: Mapping[str, int]) -> dict[str, int]:
    """Promise units, {SKU: units}, all of them or none; answers with what is missing, {SKU: units that are free}.

    Products that the shop does not count are always free; a SKU without a product is nobody's to reserve.
    """
    products = _locked(wanted)
    short = {
        product.sku: product.free
        for product in products
        if product.free is not None and product.free < wanted[product.sku]
    }
    if not short:
        _change(products, lambda product: _promise(product, wanted[product.sku]))
    return short


def release_units(units: Mapping[str, int]) -> None:
    """Let promised units go, {SKU: units}."""
    _change(_locked(units), lambda product: _promise(product, -units[product.sku]))


def take_units(units: Mapping[str, int]) -> None:
    """Promised units leave, {SKU: units}: what is reserved and what is counted both fall."""
    _change(_locked(units), lambda product: _leave(product, units[product.sku]))


def _locked(units: Mapping[str, int]) -> list[Product]:
    wanted = [sku for sku, quantity in units.items() if quantity]
    return list(Product.objects.select_for_update().filter(sku__in=wanted).order_by("sku")) if wanted else []


def _promise(product: Product, quantity: int) -> None:
    product.reserved = max(0, product.reserved + quantity)


def _leave(product: Product, quantity: int) -> None:
    _promise(product, -quantity)
    if product.stock is not None:
        product.stock -= quantity


def _change(products: list[Product], act: Callable[[Product], None]) -> None:
    for product in products:
        act(product)
    if products:
        Product.objects.bulk_update(products, ["stock", "reserved"])
