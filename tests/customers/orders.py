"""Order documents for tests: one worked by hand, the story of the mockups, and random ones that add up."""

from __future__ import annotations

import copy
from typing import Any

from hypothesis import strategies as st

from customers import money
from customers.pricing import PricedOrder, price, validate

Document = dict[str, Any]

TEE: Document = {
    "channel": "web", "number": "1001", "currency": "EUR", "prices_include_tax": True,
    "sale_channel": "distance", "placed_at": "2026-10-01T09:00:00Z", "locale": "pl", "total": "329.98",
    "customer": {"email": "a@example.com", "name": "A. Nowak", "kind": "consumer", "tags": ["vip"],
                 "protected_person": None},
    "ship_to": {"name": "A. Nowak", "line1": "Prosta 1", "city": "Warszawa", "postal_code": "00-001",
                "region": None, "country": "PL", "time_zone": "Europe/Warsaw"},
    "lines": [{"id": "A", "sku": "TEE-M", "title": "Tee", "quantity": 3, "unit_price": "100.00",
               "discount": "0.00", "total": None, "tax_rate": "0.23", "category": "apparel", "tags": [],
               "image_url": None, "weight_g": 200, "exclusions": [], "parent": None, "pieces": None}],
    "discount": "10.00",
    "shipping": [{"id": "S", "method": "express", "amount": "39.98", "discount": "0.00", "tax_rate": "0.23",
                  "cheapest_standard": "14.99"}],
    "payments": [{"id": "P1", "gateway": "manual", "reference": "pay_1", "captured": "329.98",
                  "refundability": "full", "kind": "card"}],
    "deliveries": [{"id": "D1", "lines": {"A": 3}, "shipped_at": "2026-10-02T08:00:00Z",
                    "delivered_at": "2026-10-05T15:00:00Z"}],
    "contract": {"withdrawal_information_given_at": "2026-10-01T09:00:00Z", "regular_delivery": False,
                 "had_conversation": False, "collection_offered": False},
}  # fmt: skip


def tee(**changes: Any) -> Document:
    """The order of the API's own example, with top-level changes."""
    return {**copy.deepcopy(TEE), **changes}


def line(id: str = "A", **changes: Any) -> Document:
    """A line of one unit for 100.00."""
    return {
        "id": id,
        "sku": f"SKU-{id}",
        "quantity": 1,
        "unit_price": "100.00",
        "tax_rate": "0.23",
        **changes,
    }


def order(*lines: Document, **changes: Any) -> Document:
    """An order of these lines and nothing else: no total stated, nothing paid, nothing known of parcels."""
    plain: Document = {"total": None, "discount": "0.00", "shipping": [], "payments": [], "deliveries": None}
    return tee(**{**plain, "lines": list(lines), **changes})


def story() -> Document:
    """The mockups' order: 10% off a jacket of 189.00 and a bottle of 28.00."""
    return order(
        line("J", sku="HARBOUR", unit_price="189.00"),
        line("B", sku="TRAIL", unit_price="28.00"),
        discount="21.70",
        total="195.30",
        payments=[{"id": "visa", "captured": "195.30", "kind": "card"}],
    )


CURRENCIES = st.sampled_from(["JPY", "EUR", "KWD"])
RATES = st.sampled_from(["0.23", "0.08", "0.05", "0.17", "0.255", "0", "0.0825"])


@st.composite
def _goods(draw: st.DrawFn, index: int, currency: str) -> list[Document]:
    """A line, or a kit of two or three components."""
    quantity = draw(st.integers(1, 7))
    unit = draw(st.integers(0, 50_000))
    value = unit * quantity
    top = {
        "id": f"L{index}", "sku": f"S{index}", "quantity": quantity, "tax_rate": draw(RATES),
        "discount": money.to_text(draw(st.integers(0, value)), currency),
    }  # fmt: skip
    if draw(st.booleans()):
        top["unit_price"] = money.to_text(unit, currency)
    else:
        top["total"] = money.to_text(draw(st.integers(0, 500_000)), currency)
        top["discount"] = money.to_text(0, currency)
    found = [top]
    shares = draw(st.booleans())
    for piece in range(draw(st.sampled_from([0, 0, 2, 3]))):
        pieces = draw(st.integers(1, 3))
        found.append(
            {
                "id": f"L{index}-{piece}", "sku": f"S{index}-{piece}", "quantity": quantity * pieces,
                "pieces": pieces, "parent": top["id"], "unit_price": money.to_text(0, currency),
                "share": money.to_text(draw(st.integers(0, 30_000)), currency) if shares else None,
            }
        )  # fmt: skip
    return found


@st.composite
def priced_documents(draw: st.DrawFn) -> tuple[Document, PricedOrder]:
    """A random order document that adds up, and its prices."""
    currency = draw(CURRENCIES)
    lines = [each for index in range(draw(st.integers(1, 5))) for each in draw(_goods(index, currency))]
    shipping = [
        {
            "id": f"S{index}",
            "amount": money.to_text(draw(st.integers(0, 5000)), currency),
            "tax_rate": draw(RATES),
        }
        for index in range(draw(st.integers(0, 2)))
    ]
    document = order(*lines, currency=currency, prices_include_tax=draw(st.booleans()), shipping=shipping, discount="0")
    plain = price(validate(document))
    value = sum(
        each.gross if document["prices_include_tax"] else each.net for each in plain.lines if each.parent is None
    )
    document["discount"] = money.to_text(draw(st.integers(0, value)), currency)
    priced = price(validate(document))
    document["total"] = money.to_text(priced.total, currency)
    document["payments"] = _payments(draw, priced.total, currency)
    return document, price(validate(document))


def _payments(draw: st.DrawFn, total: int, currency: str) -> list[Document]:
    first = draw(st.integers(0, total))
    kinds = st.sampled_from(["card", "store_credit", "gift_card", "blik"])
    return [
        {"id": f"P{index}", "captured": money.to_text(amount, currency), "kind": draw(kinds)}
        for index, amount in enumerate([first, total - first])
    ]
