"""The document of a return that moves in from another system, read strictly; docs/moving-in.md explains it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from accounts.problems import Invalid
from customers.pricing import fields as f
from customers.pricing.fields import Bad, Scalar, check_text, choice, integer, text
from customers.pricing.schema import Field, Report, Schema
from inspections.models import Disposition, Grade, Outcome
from refunds.actions.past import (
    History,
    OrderKey,
    PaidUnits,
    PastFinding,
    PastItem,
    PastNote,
    PastPayment,
    PastRefund,
    Way,
)
from refunds.actions.plan import TENDERS
from returns.models.rma import Status
from returns.policy.reasons import METHODS, REASONS, RESOLUTIONS


def _lines(longest: int) -> Scalar:
    """Free text of several lines."""

    def read(value: Any, _currency: str) -> str:
        if type(value) is str and len(value) > longest:
            raise Bad("too_long", max=longest)
        parts = value.splitlines() if type(value) is str else [value]
        return "\n".join(check_text(part.replace("\t", " ") if type(part) is str else part, longest) for part in parts)

    return Scalar(read, lambda value, _currency: value, {"type": "string", "maxLength": longest})


UNITS, SOME = integer(0, f.MOST_UNITS), integer(1, f.MOST_UNITS)
FINDING = Schema(
    PastFinding,
    (
        Field("quantity", SOME, required=True),
        Field("grade", choice(*Grade.values), required=True),
        Field("outcome", choice(*Outcome.values), required=True),
        Field("disposition", choice(*Disposition.values), required=True),
        Field("note", _lines(2000), default=""),
    ),
)
ITEM = Schema(
    PastItem,
    (
        Field("line", text(100, blank=False), required=True),
        Field("quantity", SOME, required=True),
        Field("reason", choice(*REASONS), required=True),
        Field("comment", _lines(2000), default=""),
        Field("authorized", UNITS),
        Field("received", UNITS),
        Field("accepted", UNITS),
        Field("rejected", UNITS),
        Field("cancelled", UNITS, default=0),
        Field("missing", UNITS),
        Field("waived", UNITS),
        Field("inspections", schema=FINDING, many=True, default=()),
    ),
)
PAID_UNITS = Schema(
    PaidUnits,
    (
        Field("line", text(100, blank=False), required=True),
        Field("quantity", SOME, required=True),
        Field("amount", f.AMOUNT),
    ),
)
PAYMENT = Schema(
    PastPayment,
    (
        Field("payment", text(64, blank=False)),
        Field("amount", f.AMOUNT),
        Field("reference", text(200)),
    ),
)
REFUND = Schema(
    PastRefund,
    (
        Field("at", f.INSTANT, required=True),
        Field("tender", choice(*TENDERS), default="original"),
        Field("items", schema=PAID_UNITS, many=True, required=True),
        Field("shipping", f.AMOUNT, default=0),
        Field("payments", schema=PAYMENT, many=True, default=()),
    ),
)
NOTE = Schema(
    PastNote,
    (
        Field("at", f.INSTANT, required=True),
        Field("text", _lines(5000), required=True),
        Field("author", text(120), default=""),
        Field("visible_to_customer", f.BOOLEAN, default=False),
    ),
)
WAY = Schema(
    Way,
    (
        Field("carrier", text(60, blank=False), required=True),
        Field("tracking_number", text(100, blank=False), required=True),
    ),
)
ORDER_KEY = Schema(
    OrderKey,
    (
        Field("channel", text(60, blank=False), required=True),
        Field("number", text(100, blank=False), required=True),
    ),
)
HISTORY = Schema(
    History,
    (
        Field("reference", text(100, blank=False), required=True),
        Field("order", schema=ORDER_KEY, required=True),
        Field("status", choice(*Status.values), required=True),
        Field("resolution", choice(*RESOLUTIONS), default="refund"),
        Field("method", choice(*METHODS), default="own_carrier"),
        Field("requested_by", choice("customer", "staff", "integration"), default="customer"),
        Field("locale", f.LOCALE),
        Field("requested_at", f.INSTANT, required=True),
        Field("decided_at", f.INSTANT),
        Field("sent_at", f.INSTANT),
        Field("received_at", f.INSTANT),
        Field("inspected_at", f.INSTANT),
        Field("closed_at", f.INSTANT),
        Field("decided_by", text(120), default=""),
        Field("decline_reason", text(200)),
        Field("decline_message", _lines(2000), default=""),
        Field("items", schema=ITEM, many=True, required=True),
        Field("refunds", schema=REFUND, many=True, default=()),
        Field("shipment", schema=WAY),
        Field("notes", schema=NOTE, many=True, default=()),
    ),
)
STEPS = ("requested_at", "decided_at", "sent_at", "received_at", "inspected_at", "closed_at")


def order_key(document: Mapping[str, Any]) -> OrderKey:
    """Which order a document is about: the amounts in it are read in that order's currency. Raises Invalid."""
    report = Report()
    found = ORDER_KEY.read(document.get("order"), "/order", report)
    if report.errors:
        raise Invalid(_("The return does not say which order it is of."), errors=report.errors)
    assert isinstance(found, OrderKey)
    return found


def read_history(document: Mapping[str, Any], *, currency: str, now: datetime) -> History:
    """Read a document strictly. Raises Invalid with every error, each at its JSON pointer."""
    report = Report(currency=currency)
    found = HISTORY.read(document, "", report)
    if isinstance(found, History):
        _check_dates(found, report, now)
        _check_lines(found, report)
    if report.errors or found is None:
        raise Invalid(_("The return has errors."), errors=report.errors)
    assert isinstance(found, History)
    return replace(found, refunds=tuple(sorted(found.refunds, key=lambda refund: refund.at)))


def _check_dates(found: History, report: Report, now: datetime) -> None:
    last: datetime | None = None
    for name in STEPS:
        moment = getattr(found, name)
        if moment is None:
            continue
        if last is not None and moment < last:
            report.add(f"/{name}", Bad("invalid", _("This lies before the step that comes before it.")))
        last = moment
    moments = [(f"/{name}", getattr(found, name)) for name in STEPS]
    moments += [(f"/refunds/{n}/at", refund.at) for n, refund in enumerate(found.refunds)]
    moments += [(f"/notes/{n}/at", note.at) for n, note in enumerate(found.notes)]
    for pointer, moment in moments:
        if moment is not None and moment > now:
            report.add(pointer, Bad("invalid", _("This lies in the future.")))
        if moment is not None and moment < found.requested_at:
            report.add(pointer, Bad("invalid", _("This lies before the request.")))


def _check_lines(found: History, report: Report) -> None:
    names = [item.line for item in found.items]
    if not names:
        report.add("/items", Bad("required"))
    for index, name in enumerate(names):
        if name in names[:index]:
            report.add(f"/items/{index}/line", Bad("duplicate", _("Each line stands in a return once: add it up.")))
    for index, refund in enumerate(found.refunds):
        for place, paid in enumerate(refund.items):
            if paid.line not in names:
                detail = _("The return has no such line.")
                report.add(f"/refunds/{index}/items/{place}/line", Bad("unknown_line", detail))
