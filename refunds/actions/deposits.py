"""What time does to a replacement that left first: a warning, then its deposit pays for it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import QuerySet, Sum
from django.utils import timezone

from accounts.actors import SYSTEM_ACTOR
from refunds.actions.exchange_steps import keep_deposit, lock_exchange
from refunds.models import Exchange
from returns import events

WARN_BEFORE: Final = timedelta(days=4)
BATCH: Final = 200


def _owed() -> QuerySet[Exchange]:
    """Replacements that left first, whose goods are not back and whose deposit was not taken."""
    rows = Exchange.objects.filter(advance=True, state=Exchange.State.SHIPPED, reimbursement=None, held_for="")
    return rows.annotate(came=Sum("rma__items__received")).filter(came=0).select_related("rma")


def chase_deposits(now: datetime | None = None) -> int:
    """Warn of deposits that are taken soon, take those whose goods did not come by their day; returns how many."""
    today = (now or timezone.now()).date()
    done = sum(keep_deposit(row, actor=SYSTEM_ACTOR) for row in _owed().filter(goods_due_on__lt=today)[:BATCH])
    soon = _owed().filter(warned_at=None, goods_due_on__gte=today, goods_due_on__lte=today + WARN_BEFORE)
    return done + sum(_warn(row) for row in soon[:BATCH])


def _warn(exchange: Exchange) -> bool:
    with transaction.atomic():
        rows, exchange = lock_exchange(exchange)
        if exchange.warned_at is not None or exchange.held_for or exchange.reimbursement_id is not None:
            return False
        exchange.warned_at = timezone.now()
        exchange.save(update_fields=["warned_at", "updated_at"])
        events.log(rows.rma, "exchange.deposit_due", actor=SYSTEM_ACTOR, exchange=str(exchange.uid))
    return True
