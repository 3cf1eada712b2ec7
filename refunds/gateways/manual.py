"""The gateway that always works: a person pays and marks it as paid."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from refunds.gateways.base import (
    BadSignature,
    GatewayNotice,
    GatewayRefund,
    RefundAnswer,
    RefundCall,
    RefundOutcome,
)


@dataclass(frozen=True)
class ManualGateway:
    """Puts the refund on the list of payments to make by hand."""

    code: str = "manual"
    local: bool = True
    key_window: timedelta | None = None

    def refund(self, call: RefundCall) -> RefundAnswer:
        """Nothing moves until somebody says so."""
        return RefundAnswer(RefundOutcome.BY_HAND)

    def look_up(self, call: RefundCall) -> RefundAnswer:
        """Only a person knows."""
        return RefundAnswer(RefundOutcome.BY_HAND)

    def refunds_since(self, since: datetime) -> Iterable[GatewayRefund] | None:
        """There is no other ledger."""
        return None

    def notices(self, body: bytes, headers: Mapping[str, str]) -> Sequence[GatewayNotice]:
        """Nobody sends any. Raises BadSignature."""
        raise BadSignature
