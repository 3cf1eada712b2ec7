"""Sums of the ledger by kind and rate of tax."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Sum

from refunds.actions.ledger_rows import WITHOUT_VAT, credit_lines, decisions
from refunds.actions.span import Span
from refunds.models import ReimbursementLine


@dataclass(frozen=True, slots=True)
class Booked:
    """The sum of one kind of lines at one rate in one currency, minor units; `rate` is None outside of VAT."""

    currency: str
    kind: str
    rate: Decimal | None
    net: int
    tax: int
    gross: int


def booked(span: Span) -> list[Booked]:
    """What was decided in a span, by kind and rate of tax, and what store credit did; two statements."""
    lines = ReimbursementLine.objects.filter(reimbursement__in=decisions(span).order_by())
    sums = {name: Sum(name) for name in ("net", "tax", "gross")}
    grouped: Any = lines.values("reimbursement__currency", "kind", "tax_rate").annotate(**sums)
    found = [
        Booked(
            row["reimbursement__currency"], row["kind"], None if row["kind"] in WITHOUT_VAT else row["tax_rate"],
            row["net"], row["tax"], row["gross"],
        )
        for row in grouped.order_by("reimbursement__currency", "kind", "tax_rate")
    ]  # fmt: skip
    credits = credit_lines(span).values("credit__currency", "kind").annotate(sum=Sum("amount"))
    return found + [
        Booked(row["credit__currency"], f"credit_{row['kind']}", None, row["sum"], 0, row["sum"])
        for row in credits.order_by("credit__currency", "kind")
    ]
