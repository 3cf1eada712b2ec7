"""The rows of an order: one set of them for a document, stored for one order or for many at once."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Model, ProtectedError
from django.utils.translation import gettext as _

from accounts.problems import Conflict
from customers import pricing
from customers.actions.buyers import short_locale
from customers.models import Customer, Delivery, Order, OrderLine, OrderPayment, OrderShipping


class OrderConflict(Conflict):
    """A new version takes away what was already claimed or refunded."""


@dataclass(slots=True)
class Known:
    """The rows that an order has already, by their id in the document."""

    lines: dict[str, OrderLine] = field(default_factory=dict)
    shipping: dict[str, OrderShipping] = field(default_factory=dict)
    payments: dict[str, OrderPayment] = field(default_factory=dict)


@dataclass(slots=True)
class Rows:
    """The rows that a document makes: those to store, and those of the version before that it leaves out."""

    lines: list[OrderLine]
    shipping: list[OrderShipping]
    payments: list[OrderPayment]
    deliveries: list[Delivery]
    gone: list[Model]


def fill(order: Order, doc: pricing.OrderDocument, priced: pricing.PricedOrder, customer: Customer) -> None:
    """Put what the document says on the order itself; its channel is set."""
    order.shop = order.channel.shop
    order.customer = customer
    order.email = (doc.customer.email or "").lower()
    order.phone = doc.customer.phone or (doc.ship_to.phone if doc.ship_to else None) or ""
    order.name = doc.customer.name or (doc.ship_to.name if doc.ship_to else None) or ""
    order.currency = doc.currency
    order.total = priced.total
    order.prices_include_tax = doc.prices_include_tax
    order.sale_channel = doc.sale_channel
    order.source = doc.source
    order.locale = short_locale(doc.locale)
    order.country = (doc.ship_to.country if doc.ship_to else None) or ""
    order.address_key = address_key(doc.ship_to)
    order.placed_at = doc.placed_at
    order.deliveries_known = doc.deliveries is not None


def address_key(address: pricing.Address | None) -> str:
    """A fingerprint of a door, however it is written: spaces, case and punctuation aside; empty without a street."""
    if address is None or not (address.line1 and address.postal_code):
        return ""
    parts = (address.country, address.postal_code, address.line1, address.line2)
    plain = "|".join("".join(each for each in (part or "").casefold() if each.isalnum()) for part in parts)
    return hashlib.sha256(plain.encode()).hexdigest()[:40]


def rows_for(
    order: Order,
    doc: pricing.OrderDocument,
    priced: pricing.PricedOrder,
    known: Known | None = None,
    *,
    with_lines: bool = True,
) -> Rows:
    """The rows of a document; those of `known` keep their identity and counters."""
    known = known or Known()
    rows = Rows(
        lines=_lines(order, doc, priced, known.lines) if with_lines else [],
        shipping=_shipping(order, doc, priced, known.shipping),
        payments=_payments(order, doc, known.payments),
        deliveries=_deliveries(order, doc),
        gone=[],
    )
    # components before their kits
    rows.gone = [
        *sorted(known.lines.values(), key=lambda line: line.parent_id is None),
        *known.shipping.values(),
        *known.payments.values(),
    ]
    return rows


def store_rows(sets: Iterable[Rows]) -> None:
    """Write the rows of one order or of many: one statement for each kind of row that is new."""
    sets = list(sets)
    lines = [line for rows in sets for line in rows.lines]
    _store(OrderLine, [line for line in lines if line.parent is None])
    _store(OrderLine, [line for line in lines if line.parent is not None])
    _store(OrderShipping, [row for rows in sets for row in rows.shipping])
    _store(OrderPayment, [row for rows in sets for row in rows.payments])
    Delivery.objects.bulk_create([row for rows in sets for row in rows.deliveries])
    for rows in sets:
        _drop(rows.gone)


def _drop(gone: Iterable[Model]) -> None:
    try:
        for row in gone:
            row.delete()
    except ProtectedError as error:
        raise OrderConflict(_("The new version leaves out what returns refer to.")) from error


def _lines(
    order: Order, doc: pricing.OrderDocument, priced: pricing.PricedOrder, known: dict[str, OrderLine]
) -> list[OrderLine]:
    found: dict[str, OrderLine] = {}
    for values in line_values(doc, priced):
        name = values["external_id"]
        row = found[name] = known.pop(name) if name in known else OrderLine(order=order)
        for attribute, value in values.items():
            setattr(row, attribute, value)
    for line in doc.lines:
        found[line.id].parent = None if line.parent is None else found[line.parent]
    return list(found.values())


def line_values(doc: pricing.OrderDocument, priced: pricing.PricedOrder) -> Iterator[dict[str, Any]]:
    """What a document says of each line, by the names of OrderLine."""
    delivered = delivered_units(doc)
    for position, (line, paid) in enumerate(zip(doc.lines, priced.lines, strict=True)):
        yield {
            "external_id": line.id,
            "position": position,
            "sku": line.sku,
            "title": line.title,
            "quantity": line.quantity,
            "gross": paid.gross,
            "tax": paid.tax,
            "tax_rate": paid.tax_rate,
            "category": line.category or "",
            "tags": list(line.tags),
            "image_url": line.image_url or "",
            "pieces": line.pieces,
            "delivered": min(line.quantity, delivered.get(line.id, 0)),
        }


def delivered_units(doc: pricing.OrderDocument) -> dict[str, int]:
    """Units per line that are, or may be, with the customer; unknown deliveries are on the consumer's side."""
    if doc.deliveries is None:
        return {line.id: line.quantity for line in doc.lines}
    units: dict[str, int] = {}
    for parcel in doc.deliveries:
        if parcel.shipped_at or parcel.delivered_at:
            for line_id, quantity in parcel.lines.items():
                units[line_id] = units.get(line_id, 0) + quantity
    parts = [line for line in doc.lines if line.parent is not None]
    if parts:
        _share_with_kits(doc, parts, units)
    return units


def _share_with_kits(doc: pricing.OrderDocument, parts: list[pricing.Line], units: dict[str, int]) -> None:
    """Where a parcel names only the kit, its components came too; where it names only them, whole kits came."""
    kits = {line.id: line for line in doc.lines}
    for part in parts:
        assert part.parent is not None
        if part.id not in units and part.parent in units:
            units[part.id] = part.quantity * units[part.parent] // max(1, kits[part.parent].quantity)
    of_kit: dict[str, list[pricing.Line]] = {}
    for part in parts:
        of_kit.setdefault(part.parent or "", []).append(part)
    for kit, members in of_kit.items():
        if kit not in units:
            units[kit] = min(units.get(part.id, 0) * kits[kit].quantity // max(1, part.quantity) for part in members)


def _shipping(
    order: Order, doc: pricing.OrderDocument, priced: pricing.PricedOrder, known: dict[str, OrderShipping]
) -> list[OrderShipping]:
    found: list[OrderShipping] = []
    for charge, paid in zip(doc.shipping, priced.shipping, strict=True):
        row = known.pop(charge.id, None) or OrderShipping(order=order, external_id=charge.id)
        row.method, row.gross, row.tax = charge.method or "", paid.gross, paid.tax
        row.tax_rate, row.cheapest_standard = paid.tax_rate, paid.cheapest_standard
        found.append(row)
    return found


def refunded_elsewhere(doc: pricing.OrderDocument) -> dict[str, int]:
    """Minor units per payment that went back outside of Comeback."""
    elsewhere: dict[str, int] = {}
    for refund in doc.refunds:
        elsewhere[refund.payment] = elsewhere.get(refund.payment, 0) + refund.amount
    return elsewhere


def _payments(order: Order, doc: pricing.OrderDocument, known: dict[str, OrderPayment]) -> list[OrderPayment]:
    elsewhere = refunded_elsewhere(doc)
    found: list[OrderPayment] = []
    for position, payment in enumerate(doc.payments):
        row = known.pop(payment.id, None) or OrderPayment(order=order, external_id=payment.id)
        row.position, row.kind, row.refundability = position, payment.kind, payment.refundability
        row.gateway, row.reference = payment.gateway, payment.reference or ""
        row.captured, row.authorized = payment.captured, payment.authorized or 0
        row.instalments = _instalments(payment)
        row.refunded_elsewhere = elsewhere.get(payment.id, 0)
        found.append(row)
    return found


def _instalments(payment: pricing.Payment) -> dict[str, int | None] | None:
    """Instalments as they are stored: minor units."""
    plan = payment.instalments
    return None if plan is None else {"count": plan.count, "first": plan.first, "each": plan.each}


def _deliveries(order: Order, doc: pricing.OrderDocument) -> list[Delivery]:
    return [
        Delivery(
            order=order,
            external_id=parcel.id,
            shipped_at=parcel.shipped_at,
            delivered_at=parcel.delivered_at,
            quantities=dict(parcel.lines),
        )
        for parcel in doc.deliveries or ()
    ]


def _store(model: Any, rows: list[Any]) -> None:
    new = [row for row in rows if row.pk is None]
    known = [row for row in rows if row.pk is not None]
    if new:
        model.objects.bulk_create(new)
    if known:
        names = [f.name for f in model._meta.concrete_fields if not f.primary_key and f.name != "order"]
        model.objects.bulk_update(known, names)
