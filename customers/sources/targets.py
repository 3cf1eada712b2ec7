"""What a mapping may fill: the order document of the API, leaf by leaf, with the kind of each leaf."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, TypeAlias

from customers.sources.cells import Kind

Tree: TypeAlias = Mapping[str, "Kind | Tree"]

CUSTOMER: Final[Tree] = {
    "email": Kind.TEXT,
    "phone": Kind.TEXT,
    "name": Kind.TEXT,
    "kind": Kind.TEXT,
    "tags": Kind.TEXTS,
    "company": Kind.TEXT,
    "tax_id": Kind.TEXT,
}
SHIP_TO: Final[Tree] = {
    "name": Kind.TEXT,
    "company": Kind.TEXT,
    "line1": Kind.TEXT,
    "line2": Kind.TEXT,
    "city": Kind.TEXT,
    "postal_code": Kind.TEXT,
    "region": Kind.TEXT,
    "country": Kind.TEXT,
    "phone": Kind.TEXT,
    "pickup_point": Kind.TEXT,
    "time_zone": Kind.TEXT,
}
CONTRACT: Final[Tree] = {
    "withdrawal_information_given_at": Kind.INSTANT,
    "regular_delivery": Kind.BOOLEAN,
    "had_conversation": Kind.BOOLEAN,
    "collection_offered": Kind.BOOLEAN,
    "unsolicited_visit": Kind.BOOLEAN,
    "policy_displayed": Kind.BOOLEAN,
    "proven_processing_fee": Kind.AMOUNT,
}
ORDER: Final[Tree] = {
    "shop": Kind.TEXT,
    "channel": Kind.TEXT,
    "number": Kind.TEXT,
    "source": Kind.TEXT,
    "currency": Kind.TEXT,
    "prices_include_tax": Kind.BOOLEAN,
    "sale_channel": Kind.TEXT,
    "placed_at": Kind.INSTANT,
    "locale": Kind.TEXT,
    "total": Kind.AMOUNT,
    "discount": Kind.AMOUNT,
    "customer": CUSTOMER,
    "ship_to": SHIP_TO,
    "contract": CONTRACT,
}
PAYMENT: Final[Tree] = {
    "id": Kind.TEXT,
    "gateway": Kind.TEXT,
    "reference": Kind.TEXT,
    "captured": Kind.AMOUNT,
    "authorized": Kind.AMOUNT,
    "refundability": Kind.TEXT,
    "kind": Kind.TEXT,
}
DELIVERY: Final[Tree] = {"id": Kind.TEXT, "shipped_at": Kind.INSTANT, "delivered_at": Kind.INSTANT}
DOCUMENT: Final[Tree] = {
    "kind": Kind.TEXT,
    "number": Kind.TEXT,
    "issued_on": Kind.TEXT,
    "ksef_number": Kind.TEXT,
    "allocation_number": Kind.TEXT,
    "buyer_tax_id": Kind.TEXT,
}
LINE: Final[Tree] = {
    "id": Kind.TEXT,
    "sku": Kind.TEXT,
    "title": Kind.TEXT,
    "quantity": Kind.INTEGER,
    "unit_price": Kind.AMOUNT,
    "discount": Kind.AMOUNT,
    "total": Kind.AMOUNT,
    "tax_rate": Kind.AMOUNT,
    "category": Kind.TEXT,
    "tags": Kind.TEXTS,
    "image_url": Kind.TEXT,
    "weight_g": Kind.INTEGER,
    "exclusions": Kind.TEXTS,
    "serials": Kind.TEXTS,
    "batch": Kind.TEXT,
    "supplier": Kind.TEXT,
    "parent": Kind.TEXT,
    "pieces": Kind.INTEGER,
    "share": Kind.AMOUNT,
    "legal_group": Kind.TEXT,
}
SHIPPING: Final[Tree] = {
    "id": Kind.TEXT,
    "method": Kind.TEXT,
    "amount": Kind.AMOUNT,
    "discount": Kind.AMOUNT,
    "tax_rate": Kind.AMOUNT,
    "cheapest_standard": Kind.AMOUNT,
}
DISCOUNT: Final[Tree] = {"amount": Kind.AMOUNT}

SECTIONS: Final[Mapping[str, Tree]] = {
    "order": ORDER,
    "payments": PAYMENT,
    "deliveries": DELIVERY,
    "documents": DOCUMENT,
    "lines": LINE,
    "shipping": SHIPPING,
    "discounts": DISCOUNT,
}
REQUIRED: Final[Mapping[str, tuple[str, ...]]] = {
    "order": ("channel", "number", "currency", "prices_include_tax", "placed_at", "total"),
    "payments": ("id", "captured"),
    "deliveries": ("id",),
    "documents": ("kind", "number"),
    "lines": ("sku", "title", "quantity"),
    "shipping": ("id", "amount"),
    "discounts": ("amount",),
}


def leaves(tree: Tree, prefix: str = "") -> dict[str, Kind]:
    """Every leaf of a tree by its dotted path."""
    found: dict[str, Kind] = {}
    for name, child in tree.items():
        if isinstance(child, Kind):
            found[prefix + name] = child
        else:
            found |= leaves(child, f"{prefix}{name}.")
    return found
