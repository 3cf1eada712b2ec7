"""Operations for accounting: the ledger, its daily totals, documents, and the register of returns."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.actors import Actor
from accounts.endpoints import Endpoint, OneFormat
from accounts.problems import FieldError, Invalid, NotFound
from accounts.wire import page_of, query, read
from customers import money
from customers.models import Order
from refunds.actions.documents_in import Paper, record_document, without_document
from refunds.actions.ledger_file import ledger_csv, ledger_json
from refunds.actions.span import FIRST, LAST, Span
from refunds.actions.totals import Day, Difference, daily_totals
from refunds.api import books_shapes as shapes
from refunds.documents import reimbursement_document, reimbursement_fields
from refunds.models import Reimbursement
from refunds.printing import as_file
from returns.documents import JSONList, instant

READ, WRITE = "refunds:read", "refunds:write"
LONGEST = 366


def span_of(wanted: dict[str, Any], actor: Actor) -> Span:
    """The span that was asked for. Raises Invalid for days in the wrong order and spans past a year."""
    days = (wanted["to"] - wanted["from"]).days
    if not (0 <= days < LONGEST and wanted["from"] >= FIRST and wanted["to"] <= LAST):
        detail = _("Ask for at most %(days)d days, the first day first.") % {"days": LONGEST}
        raise Invalid(detail, errors=[FieldError("/to", "invalid", detail)])
    return Span(
        first=wanted["from"],
        last=wanted["to"],
        actor=actor,
        shop=wanted.get("shop", ""),
        currency=wanted.get("currency", "").upper(),
    )


class Ledger(Endpoint):
    """The ledger."""

    scopes: ClassVar = {"GET": READ}
    content_negotiation_class = OneFormat

    @extend_schema(
        parameters=[shapes.LedgerQuery], responses={200: shapes.LedgerOut, (200, "text/csv"): OpenApiTypes.BINARY}
    )
    def get(self, request: Request) -> HttpResponseBase:
        """Every refund, credit, fee and tax by rate of a span of days, with the sale's own document; streamed."""
        wanted = query(shapes.LedgerQuery, request.query_params)
        span = span_of(wanted, self.actor)
        if wanted.get("format") == "csv":
            return as_file(ledger_csv(span), f"ledger-{span.first}-{span.last}.csv")
        return StreamingHttpResponse((text.encode() for text in ledger_json(span)), content_type="application/json")


class LedgerTotals(Endpoint):
    """Daily totals."""

    scopes: ClassVar = {"GET": READ}

    @extend_schema(parameters=[shapes.SpanQuery], responses=shapes.TotalsOut)
    def get(self, request: Request) -> Response:
        """What was decided, what was refunded and what the gateway's ledger says, by day, currency and gateway."""
        found = daily_totals(span_of(query(shapes.SpanQuery, request.query_params), self.actor))
        return Response(
            {
                "ties": all(day.ties for day in found.days) and not found.differences,
                "days": [_day(day) for day in found.days],
                "differences": [_difference(one) for one in found.differences],
            }
        )


def _text(amount: int | None, currency: str) -> str | None:
    return None if amount is None else money.to_text(amount, currency)


def _day(day: Day) -> dict[str, Any]:
    figures = {name: _text(getattr(day, name), day.currency) for name in ("decided", "refunded", "ledger")}
    return {"date": day.day, "currency": day.currency, "gateway": day.gateway, **figures, "ties": day.ties}


def _difference(one: Difference) -> dict[str, Any]:
    figures = {name: _text(getattr(one, name), one.currency) for name in ("ours", "theirs")}
    place = {"date": one.day, "currency": one.currency, "gateway": one.gateway}
    return {**place, "kind": one.kind, "subject": one.subject, **figures}


def with_parts(rows: QuerySet[Reimbursement]) -> QuerySet[Reimbursement]:
    """Annotate everything that a reimbursement's document needs, so that a page is one statement."""
    parts = {f"doc_{name}": value for name, value in reimbursement_fields().items() if isinstance(value, JSONList)}
    return rows.select_related("order", "rma").annotate(**parts)


def present(row: Reimbursement) -> dict[str, Any]:
    """A reimbursement of a list, with its order and return."""
    fields = reimbursement_fields()
    parts = {name for name, value in fields.items() if isinstance(value, JSONList)}
    document = {name: getattr(row, f"doc_{name}" if name in parts else name) for name in fields}
    return reimbursement_document(document) | {
        "order": row.order.number,
        "rma": row.rma.code if row.rma else None,
        "settled_at": instant(row.settled_at),
    }


class AllReimbursements(Endpoint):
    """The reimbursements of all returns."""

    scopes: ClassVar = {"GET": READ}

    @extend_schema(
        operation_id="reimbursements_list",
        parameters=[shapes.ReimbursementQuery],
        responses=page_of(shapes.ListedReimbursementOut),
    )
    def get(self, request: Request) -> Response:
        """List reimbursements, newest first; `without_document=true` those that still lack a credit note."""
        wanted = query(shapes.ReimbursementQuery, request.query_params)
        rows = Reimbursement.objects.all()
        if wanted.get("without_document") == "true":
            rows = without_document(self.actor)
        elif self.actor.shops or self.actor.channels:
            rows = rows.filter(order__in=Order.objects.visible_to(self.actor))
        if "shop" in wanted:
            rows = rows.filter(order__shop__code=wanted["shop"])
        if "currency" in wanted:
            rows = rows.filter(currency=wanted["currency"].upper())
        return self.page(with_parts(rows).order_by("-id"), present)


def find_reimbursement(uid: uuid.UUID, actor: Actor) -> Reimbursement:
    """The reimbursement, if the actor may see its order. Raises NotFound."""
    row = Reimbursement.objects.filter(uid=uid, order__in=Order.objects.visible_to(actor)).first()
    if row is None:
        raise NotFound(_("There is no such reimbursement, or it is not yours to see."))
    return row


class ReimbursementDocuments(Endpoint):
    """The documents of a reimbursement."""

    scopes: ClassVar = {"POST": WRITE}

    @extend_schema(
        request=shapes.DocumentIn,
        responses={200: shapes.ListedReimbursementOut, 201: shapes.ListedReimbursementOut},
    )
    def post(self, request: Request, uid: uuid.UUID) -> Response:
        """Record the document that accounting issued: 201 new, 200 when it is recorded already."""
        body = read(shapes.DocumentIn, request.data)
        row = find_reimbursement(uid, self.actor)
        paper = Paper(
            kind=body["kind"],
            number=body["number"],
            issued_on=body["issued_on"],
            ksef_number=body.get("ksef_number") or "",
            allocation_number=body.get("allocation_number") or "",
        )
        _document, new = record_document(row, paper, actor=self.actor)
        found = with_parts(Reimbursement.objects.filter(pk=row.pk)).get()
        return Response(present(found), status=201 if new else 200)
