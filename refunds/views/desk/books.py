"""Accounting on the desk: days that tie out, the ledger as a file, documents to record, the register of returns."""

from __future__ import annotations

import uuid
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.actors import Actor
from accounts.doors import staff_page, submit_once
from accounts.problems import NotFound, Refused
from customers.models import Order, Shop
from refunds.actions import register as registers
from refunds.actions.booked import Booked, booked
from refunds.actions.documents_in import Paper, record_document, without_document
from refunds.actions.ledger_file import BOM, csv_lines, ledger_csv
from refunds.actions.register_rows import COLUMNS, FIGURES, entry_rows
from refunds.actions.span import FIRST, LAST, Span, in_batches
from refunds.actions.totals import daily_totals
from refunds.forms import DocumentForm, SpanForm
from refunds.models import RegisterEntry, Reimbursement
from refunds.printing import as_file, protocol_file
from returns.templatetags.rma import line_word
from returns.views.desk.shell import desk_page, oldest_first

LONGEST = timedelta(days=366)
Context = dict[str, Any]
CREDIT_WORDS = {
    "credit_issued": gettext_lazy("Store credit issued"),
    "credit_bonus": gettext_lazy("Bonus on store credit"),
    "credit_imported": gettext_lazy("Store credit moved in"),
    "credit_refunded": gettext_lazy("Refunded into store credit"),
    "credit_redeemed": gettext_lazy("Store credit redeemed"),
    "credit_reversed": gettext_lazy("Redemption taken back"),
    "credit_expired": gettext_lazy("Store credit expired"),
    "credit_voided": gettext_lazy("Store credit voided"),
    "credit_cashed": gettext_lazy("Store credit paid out"),
}
DIFFERENCES = {
    "lines": gettext_lazy("The lines do not make the total"),
    "unpaid": gettext_lazy("Refunds and credit do not make the total"),
    "unsettled": gettext_lazy("Paid, but other parts are not"),
    "only_here": gettext_lazy("Not in the gateway’s ledger"),
    "only_there": gettext_lazy("Only in the gateway’s ledger"),
    "amount": gettext_lazy("The gateway has another amount"),
}


def _span(request: HttpRequest, actor: Actor) -> tuple[Span, SpanForm]:
    """The days that were chosen; this month until today when none were or they make no sense."""
    today = timezone.localdate()
    plain: dict[str, Any] = {"first": today.replace(day=1).isoformat(), "last": today.isoformat()}
    form = SpanForm(plain | {name: value for name, value in request.GET.items() if value})
    if form.is_valid():
        first, last = form.cleaned_data["first"], form.cleaned_data["last"]
        if timedelta(0) <= last - first < LONGEST and first >= FIRST and last <= LAST:
            return _span_of(form.cleaned_data, first, last, actor), form
        form.add_error("last", _("Choose at most a year, the first day first."))
    return _span_of({}, today.replace(day=1), today, actor), form


def _span_of(data: Context, first: date, last: date, actor: Actor) -> Span:
    currency = (data.get("currency") or "").upper()
    return Span(first=first, last=last, actor=actor, shop=data.get("shop") or "", currency=currency)


@staff_page("refunds:write")
def books(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The days of a span with their three figures, what keeps them from tying out, and sums by kind and rate."""
    span, form = _span(request, actor)
    found = daily_totals(span)
    kept = {"first": span.first, "last": span.last, "currency": span.currency, "shop": span.shop}
    context = {
        "form": form,
        "span": span,
        "days": found.days,
        "differences": [{"one": one, "words": DIFFERENCES[one.kind]} for one in found.differences],
        "ties": not found.differences and all(day.ties for day in found.days),
        "booked": [_booked(row) for row in booked(span)],
        "shops": _shops(actor),
        "file_url": f"{reverse('desk:ledger-file')}?{urlencode(kept)}",
    }
    return desk_page(request, actor, "books", context, rail="books", status=200 if form.is_valid() else 422)


def _booked(row: Booked) -> Context:
    return {"row": row, "words": CREDIT_WORDS.get(row.kind) or line_word(row.kind)}


def _shops(actor: Actor) -> list[Shop]:
    rows = Shop.objects.filter(code__in=actor.shops) if actor.shops else Shop.objects.all()
    return list(rows.order_by("code")[:100])


@staff_page("refunds:write")
def ledger_file(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """The ledger of the chosen days as a file for a spreadsheet."""
    span, _form = _span(request, actor)
    name = f"ledger-{span.first}-{span.last}.csv"
    return as_file((text for part in ((BOM,), ledger_csv(span)) for text in part), name)


@staff_page("refunds:write")
def papers(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Reimbursements that accounting has issued nothing for, oldest first."""
    return _papers(request, actor)


def _papers(
    request: HttpRequest, actor: Actor, form: DocumentForm | None = None, open_pk: int = 0, refusal: Any = None
) -> HttpResponse:
    rows = without_document(actor).select_related("order", "rma").defer("payout", "request")
    page = oldest_first(request, rows)
    context = {
        "rows": [_paper_row(row, form if row.pk == open_pk else None) for row in page.rows],
        "may": actor.may("refunds:write"),
        "refusal": refusal,
        **page.context(),
    }
    bad = form is not None or refusal is not None
    return desk_page(request, actor, "papers", context, rail="books", status=422 if bad else 200)


def _paper_row(row: Reimbursement, form: DocumentForm | None) -> Context:
    fresh = DocumentForm(auto_id=f"{row.pk}-%s", initial={"issued_on": timezone.localdate()})
    return {"row": row, "form": form or fresh, "open": form is not None}


@staff_page("refunds:write", "POST")
def record(request: HttpRequest, actor: Actor, uid: uuid.UUID) -> HttpResponse:
    """Record the document that accounting issued for a reimbursement."""
    row = Reimbursement.objects.filter(uid=uid, order__in=Order.objects.visible_to(actor)).first()
    if row is None:
        raise NotFound(_("There is no such reimbursement, or it is not yours to see."))
    form = DocumentForm(request.POST, auto_id=f"{row.pk}-%s")
    if not form.is_valid():
        return _papers(request, actor, form, row.pk)

    def work() -> Context:
        record_document(row, Paper(**form.cleaned_data), actor=actor)
        return {"said": _("Noted: %(number)s.") % {"number": form.cleaned_data["number"]}}

    try:
        said = submit_once(request, f"paper-{row.pk}", work)
    except Refused as refusal:
        return _papers(request, actor, form, row.pk, refusal)
    messages.success(request, said["said"])
    return redirect("desk:papers")


@staff_page("refunds:write")
def register(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """A shop's register of returns of a year, with each entry's protocol; `?format=csv` as a file."""
    shops, this_year = _shops(actor), timezone.localdate().year
    chosen = next((shop for shop in shops if shop.code == request.GET.get("shop")), shops[0] if shops else None)
    text = request.GET.get("year", "")
    year = int(text) if text.isascii() and text.isdigit() and len(text) == 4 else this_year
    rows = registers.register_of(chosen.code if chosen else "", year, actor)
    if request.GET.get("format") == "csv":
        lines = (line for entry in in_batches(rows, "number") for line in entry_rows(entry))
        parts = ((BOM,), csv_lines(COLUMNS, lines, figures=FIGURES))
        return as_file((piece for part in parts for piece in part), f"register-{year}.csv")
    page = oldest_first(request, RegisterEntry.objects.filter(pk__in=rows.order_by()))
    kept = {"shop": chosen.code if chosen else "", "year": year}
    context = {
        "shops": shops, "shop": chosen, "year": year, "rows": page.rows,
        "file_url": f"?{urlencode(kept | {'format': 'csv'})}", **page.context(),
    }  # fmt: skip
    return desk_page(request, actor, "register", context, rail="books")


@staff_page("refunds:write")
def protocol(request: HttpRequest, actor: Actor, pk: int) -> HttpResponse:
    """The protocol of an entry, to be printed and signed."""
    return protocol_file(registers.find_entry(pk, actor))
