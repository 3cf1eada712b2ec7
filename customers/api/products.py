"""Products: taken in by SKU, searched."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import Q
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.endpoints import Endpoint
from accounts.wire import page_of, query, read
from customers import money
from customers.actions import upsert_product
from customers.api import shapes
from customers.models import Product


def present_product(product: Product) -> dict[str, Any]:
    """A product as the API shows it."""
    rate = product.tax_rate
    return {
        "sku": product.sku,
        "title": product.title,
        "price": money.to_text(product.price, product.currency),
        "currency": product.currency,
        "tax_rate": None if rate is None else f"{rate.normalize():f}",
        "category": product.category or None,
        "stock": product.stock,
        "variant_of": product.variant_of or None,
        "options": product.options,
        "gtin": product.gtin or None,
        "image_url": product.image_url or None,
        "model_url": product.model_url or None,
        "weight_g": product.weight_g,
        "supplier": product.supplier or None,
        "brand": product.brand or None,
        "cost": None if product.cost is None else money.to_text(product.cost, product.currency),
        "warranty_months": product.warranty_months,
        "measurements": product.measurements,
        "condition": product.condition,
    }


class Products(Endpoint):
    """The products."""

    scopes: ClassVar = {"GET": "orders:read", "POST": "orders:write"}

    @extend_schema(parameters=[shapes.ProductQuery], responses=page_of(shapes.ProductOut))
    def get(self, request: Request) -> Response:
        """Search products by SKU, title or GTIN, or list the variants of one."""
        wanted = query(shapes.ProductQuery, request.query_params)
        rows = Product.objects.order_by("-id")
        if "variant_of" in wanted:
            rows = rows.filter(variant_of=wanted["variant_of"])
        if "q" in wanted:
            text = wanted["q"]
            rows = rows.filter(Q(sku__istartswith=text) | Q(title__icontains=text) | Q(gtin=text))
        return self.page(rows, present_product)

    @extend_schema(request=shapes.ProductIn, responses={200: shapes.ProductOut, 201: shapes.ProductOut})
    def post(self, request: Request) -> Response:
        """Store a product by SKU: 201 new, 200 changed."""
        product, new = upsert_product(read(shapes.ProductIn, request.data))
        product.refresh_from_db()
        return Response(present_product(product), status=201 if new else 200)
