"""The transition table, the one function that moves a return, and where its quantities say it stands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.actors import Actor
from accounts.problems import NotFound, WrongState
from returns import events
from returns.models import Event, Return, ReturnItem
from returns.models.rma import FREE, Status


@dataclass(frozen=True)
class Move:
    """One arrow of the state machine: from where, to where, and who makes it."""

    origin: str
    to: str
    by: str
    when: Any


COMMAND, FACT, CLOCK = "command", "fact", "clock"
S = Status

TRANSITIONS: tuple[Move, ...] = (
    Move(S.REQUESTED, S.AUTHORIZED, COMMAND, gettext_lazy("Somebody or the policy says yes.")),
    Move(S.REQUESTED, S.DECLINED, COMMAND, gettext_lazy("Somebody or the policy says no.")),
    Move(S.REQUESTED, S.CANCELLED, COMMAND, gettext_lazy("The customer or staff takes it back.")),
    Move(
        S.REQUESTED,
        S.PARTIALLY_RECEIVED,
        FACT,
        gettext_lazy("A parcel came before the decision, not with everything."),
    ),
    Move(S.REQUESTED, S.RECEIVED, FACT, gettext_lazy("A parcel came before the decision.")),
    Move(S.AUTHORIZED, S.IN_TRANSIT, FACT, gettext_lazy("The carrier's first scan.")),
    Move(S.AUTHORIZED, S.PARTIALLY_RECEIVED, FACT, gettext_lazy("Some of the units are here.")),
    Move(S.AUTHORIZED, S.RECEIVED, FACT, gettext_lazy("All units are here.")),
    Move(S.AUTHORIZED, S.CANCELLED, COMMAND, gettext_lazy("The customer or staff takes it back.")),
    Move(S.AUTHORIZED, S.EXPIRED, CLOCK, gettext_lazy("Nothing came in time.")),
    Move(S.AUTHORIZED, S.RESOLVED, FACT, gettext_lazy("Nothing has to come back, or it was closed.")),
    Move(S.IN_TRANSIT, S.PARTIALLY_RECEIVED, FACT, gettext_lazy("Some of the units are here.")),
    Move(S.IN_TRANSIT, S.RECEIVED, FACT, gettext_lazy("All units are here.")),
    Move(S.IN_TRANSIT, S.CANCELLED, COMMAND, gettext_lazy("Staff takes it back before anything arrived.")),
    Move(S.IN_TRANSIT, S.RESOLVED, FACT, gettext_lazy("Lost on the way and paid, or closed.")),
    Move(S.PARTIALLY_RECEIVED, S.RECEIVED, FACT, gettext_lazy("The rest came, or will never come.")),
    Move(
        S.PARTIALLY_RECEIVED,
        S.INSPECTED,
        FACT,
        gettext_lazy("The rest will never come and all was inspected."),
    ),
    Move(S.PARTIALLY_RECEIVED, S.RESOLVED, FACT, gettext_lazy("It was closed.")),
    Move(S.RECEIVED, S.PARTIALLY_RECEIVED, FACT, gettext_lazy("More units were authorized than came.")),
    Move(S.RECEIVED, S.INSPECTED, FACT, gettext_lazy("All units that came were inspected.")),
    Move(S.RECEIVED, S.RESOLVED, FACT, gettext_lazy("It was closed.")),
    Move(S.INSPECTED, S.PARTIALLY_RECEIVED, FACT, gettext_lazy("A later parcel came, and more is missing.")),
    Move(S.INSPECTED, S.RECEIVED, FACT, gettext_lazy("A later parcel came.")),
    Move(S.INSPECTED, S.RESOLVED, FACT, gettext_lazy("Every unit has its outcome and all money is settled.")),
    Move(S.RESOLVED, S.INSPECTED, COMMAND, gettext_lazy("Reopened.")),
    Move(S.DECLINED, S.REQUESTED, COMMAND, gettext_lazy("Reopened; the units are claimed again.")),
    Move(S.CANCELLED, S.REQUESTED, COMMAND, gettext_lazy("Reopened; the units are claimed again.")),
    Move(S.EXPIRED, S.REQUESTED, COMMAND, gettext_lazy("Reopened; the units are claimed again.")),
)
KIND_OF = {
    Status.PARTIALLY_RECEIVED: "parcel.received",
    Status.RECEIVED: "parcel.received",
    Status.INSPECTED: "inspection.completed",
    Status.RESOLVED: "return.resolved",
}
ALLOWED = frozenset((str(move.origin), str(move.to)) for move in TRANSITIONS)


class IllegalMove(WrongState):
    """The return cannot go there from where it stands."""


class NoSuchReturn(NotFound):
    """No return has this code, or it is somebody else's."""


def refuse_move(rma: Return, what: str) -> IllegalMove:
    """The refusal for a command that does not fit the state, in words that say what is possible."""
    possible = sorted({str(move.to) for move in TRANSITIONS if move.origin == rma.status})
    return IllegalMove(
        _("%(what)s is not possible while %(code)s is %(status)s. From here it can become: %(possible)s.")
        % {
            "what": what,
            "code": rma.code,
            "status": Status(rma.status).label,
            "possible": ", ".join(str(Status(name).label) for name in possible) or "-",
        },
        status_now=str(rma.status),
    )


def lock_return(rma: Return | int) -> Return:
    """The return as it is now, locked until the transaction ends."""
    pk = rma if isinstance(rma, int) else rma.pk
    return (
        Return.objects.select_for_update(of=("self",)).select_related("order", "shop", "channel", "customer").get(pk=pk)
    )


def lock_items(rma: Return) -> list[ReturnItem]:
    """The items of a locked return, with their lines; nobody else writes them while the return is locked."""
    items = list(rma.items.select_related("line").order_by("pk"))
    for item in items:
        item.rma = rma
    return items


def move(rma: Return, to: str, kind: str, /, *, actor: Actor, at: Any = None, **data: Any) -> Event:
    """Check the move, change the status and log the event: all or nothing. The caller holds the return's lock.

    The update repeats the old status, so even a caller without the lock cannot move a return twice.
    Raises IllegalMove when the table has no such arrow or somebody moved it meanwhile.
    """
    origin = rma.status
    if (str(origin), str(to)) not in ALLOWED:
        raise refuse_move(rma, str(Status(to).label))
    now = at or timezone.now()
    changed = Return.objects.filter(pk=rma.pk, status=origin).update(status=to, updated_at=now)
    if not changed:
        rma.refresh_from_db(fields=["status"])
        raise refuse_move(rma, str(Status(to).label))
    rma.status, rma.updated_at = to, now
    return events.log(rma, kind, actor=actor, at=at, **{"from": str(origin), "to": str(to), **data})


def expectation(rma: Return, items: list[ReturnItem]) -> int:
    """What the customer may expect back in all, label fee taken off; minor units. Nothing once it came to nothing."""
    if rma.status in FREE:
        return 0
    return max(0, sum(item.expected * item.hoped_for // item.requested for item in items) - rma.label_fee)


def standing(rma: Return, items: list[ReturnItem]) -> str:
    """The status that the quantities speak of; commands and clocks aside."""
    live = [item for item in items if item.wanted or item.received]
    came = sum(item.received for item in live)
    if not came:
        return _standing_without_goods(rma, live)
    if any(item.announced for item in live):
        return Status.PARTIALLY_RECEIVED
    if rma.decided_at is None or any(item.uninspected for item in live):
        return Status.RECEIVED
    return Status.RESOLVED if _nothing_open(rma, live) else Status.INSPECTED


def _standing_without_goods(rma: Return, items: list[ReturnItem]) -> str:
    waits = any(item.announced for item in items)
    if waits or rma.status not in (Status.AUTHORIZED, Status.IN_TRANSIT) or not _nothing_open(rma, items):
        return rma.status
    return Status.RESOLVED


def _nothing_open(rma: Return, items: list[ReturnItem]) -> bool:
    return rma.open_reimbursements == 0 and not any(item.payable for item in items)


def follow(
    rma: Return, items: list[ReturnItem], /, *, actor: Actor, at: datetime | None = None, **data: Any
) -> list[str]:
    """Move a locked return to where its quantities say it stands; returns the kinds of event that were logged.

    `data` goes into the event of the first step. All of inspected and nothing to pay goes on to resolved at once.
    """
    logged: list[str] = []
    hope = expectation(rma, items)
    if hope != rma.expected:
        rma.expected = hope
        rma.save(update_fields=["expected"])
    target = standing(rma, items)
    steps = [target]
    if target == Status.RESOLVED and rma.status in (Status.PARTIALLY_RECEIVED, Status.RECEIVED):
        steps = [Status.INSPECTED, Status.RESOLVED]
    for step in steps:
        if step == rma.status:
            continue
        kind = KIND_OF[Status(step)]
        move(rma, step, kind, actor=actor, at=at, **(data if not logged else {}))
        logged.append(kind)
    if rma.status == Status.RESOLVED and logged:
        rma.resolved_at = rma.updated_at
        rma.save(update_fields=["resolved_at"])
    return logged
