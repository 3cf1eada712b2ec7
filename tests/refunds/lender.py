"""A gateway in memory that also takes money, with answers that a test chooses; everything once per key."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from refunds.gateways.base import (
    ChargeAnswer,
    ChargeCall,
    ChargeOutcome,
    GatewayNotice,
    GatewayRefund,
    RefundAnswer,
    RefundCall,
    RefundOutcome,
)


@dataclass
class Lender:
    """`lost` names verbs whose next answer gets lost after the work was done; `refuses` those that fail."""

    code: str = "lender"
    local: bool = False
    key_window: timedelta | None = None
    charges: dict[str, ChargeAnswer] = field(default_factory=dict)
    refunds: dict[str, RefundAnswer] = field(default_factory=dict)
    back: dict[str, int] = field(default_factory=dict)
    calls: list[tuple[str, str]] = field(default_factory=list)
    lost: set[str] = field(default_factory=set)
    refuses: set[str] = field(default_factory=set)

    def ask(self, call: ChargeCall) -> ChargeAnswer:
        """Make a payment link."""
        url = f"https://pay.example/{call.key}"
        return self._make("ask", call, ChargeAnswer(ChargeOutcome.OPEN, f"c-{len(self.charges)}", url=url))

    def hold(self, call: ChargeCall) -> ChargeAnswer:
        """Hold an amount."""
        return self._make("hold", call, ChargeAnswer(ChargeOutcome.HELD, f"c-{len(self.charges)}"))

    def _make(self, verb: str, call: ChargeCall, made: ChargeAnswer) -> ChargeAnswer:
        self.calls.append((verb, call.key))
        if verb in self.refuses:
            return ChargeAnswer(ChargeOutcome.FAILED, reason="refused")
        return self._said(verb, self.charges.setdefault(call.key, made))

    def _said(self, verb: str, answer: ChargeAnswer) -> ChargeAnswer:
        if verb in self.lost:
            self.lost.discard(verb)
            return ChargeAnswer(ChargeOutcome.UNCLEAR, reason="time-out")
        return answer

    def capture(self, call: ChargeCall) -> ChargeAnswer:
        """Take a part of a hold."""
        return self._change("capture", call, ChargeOutcome.PAID, call.amount)

    def release(self, call: ChargeCall) -> ChargeAnswer:
        """Let go."""
        return self._change("release", call, ChargeOutcome.RELEASED, 0)

    def _change(self, verb: str, call: ChargeCall, outcome: ChargeOutcome, captured: int) -> ChargeAnswer:
        self.calls.append((verb, call.key))
        name, row = next((k, v) for k, v in self.charges.items() if v.gateway_id == call.gateway_id)
        if row.outcome in (ChargeOutcome.OPEN, ChargeOutcome.HELD):
            self.charges[name] = replace(row, outcome=outcome, captured=captured)
        return self._said(verb, self.charges[name])

    def look_up_charge(self, call: ChargeCall) -> ChargeAnswer:
        """Where a charge stands."""
        self.calls.append(("look", call.key))
        return self.charges.get(call.key, ChargeAnswer(ChargeOutcome.UNKNOWN))

    def pay(self) -> None:
        """The customer pays every open link."""
        for name, row in self.charges.items():
            if row.outcome == ChargeOutcome.OPEN:
                self.charges[name] = replace(row, outcome=ChargeOutcome.PAID)

    def refund(self, call: RefundCall) -> RefundAnswer:
        """Move money back once per key."""
        self.calls.append(("refund", call.key))
        if call.key not in self.refunds:
            self.back[call.payment_reference] = self.back.get(call.payment_reference, 0) + call.amount
        answer = self.refunds.setdefault(call.key, RefundAnswer(RefundOutcome.SUCCEEDED, f"r-{len(self.refunds)}"))
        if "refund" in self.lost:
            self.lost.discard("refund")
            return RefundAnswer(RefundOutcome.UNCLEAR)
        return answer

    def look_up(self, call: RefundCall) -> RefundAnswer:
        """What became of a refund."""
        return self.refunds.get(call.key, RefundAnswer(RefundOutcome.UNKNOWN))

    def refunds_since(self, since: datetime) -> Iterable[GatewayRefund] | None:
        """Not readable."""
        return None

    def notices(self, body: bytes, headers: Mapping[str, str]) -> Sequence[GatewayNotice]:
        """No webhooks."""
        return []
