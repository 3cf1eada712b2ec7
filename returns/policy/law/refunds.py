"""The refund clock of one return over the facts it keeps: computed anew whenever one of them comes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from returns.policy.facts import Case, LineFacts, OrderFacts, Request
from returns.policy.law.clocks import Clocks, RefundClock
from returns.policy.law.facts import LawFacts
from returns.policy.law.profiles import book
from returns.policy.window import local_day

# what of the facts a refund clock looks at, beside the place and the instants of order and request
KEPT = (
    "region", "submitted_at", "dispatched_at", "informed_at", "agreed_at", "collection_offered", "goods_received_at",
    "proof_of_sending_at", "law_version",
)  # fmt: skip
PLACE = ("country", "time_zone", "placed_at", "asked_at")


def kept_facts(order: OrderFacts, facts: LawFacts, asked_at: datetime, resolution: str | None = None) -> dict[str, Any]:
    """What `refund_clock` needs later, for JSON; what is unknown is left out."""
    found = {name: value for name, value in facts.as_dict().items() if name in KEPT and value is not None}
    place = {"country": order.country, "time_zone": order.time_zone, "resolution": resolution}
    return found | place | {"placed_at": _text(order.placed_at), "asked_at": _text(asked_at)}


def refund_clock(profile_id: str, kept: Mapping[str, Any]) -> RefundClock | None:
    """When the money is due under a profile, by the version of the law that the facts name; None where it has no
    refund clock or is not held."""
    law = book(kept.get("law_version"))
    placed_at = datetime.fromisoformat(kept["placed_at"])
    profile = law.in_force(local_day(placed_at, kept["time_zone"])).get(profile_id)
    if profile is None:
        return None
    order = OrderFacts("XXX", placed_at, 0, country=kept["country"], time_zone=kept["time_zone"])
    request = Request("other", resolution=kept.get("resolution"))
    case = Case(order, LineFacts("", "", 0), request, datetime.fromisoformat(kept["asked_at"]))
    facts = LawFacts.from_dict({name: kept[name] for name in KEPT if name in kept})
    clocks = Clocks(law, profile, case, facts)
    clock = clocks.clock()
    return None if clock is None else clocks.refund(clock)


def _text(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")
