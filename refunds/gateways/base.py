"""What every gateway offers to the house, whoever moves the money."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol, runtime_checkable


class RefundOutcome(StrEnum):
    """How a call or a look-up ended.

    `failed` is definite: no money moved and none will. `pending`: the gateway took it and says later. `unclear`:
    nobody knows, so it is looked up and never sent under a new key. `unknown` is only an answer to a look-up:
    the gateway has no such refund. `by_hand`: a person pays and says so.
    """

    SUCCEEDED = "succeeded"
    FAILED = "failed"
    PENDING = "pending"
    UNCLEAR = "unclear"
    UNKNOWN = "unknown"
    BY_HAND = "by_hand"


@dataclass(frozen=True, slots=True)
class RefundCall:
    """One refund to make: `amount` in minor units of the currency's own exponent, `key` the same on every try.

    `gateway_id` is the gateway's name for it where an earlier answer gave one; `first_called_at` is when this
    key was first sent, None on the first call; `captured` is what the payment brought in, minor units.
    """

    key: str
    payment_reference: str
    amount: int
    currency: str
    order_number: str = ""
    gateway_id: str | None = None
    first_called_at: datetime | None = None
    captured: int | None = None


@dataclass(frozen=True, slots=True)
class RefundAnswer:
    """What the gateway said; `gateway_id` is its name for the refund, `code` a failure's machine word."""

    outcome: RefundOutcome
    gateway_id: str | None = None
    reason: str = ""
    code: str = ""


@dataclass(frozen=True, slots=True)
class GatewayRefund:
    """A refund as the gateway's own ledger has it; `key` is ours where the gateway keeps it."""

    gateway_id: str
    key: str
    payment_reference: str
    amount: int
    currency: str
    outcome: RefundOutcome
    at: datetime


@dataclass(frozen=True, slots=True)
class GatewayNotice:
    """One event of a webhook about a refund or a charge; `about` is "refund" or "charge"."""

    event_id: str
    kind: str
    about: str
    key: str
    gateway_id: str
    outcome: str
    amount: int
    currency: str
    reason: str = ""


class BadSignature(Exception):
    """A webhook that does not come from the gateway."""


class LedgerAway(Exception):
    """The gateway's ledger could not be read to its end, so nothing can be said about what is missing in it."""


class Gateway(Protocol):
    """One way to move money back. Nothing here is called inside a database transaction but of `local` ones."""

    @property
    def code(self) -> str:
        """The name in the API."""

    @property
    def local(self) -> bool:
        """Whether it answers without the network."""

    @property
    def key_window(self) -> timedelta | None:
        """How long a key sent again is answered as the first time; None for ever."""

    def refund(self, call: RefundCall) -> RefundAnswer:
        """Move the money back once per key. Never raises for what the network does: that is `unclear`."""

    def look_up(self, call: RefundCall) -> RefundAnswer:
        """What became of an earlier call: an answer, `unknown`, or `unclear` when nobody could be asked."""

    def refunds_since(self, since: datetime) -> Iterable[GatewayRefund] | None:
        """The gateway's own ledger from an instant on; None where it cannot be read."""

    def notices(self, body: bytes, headers: Mapping[str, str]) -> Sequence[GatewayNotice]:
        """The events of a webhook. Raises BadSignature."""


class ChargeOutcome(StrEnum):
    """Where money asked of the customer stands at the gateway."""

    OPEN = "open"
    HELD = "held"
    PAID = "paid"
    RELEASED = "released"
    FAILED = "failed"
    UNCLEAR = "unclear"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class ChargeCall:
    """Money to ask for: by a link that the customer pays, or a hold on the payment they used before."""

    key: str
    amount: int
    currency: str
    description: str
    return_url: str = ""
    payment_reference: str = ""
    gateway_id: str | None = None


@dataclass(frozen=True, slots=True)
class ChargeAnswer:
    """What the gateway said of a charge; `url` is where the customer pays."""

    outcome: ChargeOutcome
    gateway_id: str | None = None
    url: str = ""
    captured: int = 0
    reason: str = ""


@runtime_checkable
class AsksForMoney(Protocol):
    """A gateway that can also take money: payment links and holds. Every call is once per key."""

    def ask(self, call: ChargeCall) -> ChargeAnswer:
        """Make a payment link."""

    def hold(self, call: ChargeCall) -> ChargeAnswer:
        """Hold an amount on an earlier payment's means."""

    def capture(self, call: ChargeCall) -> ChargeAnswer:
        """Take a hold's `amount`."""

    def release(self, call: ChargeCall) -> ChargeAnswer:
        """Let a hold or an unpaid link go."""

    def look_up_charge(self, call: ChargeCall) -> ChargeAnswer:
        """Where a charge stands."""
