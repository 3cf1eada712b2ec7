"""Taking an order in: a new one, a new version of a known one, or nothing new."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.problems import FieldError, Forbidden, Invalid
from customers import pricing
from customers.actions.buyers import buyer_of
from customers.actions.order_rows import (
    Known,
    OrderConflict,
    fill,
    refunded_elsewhere,
    rows_for,
    store_rows,
)
from customers.models import Channel, Customer, Order, OrderVersion, Shop

NEW, CHANGED, UNCHANGED = "new", "changed", "unchanged"


@dataclass(frozen=True, slots=True)
class Taken:
    """An order with what became of its document."""

    order: Order
    outcome: str


@dataclass(frozen=True, slots=True)
class ReadOrder:
    """An order document read strictly, priced, and in its one normal form with the hash of that."""

    doc: pricing.OrderDocument
    priced: pricing.PricedOrder
    canonical: dict[str, Any]
    digest: str


def upsert_order(document: Mapping[str, Any], *, actor: Actor) -> Taken:
    """Store an order document by (channel, number).

    Raises Invalid or Mismatch for a document that cannot be used, Forbidden outside of the key's bounds and
    OrderConflict when a new version would shrink below what is claimed or refunded.
    """
    return take_in(read_order(document), actor=actor)


def read_order(document: Mapping[str, Any]) -> ReadOrder:
    """Read an order document without looking at the database. Raises Invalid and Mismatch."""
    doc = pricing.validate(document)
    priced = pricing.price(doc)
    canonical = pricing.canonical(doc)
    text = json.dumps(canonical, sort_keys=True, ensure_ascii=False)
    return ReadOrder(doc, priced, canonical, hashlib.sha256(text.encode()).hexdigest())


def take_in(read: ReadOrder, *, actor: Actor) -> Taken:
    """Store an order that was read. Raises Invalid, Forbidden and OrderConflict."""
    with transaction.atomic():
        channel = channel_of(read.doc, actor)
        rows = Order.objects.filter(channel=channel, number=read.doc.number)
        order = rows.select_for_update(of=("self",)).first()
        if order is None:
            order = _insert(read, channel)
            if order is None:  # somebody else stored it between our look and our write
                return take_in(read, actor=actor)
            return Taken(order, NEW)
        order.channel = channel
        return _revise(order, read)


def channel_of(doc: pricing.OrderDocument, actor: Actor) -> Channel:
    """The channel a document names; a new one is made in its shop. Raises Invalid and Forbidden."""
    channel = Channel.objects.select_related("shop").filter(code=doc.channel).first()
    if channel is None:
        return _new_channel(doc, actor)
    if doc.shop not in (channel.shop.code, "main"):
        names = {"channel": channel.code, "shop": channel.shop.code}
        detail = _("Channel %(channel)s belongs to shop %(shop)s.") % names
        raise Invalid(detail, errors=[FieldError("/shop", "mismatch", detail)])
    _refuse_foreign(actor, channel.shop.code, channel.code)
    return channel


def _new_channel(doc: pricing.OrderDocument, actor: Actor) -> Channel:
    shop = Shop.objects.filter(code=doc.shop).first()
    if shop is None:
        text = _("There is no shop %(code)s. Create it in the admin site, or leave the field out.")
        detail = text % {"code": doc.shop}
        raise Invalid(detail, errors=[FieldError("/shop", "unknown", detail)])
    _refuse_foreign(actor, shop.code, doc.channel)
    channel, _new = Channel.objects.get_or_create(code=doc.channel, defaults={"shop": shop})
    return channel


def _refuse_foreign(actor: Actor, shop: str, channel: str) -> None:
    if (actor.shops and shop not in actor.shops) or (actor.channels and channel not in actor.channels):
        raise Forbidden(_("This key is not for this shop and channel."))


def new_order(read: ReadOrder, channel: Channel, customer: Customer) -> Order:
    """The row of an order's first version, not stored yet."""
    order = Order(channel=channel, number=read.doc.number, version=1)
    fill(order, read.doc, read.priced, customer)
    return order


def _insert(read: ReadOrder, channel: Channel) -> Order | None:
    order = new_order(read, channel, buyer_of(read.doc, channel.shop))
    try:
        with transaction.atomic():
            order.save(force_insert=True)
    except IntegrityError:
        return None
    _add_version(order, read)
    store_rows([rows_for(order, read.doc, read.priced)])
    return order


def _add_version(order: Order, read: ReadOrder) -> None:
    OrderVersion.objects.create(order=order, number=order.version, document=read.canonical, document_hash=read.digest)


def _revise(order: Order, read: ReadOrder) -> Taken:
    current = OrderVersion.objects.filter(order=order, number=order.version).only("document_hash").get()
    if current.document_hash == read.digest:
        return Taken(order, UNCHANGED)
    known = Known(
        {row.external_id: row for row in order.lines.all()},
        {row.external_id: row for row in order.shipping.all()},
        {row.external_id: row for row in order.payments.select_for_update()},
    )
    _refuse_shrinking(order, read, known)
    fill(order, read.doc, read.priced, buyer_of(read.doc, order.channel.shop))
    order.version += 1
    order.save()
    _add_version(order, read)
    order.deliveries.all().delete()
    store_rows([rows_for(order, read.doc, read.priced, known)])
    return Taken(order, CHANGED)


def _refuse_shrinking(order: Order, read: ReadOrder, known: Known) -> None:
    details = [
        *(("/lines", _("Line %(id)s is partly returned."), name) for name in _short_lines(read, known)),
        *(("/shipping", _("Shipping %(id)s is refunded."), name) for name in _short_shipping(read, known)),
        *(("/payments", _("Payment %(id)s is refunded."), name) for name in _short_payments(read, known)),
    ]
    errors = [FieldError(pointer, "conflict", text % {"id": name}) for pointer, text, name in details]
    if order.currency != read.doc.currency and order.returns.exists():
        detail = _("The order has returns in %(c)s.") % {"c": order.currency}
        errors.append(FieldError("/currency", "conflict", detail))
    if errors:
        raise OrderConflict(
            _("The new version takes away what is already claimed or refunded. Resolve those returns first."),
            errors=errors,
        )


def _short_lines(read: ReadOrder, known: Known) -> list[str]:
    """Lines that would have fewer units or less money than was claimed or refunded of them."""
    lines = {line.id: line for line in read.priced.lines}
    found: list[str] = []
    for name, row in known.lines.items():
        new = lines.get(name)
        units, paid = max(row.claimed, row.refunded_units), row.refunded_gross + row.extra_gross
        if (units or paid) and (new is None or new.quantity < units or new.gross < paid):
            found.append(name)
    return found


def _short_shipping(read: ReadOrder, known: Known) -> list[str]:
    paid = {charge.id: charge.gross for charge in read.priced.shipping}
    return [name for name, row in known.shipping.items() if row.refunded_gross > paid.get(name, 0)]


def _short_payments(read: ReadOrder, known: Known) -> list[str]:
    """Payments of which more would be refunded, here and elsewhere, than was captured."""
    captured = {payment.id: payment.captured for payment in read.doc.payments}
    elsewhere = refunded_elsewhere(read.doc)
    return [
        name
        for name, row in known.payments.items()
        if row.refunded + row.found_elsewhere
        and row.refunded + row.found_elsewhere + elsewhere.get(name, 0) > captured.get(name, 0)
    ]
