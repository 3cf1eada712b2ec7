"""The order document of the API once it is read: frozen, with money in minor units and instants in UTC."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class ProtectedPerson:
    """A group the Israeli law protects, and when that was verified."""

    type: str
    verified_on: date | None


@dataclass(frozen=True, slots=True)
class Customer:
    """Who bought; `email` may be None where a marketplace masks it."""

    email: str | None
    name: str
    phone: str | None
    company: str | None
    tax_id: str | None
    kind: str
    tags: tuple[str, ...]
    protected_person: ProtectedPerson | None


@dataclass(frozen=True, slots=True)
class Address:
    """Where the goods went; the time zone decides the legal clocks."""

    name: str | None
    company: str | None
    phone: str | None
    line1: str | None
    line2: str | None
    city: str | None
    postal_code: str | None
    region: str | None
    country: str | None
    time_zone: str | None
    pickup_point: str | None


@dataclass(frozen=True, slots=True)
class Line:
    """One line as sold; `unit_price`, `discount` and `total` are gross when prices include tax, else net."""

    id: str
    sku: str
    title: str
    quantity: int
    unit_price: int | None
    discount: int
    total: int | None
    tax_rate: Decimal | None
    category: str | None
    tags: tuple[str, ...]
    image_url: str | None
    weight_g: int | None
    exclusions: tuple[str, ...]
    legal_group: str | None
    serials: tuple[str, ...]
    batch: str | None
    supplier: str | None
    parent: str | None
    pieces: int | None
    share: int | None


@dataclass(frozen=True, slots=True)
class Shipping:
    """A delivery charge, in the same basis as the prices."""

    id: str
    method: str | None
    amount: int
    discount: int
    tax_rate: Decimal
    cheapest_standard: int | None


@dataclass(frozen=True, slots=True)
class Instalments:
    """How a payment is paid off."""

    count: int
    first: int | None
    each: int | None


@dataclass(frozen=True, slots=True)
class Payment:
    """One payment; `captured` is what refunds can reach at most."""

    id: str
    gateway: str
    reference: str | None
    kind: str
    captured: int
    authorized: int | None
    refundability: str
    instalments: Instalments | None


@dataclass(frozen=True, slots=True)
class ElsewhereRefund:
    """A refund that was made outside of Comeback and counts against every ceiling."""

    payment: str
    amount: int
    at: datetime | None
    reference: str | None


@dataclass(frozen=True, slots=True)
class Delivery:
    """One parcel: which quantity of which line, when sent and when handed over."""

    id: str
    lines: Mapping[str, int]
    shipped_at: datetime | None
    delivered_at: datetime | None


@dataclass(frozen=True, slots=True)
class Contract:
    """Facts about the contract that the law asks for; None is unknown.

    `unsolicited_visit`: sold on a visit that nobody asked for. `policy_displayed`: the shop showed its policy as the
    law wants it. `proven_processing_fee`: what the acquirer charged for this sale, on paper; minor units.
    """

    withdrawal_information_given_at: datetime | None = None
    regular_delivery: bool | None = None
    had_conversation: bool | None = None
    collection_offered: bool | None = None
    unsolicited_visit: bool | None = None
    policy_displayed: bool | None = None
    proven_processing_fee: int | None = None


@dataclass(frozen=True, slots=True)
class Paper:
    """An invoice or receipt that was issued for the order."""

    kind: str
    number: str
    issued_on: date | None
    ksef_number: str | None
    allocation_number: str | None
    buyer_tax_id: str | None


@dataclass(frozen=True, slots=True)
class OrderDocument:
    """A whole order; `deliveries` None means unknown, () means none yet."""

    channel: str
    number: str
    shop: str
    source: str
    currency: str
    prices_include_tax: bool
    sale_channel: str
    placed_at: datetime
    locale: str | None
    total: int | None
    customer: Customer
    ship_to: Address | None
    lines: tuple[Line, ...]
    discount: int
    shipping: tuple[Shipping, ...]
    payments: tuple[Payment, ...]
    refunds: tuple[ElsewhereRefund, ...]
    deliveries: tuple[Delivery, ...] | None
    contract: Contract
    documents: tuple[Paper, ...]
