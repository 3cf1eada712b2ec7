"""The money's section of the return document: reimbursements with their lines and refunds."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db.models import OuterRef

from customers import money
from refunds.models import (
    Charge,
    Coupon,
    Document,
    Exchange,
    ExchangeLine,
    Refund,
    Reimbursement,
    ReimbursementLine,
    StoreCredit,
)
from refunds.payout import TO_ACCOUNTS
from returns.documents import JSONList, Row, Section, instant, loaded, uid
from returns.models import Photo

LINE_FIELDS = {
    "kind": "kind",
    "item": "item__uid",
    "line": "line__external_id",
    "shipping": "shipping__external_id",
    "quantity": "quantity",
    "net": "net",
    "tax": "tax",
    "gross": "gross",
    "reason": "reason",
    "inspection": "inspection__uid",
}
REFUND_FIELDS = {
    "uid": "uid",
    "payment": "payment__external_id",
    "amount": "amount",
    "state": "state",
    "gateway": "gateway",
    "gateway_refund_id": "gateway_refund_id",
    "currency": "currency",
    "replaces": "replaces_id",
    "kind": "payment__kind",
}
PAPER_FIELDS = {
    "kind": "kind",
    "number": "number",
    "issued_on": "issued_on",
    "ksef_number": "ksef_number",
    "allocation_number": "allocation_number",
}
FIELDS = {
    "uid": "uid",
    "state": "state",
    "currency": "currency",
    "net": "net",
    "tax": "tax",
    "total": "total",
    "fee": "fee",
    "tax_by_rate": "tax_by_rate",
    "tender": "tender",
    "payout_masked": "payout_masked",
    "kind": "kind",
    "reason": "reason",
    "held_for": "held_for",
    "created_by_name": "created_by_name",
    "approved_by_name": "approved_by_name",
    "approved_at": "approved_at",
    "rejected_because": "rejected_because",
    "reverses": "reverses__uid",
    "created_at": "created_at",
}


def reimbursement_fields() -> dict[str, Any]:
    """The members of a reimbursement with its lines, refunds and store credit nested in it."""
    mine = {"reimbursement": OuterRef("pk")}
    credit = {"code": "code", "amount": "reimbursement__total", "expires_on": "expires_on"}
    return FIELDS | {
        "lines": JSONList(ReimbursementLine.objects.filter(**mine).order_by("position"), LINE_FIELDS | _evidence()),
        "refunds": JSONList(Refund.objects.filter(**mine).order_by("pk"), REFUND_FIELDS),
        "credit": JSONList(StoreCredit.objects.filter(**mine), credit),
        "exchange": JSONList(Exchange.objects.filter(**mine), {"uid": "uid", "state": "state"}),
        "papers": JSONList(Document.objects.filter(**mine).order_by("pk"), PAPER_FIELDS),
    }


def _evidence() -> dict[str, Any]:
    """The photos of the finding behind a line."""
    photos = Photo.objects.filter(inspections=OuterRef("inspection_id")).order_by("pk")
    return {"photos": JSONList(photos, {"uid": "uid"})}


def reimbursement_document(row: Row) -> Row:
    """A reimbursement as the API shows it; signed lines whose sums give the totals, `fee` positive."""
    currency = row["currency"]

    def text(amount: int) -> str:
        return money.to_text(amount, currency)

    credit, exchange = loaded(row["credit"]), loaded(row["exchange"])
    return {
        "id": uid(row["uid"]),
        "status": row["state"],
        "currency": currency,
        "lines": [_line(line, text) for line in loaded(row["lines"])],
        "net": text(row["net"]),
        "tax": text(row["tax"]),
        "tax_by_rate": {rate_text(rate): text(amount) for rate, amount in loaded(row["tax_by_rate"]).items()},
        "fee": text(row["fee"]),
        "total": text(row["total"]),
        "tender": row["tender"],
        "payout": row["payout_masked"] or None,
        "account_wanted": _account_wanted(row, loaded(row["refunds"])),
        "refunds": [refund_document(refund) for refund in loaded(row["refunds"])],
        "store_credit": _credit(credit[0], text) if credit else None,
        "exchange": {"id": uid(exchange[0]["uid"]), "status": exchange[0]["state"]} if exchange else None,
        "kind": row["kind"],
        "reason": row["reason"],
        "held_for": row["held_for"] or None,
        "prepared_by": row["created_by_name"],
        "approved_by": row["approved_by_name"] or None,
        "approved_at": instant(row["approved_at"]),
        "rejected_because": row["rejected_because"] or None,
        "reverses": uid(row["reverses"]),
        "documents": [paper_document(paper) for paper in loaded(row["papers"])],
        "created_at": instant(row["created_at"]),
    }


def _credit(credit: Row, text: Any) -> Row:
    """The store credit that a reimbursement went into."""
    ends = credit["expires_on"]
    last = None if ends is None else str(ends)[:10]
    return {"code": credit["code"], "amount": text(credit["amount"]), "expires_on": last}


def _account_wanted(row: Row, refunds: list[Row]) -> bool:
    """Whether a bank transfer waits to be paid, to the account that is known or to one that somebody has to give."""
    if row["state"] == Reimbursement.State.AWAITING_APPROVAL:
        return bool(row["tender"] == "bank_transfer" or row["payout_masked"])
    waiting = [one for one in refunds if (one["state"], one["gateway"]) == (Refund.State.MANUAL_PENDING, "manual")]
    known = row["tender"] == "bank_transfer" or bool(row["payout_masked"])
    return any(known or one.get("replaces") or one.get("kind") in TO_ACCOUNTS for one in waiting)


def paper_document(row: Row) -> Row:
    """A document of accounting as the API shows it."""
    empty = {name: row[name] or None for name in ("ksef_number", "allocation_number")}
    return {"kind": row["kind"], "number": row["number"], "issued_on": str(row["issued_on"])[:10], **empty}


def rate_text(rate: Any) -> str:
    """A tax rate without needless zeros: 0.23, 0.07, 0."""
    value = Decimal(str(rate)).normalize()
    return f"{value:f}"


def _line(line: Row, text: Any) -> Row:
    return {
        "kind": line["kind"],
        "item": uid(line["item"]),
        "line": line["line"],
        "shipping": line["shipping"],
        "quantity": line["quantity"],
        "net": text(line["net"]),
        "tax": text(line["tax"]),
        "gross": text(line["gross"]),
        "reason": line["reason"],
        "evidence": None
        if not line["inspection"]
        else {"inspection": uid(line["inspection"]), "photos": [uid(one["uid"]) for one in loaded(line["photos"])]},
    }


def refund_document(row: Row) -> Row:
    """A refund as the API shows it; `payment` is the payment's id as imported."""
    return {
        "id": uid(row["uid"]),
        "payment": row["payment"],
        "amount": money.to_text(row["amount"], row["currency"]),
        "currency": row["currency"],
        "status": row["state"],
        "gateway": row["gateway"],
        "gateway_reference": row["gateway_refund_id"],
    }


def draft_row(row: Reimbursement) -> Row:
    """A previewed reimbursement in the form that `reimbursement_document` takes."""
    lines: list[ReimbursementLine] = row.drafted_lines  # type: ignore[attr-defined]
    refunds: list[Refund] = row.drafted_refunds  # type: ignore[attr-defined]
    return {
        **{name: getattr(row, name) for name in FIELDS if name not in ("uid", "created_at", "state")},
        "uid": None,
        "state": "preview",
        "created_at": None,
        "lines": [
            {
                "kind": line.kind,
                "item": line.item.uid if line.item else None,
                "line": line.line.external_id if line.line else None,
                "shipping": line.shipping.external_id if line.shipping else None,
                "quantity": line.quantity,
                "net": line.net,
                "tax": line.tax,
                "gross": line.gross,
                "reason": line.reason,
                "inspection": line.inspection.uid if line.inspection else None,
                "photos": [{"uid": photo.uid} for photo in line.inspection.photos.all()] if line.inspection else [],
            }
            for line in lines
        ],
        "refunds": [refund_row(refund) | {"uid": None, "state": "preview"} for refund in refunds],
        "credit": [],
        "exchange": [],
        "papers": [],
    }


def refund_row(refund: Refund) -> Row:
    """A stored refund in the form that `refund_document` takes."""
    names = ("uid", "amount", "state", "gateway", "gateway_refund_id", "currency")
    row: Row = {name: getattr(refund, name) for name in names}
    return row | {"payment": refund.payment.external_id if refund.payment else None}


def _rows() -> JSONList:
    return JSONList(Reimbursement.objects.filter(rma=OuterRef("pk")).order_by("pk"), reimbursement_fields())


REIMBURSEMENTS = Section("reimbursements", _rows, lambda rows, rma: [reimbursement_document(row) for row in rows])

COUPON_FIELDS = {
    "code": "code",
    "pool": "pool__code",
    "worth": "pool__worth",
    "valid_until": "pool__valid_until",
    "reason": "reason",
    "issued_at": "issued_at",
}


def _coupons() -> JSONList:
    return JSONList(Coupon.objects.filter(rma=OuterRef("pk")).order_by("pk"), COUPON_FIELDS)


def coupon_document(row: Row) -> Row:
    """A coupon that a return's customer has, as the API shows it."""
    until = row["valid_until"]
    return row | {"valid_until": None if until is None else str(until)[:10], "issued_at": instant(row["issued_at"])}


COUPONS = Section("coupons", _coupons, lambda rows, rma: [coupon_document(row) for row in rows])

EXCHANGE_LINE_FIELDS = {name: name for name in ("sku", "title", "quantity", "unit_price", "shipped")}
CHARGE_FIELDS = {
    name: name
    for name in ("uid", "kind", "purpose", "state", "amount", "captured", "refunded", "currency", "url")
}  # fmt: skip
EXCHANGE_FIELDS = {
    name: name
    for name in (
        "uid", "state", "advance", "currency", "carrier", "tracking_number", "shipped_at", "value", "price", "bonus",
        "due", "refund", "deposit", "goods_due_on", "held_for", "created_at",
    )
}  # fmt: skip


def _exchanges() -> JSONList:
    mine = {"exchange": OuterRef("pk")}
    fields = EXCHANGE_FIELDS | {
        "lines": JSONList(ExchangeLine.objects.filter(**mine).order_by("pk"), EXCHANGE_LINE_FIELDS),
        "charges": JSONList(Charge.objects.filter(**mine).order_by("pk"), CHARGE_FIELDS),
    }
    return JSONList(Exchange.objects.filter(rma=OuterRef("pk")).order_by("pk"), fields)


def exchange_row(exchange: Exchange) -> Row:
    """A stored exchange, its lines and charges prefetched, in the form that `exchange_document` takes."""
    lines = sorted(exchange.lines.all(), key=lambda row: row.pk)
    charges = sorted(exchange.charges.all(), key=lambda row: row.pk)
    return {name: getattr(exchange, name) for name in EXCHANGE_FIELDS} | {
        "lines": [{name: getattr(row, name) for name in EXCHANGE_LINE_FIELDS} for row in lines],
        "charges": [{name: getattr(row, name) for name in CHARGE_FIELDS} for row in charges],
    }


def exchange_document(row: Row, code: str) -> Row:
    """An exchange as the API shows it; `price_difference` is positive when the customer adds money."""
    currency = row["currency"]

    def text(amount: int) -> str:
        return money.to_text(amount, currency)

    shipping = {
        "carrier": row["carrier"],
        "tracking_number": row["tracking_number"],
        "shipped_at": instant(row["shipped_at"]),
    }
    return {
        "id": uid(row["uid"]),
        "return": code,
        "status": row["state"],
        "advance": bool(row["advance"]),
        "currency": currency,
        "lines": [line | {"unit_price": text(line["unit_price"])} for line in loaded(row["lines"])],
        "shipping": shipping if row["shipped_at"] else None,
        **{name: text(row[name]) for name in ("value", "bonus", "due", "refund", "deposit")},
        "price_difference": text(row["price"] - row["value"]),
        "goods_due_on": str(row["goods_due_on"])[:10] if row["goods_due_on"] else None,
        "held_for": row["held_for"] or None,
        "charges": [charge_document(charge) for charge in loaded(row["charges"])],
        "created_at": instant(row["created_at"]),
    }


def charge_document(row: Row) -> Row:
    """Money asked of the customer as the API shows it."""
    return {
        "id": uid(row["uid"]),
        "kind": row["kind"],
        "purpose": row["purpose"],
        "status": row["state"],
        **{name: money.to_text(row[name], row["currency"]) for name in ("amount", "captured", "refunded")},
        "currency": row["currency"],
        "url": row["url"] or None,
    }


EXCHANGES = Section("exchanges", _exchanges, lambda rows, rma: [exchange_document(row, rma.code) for row in rows])
