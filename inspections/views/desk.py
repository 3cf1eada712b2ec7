"""What the dock and the bench add to the desk: findings on a return's page, and parcels that nobody could name."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.doors import staff_page, submit_once
from accounts.problems import NotFound, Refused
from inspections.actions import Arrived, match_receipt
from inspections.models import Inspection, Receipt
from inspections.queries import Candidate, lookup
from returns.documents import instant
from returns.models import Return, ReturnItem
from returns.queries import find_return
from returns.views.desk.facts import photo_row
from returns.views.desk.rows import item_words
from returns.views.desk.shell import desk_page, listed, newest_first

Context = dict[str, Any]
WORDS_TRIED = 6
CANDIDATES = 8
MAX_UNITS = 1_000_000


class CountForm(forms.Form):
    """How many units of each item of the chosen return are in the parcel; what was announced until counted."""

    def __init__(self, *args: Any, items: list[ReturnItem], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for item in items:
            self.fields[str(item.uid)] = forms.IntegerField(
                label=item.line.title,
                min_value=0,
                max_value=MAX_UNITS,
                initial=item.announced,
                widget=forms.NumberInput(attrs={"class": "cb-qty", "inputmode": "numeric"}),
            )

    def arrived(self) -> list[Arrived]:
        """What was counted, in the form that the action takes."""
        return [Arrived(uid, quantity) for uid, quantity in self.cleaned_data.items() if quantity]


def bench(rma: Return, actor: Actor) -> Context:
    """The panel of a return's page: what arrived, and what was found on each item."""
    found: dict[int, list[Context]] = {}
    rows = rma.inspections.select_related("item__line").prefetch_related("photos").order_by("pk")
    for row in rows:
        found.setdefault(row.item_id, []).append(_finding(row))
    receipts = rma.receipts.select_related("location").prefetch_related("lines", "photos").order_by("pk")
    return {"found": found, "receipts": [_receipt(row) for row in receipts]}


def _finding(row: Inspection) -> Context:
    return {
        "grade": row.grade,
        "outcome": row.outcome,
        "disposition": row.disposition,
        "quantity": row.quantity,
        "note": row.note,
        "inspector": row.inspector,
        "at": instant(row.inspected_at),
        "photos": [photo_row(photo, row.item) for photo in row.photos.all()],
    }


def _receipt(row: Receipt) -> Context:
    photos = [photo_row(photo) for photo in row.photos.all()]
    return {"receipt": row, "lines": list(row.lines.all()), "photos": photos}


def _parked(actor: Actor) -> QuerySet[Receipt]:
    """Parcels without a return at docks that serve the actor's shops."""
    rows = Receipt.objects.filter(rma__isnull=True).select_related("location")
    return rows.filter(Q(location__shop=None) | Q(location__shop__code__in=actor.shops)) if actor.shops else rows


@staff_page("warehouse:read")
def parcels(request: HttpRequest, actor: Actor) -> HttpResponse:
    """All parcels that nobody could name, newest first."""
    page = newest_first(request, _parked(actor).prefetch_related("lines", "photos"))
    rows = [_receipt(row) | {"url": reverse("desk:parcel", args=[row.uid])} for row in page.rows]
    return desk_page(request, actor, "parcels", {"parcels": rows, **page.context()}, rail="parcels")


def _find(uid: uuid.UUID, actor: Actor) -> Receipt:
    found = _parked(actor).filter(uid=uid).first()
    if found is None:
        raise NotFound(_("This parcel is matched already, or it is not yours to see."))
    return found


@staff_page("warehouse:read")
def parcel(request: HttpRequest, actor: Actor, uid: uuid.UUID) -> HttpResponse:
    """One parcel: what is known of it, whose it may be, and for a chosen return what is counted."""
    return _show(request, actor, _find(uid, actor), request.GET.get("rma", ""))


def _show(
    request: HttpRequest,
    actor: Actor,
    receipt: Receipt,
    code: str,
    *,
    form: CountForm | None = None,
    refusal: Any = None,
    status: int = 200,
) -> HttpResponse:
    rma = None
    if code:
        try:
            rma = find_return(code, actor)
        except NotFound as missing:
            refusal, status = refusal or missing, 404
    items = _items(rma) if rma else []
    context = _receipt(receipt) | {
        "rma": rma,
        "typed": code,
        "form": form or (CountForm(items=items) if rma else None),
        "candidates": _candidates(receipt, actor),
        "may_match": actor.may("warehouse:write"),
        "refusal": refusal,
    }
    return desk_page(request, actor, "parcel", context, rail="parcels", status=status)


def _items(rma: Return) -> list[ReturnItem]:
    items = list(rma.items.select_related("line").order_by("pk"))
    for item in items:
        item.rma = rma
    return items


def _candidates(receipt: Receipt, actor: Actor) -> list[Context]:
    """Returns that the parcel's name, its note or what was in it may mean, best first."""
    said = [receipt.parcel, *receipt.note.split()[:WORDS_TRIED], *(line.sku for line in receipt.lines.all()[:3])]
    best: dict[str, Candidate] = {}
    for text in filter(None, said):
        for candidate in lookup(text.strip(".,;:()"), actor):
            if candidate.rma and (candidate.rma not in best or best[candidate.rma].score < candidate.score):
                best[candidate.rma] = candidate
    ranked = sorted(best.values(), key=lambda candidate: -candidate.score)[:CANDIDATES]
    rows = Return.objects.visible_to(actor).select_related("order").prefetch_related("items__line")
    by_code = {rma.code: rma for rma in rows.filter(code__in=[candidate.rma for candidate in ranked])}
    return [_candidate(candidate, by_code[str(candidate.rma)]) for candidate in ranked if candidate.rma in by_code]


def _candidate(candidate: Candidate, rma: Return) -> Context:
    return {
        "code": rma.code,
        "url": reverse("desk:return", args=[rma.code]),
        "why": candidate.why,
        "customer": rma.order.name,
        "items": listed(item_words(item) for item in rma.items.all()),
        "status": rma.status,
    }


@staff_page("warehouse:write", "POST")
def match(request: HttpRequest, actor: Actor, uid: uuid.UUID) -> HttpResponse:
    """Say whose parcel it is and what of it was counted."""
    receipt, code = _find(uid, actor), request.POST.get("rma", "")
    rma = find_return(code, actor)
    form = CountForm(request.POST, items=_items(rma))
    if not form.is_valid():
        words = _("Something is missing or does not fit. See below.")
        return _show(request, actor, receipt, code, form=form, refusal=words, status=422)

    def work() -> Context:
        match_receipt(receipt, rma, actor=actor, items=form.arrived())
        return {"rma": rma.code}

    try:
        done = submit_once(request, f"match:{uid}", work)
    except Refused as refusal:
        return _show(request, actor, receipt, code, form=form, refusal=refusal, status=refusal.status)
    messages.success(request, _("Matched. The return moves on."))
    return redirect("desk:return", code=done["rma"])
