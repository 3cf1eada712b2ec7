"""The Polish register of returned goods and accepted complaints, for sales that a cash register recorded.

Source: regulation of the Minister of Finance on cash registers, § 3(3)-(6) (rozporządzenie w sprawie kas
rejestrujących, Dz.U. 2025 poz. 845): an entry has the date of sale, the goods by name and quantity, the date of the
return, the gross value and VAT of what is returned in whole, or the gross amount paid back and its VAT when it is a
part, the document that confirms the sale, and a protocol signed by seller and buyer.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any, Final

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.problems import NotFound, WrongState
from customers import money
from customers.models import Order, OrderVersion
from refunds.actions.documents_in import Paper, keep_document
from refunds.models import Document, DocumentSeries, RegisterEntry, Reimbursement, ReimbursementLine
from returns.models import Return

SERIES: Final = "register"
NO_GOODS_BACK = (Reimbursement.Kind.GOODWILL, Reimbursement.Kind.REVERSAL)
RETURNED = ("item", "shipping", "price_reduction")
"""Kinds of lines that are goods, or money for goods, coming back to the shop."""
COMPLAINTS = frozenset({"defective", "not_as_described", "damaged_in_transit", "wrong_item", "missing_parts"})


def enter_in_register(row: Reimbursement, *, actor: Actor) -> tuple[RegisterEntry, bool]:
    """Give a settled reimbursement its entry and the next number of the shop's year; returns it and whether it is new.

    The series' row is locked until the entry stands, so numbers have no gaps. Raises WrongState for a sale without a
    Polish receipt and before the money went back.
    """
    with transaction.atomic():
        order = Order.objects.select_for_update(of=("self",)).select_related("shop").get(pk=row.order_id)
        known = RegisterEntry.objects.filter(reimbursement=row).first()
        if known is not None:
            return known, False
        receipt = receipt_of(order)
        if receipt is None:
            raise WrongState(_("This sale has no Polish receipt, so it does not belong into the register."))
        if row.state != Reimbursement.State.SETTLED:
            raise WrongState(_("The money has not gone back yet. The entry is made when it has."))
        made = _enter(row, order, receipt, actor)
        paper = Paper(kind=Document.Kind.RECEIPT_RETURN, number=made.name, issued_on=timezone.localdate())
        keep_document(row, paper, actor=actor)
        return made, True


def enter_returns_of(rma: Return, *, actor: Actor) -> int:
    """Enter every settled reimbursement of a return that belongs into the register; how many were new."""
    rows = rma.reimbursements.filter(state=Reimbursement.State.SETTLED, register_entry=None, order=rma.order_id)
    waiting = list(rows.exclude(kind__in=NO_GOODS_BACK).order_by("pk"))
    if not waiting or rma.channel.is_sandbox or receipt_of(rma.order) is None:
        return 0
    return sum(enter_in_register(row, actor=actor)[1] for row in waiting)


def receipt_of(order: Order) -> dict[str, Any] | None:
    """The Polish receipt of a sale without an invoice; None for every other sale."""
    version = OrderVersion.objects.filter(order=order, number=order.version)
    papers = version.values_list("document__documents", flat=True).first() or []
    country = (order.shop.address or {}).get("country")
    polish = country == "PL" or (order.currency == "PLN" and order.country in ("PL", ""))
    kinds = {paper.get("kind") for paper in papers}
    if not polish or "invoice" in kinds or "receipt" not in kinds:
        return None
    return next(dict(paper) for paper in papers if paper.get("kind") == "receipt")


def _enter(row: Reimbursement, order: Order, receipt: dict[str, Any], actor: Actor) -> RegisterEntry:
    year = timezone.localdate().year
    DocumentSeries.objects.get_or_create(shop=order.shop, kind=SERIES, year=year)
    series = DocumentSeries.objects.select_for_update().get(shop=order.shop, kind=SERIES, year=year)
    series.last = F("last") + 1
    series.save(update_fields=["last"])
    series.refresh_from_db()
    return RegisterEntry.objects.create(
        shop=order.shop,
        year=year,
        number=series.last,
        reimbursement=row,
        data=_data(row, order, receipt),
        entered_by=actor.name or actor.identity,
    )


def _data(row: Reimbursement, order: Order, receipt: dict[str, Any]) -> dict[str, Any]:
    """What the entry says for ever; amounts as decimal strings. The buyer's name is not kept here."""
    lines = list(row.lines.select_related("line", "shipping", "item").order_by("position"))
    back = [line for line in lines if line.kind in RETURNED]
    taxed = [line for line in lines if line.kind not in ("bonus", "return_postage")]
    reasons = {line.item.reason for line in back if line.item}

    def text(amount: int) -> str:
        return money.to_text(amount, row.currency)

    return {
        "sold_on": receipt.get("issued_on") or timezone.localtime(order.placed_at).date().isoformat(),
        "returned_on": _returned_on(row).isoformat(),
        "kind": "complaint" if reasons & COMPLAINTS else "return",
        "goods": [_good(line) for line in back],
        "rates": _by_rate(back, text),
        "whole": not any(line.gross < 0 for line in lines),
        "refunded": {"gross": text(_sum(taxed, "gross")), "tax": text(_sum(taxed, "tax"))},
        "refunded_rates": _by_rate(taxed, text),
        "currency": row.currency,
        "receipt": {"number": receipt.get("number"), "issued_on": receipt.get("issued_on")},
        "order": order.number,
        "rma": row.rma.code if row.rma else None,
        "reimbursement": str(row.uid),
    }


def _returned_on(row: Reimbursement) -> date:
    """The day the goods came to a dock; without goods, the day of the decision."""
    at = row.rma.receipts.order_by("received_at").values_list("received_at", flat=True).first() if row.rma else None
    return timezone.localtime(at or row.created_at).date()


def _good(line: ReimbursementLine) -> dict[str, Any]:
    title = line.line.title if line.line else (line.shipping.method if line.shipping else "")
    sku = line.line.sku if line.line else ""
    return {"title": title or "Dostawa", "sku": sku, "quantity": line.quantity}


def _sum(lines: Iterable[ReimbursementLine], name: str) -> int:
    return sum(getattr(line, name) for line in lines)


def _by_rate(lines: list[ReimbursementLine], text: Any) -> list[dict[str, str]]:
    rates: list[Decimal] = sorted({line.tax_rate for line in lines}, reverse=True)
    found = []
    for rate in rates:
        chosen = [line for line in lines if line.tax_rate == rate]
        found.append(
            {"rate": money.rate_text(rate), "gross": text(_sum(chosen, "gross")), "tax": text(_sum(chosen, "tax"))}
        )
    return found


def register_of(shop: str, year: int, actor: Actor) -> QuerySet[RegisterEntry]:
    """A shop's entries of a year that the actor may see, in their order."""
    rows = RegisterEntry.objects.filter(shop__code=shop, year=year)
    if actor.shops or actor.channels:
        rows = rows.filter(reimbursement__order__in=Order.objects.visible_to(actor))
    return rows.order_by("number")


def find_entry(pk: int, actor: Actor) -> RegisterEntry:
    """The entry, if the actor may see its order. Raises NotFound."""
    rows = RegisterEntry.objects.select_related("shop", "reimbursement__order")
    if actor.shops or actor.channels:
        rows = rows.filter(reimbursement__order__in=Order.objects.visible_to(actor))
    found = rows.filter(pk=pk).first()
    if found is None:
        raise NotFound(_("There is no such entry in the register, or it is not yours to see."))
    return found
