"""Facts for policy tests: one ordinary order, with whatever a case wants different."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from returns.policy.decision import Decision
from returns.policy.document import load
from returns.policy.eligibility import decide
from returns.policy.facts import LineFacts, OrderFacts, Parcel, Request

SETS = ("customer_tiers", "customer_tags", "payment_kinds", "tags")


def instant(text: str | None) -> datetime | None:
    """An instant as the API writes it."""
    return None if text is None else datetime.fromisoformat(text)


def parcel(given: Mapping[str, Any]) -> Parcel:
    """A delivery as the API writes it."""
    lines = frozenset(given.get("lines", {"A": 1}))
    return Parcel(lines, instant(given.get("shipped_at")), instant(given.get("delivered_at")))


def order(**given: Any) -> OrderFacts:
    """An order of 1 October 2026 to Warsaw, delivered on the 5th."""
    facts: dict[str, Any] = {
        "currency": "EUR",
        "placed_at": "2026-10-01T09:00:00Z",
        "total": 32998,
        "channel": "web",
        "customer_kind": "consumer",
        "country": "PL",
        "time_zone": "Europe/Warsaw",
        "parcels": [{"shipped_at": "2026-10-02T08:00:00Z", "delivered_at": "2026-10-05T15:00:00Z"}],
    } | given
    facts["placed_at"] = instant(facts["placed_at"])
    if facts["parcels"] is not None:
        facts["parcels"] = tuple(parcel(each) for each in facts["parcels"])
    return OrderFacts(**_with_sets(facts))


def line(**given: Any) -> LineFacts:
    """A tee at 96.67."""
    return LineFacts(**_with_sets({"id": "A", "sku": "TEE-M", "unit_price": 9667, "category": "apparel"} | given))


def request(**given: Any) -> Request:
    """A tee that is too small, money wanted back."""
    facts: dict[str, Any] = {"reason": "too_small"} | given
    return Request(**facts | {"requested_at": instant(facts.get("requested_at"))})


def _with_sets(facts: dict[str, Any]) -> dict[str, Any]:
    return facts | {key: frozenset(facts[key]) for key in SETS if key in facts}


def decided(case: Mapping[str, Any]) -> Decision:
    """The decision on a case of the tables."""
    now = datetime.fromisoformat(case.get("now", "2026-10-10T12:00:00Z"))
    policy = load(case.get("policy", {}))
    facts = order(**case.get("order", {})), line(**case.get("line", {})), request(**case.get("request", {}))
    return decide(policy, *facts, now)
