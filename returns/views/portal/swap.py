"""What a guest may have instead: other sizes, other products by search, and the difference before deciding."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext as _

from customers.models import Order, OrderLine, Product
from customers.money import round_half_up, tax_on
from returns.forms.portal import Draft

if TYPE_CHECKING:
    from returns.views.portal.terms import Deal, Part

MAX_VARIANTS = 24
MAX_FOUND = 8
LONGEST_SEARCH = 60


@dataclass
class Swap:
    """The products that were chosen instead, by line; `price` of them all, tax included, minor units."""

    chosen: dict[str, Product] = field(default_factory=dict)
    price: int = 0
    wanted: int = 0

    @property
    def complete(self) -> bool:
        """Whether every item has something instead."""
        return bool(self.chosen) and len(self.chosen) == self.wanted


def on_offer(order: Order) -> bool:
    """Whether there is anything at all to exchange for."""
    return _free(order).exists()


def _free(order: Order) -> QuerySet[Product]:
    """Products in the order's currency that are not promised to the last unit."""
    return Product.objects.filter(Q(stock=None) | Q(stock__gt=F("reserved")), currency=order.currency)


def swap_of(order: Order, draft: Draft, lines: list[tuple[OrderLine, int]]) -> Swap:
    """What the draft has chosen for these lines; what is gone meanwhile is not chosen."""
    names = {draft.items[line.external_id].instead for line, _quantity in lines} - {""}
    found = {product.sku: product for product in _free(order).filter(sku__in=names)} if names else {}
    swap = Swap(wanted=len(lines))
    for line, quantity in lines:
        product = found.get(draft.items[line.external_id].instead)
        if product is not None and (product.free is None or product.free >= quantity):
            swap.chosen[line.external_id] = product
            swap.price += _price(order, product, line) * quantity
    return swap


def _price(order: Order, product: Product, line: OrderLine) -> int:
    if order.prices_include_tax:
        return product.price
    return product.price + tax_on(product.price, line.tax_rate if product.tax_rate is None else product.tax_rate)


def bonus_of(deal: Deal) -> int:
    """What the shop adds to an exchange: never more than the customer would have to add."""
    if not deal.paid:
        return 0
    bonus = round_half_up(Fraction(deal.paid[0].decision.terms.exchange_bonus_percent) * deal.total / 100)
    return min(bonus, max(0, deal.swap.price - deal.total))


def choices(order: Order, deal: Deal, draft: Draft, asked: Mapping[str, str]) -> list[dict[str, Any]]:
    """For each paid item what can be had instead; `asked` is what was searched for, by line."""
    rows = []
    for part in deal.paid:
        line, item = part.line, draft.items[part.line.external_id]
        words = asked.get(line.external_id, "").strip()[:LONGEST_SEARCH]
        chosen = deal.swap.chosen.get(line.external_id)
        shown = _variants(order, line)
        others = _found(order, words) if words else []
        known = {product.sku for product in (*shown, *others)}
        if chosen is not None and chosen.sku not in known:
            others = [chosen, *others]
        rows.append(
            {
                "key": line.external_id,
                "title": line.title or line.sku,
                "search": words,
                "variants": [_option(order, product, part, item.instead) for product in shown],
                "others": [_option(order, product, part, item.instead) for product in others],
                "none": bool(words) and not others,
            }
        )
    return rows


def _variants(order: Order, line: OrderLine) -> list[Product]:
    """The same thing in other sizes and colours, the one that came back included."""
    family = Product.objects.filter(sku=line.sku).values_list("variant_of", flat=True).first() or line.sku
    rows = Product.objects.filter(Q(variant_of=family) | Q(sku__in=[family, line.sku]), currency=order.currency)
    return list(rows.order_by("sku")[:MAX_VARIANTS])


def _found(order: Order, words: str) -> list[Product]:
    rows = _free(order).filter(Q(title__icontains=words) | Q(sku__iexact=words))
    return list(rows.order_by("title", "sku")[:MAX_FOUND])


def _option(order: Order, product: Product, part: Part, chosen: str) -> dict[str, Any]:
    gone = product.free is not None and product.free < part.quantity
    name = ", ".join(str(value) for value in product.options.values()) if product.variant_of else ""
    return {
        "sku": product.sku,
        "name": name or product.title,
        "price": _price(order, product, part.line),
        "gone": gone,
        "checked": product.sku == chosen and not gone,
    }


def offer_note(deal: Deal) -> str:
    """What stands under the exchange's amount."""
    if not deal.swap.complete:
        return _("choose below")
    if deal.difference > 0:
        return _("you add this")
    return _("back the way you paid") if deal.difference < 0 else _("nothing to pay")
