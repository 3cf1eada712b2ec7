"""What a return's page says of the customer, the order, the parcels, the mails and the photos."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from babel import Locale, UnknownLocaleError
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from customers.models import Order
from customers.templatetags.comeback import reader
from returns.documents import instant
from returns.media import photo_url
from returns.models import Photo, Return, ReturnItem, Shipment
from returns.policy.choices import PAYMENTS
from returns.policy.risk import reason_words
from returns.views.desk.timeline import SCANS, carrier_name

Context = dict[str, Any]
HISTORY = 5
LATEST_MESSAGES = 20
# kinds of photos, as the captions under them say
CAPTIONS = {
    "customer": gettext_lazy("From the customer"),
    "receipt": gettext_lazy("As received"),
    "inspection": gettext_lazy("At the bench"),
}


def customer_facts(rma: Return) -> Context:
    """Who it is, with what they bought and sent back before."""
    customer = rma.customer
    returns = customer.returns.exclude(pk=rma.pk).order_by("-pk")
    locale = rma.locale or customer.locale
    return {
        "since": customer.orders.order_by("placed_at").values_list("placed_at", flat=True).first(),
        "orders": customer.orders.count(),
        "returned": customer.returns.count(),
        "recent": list(returns.only("code", "status", "customer")[:HISTORY]),
        "language": language_name(locale),
        "email": rma.order.email,
        "phone": rma.order.phone,
        "tags": customer.tags,
        "risk": rma.risk,
        "signals": _signals(rma),
    }


def _signals(rma: Return) -> list[str]:
    """What was unusual when it was asked for, in words; nothing to read where nothing was."""
    if rma.risk not in ("medium", "high"):
        return []
    asked = rma.events.filter(kind="return.requested").order_by("seq").first()
    return [reason_words(reason) for reason in (asked.data.get("signals") or () if asked else ())]


def language_name(locale: str) -> str:
    """A language in the reader's own words; empty when there is none."""
    try:
        return (Locale.parse(locale, sep="-").get_language_name(reader()) or locale).capitalize() if locale else ""
    except (ValueError, UnknownLocaleError):
        return locale


def order_facts(rma: Return) -> Context:
    """What was sold, paid and delivered."""
    order: Order = rma.order
    document = rma.order_version.document
    delivered = [row["delivered_at"] for row in document.get("deliveries") or () if row.get("delivered_at")]
    payments = list(order.payments.order_by("position"))
    return {
        "number": order.number,
        "placed_at": order.placed_at,
        "delivered_on": max(map(datetime.fromisoformat, delivered)) if delivered else None,
        "currency": order.currency,
        "total": order.total,
        "address": document.get("ship_to") or {},
        "payments": [
            {
                "kind": PAYMENTS.get(payment.kind, payment.kind),
                "captured": payment.captured,
                "refundable": payment.rest,
            }
            for payment in payments
        ],
    }


def shipment_rows(rma: Return, writes: bool) -> list[Context]:
    """Its parcels with labels and scans; `writes` tells whether the person may void a label."""
    rows = rma.shipments.prefetch_related("labels", "tracking").order_by("pk")
    live = (Shipment.State.LABEL_PENDING, Shipment.State.LABEL_ISSUED)
    return [
        {
            "shipment": row,
            "carrier": carrier_name(row.carrier),
            "labels": row.labels.all(),
            "tracking": [
                {"at": scan.at, "words": SCANS.get(scan.code, scan.code), "location": scan.location}
                for scan in sorted(row.tracking.all(), key=lambda scan: scan.at)
            ],
            "can_void": writes and row.state in live,
        }
        for row in rows
    ]


def message_rows(rma: Return) -> list[Context]:
    """The latest mails, newest first."""
    rows = rma.messages.defer("html", "text").order_by("-pk")[:LATEST_MESSAGES]
    return [{"message": row, "url": reverse("desk:message", args=[row.pk])} for row in rows]


def item_row(item: ReturnItem, photos: list[Photo], found: dict[int, list[Context]]) -> Context:
    """An item with its photos in fixed order: as sold, the customer's, the bench's; and what was found on it."""
    findings = found.get(item.pk, [])
    of_findings = {photo["uid"] for finding in findings for photo in finding["photos"]}
    own = [photo_row(photo, item) for photo in photos if photo.item_id == item.pk and photo.uid not in of_findings]
    sold = (
        [{"url": item.line.image_url, "alt": item.line.title, "caption": _("As sold")}] if item.line.image_url else []
    )
    later = [photo for finding in findings for photo in finding["photos"]]
    return {
        "item": item,
        "title": item.line.title,
        "image": item.line.image_url,
        "photos": [*sold, *own, *later] if own or later else [],
        "findings": findings,
    }


def loose_photos(photos: list[Photo], receipts: list[Context]) -> list[Context]:
    """Photos of the return as a whole, those of its parcels aside."""
    of_parcels = {photo["uid"] for one in receipts for photo in one["photos"]}
    return [photo_row(photo) for photo in photos if photo.item_id is None and photo.uid not in of_parcels]


def photo_row(photo: Photo, item: ReturnItem | None = None) -> Context:
    """A photo for partials/photo.html: what it shows, who took it, when."""
    caption = photo.caption or str(CAPTIONS.get(photo.kind, ""))
    return {
        "uid": photo.uid,
        "url": photo_url(photo),
        "thumbnail_url": photo_url(photo, thumbnail=True),
        "alt": f"{item.line.title}: {caption}" if item else caption,
        "caption": caption,
        "by": photo.taken_by,
        "at": instant(photo.created_at),
    }
