"""The refund clock of one return over the facts it keeps: computed anew whenever one of them comes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from returns.policy.facts import Case, LineFacts, OrderFacts, Request
from returns.policy.law.clocks import Clocks, RefundClock
from returns.policy.law.facts import LawFacts
from returns.policy.law.profiles import book

# what of the facts a refund clock looks at, beside the place and the instants of order and request
KEPT = (
    "region", "submitted_at", "dispatched_at", "informed_at", "agreed_at", "collection_offered", "goods_received_at",
    "proof_of_sending_at",
)  # fmt: skip
PLACE = ("country", "time_zone", "placed_at", "asked_at")


def kept_facts(order: OrderFacts, facts: LawFacts, asked_at: datetime) -> dict[str, Any]:
    """What `refund_clock` needs later, for JSON; what is unknown is left out."""
    found = {name: value for name, value in facts.as_dict().items() if name in KEPT and value is not None}
    place = {"country": order.country, "time_zone": order.time_zone}
    return found | place | {"placed_at": _text(order.placed_at), "asked_at": _text(asked_at)}


def refund_clock(profile_id: str, kept: Mapping[str, Any]) -> RefundClock | None:
    """When the money is due under a profile; None where it has no refund clock or is not held."""
    law = book()
    placed_at = datetime.fromisoformat(kept["placed_at"])
    profile = law.in_force(placed_at.date()).get(profile_id)
    if profile is None or profile.refund is None:
        return None
    order = OrderFacts("XXX", placed_at, 0, country=kept["country"], time_zone=kept["time_zone"])
    case = Case(order, LineFacts("", "", 0), Request("other"), datetime.fromisoformat(kept["asked_at"]))
    facts = LawFacts.from_dict({name: kept[name] for name in KEPT if name in kept})
    return Clocks(law, profile, case, facts).refund(profile.refund)


def _text(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")
