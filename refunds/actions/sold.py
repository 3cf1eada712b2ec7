"""The order that a question is about: stored, or only described and read into rows that are never saved."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db.models import F, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.problems import FieldError, Forbidden, Invalid, NotFound, Refused
from customers.actions.order_rows import rows_for
from customers.actions.orders import ReadOrder, new_order, read_order
from customers.models import Channel, Customer, Order, OrderLine, OrderPayment, OrderShipping, OrderVersion, Shop
from returns.actions.risk import risk_of, with_signals
from returns.queries import lines_of


@dataclass(frozen=True, slots=True)
class Sold:
    """An order with everything a decision and a quote look at.

    `captured` is what was paid less what went back elsewhere, minor units; `risk` is a level, None where the customer
    is not known to us.
    """

    order: Order
    document: Mapping[str, Any]
    lines: list[OrderLine]
    shipping: list[OrderShipping]
    captured: int
    risk: str | None = None

    @property
    def ceiling(self) -> int:
        """What is left of the order as a whole, minor units."""
        return self.captured - self.order.refunded


@contextmanager
def under(pointer: str) -> Iterator[None]:
    """Refusals of a document inside of the request point into the request: `/total` becomes `/order/total`."""
    try:
        yield
    except Refused as refusal:
        refusal.errors = [replace(error, pointer=pointer + error.pointer) for error in refusal.errors]
        raise


def sold_order(wanted: Mapping[str, Any], *, actor: Actor, now: datetime) -> Sold:
    """The order by id, by channel and number, or as a whole document; three statements for a stored one.

    Raises NotFound, and for a document Invalid, Mismatch and Forbidden.
    """
    if "lines" in wanted:
        with under("/order"):
            return _described(read_order(wanted), actor)
    rows = Order.objects.visible_to(actor)
    if "id" in wanted:
        return _stored(rows.filter(uid=wanted["id"]), now)
    return _stored(rows.filter(channel__code=wanted["channel"], number=wanted["number"]), now)


def _stored(rows: QuerySet[Order], now: datetime) -> Sold:
    paid = OrderPayment.objects.filter(order=OuterRef("order")).order_by().values("order")
    left = paid.annotate(left=Sum(F("captured") - F("refunded_elsewhere") - F("found_elsewhere"))).values("left")
    current = OrderVersion.objects.filter(order__in=rows, number=F("order__version"))
    shaped = with_signals(current, now).annotate(captured=Coalesce(Subquery(left), 0))
    version = shaped.select_related("order__shop", "order__channel", "order__customer").first()
    if version is None:
        raise NotFound(_("There is no such order, or it is not yours to see."))
    lines = lines_of(version.order_id)
    shipping = list(OrderShipping.objects.filter(order=version.order_id).order_by("pk"))
    captured = version.captured
    return Sold(version.order, version.document, lines, shipping, captured, risk_of(version).level)


def _described(read: ReadOrder, actor: Actor) -> Sold:
    """The rows that a document would make; they get numbers so that components find their kits."""
    order = new_order(read, _channel(read, actor), Customer())
    rows = rows_for(order, read.doc, read.priced)
    for number, line in enumerate(rows.lines, start=1):
        line.pk = number
    for line in rows.lines:
        line.parent = line.parent  # takes the kit's number over
    return Sold(order, read.canonical, rows.lines, rows.shipping, _captured(rows.payments))


def _captured(payments: Iterable[OrderPayment]) -> int:
    return sum(payment.captured - payment.elsewhere for payment in payments)


def _channel(read: ReadOrder, actor: Actor) -> Channel:
    known = Channel.objects.select_related("shop").filter(code=read.doc.channel).first()
    shop = known.shop if known else Shop.objects.filter(code=read.doc.shop).first()
    if shop is None:
        detail = _("There is no shop %(code)s.") % {"code": read.doc.shop}
        raise Invalid(detail, errors=[FieldError("/shop", "unknown", detail)])
    if read.doc.shop not in (shop.code, "main"):
        detail = _("Channel %(channel)s belongs to shop %(shop)s.") % {"channel": read.doc.channel, "shop": shop.code}
        raise Invalid(detail, errors=[FieldError("/shop", "mismatch", detail)])
    if (actor.shops and shop.code not in actor.shops) or (actor.channels and read.doc.channel not in actor.channels):
        raise Forbidden(_("This key is not for this shop and channel."))
    return known or Channel(code=read.doc.channel, shop=shop)
