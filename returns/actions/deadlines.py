"""When money is due on a return: set once by the law it stands under, and again with every fact that moves it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from accounts.actors import SYSTEM_ACTOR
from returns import events
from returns.documents import instant
from returns.lifecycle import lock_return
from returns.models import Return
from returns.models.rma import FREE, Status
from returns.policy.decision import DECLINED, Decision
from returns.policy.facts import OrderFacts
from returns.policy.law import ACCEPT, LawFacts
from returns.policy.law.refunds import kept_facts, refund_clock
from returns.policy.window import local_day

# no law sets a clock: what the house promises
HOUSE_DAYS = 14
SOON = timedelta(days=3)
LAST = timedelta(days=1)
PAGE = 500
FIELDS = ("refund_due_on", "refund_latest_on", "withhold")


def start_clock(rma: Return, order: OrderFacts, decisions: Sequence[tuple[Decision, LawFacts]], now: datetime) -> None:
    """Give an unsaved return its law and its refund dates; of several items the one that is due first counts."""
    granted = [(made, facts) for made, facts in decisions if made.outcome != DECLINED] or list(decisions)
    lawful = [(made.terms.law, facts) for made, facts in granted if made.terms.law and made.terms.law.profile]
    accepted = [pair for pair in lawful if pair[0].right == ACCEPT]
    chosen = min(accepted, key=lambda pair: pair[0].refund_due or date.max, default=next(iter(lawful), None))
    rma.law_version = next((made.terms.law.version for made, _facts in granted if made.terms.law), "")
    rma.law_facts = kept_facts(order, granted[0][1] if chosen is None else chosen[1], now, rma.resolution)
    if chosen is not None:
        rma.law_profile = chosen[0].profile or ""
    if rma.status == Status.AUTHORIZED:
        rma.law_facts["agreed_at"] = instant(now)
    if chosen is not None and chosen[0].right == ACCEPT:
        reckon(rma)
        return
    rma.withhold = "not_applicable"
    if order.sale_channel != "store":
        rma.refund_due_on = rma.refund_latest_on = refund_due(now, order.time_zone)


def refund_due(told_at: datetime, time_zone: str | None = None) -> date:
    """The last day to pay back where no law says one; local at the delivery address, in UTC if that is unknown."""
    return local_day(told_at, time_zone) + timedelta(days=HOUSE_DAYS)


def reckon(rma: Return) -> None:
    """Write the refund dates of a return from its law and the facts it keeps; the caller saves `FIELDS`."""
    clock = refund_clock(rma.law_profile, rma.law_facts) if rma.law_profile and rma.law_facts else None
    if clock is None:
        return
    rma.refund_due_on, rma.refund_latest_on, rma.withhold = clock.operational, clock.latest, clock.withhold


def note_fact(rma: Return, name: str, at: datetime) -> None:
    """Keep a fact that moves the refund clock of a locked return, the earliest instant of it, and reckon anew.

    `name` is proof_of_sending_at, goods_received_at or agreed_at.
    """
    known = rma.law_facts.get(name)
    if known is not None and datetime.fromisoformat(known) <= at:
        return
    rma.law_facts = {**rma.law_facts, name: instant(at)}
    if rma.withhold != "not_applicable" and "placed_at" in rma.law_facts:
        reckon(rma)
    rma.save(update_fields=[*FIELDS, "law_facts"])


def warn_of_refunds(now: datetime | None = None) -> int:
    """Log, once per return and stage, that money falls due: soon, tomorrow at the latest by law, past it.

    While the customer may be waited for nothing is owed and nobody is warned. Returns how many warnings.
    """
    now = now or timezone.now()
    today = now.date()
    count = 0
    for stage, due in ((3, Q(refund_latest_on__lt=today)), (2, Q(refund_latest_on__lte=today + LAST)),
                       (1, Q(refund_due_on__lte=today + SOON))):  # fmt: skip
        found = _owed(Return.objects.filter(due, refund_warned__lt=stage)).order_by("refund_due_on", "pk")
        count += sum(_warn(pk, stage) for pk in found.values_list("pk", flat=True)[:PAGE])
    return count


def _owed(rows: QuerySet[Return]) -> QuerySet[Return]:
    """Open returns whose money nobody but us holds up."""
    here = Q(status__in=[Status.RECEIVED, Status.INSPECTED])
    settled = Q(expected__gt=0, refunded__gte=F("expected"))
    return rows.exclude(status__in=[*FREE, Status.RESOLVED]).exclude(settled).filter(Q(withhold="not_allowed") | here)


def _warn(pk: int, stage: int) -> bool:
    with transaction.atomic():
        rma = lock_return(pk)
        if not _owed(Return.objects.filter(pk=pk, refund_warned__lt=stage)).exists():
            return False
        rma.refund_warned = stage
        rma.save(update_fields=["refund_warned"])
        data: dict[str, Any] = {"stage": stage, "due": _day(rma.refund_due_on), "latest": _day(rma.refund_latest_on)}
        events.log(rma, "refund.falls_due", actor=SYSTEM_ACTOR, **data)
    return True


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
