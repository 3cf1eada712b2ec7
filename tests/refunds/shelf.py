"""An order of tees, other tees on the shelf, and an exchange as far as a test needs it."""

from __future__ import annotations

from typing import Any

from customers.models import Product
from returns.outbox import dispatch_all
from tests.builders import Api, Json, ask, card, inspect, line, place, read, receive

TEE = line("A", sku="TEE-M", title="Tee M", quantity=2, unit_price="100.00", tax_rate="0.23")


def stocked(api: Api, sku: str = "TEE-L", price: str = "100.00", stock: int | None = 5, **more: Any) -> Json:
    """A product on the shelf."""
    body = {
        "sku": sku, "title": sku, "price": price, "currency": "EUR", "tax_rate": "0.23", "stock": stock,
        "category": "apparel", "variant_of": "TEE", **more,
    }  # fmt: skip
    return api.post("/products", body).body  # type: ignore[no-any-return]


def counts(sku: str = "TEE-L") -> tuple[int | None, int]:
    """What is in stock and what of it is promised."""
    return Product.objects.values_list("stock", "reserved").get(sku=sku)


def swap(api: Api, *wanted: Any, order: Json | None = None, units: int = 1, **changes: Any) -> Json:
    """An authorized return that asks for these instead: ("TEE-L", 1) or a SKU; the outbox has run."""
    order = order or place(api, TEE)
    rows = [{"sku": row, "quantity": 1} if isinstance(row, str) else row for row in wanted or ("TEE-L",)]
    body = {"resolution": "exchange", "exchange_for": rows, **changes}
    rma = ask(api, order, ("A", units), **body)
    dispatch_all()
    return rma


def exchange_of(api: Api, rma: Json) -> Json:
    """The newest exchange of a return."""
    rows = api.get(f"/exchanges?return={rma['rma']}").ok()["results"]
    return rows[0]  # type: ignore[no-any-return]


def come_back(api: Api, rma: Json, quantity: int = 1, outcome: str = "accepted") -> Json:
    """The goods are received and looked at, and everything that follows has happened."""
    receive(api, rma)
    inspect(api, rma, ("A", quantity, outcome))
    dispatch_all()
    return read(api, rma)


def ship(api: Api, exchange: Json, number: str = "T-1") -> Json:
    """The replacement leaves."""
    body = {"carrier": "manual", "tracking_number": number}
    return api.post(f"/exchanges/{exchange['id']}/ship", body).ok()  # type: ignore[no-any-return]


def paid_by_hand(api: Api, exchange: Json) -> None:
    """Everything that was asked for by hand is noted as paid."""
    for charge in exchange["charges"]:
        if charge["status"] == "open":
            api.post(f"/charges/{charge['id']}/paid").ok()


__all__ = ["TEE", "card", "come_back", "counts", "exchange_of", "paid_by_hand", "ship", "stocked", "swap"]
