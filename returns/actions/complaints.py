"""Complaints that the law wants answered in time: warnings before the day, and what silence means after it.

Poland: a complaint that is not answered within fourteen days counts as accepted (Ustawa o prawach konsumenta
art. 7a). The answer is the mail that says yes, or no with the reasons.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts.actors import SYSTEM_ACTOR
from returns import events
from returns.actions.decide import authorize_return
from returns.lifecycle import lock_return
from returns.models import PolicyDecision, Return
from returns.models.rma import Status
from returns.policy.decision import DECLINED, Decision
from returns.policy.window import end_of

SOON = timedelta(days=3)
LAST = timedelta(days=1)
PAGE = 500


def start_answer(rma: Return, decisions: Iterable[Decision]) -> None:
    """Give an unsaved return that waits for a person the day by which its complaint is answered, if a law sets one."""
    laws = [made.terms.law for made in decisions if made.terms.law is not None]
    latest = [law.answer_due for law in laws if law.answer_due is not None]
    if not latest or rma.status != Status.REQUESTED:
        return
    rma.answer_latest_on = min(latest)
    rma.answer_due_on = min(law.answer_operational for law in laws if law.answer_operational is not None)


def warn_of_answers(now: datetime | None = None) -> int:
    """Log, once per complaint and stage, that its answer falls due: soon, and on the last day by law. How many."""
    today = (now or timezone.now()).date()
    count = 0
    for stage, due in ((2, Q(answer_latest_on__lte=today + LAST)), (1, Q(answer_due_on__lte=today + SOON))):
        found = Return.objects.to_answer().filter(due, answer_warned__lt=stage).order_by("answer_due_on", "pk")
        count += sum(_warn(pk, stage) for pk in found.values_list("pk", flat=True)[:PAGE])
    return count


def _warn(pk: int, stage: int) -> bool:
    with transaction.atomic():
        rma = lock_return(pk)
        if not rma.awaits_answer or rma.answer_warned >= stage:
            return False
        rma.answer_warned = stage
        rma.save(update_fields=["answer_warned"])
        data: dict[str, Any] = {"due": _text(rma.answer_due_on), "latest": _text(rma.answer_latest_on)}
        events.log(rma, "complaint.falls_due", actor=SYSTEM_ACTOR, stage=stage, **data)
    return True


def accept_unanswered(now: datetime | None = None) -> int:
    """Authorize every complaint whose last day is over where the customer lives: by law it is accepted. How many."""
    now = now or timezone.now()
    found = Return.objects.to_answer().filter(answer_latest_on__lte=now.date()).order_by("answer_latest_on", "pk")
    return sum(_accept(rma, now) for rma in found.select_related("order")[:PAGE])


def _accept(rma: Return, now: datetime) -> bool:
    with transaction.atomic():
        type(rma.order).objects.select_for_update(of=("self",)).only("pk").get(pk=rma.order_id)
        rma = lock_return(rma)
        latest = rma.answer_latest_on
        if latest is None or not rma.awaits_answer or now < end_of(latest, rma.law_facts.get("time_zone")):
            return False
        granted = PolicyDecision.objects.filter(rma=rma).exclude(outcome=DECLINED).select_related("item")
        units = {str(row.item.uid): row.item.requested - row.item.cancelled for row in granted}
        asked = [{"item": uid, "quantity": quantity} for uid, quantity in units.items() if quantity]
        if not asked:
            return False
        events.log(rma, "complaint.unanswered", actor=SYSTEM_ACTOR, at=now, latest=_text(latest))
        authorize_return(rma, actor=SYSTEM_ACTOR, items=asked, now=now)
    return True


def _text(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
