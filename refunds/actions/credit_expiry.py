"""What time does to store credit: reminders, then the rest is taken off the books."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from accounts.actors import SYSTEM_ACTOR
from customers.models import Shop
from refunds.actions.ledger import lock_credit, post, tell
from refunds.calculator import validity
from refunds.models import StoreCredit

BATCH = 500
LIVE = Q(expired_at=None, voided_at=None)


def remind_of_credit(now: datetime | None = None) -> int:
    """Log that a credit with something on it ends soon, on the days that its shop chose; the mail follows from it.

    Returns how many.
    """
    now = now or timezone.now()
    today = now.date()
    soon = StoreCredit.objects.filter(LIVE, balance__gt=0, expires_on__gt=today)
    marks = Q(pk=None)
    for shop, chosen in Shop.objects.values_list("pk", "credit_reminder_days"):
        for days in chosen or ():
            # due for this mark: the day has come, and no reminder since
            reached = Q(shop=shop, expires_on__lte=today + timedelta(days=days))
            marks |= reached & (Q(reminded_at=None) | Q(expires_on__gt=F("reminded_at__date") + timedelta(days=days)))
    rows = soon.filter(marks).order_by("expires_on")[:BATCH]
    return sum(_remind(credit, now) for credit in rows)


def _remind(credit: StoreCredit, now: datetime) -> bool:
    with transaction.atomic():
        credit = lock_credit(credit)
        reminded_on = credit.reminded_at.date() if credit.reminded_at else None
        days = validity.due_reminder(credit.expires_on, reminded_on, now.date(), credit.shop.credit_reminder_days or ())
        if days is None or credit.voided_at or credit.expired_at or not credit.balance:
            return False
        credit.reminded_at = now
        credit.save(update_fields=["reminded_at"])
        tell(credit, "store_credit.expiring", actor=SYSTEM_ACTOR, balance=credit.balance, days=days)
    return True


def expire_credits(now: datetime | None = None) -> int:
    """Take what is left of a credit whose last day has ended everywhere off the books. Returns how many."""
    now = now or timezone.now()
    over = StoreCredit.objects.filter(LIVE, expires_on__lt=(now - validity.LAST_ZONE).date()).order_by("expires_on")
    return sum(_expire(credit, now) for credit in over[:BATCH])


def _expire(credit: StoreCredit, now: datetime) -> bool:
    with transaction.atomic():
        credit = lock_credit(credit)
        if credit.expired_at or credit.voided_at or not validity.is_over(credit.expires_on, now):
            return False
        taken, credit.expired_at, credit.pending = credit.balance, now, 0
        credit.save(update_fields=["expired_at", "pending"])
        if taken:
            post(credit, "expired", -taken, actor=SYSTEM_ACTOR)
        tell(credit, "store_credit.expired", actor=SYSTEM_ACTOR, amount=taken)
    return True
