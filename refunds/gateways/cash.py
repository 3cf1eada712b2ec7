"""Cash at a till: a person pays it out, the customer signs, and somebody says so."""

from __future__ import annotations

from dataclasses import dataclass

from refunds.gateways.manual import ManualGateway


@dataclass(frozen=True)
class CashGateway(ManualGateway):
    """Puts the refund on the list of payments, to be paid out at the till where the goods came in."""

    code: str = "cash"
