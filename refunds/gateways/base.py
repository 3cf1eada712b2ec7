"""What every gateway offers to the house, whoever moves the money."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class RefundOutcome(StrEnum):
    """How a call ended; `by_hand` means that a person pays and says so."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"
    BY_HAND = "by_hand"


@dataclass(frozen=True)
class RefundCall:
    """One refund to make: `amount` in minor units of the currency's own exponent, `key` the same on every try."""

    key: str
    payment_reference: str
    amount: int
    currency: str


@dataclass(frozen=True)
class RefundAnswer:
    """What the gateway said; `gateway_id` is its name for the refund."""

    outcome: RefundOutcome
    gateway_id: str | None = None
    reason: str = ""


class Gateway(Protocol):
    """One way to move money back."""

    @property
    def code(self) -> str:
        """The name in the API."""

    @property
    def local(self) -> bool:
        """Whether it answers without the network."""

    def refund(self, call: RefundCall) -> RefundAnswer:
        """Move the money back once per key."""
