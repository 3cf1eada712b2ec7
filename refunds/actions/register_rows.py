"""Entries of the register of returns as the API and a table show them."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from refunds.models import RegisterEntry

COLUMNS = (
    "number", "entered_on", "sold_on", "returned_on", "kind", "goods", "rate", "gross", "tax", "whole",
    "refunded_gross", "refunded_tax", "currency", "receipt_number", "receipt_date", "order", "rma",
)  # fmt: skip
FIGURES = frozenset({"rate", "gross", "tax", "refunded_gross", "refunded_tax"})


def present_entry(entry: RegisterEntry) -> dict[str, Any]:
    """An entry as the API shows it."""
    return {
        "id": entry.pk,
        "number": entry.name,
        "shop": entry.shop.code,
        "entered_on": timezone.localtime(entry.entered_at).date().isoformat(),
        **entry.data,
    }


def entry_rows(entry: RegisterEntry) -> list[dict[str, str | None]]:
    """An entry as rows of a table, one for each rate of tax."""
    data = entry.data
    back = {row["rate"]: row for row in data["refunded_rates"]}
    return [
        {
            "number": entry.name,
            "entered_on": timezone.localtime(entry.entered_at).date().isoformat(),
            "sold_on": data["sold_on"],
            "returned_on": data["returned_on"],
            "kind": data["kind"],
            "goods": "; ".join(_good_text(good) for good in data["goods"]),
            "rate": row["rate"],
            "gross": row["gross"],
            "tax": row["tax"],
            "whole": "yes" if data["whole"] else "no",
            "refunded_gross": back.get(row["rate"], row)["gross"],
            "refunded_tax": back.get(row["rate"], row)["tax"],
            "currency": data["currency"],
            "receipt_number": data["receipt"]["number"],
            "receipt_date": data["receipt"]["issued_on"],
            "order": data["order"],
            "rma": data["rma"],
        }
        for row in data["rates"]
    ]


def _good_text(good: dict[str, Any]) -> str:
    name = f"{good['title']} ({good['sku']})" if good["sku"] else good["title"]
    return f"{name} x {good['quantity']}" if good["quantity"] else str(name)
