"""Who holds a store credit, and the frame of a mail about one that no return brought."""

from __future__ import annotations

from typing import Any

from notifications.queries.frame import colours, greeting_name, imprint, withdrawal_link
from refunds.links import credit_url
from refunds.models import StoreCredit
from returns.models import Event


def credit_of(event: Event) -> StoreCredit | None:
    """The credit that an event of its own stream speaks of."""
    rows = StoreCredit.objects.select_related("shop", "customer", "order__channel", "reimbursement__order__channel")
    return rows.filter(pk=event.data.get("credit")).first()


def holder_of(credit: StoreCredit) -> str:
    """The address of who holds it; empty where nobody told us, and for a training channel."""
    order = credit.order or (credit.reimbursement.order if credit.reimbursement else None)
    if order is not None and order.channel.is_sandbox:
        return ""
    known = credit.customer.email if credit.customer else ""
    return credit.email or (order.email if order else "") or known


def locale_of(credit: StoreCredit) -> str:
    """The language that the holder reads, as far as anybody knows; else the shop's first."""
    said = (credit.order and credit.order.locale) or (credit.customer and credit.customer.locale)
    return str(said or next(iter(credit.shop.languages), "") or "en")


def credit_frame(credit: StoreCredit) -> dict[str, Any]:
    """What the base template needs where there is no return."""
    order = credit.order or (credit.reimbursement.order if credit.reimbursement else None)
    name = (credit.order.name if credit.order else "") or (credit.customer.name if credit.customer else "")
    return {
        "rma": None,
        "code": credit.code,
        "currency": credit.currency,
        "number": "",
        "name": greeting_name(name),
        "url": credit_url(credit),
        "shop": credit.shop,
        "imprint": imprint(credit.shop, locale_of(credit)),
        "colours": colours(credit.shop.brand),
        "withdrawal": withdrawal_link(
            order.country if order else "", locale_of(credit), contract=order.number if order else ""
        ),
    }
