"""The return as the API shows it: one statement for any number of returns, each app adding its own section."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import CharField, JSONField, OuterRef, QuerySet, Subquery
from django.db.models.expressions import RawSQL
from django.db.models.functions import JSONObject
from django.utils.module_loading import import_string

from customers import money
from returns.links import portal_url
from returns.models import PolicyDecision, Return, ReturnItem, Shipment
from returns.models.rma import Status
from returns.policy import explain

Row = dict[str, Any]


class JSONList(Subquery):
    """The rows of a queryset as one JSON list; `fields` maps member names to expressions."""

    output_field = JSONField()
    template = "(SELECT COALESCE(jsonb_agg(_u.doc), '[]'::jsonb) FROM (%(subquery)s) _u)"

    def __init__(self, rows: QuerySet[Any], fields: Mapping[str, Any]) -> None:
        super().__init__(rows.annotate(doc=JSONObject(**fields)).values("doc"), output_field=JSONField())

    def as_sqlite(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        """SQLite's own names for the same."""
        template = "(SELECT COALESCE(json_group_array(json(_u.doc)), '[]') FROM (%(subquery)s) _u)"
        return super().as_sql(compiler, connection, template=template)


@dataclass(frozen=True)
class Section:
    """One member of the document: `rows()` is an expression over a return, `present` makes the member of it."""

    name: str
    rows: Callable[[], JSONList]
    present: Callable[[list[Row], Return], list[Row]]


@cache
def sections() -> tuple[Section, ...]:
    """All sections, as the composition root lists them."""
    table: Mapping[str, str] = import_string(settings.RETURN_DOCUMENT)
    return tuple(import_string(path) for path in table.values())


def instant(value: Any) -> str | None:
    """An instant from the database or JSON as RFC 3339 in UTC."""
    if value is None:
        return None
    moment = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    return moment.isoformat().replace("+00:00", "Z")


def uid(value: Any) -> str | None:
    """A UUID in its one spelling; SQLite keeps them without dashes."""
    return None if value is None else str(uuid.UUID(str(value)))


def loaded(value: Any) -> Any:
    """A JSON column inside a JSON object; SQLite hands it over as text."""
    return json.loads(value) if isinstance(value, str) else value


def _sql_of(expression: Any) -> tuple[str, tuple[Any, ...]]:
    """The SQL of an expression over `returns_return`."""
    query = Return.objects.annotate(doc=expression).query
    sql, params = query.get_compiler(connection=connection).compile(query.annotations["doc"])
    return sql, tuple(params)


@cache
def _written(vendor: str) -> dict[str, tuple[str, tuple[Any, ...]]]:
    """Each section's SQL, written once: writing it takes longer than the database takes."""
    return {f"doc_{section.name}": _sql_of(section.rows()) for section in sections()}


@cache
def _written_hold(vendor: str) -> tuple[str, tuple[Any, ...]]:
    """The SQL of what holds money up, as the composition root names it, written once."""
    return _sql_of(import_string(settings.RETURN_MONEY_HOLD)())


def with_documents(rows: QuerySet[Return]) -> QuerySet[Return]:
    """Annotate everything that `present` needs."""
    written = _written(connection.vendor).items()
    columns = {name: RawSQL(sql, params, output_field=JSONField()) for name, (sql, params) in written}
    return with_money_hold(rows.select_related("order", "channel").annotate(**columns))


def with_money_hold(rows: QuerySet[Return]) -> QuerySet[Return]:
    """Annotate `money_hold`, which `blocked_by` needs: what holds up money that was decided on, empty for nothing."""
    sql, params = _written_hold(connection.vendor)
    return rows.annotate(money_hold=RawSQL(sql, params, output_field=CharField()))


def document_of(rma: Return) -> Row:
    """The document of one return as it is now, in one statement."""
    return present(with_documents(Return.objects.filter(pk=rma.pk)).get())


def blocked_by(rma: Return) -> str | None:
    """Who or what the money of a return from `with_money_hold` waits for; None when it is over.

    Before money was decided on: customer (the goods), decision, inspection, payment. After it, as the return's
    `money_hold` says: approval (a second person), refused (by the bank, a person pays otherwise), by_hand,
    exchange_held (a person decides on it), exchange (the replacement has to leave), difference (the customer pays
    it), gateway (the bank).
    """
    if not rma.is_open:
        return None
    if rma.status == Status.REQUESTED:
        return "decision"
    hold: str = rma.money_hold  # type: ignore[attr-defined]
    if hold or rma.open_reimbursements:
        return hold or "gateway"
    if rma.status == Status.INSPECTED:
        return "payment"
    if rma.status in (Status.RECEIVED, Status.PARTIALLY_RECEIVED):
        return "inspection"
    return "payment" if rma.withhold == "not_allowed" else "customer"


def _refund_due(rma: Return) -> Row | None:
    """When the money is due: the day to work by and the law's own."""
    if rma.refund_due_on is None or rma.refund_latest_on is None:
        return None
    return {
        "operational": rma.refund_due_on.isoformat(),
        "latest": rma.refund_latest_on.isoformat(),
        "withhold": rma.withhold,
        "blocked_by": blocked_by(rma),
    }


def _answer_due(rma: Return) -> Row | None:
    """By when a complaint is answered, where a law sets a day."""
    if rma.answer_due_on is None or rma.answer_latest_on is None:
        return None
    return {
        "operational": rma.answer_due_on.isoformat(),
        "latest": rma.answer_latest_on.isoformat(),
        "answered": not rma.awaits_answer,
    }


def present(rma: Return) -> Row:
    """The document of an annotated return."""
    refunded = rma.refunded
    open_amount = max(0, rma.expected - refunded) if rma.is_open else 0
    return {
        "rma": rma.code,
        "status": rma.status,
        "order": {"id": str(rma.order.uid), "channel": rma.channel.code, "number": rma.order.number},
        "resolution": rma.resolution,
        "method": rma.method,
        "basis_claimed": rma.basis_claimed or None,
        "requested_by": rma.requested_by,
        "exchange_for": rma.exchange_for,
        "locale": rma.locale,
        "currency": rma.currency,
        "refund_due": _refund_due(rma),
        "answer_due": _answer_due(rma),
        "amounts": {
            "expected": money.to_text(rma.expected, rma.currency),
            "refunded": money.to_text(refunded, rma.currency),
            "refundable": money.to_text(open_amount, rma.currency),
        },
        "declined": {"reason": rma.decline_reason, "message": rma.decline_message} if rma.decline_reason else None,
        **{s.name: s.present(getattr(rma, f"doc_{s.name}"), rma) for s in sections()},
        "portal_url": portal_url(rma),
        "expires_at": instant(rma.expires_at),
        "created_at": instant(rma.created_at),
        "updated_at": instant(rma.updated_at),
    }


QUANTITIES = (
    "requested",
    "authorized",
    "received",
    "accepted",
    "rejected",
    "cancelled",
    "missing",
    "waived",
    "refunded",
    "exchanged",
)


def _item_rows() -> JSONList:
    decision = PolicyDecision.objects.filter(item=OuterRef("pk")).order_by("-pk")
    fields = {
        "outcome": "outcome",
        "basis": "basis",
        "detail": "detail",
        "overridden_by": "overridden_by",
        "override_reason": "override_reason",
    }
    rows = ReturnItem.objects.filter(rma=OuterRef("pk")).order_by("pk")
    return JSONList(
        rows,
        {
            "uid": "uid",
            "line": "line__external_id",
            "sku": "line__sku",
            "title": "line__title",
            "reason": "reason",
            "comment": "comment",
            "answers": "answers",
            "resolution": "resolution",
            "exchange_for": "exchange_for",
            **{name: name for name in QUANTITIES},
            "decision": JSONList(decision[:1], fields),
        },
    )


def _present_items(rows: list[Row], rma: Return) -> list[Row]:
    return [_item(row) for row in rows]


def _item(row: Row) -> Row:
    decisions = loaded(row["decision"])
    return {
        "id": uid(row["uid"]),
        "line": row["line"],
        "sku": row["sku"],
        "title": row["title"],
        "reason": row["reason"],
        "comment": row["comment"],
        "answers": loaded(row["answers"]),
        "resolution": row["resolution"] or None,
        "exchange_for": loaded(row["exchange_for"]),
        "quantity": {name: row[name] for name in QUANTITIES},
        "decision": _decision(decisions[0]) if decisions else None,
    }


def _decision(row: Row) -> Row:
    detail = loaded(row["detail"])
    overridden = bool(row["overridden_by"])
    return {
        "outcome": "authorized" if overridden else row["outcome"],
        "basis": row["basis"],
        "codes": detail.get("codes", []),
        "explanation": explain.for_customer(detail) if detail.get("notes") else "",
        "override": {"reason": row["override_reason"]} if overridden else None,
    }


ITEMS = Section("items", _item_rows, _present_items)


def _shipment_rows() -> JSONList:
    return JSONList(Shipment.objects.filter(returns=OuterRef("pk")).order_by("pk"), SHIPMENT_FIELDS)


SHIPMENT_FIELDS = {
    "uid": "uid",
    "carrier": "carrier",
    "service": "service",
    "state": "state",
    "tracking_number": "tracking_number",
    "parcels": "parcels",
    "by_customer": "by_customer",
    "last_error": "last_error",
    "created_at": "created_at",
}


def shipment_document(row: Row) -> Row:
    """A shipment as the API shows it; its documents are there once the label is issued."""
    base = f"{settings.BASE_URL}/api/v1/shipments/{uid(row['uid'])}/label"
    printable = bool(row["tracking_number"]) and not row["by_customer"]
    return {
        "id": uid(row["uid"]),
        "carrier": row["carrier"],
        "service": row["service"],
        "status": row["state"],
        "tracking_number": row["tracking_number"] or None,
        "parcels": row["parcels"],
        "by_customer": bool(row["by_customer"]),
        "label": {kind: f"{base}.{kind}" for kind in ("pdf", "zpl", "png")} if printable else None,
        "error": row["last_error"] or None,
        "created_at": instant(row["created_at"]),
    }


SHIPMENTS = Section("shipments", _shipment_rows, lambda rows, rma: [shipment_document(row) for row in rows])
