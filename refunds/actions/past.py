"""A return as another system knew it: what its document says, read and frozen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class PastFinding:
    """What the bench of the other system found on some units."""

    quantity: int
    grade: str
    outcome: str
    disposition: str
    note: str


@dataclass(frozen=True, slots=True)
class PastItem:
    """Units of a line; None where the file leaves a quantity out, so that the status says it."""

    line: str
    quantity: int
    reason: str
    comment: str
    authorized: int | None
    received: int | None
    accepted: int | None
    rejected: int | None
    cancelled: int
    missing: int | None
    waived: int | None
    inspections: tuple[PastFinding, ...]


@dataclass(frozen=True, slots=True)
class PaidUnits:
    """Units that a refund paid, with what was given back for them; None is their exact share."""

    line: str
    quantity: int
    amount: int | None


@dataclass(frozen=True, slots=True)
class PastPayment:
    """One movement of money to a payment, None the order's only one; without an amount it took the whole refund."""

    payment: str | None
    amount: int | None
    reference: str | None


@dataclass(frozen=True, slots=True)
class PastRefund:
    """One decision to pay and its movements of money."""

    at: datetime
    tender: str
    items: tuple[PaidUnits, ...]
    shipping: int
    payments: tuple[PastPayment, ...]


@dataclass(frozen=True, slots=True)
class PastNote:
    """A remark."""

    at: datetime
    text: str
    author: str
    visible_to_customer: bool


@dataclass(frozen=True, slots=True)
class Way:
    """How the goods travelled."""

    carrier: str
    tracking_number: str


@dataclass(frozen=True, slots=True)
class OrderKey:
    """Which order."""

    channel: str
    number: str


@dataclass(frozen=True, slots=True)
class History:
    """A whole return as another system knew it; amounts are minor units of the order's currency."""

    reference: str
    order: OrderKey
    status: str
    resolution: str
    method: str
    requested_by: str
    locale: str | None
    requested_at: datetime
    decided_at: datetime | None
    sent_at: datetime | None
    received_at: datetime | None
    inspected_at: datetime | None
    closed_at: datetime | None
    decided_by: str
    decline_reason: str | None
    decline_message: str
    items: tuple[PastItem, ...]
    refunds: tuple[PastRefund, ...]
    shipment: Way | None
    notes: tuple[PastNote, ...]
