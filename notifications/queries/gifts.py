"""Money without goods as its customer reads it: goodwill and price reductions, with a return or without one."""

from __future__ import annotations

from typing import Any

from django.conf import settings

from customers.models import Order
from notifications.queries.frame import colours, greeting_name, imprint, withdrawal_link
from notifications.queries.money import money_lines
from refunds.models import Reimbursement
from returns.models import Event, Return


def gift(event: Event, rma: Return | None) -> dict[str, Any] | None:
    """What is given, why, line by line, and which way it goes; None for a reimbursement that is no more."""
    row = Reimbursement.objects.filter(uid=event.data.get("reimbursement")).first()
    if row is None or row.state == Reimbursement.State.REJECTED:
        return None
    return {
        "amount": row.total,
        "total": row.total,
        "currency": row.currency,
        "reason": row.reason,
        "lines": money_lines(row),
        "way": row.tender,
        "account": row.payout_masked,
        "reduced": row.kind == Reimbursement.Kind.PRICE_REDUCTION,
    }


def order_of(event: Event) -> Order | None:
    """The order that an event of an order's own stream speaks of; None for a training channel."""
    kind, _colon, pk = event.stream.partition(":")
    if kind != "order" or not pk.isdigit():
        return None
    rows = Order.objects.select_related("shop", "customer", "channel")
    return rows.filter(pk=int(pk), channel__is_sandbox=False).first()


def order_locale(order: Order) -> str:
    """The language of the buyer, as far as anybody knows; else the shop's first."""
    return str(order.locale or order.customer.locale or next(iter(order.shop.languages), "") or "en")


def order_frame(order: Order) -> dict[str, Any]:
    """What the base template needs where there is no return."""
    return {
        "rma": None,
        "code": order.number,
        "currency": order.currency,
        "number": order.number,
        "name": greeting_name(order.name or order.customer.name),
        "url": f"{settings.BASE_URL}/",
        "shop": order.shop,
        "imprint": imprint(order.shop, order_locale(order)),
        "colours": colours(order.shop.brand),
        "withdrawal": withdrawal_link(order.country, order_locale(order), contract=order.number),
    }
