"""The ledger for accounting: what was decided with its tax, what moved, and what store credit did, in order of time."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, cast

from django.db.models import F, OuterRef, Prefetch, QuerySet, Subquery
from django.db.models.functions import JSONObject
from django.utils import timezone

from customers import money
from customers.models import Order, OrderVersion
from refunds.actions.span import Span, T, in_batches
from refunds.models import Refund, Reimbursement, ReimbursementLine, StoreCreditEntry
from returns.documents import loaded

COLUMNS = (
    "at", "date", "book", "kind", "shop", "channel", "order", "placed_on", "rma", "reimbursement", "refund", "credit",
    "document_kind", "document_number", "document_date", "ksef_number", "allocation_number", "buyer_tax_id",
    "customer_kind", "reason", "sku", "title", "quantity", "currency", "tax_rate", "net", "tax", "gross", "tender",
    "gateway", "payment", "gateway_reference", "correction_number", "correction_date",
)  # fmt: skip
FIGURES = frozenset({"quantity", "tax_rate", "net", "tax", "gross"})
WITHOUT_VAT = ("bonus", "return_postage")
Entry = dict[str, str | None]
Placed = tuple[datetime, int, int, int, Entry]


def ledger(span: Span) -> Iterator[Entry]:
    """Every entry of a span, oldest first; the three books are read side by side, a batch at a time."""
    for *_place, entry in heapq.merge(_decided(span), _moved(span), _credited(span), key=lambda placed: placed[:4]):
        yield entry


def with_papers(rows: QuerySet[T], order: str) -> QuerySet[T]:
    """Annotate `sold`: the documents and the kind of customer that the order's document names."""
    version = OrderVersion.objects.filter(order=OuterRef(order), number=OuterRef(f"{order}__version"))
    told = JSONObject(documents=F("document__documents"), kind=F("document__customer__kind"))
    return cast("QuerySet[T]", rows.annotate(sold=Subquery(version.values(told=told)[:1])))


def paper_of(sold: Any) -> dict[str, Any]:
    """The document that the sale was recorded with: an invoice before a receipt; empty when none is known."""
    papers = loaded(loaded(sold or "{}").get("documents") or []) or []
    ranked = sorted(papers, key=lambda paper: paper.get("kind") != "invoice")
    return dict(ranked[0]) if ranked else {}


def _placed(at: datetime, book: int, pk: int, position: int, entry: Entry) -> Placed:
    day = timezone.localtime(at).date().isoformat()
    moment = at.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return at, book, pk, position, dict.fromkeys(COLUMNS) | {"at": moment, "date": day} | entry


def _sale(order: Order, sold: Any) -> Entry:
    """What every entry about an order says of the sale."""
    paper = paper_of(sold)
    return {
        "shop": order.shop.code,
        "channel": order.channel.code,
        "order": order.number,
        "placed_on": timezone.localtime(order.placed_at).date().isoformat(),
        "document_kind": paper.get("kind"),
        "document_number": paper.get("number"),
        "document_date": paper.get("issued_on"),
        "ksef_number": paper.get("ksef_number"),
        "allocation_number": paper.get("allocation_number"),
        "buyer_tax_id": paper.get("buyer_tax_id"),
        "customer_kind": _kind(sold),
    }


def _kind(sold: Any) -> str | None:
    kind = loaded(sold or "{}").get("kind")
    return kind.strip('"') if isinstance(kind, str) else None


def decisions(span: Span) -> QuerySet[Reimbursement]:
    """The reimbursements that were settled in a span."""
    found = Reimbursement.objects.filter(
        span.within("settled_at"), span.orders("order"), span.priced(), state=Reimbursement.State.SETTLED
    )
    return found.defer("payout", "request")


def _decided(span: Span) -> Iterator[Placed]:
    """A line for each line of a settled reimbursement, and what an exchange kept for the replacement."""
    lines = ReimbursementLine.objects.select_related("line", "item", "shipping").order_by("position")
    rows = with_papers(decisions(span), "order").select_related("order__shop", "order__channel", "rma")
    rows = rows.prefetch_related(Prefetch("lines", queryset=lines), "documents", "refunds")
    for row in in_batches(rows, "settled_at"):
        assert row.settled_at is not None
        whole = _decision(row)
        for position, line in enumerate(row.lines.all()):
            yield _placed(row.settled_at, 0, row.pk, position, whole | _line(line, row.currency))
        if row.tender == "exchange":
            kept = row.total - sum(refund.amount for refund in row.refunds.all())
            entry: Entry = {"kind": "exchange_value", "gross": money.to_text(-kept, row.currency)}
            yield _placed(row.settled_at, 0, row.pk, 10_000, whole | entry)


def _decision(row: Reimbursement) -> Entry:
    papers = sorted(row.documents.all(), key=lambda paper: paper.pk)
    return _sale(row.order, getattr(row, "sold", None)) | {
        "book": "decision",
        "rma": row.rma.code if row.rma else None,
        "reimbursement": str(row.uid),
        "currency": row.currency,
        "tender": row.tender,
        "correction_number": "; ".join(paper.number for paper in papers) or None,
        "correction_date": papers[0].issued_on.isoformat() if papers else None,
    }


def _line(line: ReimbursementLine, currency: str) -> Entry:
    untaxed = line.kind in WITHOUT_VAT
    return {
        "kind": line.kind,
        "reason": line.reason or (line.item.reason if line.item else None),
        "sku": line.line.sku if line.line else None,
        "title": line.line.title if line.line else (line.shipping.method or None if line.shipping else None),
        "quantity": str(line.quantity) if line.quantity else None,
        "tax_rate": None if untaxed else money.rate_text(line.tax_rate),
        "net": money.to_text(line.net, currency),
        "tax": money.to_text(line.tax, currency),
        "gross": money.to_text(line.gross, currency),
    }


def movements(span: Span) -> QuerySet[Refund]:
    """The refunds that succeeded in a span."""
    return Refund.objects.filter(
        span.within("succeeded_at"),
        span.orders("reimbursement__order"),
        span.priced(),
        state=Refund.State.SUCCEEDED,
    )


def _moved(span: Span) -> Iterator[Placed]:
    """A line for each movement of money."""
    rows = with_papers(movements(span), "reimbursement__order").select_related(
        "reimbursement__order__shop", "reimbursement__order__channel", "reimbursement__rma", "payment"
    )
    for row in in_batches(rows, "succeeded_at"):
        assert row.succeeded_at is not None
        made = row.reimbursement
        entry = _sale(made.order, getattr(row, "sold", None)) | {
            "book": "money",
            "kind": "refund",
            "rma": made.rma.code if made.rma else None,
            "reimbursement": str(made.uid),
            "refund": str(row.uid),
            "currency": row.currency,
            "gross": money.to_text(row.amount, row.currency),
            "tender": made.tender,
            "gateway": row.gateway,
            "payment": row.payment.external_id if row.payment else None,
            "gateway_reference": row.gateway_refund_id,
        }
        yield _placed(row.succeeded_at, 1, row.pk, 0, entry)


def credit_lines(span: Span) -> QuerySet[StoreCreditEntry]:
    """What store credit did in a span."""
    rows = StoreCreditEntry.objects.filter(span.within("at"))
    if span.currency:
        rows = rows.filter(credit__currency=span.currency)
    if span.shop:
        rows = rows.filter(credit__shop__code=span.shop)
    if span.actor.shops:
        rows = rows.filter(credit__shop__code__in=span.actor.shops)
    if span.actor.channels:
        rows = rows.filter(credit__reimbursement__order__channel__code__in=span.actor.channels)
    return rows


def _credited(span: Span) -> Iterator[Placed]:
    """A line for each line of the store credits' ledgers: positive is owed to the customer."""
    rows = credit_lines(span).select_related("credit__shop", "credit__reimbursement__rma")
    for row in in_batches(rows, "at"):
        credit = row.credit
        made = credit.reimbursement
        entry: Entry = {
            "book": "store_credit",
            "kind": f"credit_{row.kind}",
            "shop": credit.shop.code,
            "rma": made.rma.code if made and made.rma else None,
            "reimbursement": str(made.uid) if made else None,
            "credit": credit.code,
            "currency": credit.currency,
            "gross": money.to_text(row.amount, credit.currency),
            "reason": row.reference or None,
        }
        yield _placed(row.at, 2, row.pk, 0, entry)
