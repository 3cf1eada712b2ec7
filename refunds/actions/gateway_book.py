"""The gateways' own ledgers as they were last read, kept beside ours."""

from __future__ import annotations

from collections.abc import Iterable

from refunds.gateways.base import GatewayRefund
from refunds.models import GatewayEntry

MOST = 200


def keep_entries(gateway: str, rows: Iterable[GatewayRefund]) -> int:
    """Keep what a gateway's ledger says, one entry for each of its refunds; what is known is brought up to date."""
    found = {
        row.gateway_id[:MOST]: GatewayEntry(
            gateway=gateway,
            gateway_id=row.gateway_id[:MOST],
            key=row.key[:MOST],
            payment_reference=row.payment_reference[:MOST],
            amount=row.amount,
            currency=row.currency,
            outcome=str(row.outcome),
            at=row.at,
        )
        for row in rows
    }
    GatewayEntry.objects.bulk_create(
        found.values(),
        update_conflicts=True,
        unique_fields=["gateway", "gateway_id"],
        update_fields=["amount", "currency", "outcome", "at"],
    )
    return len(found)
