"""Which days, shop and currency accounting asks about, and reading rows of them a batch at a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TypeVar

from django.db.models import Model, Q, QuerySet
from django.utils import timezone

from accounts.actors import Actor
from customers.models import Order

BATCH = 500
"""Rows that are held at a time, of each of the three sources: every statement stays short, however long the period."""
FIRST, LAST = date(1970, 1, 1), date(2999, 12, 31)
"""Days that anybody may ask about."""
T = TypeVar("T", bound=Model)


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Whole days, both included, in the installation's time zone, of what the actor may see."""

    first: date
    last: date
    actor: Actor
    shop: str = ""
    currency: str = ""

    @property
    def start(self) -> datetime:
        """The first instant."""
        return timezone.make_aware(datetime.combine(self.first, time.min))

    @property
    def end(self) -> datetime:
        """The first instant after it."""
        return timezone.make_aware(datetime.combine(self.last + timedelta(days=1), time.min))

    def within(self, field: str) -> Q:
        """Rows whose `field` lies in the span."""
        return Q(**{f"{field}__gte": self.start, f"{field}__lt": self.end})

    def orders(self, path: str) -> Q:
        """Rows whose order, at `path`, may be seen and is of the shop."""
        if not (self.actor.shops or self.actor.channels or self.shop):
            return Q()
        rows = Order.objects.visible_to(self.actor)
        return Q(**{f"{path}__in": rows.filter(shop__code=self.shop) if self.shop else rows})

    def priced(self) -> Q:
        """Rows of the currency."""
        return Q(currency=self.currency) if self.currency else Q()


def in_batches(rows: QuerySet[T], field: str) -> Iterator[T]:
    """All rows by time and id, going on after the last row seen."""
    chosen = rows.order_by(field, "pk")
    while batch := list(chosen[:BATCH]):
        yield from batch
        if len(batch) < BATCH:
            return
        at, pk = getattr(batch[-1], field), batch[-1].pk
        chosen = rows.filter(Q(**{f"{field}__gt": at}) | Q(**{field: at, "pk__gt": pk})).order_by(field, "pk")
