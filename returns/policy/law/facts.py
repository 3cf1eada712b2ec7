"""What the law looks at beside the order, the line and the request: None is unknown and takes the consumer's side."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime
from typing import Any, Self


@dataclass(frozen=True, kw_only=True)
class LawFacts:
    """Facts about contract, goods and what happened since; amounts in minor units of the order's currency.

    `submitted_at` is when the consumer sent the statement, `dispatched_at` a letter's postmark, `informed_at` when the
    trader learned of it, `agreed_at` when the trader agreed to refund. `value_loss` is what an inspector found lost by
    handling beyond trying. `quantity` is how many units of the line are meant. `law_version` is the law these facts
    are judged by, None the newest: stored with a decision, it makes the decision replay under its own law.
    """

    region: str | None = None
    legal_group: str | None = None
    exclusions: frozenset[str] = frozenset()
    seal_broken: bool | None = None
    used: bool | None = None
    damaged: bool | None = None
    tag_on: bool | None = None
    protected_person: bool | None = None
    had_conversation: bool | None = None
    unsolicited_visit: bool | None = None
    regular_delivery: bool | None = None
    information_given_at: datetime | None = None
    policy_displayed: bool | None = None
    collection_offered: bool | None = None
    submitted_at: datetime | None = None
    dispatched_at: datetime | None = None
    informed_at: datetime | None = None
    agreed_at: datetime | None = None
    goods_received_at: datetime | None = None
    proof_of_sending_at: datetime | None = None
    complaint_received_at: datetime | None = None
    repair_chosen_at: datetime | None = None
    repair_ended_at: datetime | None = None
    value_loss: int | None = None
    proven_processing_fee: int | None = None
    quantity: int = 1
    shipping_paid: int = 0
    cheapest_standard: int | None = None
    law_version: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """The facts for JSON."""
        return {field.name: _plain(getattr(self, field.name)) for field in fields(self)}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """The facts that `as_dict` wrote."""
        return cls(**{name: _typed(name, value) for name, value in data.items() if value is not None})


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    return sorted(value) if isinstance(value, frozenset) else value


def _typed(name: str, value: Any) -> Any:
    if name == "exclusions":
        return frozenset(value)
    return datetime.fromisoformat(value) if name.endswith("_at") and isinstance(value, str) else value
