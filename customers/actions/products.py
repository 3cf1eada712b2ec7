"""Taking a product in by SKU."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from accounts.problems import FieldError, Invalid
from customers import money
from customers.models import Product

PLAIN = (
    "title",
    "currency",
    "tax_rate",
    "options",
    "measurements",
    "condition",
    "stock",
    "weight_g",
    "warranty_months",
)
OPTIONAL_TEXT = ("category", "variant_of", "gtin", "image_url", "model_url", "supplier", "brand")


def upsert_product(document: Mapping[str, Any]) -> tuple[Product, bool]:
    """Store a product document by SKU; returns it and whether it is new. Raises Invalid for unusable amounts."""
    values: dict[str, Any] = {name: document[name] for name in PLAIN if name in document}
    values |= {name: document[name] or "" for name in OPTIONAL_TEXT if name in document}
    for name in ("price", "cost"):
        if document.get(name) is not None:
            values[name] = _minor(document, name)
        elif name == "cost" and name in document:
            values[name] = None
    return Product.objects.update_or_create(sku=document["sku"], defaults=values)


def _minor(document: Mapping[str, Any], name: str) -> int:
    try:
        return money.parse(document[name], document["currency"])
    except money.BadAmount as error:
        detail = _("Amount cannot be used: %(why)s") % {"why": error}
        raise Invalid(detail, errors=[FieldError(f"/{name}", "invalid", detail)]) from error
