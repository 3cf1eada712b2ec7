"""What time does to a return: a warning, then the end."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from accounts.actors import SYSTEM_ACTOR
from returns import events
from returns.actions.held import holdings, lock_all, settle_pool
from returns.lifecycle import lock_return, move
from returns.models import Return
from returns.models.rma import Status

WARN_BEFORE = timedelta(days=5)


def expire_returns(now: datetime | None = None) -> int:
    """Expire authorized returns whose time ran out; their units are free again. Returns how many."""
    now = now or timezone.now()
    due = Return.objects.filter(status=Status.AUTHORIZED, expires_at__lte=now).order_by("expires_at")
    count = 0
    for rma in due[:500]:
        count += _expire(rma, now)
    return count


def _expire(rma: Return, now: datetime) -> bool:
    with transaction.atomic():
        rma, rows, lines = lock_all(rma)
        if rma.status != Status.AUTHORIZED or rma.expires_at is None or rma.expires_at > now:
            return False
        if any(item.waived for item in rows):
            return False
        before = holdings(rows)
        move(rma, Status.EXPIRED, "return.expired", actor=SYSTEM_ACTOR)
        settle_pool(rows, lines, before)
    return True


def warn_of_expiry(now: datetime | None = None) -> int:
    """Log once per return that it expires soon; the mail follows from the event. Returns how many."""
    now = now or timezone.now()
    soon = Return.objects.filter(status=Status.AUTHORIZED, expires_at__gt=now, expires_at__lte=now + WARN_BEFORE)
    count = 0
    for rma in soon.exclude(events__kind="return.expiring").exclude(method="keep").order_by("expires_at")[:500]:
        with transaction.atomic():
            locked = lock_return(rma)
            if locked.status == Status.AUTHORIZED and not locked.events.filter(kind="return.expiring").exists():
                events.log(locked, "return.expiring", actor=SYSTEM_ACTOR)
                count += 1
    return count
