"""Parcels that nobody can name: parked with a photo, found again, matched to their return."""

from __future__ import annotations

import uuid
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.doors import staff_page, submit_once
from accounts.problems import Invalid
from inspections import actions
from inspections.forms import ParcelForm, ReceiptForm
from inspections.models import Receipt
from inspections.queries import Candidate, candidates_for, find_receipt, parked
from inspections.views.warehouse.dock import NOW, announced, form_page, hold_photos, items_of, unnamed
from inspections.views.warehouse.frame import PLACE, READ, WRITE, framed, handle, page, places
from returns.models import Return, ReturnItem
from returns.models.rma import FREE, Status
from returns.queries import find_return, search

MOST_PARKED = 200
MOST_FOUND = 10


@staff_page(WRITE, "GET", "POST")
def park(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Take in a parcel that nobody can name, with a photo and what it says."""
    known, place = places(request, actor)
    start = {"parcel": request.GET.get("scan", "").replace("\x00", "")[:120], "location": place}
    form = ParcelForm(request.POST or None, locations=known, initial=start)
    answer = handle(
        request, form, lambda photos: _park(request, actor, form, photos), lambda: hold_photos(request, actor)
    )
    if isinstance(answer, HttpResponse):
        return answer
    context = {"title": _("Parcel without a number"), "locations": known}
    return form_page(request, actor, "park", form, answer, context)


def _park(request: HttpRequest, actor: Actor, form: ParcelForm, photos: list[str]) -> HttpResponse:
    data = form.cleaned_data
    if not (photos or data["note"] or data["parcel"] or form.unexpected()):
        raise Invalid(_("Take a photo or write what it says, so that somebody can find where it belongs."))

    def work() -> dict[str, Any]:
        receipt = actions.park_parcel(
            actor=actor,
            location=data["location"],
            parcel=data["parcel"] or unnamed(request),
            unexpected=form.unexpected(),
            note=data["note"],
            photos=photos,
        )
        return {"parcel": receipt.parcel}

    name = submit_once(request, "park", work)["parcel"]
    request.session[PLACE] = data["location"]
    messages.success(request, _("Parked %(parcel)s. It waits here until it is matched.") % {"parcel": name})
    return redirect("warehouse:scan")


@staff_page(READ)
def parked_parcels(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Parcels without a return, oldest first, with their photos."""
    rows = parked(actor).select_related("location").prefetch_related("lines", "photos")[:MOST_PARKED]
    context = {"title": _("Parked parcels"), "rows": [_parked_row(receipt) for receipt in rows]}
    return page(request, actor, "parked", context)


def _parked_row(receipt: Receipt) -> dict[str, Any]:
    return {
        "parcel": receipt.parcel,
        "note": receipt.note,
        "lines": [f"{line.sku or line.note} × {line.quantity}" for line in receipt.lines.all()],
        "place": str(receipt.location),
        "at": receipt.received_at,
        "by": receipt.received_by,
        "photos": [framed(photo) for photo in receipt.photos.all()],
        "url": reverse("warehouse:match", args=[receipt.uid]),
    }


@staff_page(WRITE, "GET", "POST")
def match(request: HttpRequest, actor: Actor, uid: uuid.UUID) -> HttpResponse:
    """Say which return a parked parcel belongs to: candidates with reasons, then what is inside."""
    receipt = find_receipt(uid, actor)
    if receipt.rma is not None:
        return redirect("warehouse:done", receipt.rma.code)
    wanted = (request.POST.get("rma") or request.GET.get("rma", "")).replace("\x00", "")
    rma = find_return(wanted, actor) if wanted else None
    context: dict[str, Any] = {
        "title": _("Match a parcel"),
        "row": _parked_row(receipt),
        "back": reverse("warehouse:parked"),
    }
    if rma is None:
        return page(request, actor, "match", context | _candidates(request, actor, receipt))
    items = items_of(rma)
    counts = announced(items)
    form = ReceiptForm(
        request.POST or None, items=items, counts=_inside(receipt, items, counts), locations=[receipt.location]
    )
    answer = handle(request, form, lambda _photos: _match(request, actor, receipt, rma, form))
    if isinstance(answer, HttpResponse):
        return answer
    context |= {
        "code": rma.code,
        "rows": [row | {"announced": counts[str(row["item"].uid)]} for row in form.item_rows()],
    }
    return form_page(request, actor, "match", form, answer, context)


def _inside(receipt: Receipt, items: list[ReturnItem], counts: dict[str, int]) -> dict[str, int]:
    """What was read inside when the parcel was parked, else all that is announced."""
    read = {line.sku: line.quantity for line in receipt.lines.all() if line.sku}
    if not any(item.line.sku in read for item in items):
        return counts
    return {str(item.uid): read.get(item.line.sku, 0) for item in items}


def _match(request: HttpRequest, actor: Actor, receipt: Receipt, rma: Return, form: ReceiptForm) -> HttpResponse:
    def work() -> dict[str, Any]:
        actions.match_receipt(receipt, rma, actor=actor, items=form.arrived())
        return {"rma": rma.code}

    submit_once(request, "match", work)
    return redirect(reverse("warehouse:done", args=[rma.code]) + NOW)


def _candidates(request: HttpRequest, actor: Actor, receipt: Receipt) -> dict[str, Any]:
    text = request.GET.get("find", "").replace("\x00", "").strip()[:200]
    if text:
        rows = search(Return.objects.visible_to(actor).exclude(status__in=(*FREE, Status.RESOLVED)), text)
        rows = rows.select_related("order").order_by("-pk")[:MOST_FOUND]
        found = [Candidate("return", 0, "", rma=rma.code, order=rma.order.number) for rma in rows]
    else:
        found = candidates_for(receipt, actor)
    url = reverse("warehouse:match", args=[receipt.uid])
    lines = [
        {"code": one.rma, "order": one.order, "why": one.why, "url": f"{url}?{urlencode({'rma': one.rma})}"}
        for one in found
    ]
    return {"find": text, "candidates": lines}
