"""What a decision looks at: the order, a line of it and what is asked, as frozen values fit for JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Self


def _instant(value: datetime | None) -> str | None:
    return None if value is None else value.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _read_instant(value: str | None) -> datetime | None:
    return None if value is None else datetime.fromisoformat(value)


@dataclass(frozen=True)
class Parcel:
    """One delivery: the line ids in it, when it left and when it arrived; None is unknown or not yet."""

    lines: frozenset[str]
    shipped_at: datetime | None = None
    delivered_at: datetime | None = None

    def as_dict(self) -> dict[str, Any]:
        """The parcel for JSON."""
        return {
            "lines": sorted(self.lines),
            "shipped_at": _instant(self.shipped_at),
            "delivered_at": _instant(self.delivered_at),
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """The parcel that `as_dict` wrote."""
        shipped_at, delivered_at = _read_instant(data["shipped_at"]), _read_instant(data["delivered_at"])
        return cls(frozenset(data["lines"]), shipped_at, delivered_at)


@dataclass(frozen=True)
class OrderFacts:
    """The order: `total` in minor units; `parcels` is None where unknown and () where there are none yet."""

    currency: str
    placed_at: datetime
    total: int
    shop: str = "main"
    channel: str = ""
    sale_channel: str | None = "distance"
    customer_kind: str | None = None
    customer_tiers: frozenset[str] = frozenset()
    customer_tags: frozenset[str] = frozenset()
    country: str | None = None
    time_zone: str | None = None
    payment_kinds: frozenset[str] = frozenset()
    parcels: tuple[Parcel, ...] | None = None

    def as_dict(self) -> dict[str, Any]:
        """The facts for JSON; sets are sorted so that equal facts give equal text."""
        return {
            "currency": self.currency,
            "placed_at": _instant(self.placed_at),
            "total": self.total,
            "shop": self.shop,
            "channel": self.channel,
            "sale_channel": self.sale_channel,
            "customer_kind": self.customer_kind,
            "customer_tiers": sorted(self.customer_tiers),
            "customer_tags": sorted(self.customer_tags),
            "country": self.country,
            "time_zone": self.time_zone,
            "payment_kinds": sorted(self.payment_kinds),
            "parcels": None if self.parcels is None else [parcel.as_dict() for parcel in self.parcels],
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """The facts that `as_dict` wrote."""
        sets = {key: frozenset(data[key]) for key in ("customer_tiers", "customer_tags", "payment_kinds")}
        parcels = data["parcels"]
        read = {
            "placed_at": datetime.fromisoformat(data["placed_at"]),
            "parcels": None if parcels is None else tuple(Parcel.from_dict(each) for each in parcels),
        }
        return cls(**{**data, **sets, **read})


@dataclass(frozen=True)
class LineFacts:
    """One order line: `unit_price` is what was paid for a unit, gross, in minor units."""

    id: str
    sku: str
    unit_price: int
    category: str | None = None
    tags: frozenset[str] = frozenset()
    supplier: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """The facts for JSON."""
        return {
            "id": self.id,
            "sku": self.sku,
            "unit_price": self.unit_price,
            "category": self.category,
            "tags": sorted(self.tags),
            "supplier": self.supplier,
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """The facts that `as_dict` wrote."""
        return cls(**{**data, "tags": frozenset(data["tags"])})


@dataclass(frozen=True)
class Request:
    """What is asked for a line: `requested_at` is when it was sent, if not now; `risk` is a level."""

    reason: str
    resolution: str | None = "refund"
    method: str | None = None
    basis_claimed: str | None = None
    requested_at: datetime | None = None
    risk: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """The request for JSON."""
        return {
            "reason": self.reason,
            "resolution": self.resolution,
            "method": self.method,
            "basis_claimed": self.basis_claimed,
            "requested_at": _instant(self.requested_at),
            "risk": self.risk,
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """The request that `as_dict` wrote."""
        return cls(**{**data, "requested_at": _read_instant(data["requested_at"])})


@dataclass(frozen=True)
class Case:
    """Everything one decision may look at, with the instant the request counts from."""

    order: OrderFacts
    line: LineFacts
    request: Request
    now: datetime
    asked_at: datetime = field(init=False)

    def __post_init__(self) -> None:
        asked_at = self.request.requested_at or self.now
        if asked_at.tzinfo is None:
            raise ValueError("A decision needs an instant with its time zone.")
        object.__setattr__(self, "asked_at", asked_at)
