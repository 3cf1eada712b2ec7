"""The demo's orders in the form that the API takes them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final

from config.demo.goods import GOODS
from config.demo.people import TAX, ZONE, Buyer
from config.demo.shop import picture

CENT: Final = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Sale:
    """One order as it will be told to the API's own door; days are counted back from today."""

    number: str
    buyer: Buyer
    basket: tuple[tuple[str, int], ...]
    placed_at: datetime
    arrived: str = "yes"
    """yes | no (nothing has left) | unknown (the shop's system does not say)."""
    percent_off: int = 0
    shipping: str = ""
    gift_card: str = ""
    kind: str = "card"
    channel: str = "web"
    receipt: str = ""
    """The Polish receipt's number and its till's; every other sale has an invoice."""
    buyer_kind: str = "consumer"
    gateway: str = "manual"
    mode: str = ""
    """How the fake gateway behaves for the payment, see docs/gateways.md."""


def order_document(sale: Sale) -> dict[str, Any]:
    """The order as `POST /orders` takes it."""
    buyer, currency = sale.buyer, sale.buyer.currency
    lines = _lines(sale)
    goods = sum((GOODS[sku].price(currency) * quantity for sku, quantity in sale.basket), Decimal(0))
    off = (goods * sale.percent_off / 100).quantize(CENT, ROUND_HALF_UP)
    total = goods - off + Decimal(sale.shipping or 0)
    document: dict[str, Any] = {
        "channel": sale.channel,
        "shop": "oak" if sale.channel == "oak-web" else "main",
        "number": sale.number,
        "currency": currency,
        "prices_include_tax": True,
        "sale_channel": "distance",
        "placed_at": sale.placed_at.isoformat(),
        "locale": buyer.locale,
        "total": str(total.quantize(CENT)),
        "customer": {
            "email": buyer.email,
            "name": buyer.name,
            "phone": buyer.phone or None,
            "kind": sale.buyer_kind,
            "tags": list(buyer.tags),
        },
        "ship_to": _address(buyer),
        "lines": lines,
        "discount": str(off),
        "payments": _payments(sale, total),
        "deliveries": _deliveries(sale, lines),
        "documents": [_paper(sale)],
        "contract": _contract(sale),
    }
    if sale.shipping:
        document["shipping"] = [
            {"id": "S", "method": "standard", "amount": sale.shipping, "tax_rate": TAX[buyer.country]}
        ]
    return document


def _contract(sale: Sale) -> dict[str, Any]:
    plain = dict.fromkeys(("regular_delivery", "had_conversation", "collection_offered"), False)
    return {"withdrawal_information_given_at": sale.placed_at.isoformat(), **plain}


def _paper(sale: Sale) -> dict[str, Any]:
    kind, number = ("receipt", sale.receipt) if sale.receipt else ("invoice", f"INV-{sale.number}")
    return {"kind": kind, "number": number, "issued_on": sale.placed_at.date().isoformat()}


def _address(buyer: Buyer) -> dict[str, Any]:
    return {
        "name": buyer.name,
        "line1": buyer.line1,
        "city": buyer.city,
        "postal_code": buyer.postal_code,
        "country": buyer.country,
        "time_zone": ZONE[buyer.country],
    }


def _lines(sale: Sale) -> list[dict[str, Any]]:
    lines: list[dict[str, Any]] = []
    for sku, quantity in sale.basket:
        whole = _line(sale, chr(ord("A") + len(lines)), sku, quantity)
        lines.append(whole)
        lines += _parts(sale, whole, GOODS[sku].parts)
    return lines


def _line(sale: Sale, key: str, sku: str, quantity: int) -> dict[str, Any]:
    good, buyer = GOODS[sku], sale.buyer
    return {
        "id": key,
        "sku": sku,
        "title": good.title(buyer.locale),
        "quantity": quantity,
        "unit_price": str(good.price(buyer.currency)),
        "tax_rate": TAX[buyer.country],
        "category": good.category,
        "tags": list(good.tags),
        "image_url": picture(good.image),
        "weight_g": good.weight_g,
    }


def _parts(sale: Sale, whole: dict[str, Any], parts: Sequence[tuple[str, int]]) -> list[dict[str, Any]]:
    """The components of a kit: no price of their own, each with its share of the kit's net price."""
    if not parts:
        return []
    gross = Decimal(whole["unit_price"]) * whole["quantity"]
    net = (gross / (1 + Decimal(whole["tax_rate"]))).quantize(CENT, ROUND_HALF_UP)
    worth = [GOODS[sku].price(sale.buyer.currency) * pieces for sku, pieces in parts]
    shares = [(net * part / sum(worth)).quantize(CENT, ROUND_HALF_UP) for part in worth]
    shares[-1] = net - sum(shares[:-1])
    rows = []
    for place, ((sku, pieces), share) in enumerate(zip(parts, shares, strict=True), start=1):
        row = _line(sale, f"{whole['id']}{place}", sku, pieces * whole["quantity"])
        rows.append(row | {"unit_price": "0.00", "parent": whole["id"], "pieces": pieces, "share": str(share)})
    return rows


def _payments(sale: Sale, total: Decimal) -> list[dict[str, Any]]:
    by_gift_card = Decimal(sale.gift_card or 0)
    rows = [("P1", "gift_card", by_gift_card), ("P2", sale.kind, total - by_gift_card)]
    mode = f"?mode={sale.mode}" if sale.mode else ""
    return [
        {
            "id": key,
            "gateway": sale.gateway if kind == sale.kind else "manual",
            "reference": f"pay_{sale.number.lower()}_{key.lower()}{mode if kind == sale.kind else ''}",
            "captured": str(amount.quantize(CENT)),
            "kind": kind,
        }
        for key, kind, amount in rows
        if amount
    ]


def _deliveries(sale: Sale, lines: list[dict[str, Any]]) -> list[dict[str, Any]] | None:
    if sale.arrived == "unknown":
        return None
    if sale.arrived == "no":
        return []
    return [
        {
            "id": "D1",
            "lines": {line["id"]: line["quantity"] for line in lines if "parent" not in line},
            "shipped_at": (sale.placed_at + timedelta(days=1)).isoformat(),
            "delivered_at": (sale.placed_at + timedelta(days=3)).isoformat(),
        }
    ]
