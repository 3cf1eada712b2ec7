"""Asking what would become of a request: the order of the contract, and a question about it."""

from __future__ import annotations

import copy
from typing import Any

from tests.builders import Api, Json

EXAMPLE: Json = {
    "channel": "web", "number": "1001", "currency": "EUR", "prices_include_tax": True, "sale_channel": "distance",
    "placed_at": "2026-10-01T09:00:00Z", "locale": "pl", "total": "329.98",
    "customer": {"email": "a@example.com", "name": "A. Nowak", "kind": "consumer"},
    "ship_to": {"name": "A. Nowak", "line1": "Prosta 1", "city": "Warszawa", "postal_code": "00-001", "country": "PL",
                "time_zone": "Europe/Warsaw"},
    "lines": [{"id": "A", "sku": "TEE-M", "title": "Tee", "quantity": 3, "unit_price": "100.00", "tax_rate": "0.23",
               "category": "apparel"}],
    "discount": "10.00",
    "shipping": [{"id": "S", "method": "express", "amount": "39.98", "tax_rate": "0.23", "cheapest_standard": "14.99"}],
    "payments": [{"id": "P1", "gateway": "manual", "reference": "pay_1", "captured": "329.98", "kind": "card"}],
    "deliveries": [{"id": "D1", "lines": {"A": 3}, "shipped_at": "2026-10-02T08:00:00Z",
                    "delivered_at": "2026-10-05T15:00:00Z"}],
    "contract": {"withdrawal_information_given_at": "2026-10-01T09:00:00Z", "regular_delivery": False,
                 "had_conversation": False, "collection_offered": False},
}  # fmt: skip


def question(order: Json | None = None, quantity: int = 1, reason: str = "too_small", **changes: Any) -> Json:
    items = [{"line": "A", "quantity": quantity, "reason": reason}]
    return {"order": order or copy.deepcopy(EXAMPLE), "items": items, "as_of": "2026-10-19T10:00:00Z"} | changes


def ask(api: Api, **changes: Any) -> Json:
    answer: Json = api.post("/eligibility", question(**changes)).ok()
    return answer
