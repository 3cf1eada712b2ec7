"""What is known of a customer when they ask, read along with the order's document: no statement of its own."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, F, IntegerField, OuterRef, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce

from customers.models import Order, OrderVersion
from returns.models import Return, ReturnItem
from returns.policy.risk import Risk, Signals, weigh

YEAR, RECENT, LATELY = timedelta(days=365), timedelta(days=30), timedelta(days=90)


def _one(rows: QuerySet[Any], what: Any) -> Coalesce:
    """An aggregate over `rows` as a subquery of one number."""
    whole = rows.order_by().annotate(one=Value(1)).values("one").annotate(found=what).values("found")
    return Coalesce(Subquery(whole, output_field=IntegerField()), 0)


def with_signals(rows: QuerySet[OrderVersion], now: datetime) -> QuerySet[OrderVersion]:
    """Versions of orders with what is known of the customer of each."""
    mine = {"customer": OuterRef("order__customer")}
    returns = Return.objects.filter(**mine, created_at__gte=now - YEAR).exclude(status="cancelled")
    items = ReturnItem.objects.filter(rma__customer=OuterRef("order__customer"), rma__created_at__gte=now - YEAR)
    orders = Order.objects.filter(**mine, placed_at__gte=now - YEAR)
    lately = returns.filter(created_at__gte=now - LATELY, currency=OuterRef("order__currency"))
    same_door = Order.objects.filter(address_key=OuterRef("order__address_key")).exclude(address_key="")
    return rows.annotate(
        s_orders=_one(orders, Count("pk")),
        s_returns=_one(returns, Count("pk")),
        s_recent=_one(returns.filter(created_at__gte=now - RECENT), Count("pk")),
        s_rejected=_one(items.filter(rejected__gt=0), Count("pk")),
        s_missing=_one(items.filter(missing__gt=0), Count("pk")),
        s_accounts=_one(same_door.filter(shop=OuterRef("order__shop")), Count("customer", distinct=True)),
        s_asked=_one(lately, Sum("expected")),
        s_bought=_one(orders.filter(currency=OuterRef("order__currency")), Sum(F("total"))),
    )


def risk_of(version: OrderVersion) -> Risk:
    """The risk by the signals that `with_signals` read."""
    names = ("orders", "returns", "recent", "rejected", "missing", "accounts", "asked", "bought")
    return weigh(Signals(**{name: int(getattr(version, f"s_{name}")) for name in names}))
