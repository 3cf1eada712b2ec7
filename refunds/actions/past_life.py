"""The steps of a moved-in return as events at their own instants, marked as told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from accounts.actors import SYSTEM, Actor, customer_actor
from refunds.actions.past import History
from refunds.actions.past_units import was_decided
from returns import events
from returns.models import Return, ReturnItem
from returns.models.rma import FREE, Status


@dataclass(slots=True)
class Chain:
    """What happened, to be logged at its own instants and in their order."""

    happened: list[tuple[datetime, int, events.Happening, Actor]] = field(default_factory=list)

    def add(self, at: datetime, kind: str, actor: Actor, data: Mapping[str, Any]) -> None:
        """Note one event."""
        self.happened.append((at, len(self.happened), (kind, dict(data)), actor))

    def write(self, rma: Return) -> None:
        """Log it all as dispatched, so that no reaction follows."""
        rows = sorted(self.happened, key=lambda row: (row[0], row[2][0] == "return.resolved", row[1]))
        for at, place, happening, actor in rows:
            events.log_all(rma, [happening], actor=actor, at=at, is_new=place == 0, quiet=True)


def ended(history: History) -> datetime:
    """The last instant that the file knows."""
    steps = (history.decided_at, history.sent_at, history.received_at, history.inspected_at, history.closed_at)
    return max([history.requested_at, *(step for step in steps if step), *(past.at for past in history.refunds)])


Step = tuple[Status, datetime | None, str, dict[str, Any]]


def life_of(rma: Return, items: list[ReturnItem], history: History, actor: Actor) -> Chain:
    """Every step from the request to where the return stands."""
    chain = Chain()
    asked = [{"item": str(i.uid), "line": i.line.external_id, "quantity": i.requested} for i in items]
    by = customer_actor() if history.requested_by == "customer" else actor
    chain.add(history.requested_at, "return.requested", by, {"to": "requested", "items": asked})
    person = Actor(SYSTEM, actor.ref, history.decided_by or actor.name)
    at, stands = history.requested_at, str(Status.REQUESTED)
    for status, moment, kind, data in _steps(rma, items, history):
        at = moment or at
        by = person if status in (Status.AUTHORIZED, Status.DECLINED) else actor
        chain.add(at, kind, by, {"from": stands, "to": str(status), **data})
        stands = str(status)
    return chain


def _steps(rma: Return, items: list[ReturnItem], history: History) -> list[Step]:
    granted = [{"item": str(item.uid), "quantity": item.authorized} for item in items if item.authorized]
    steps: list[Step] = []
    if was_decided(history):
        steps.append((Status.AUTHORIZED, history.decided_at, "return.authorized", {"items": granted}))
    travelled = history.sent_at and rma.status not in (*FREE, Status.REQUESTED, Status.AUTHORIZED)
    if travelled or rma.status == Status.IN_TRANSIT:
        steps.append((Status.IN_TRANSIT, history.sent_at, "parcel.in_transit", {}))
    steps += _goods(rma, items, history)
    end = _end(rma, history)
    return [*steps, end] if end else steps


def _goods(rma: Return, items: list[ReturnItem], history: History) -> list[Step]:
    arrived = [{"item": str(item.uid), "quantity": item.received} for item in items if item.received]
    if not arrived:
        return []
    here = Status.PARTIALLY_RECEIVED if rma.status == Status.PARTIALLY_RECEIVED else Status.RECEIVED
    steps: list[Step] = [(here, history.received_at, "parcel.received", {"items": arrived})]
    if rma.status in (Status.INSPECTED, Status.RESOLVED):
        steps.append((Status.INSPECTED, history.inspected_at, "inspection.completed", {"items": _found(items)}))
    return steps


def _end(rma: Return, history: History) -> Step | None:
    codes = {"codes": [rma.decline_reason]}
    ends: dict[str, Step] = {
        Status.RESOLVED: (Status.RESOLVED, ended(history), "return.resolved", {}),
        Status.DECLINED: (Status.DECLINED, history.decided_at or history.closed_at, "return.declined", codes),
        Status.CANCELLED: (Status.CANCELLED, history.closed_at, "return.cancelled", {}),
        Status.EXPIRED: (Status.EXPIRED, history.closed_at, "return.expired", {}),
    }
    return ends.get(rma.status)


def _found(items: list[ReturnItem]) -> list[dict[str, Any]]:
    return [
        {"item": str(item.uid), "quantity": quantity, "outcome": outcome}
        for item in items
        for outcome, quantity in (("accepted", item.accepted), ("rejected", item.rejected))
        if quantity
    ]
