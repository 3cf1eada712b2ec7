"""At the dock: count what is in a parcel and take it in."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.doors import SUBMIT, staff_page, submit_once
from inspections import actions
from inspections.forms import ReceiptForm, uploads
from inspections.views.warehouse.frame import (
    PLACE,
    WRITE,
    Shown,
    framed,
    handle,
    next_submit,
    page,
    places,
    status_of,
)
from returns.models import Photo, Return, ReturnItem
from returns.models.rma import FREE, Status
from returns.queries import find_return

MOST_PARKED = 200
# the page behind it says aloud that it worked
NOW = "?now=1"
MOST_FOUND = 10


def hold_photos(request: HttpRequest, actor: Actor) -> list[str]:
    """Ids of the photos that came with a form, kept once however often its button is pressed."""
    files = uploads(request)
    if not files:
        return []

    def work() -> dict[str, Any]:
        return {"photos": [str(actions.hold_photo(data, actor=actor).uid) for data in files]}

    return list(submit_once(request, "photos", work)["photos"])


def shown_photos(uids: list[str]) -> list[dict[str, Any]]:
    """Photos that wait for their receipt, as frames."""
    return [framed(photo) for photo in Photo.objects.filter(uid__in=uids, rma=None).order_by("pk")] if uids else []


def unnamed(request: HttpRequest) -> str:
    """A name for a parcel without one; the same for every press of the same button."""
    return f"parcel-{request.POST.get(SUBMIT, '')[:8]}"


def announced(items: list[ReturnItem]) -> dict[str, int]:
    """Units that should still come, per item."""
    return {str(item.uid): item.announced for item in items}


def items_of(rma: Return) -> list[ReturnItem]:
    """The items with their lines."""
    items = list(rma.items.select_related("line").order_by("pk"))
    for item in items:
        item.rma = rma
    return items


@staff_page(WRITE, "GET", "POST")
def receive(request: HttpRequest, actor: Actor, code: str) -> HttpResponse:
    """Count what is in a parcel; one tap when all is as announced."""
    rma = find_return(code, actor)
    items = items_of(rma)
    known, place = places(request, actor)
    start = {"parcel": request.GET.get("parcel", "")[:120], "location": place}
    counts = announced(items)
    form = ReceiptForm(request.POST or None, items=items, counts=counts, locations=known, initial=start)
    answer = handle(
        request, form, lambda photos: _receive(request, actor, rma, form, photos), lambda: hold_photos(request, actor)
    )
    if isinstance(answer, HttpResponse):
        return answer
    context = {
        "title": _("Receive"),
        "code": rma.code,
        "rows": [row | {"announced": counts[str(row["item"].uid)]} for row in form.item_rows()],
        "early": rma.status == Status.REQUESTED,
        "closed": rma.status in (*FREE, Status.RESOLVED),
        "sound": "good" if request.GET.get("parcel") and request.method == "GET" else "",
    }
    return form_page(request, actor, "receive", form, answer, context | {"locations": known})


def _receive(request: HttpRequest, actor: Actor, rma: Return, form: ReceiptForm, photos: list[str]) -> HttpResponse:
    data = form.cleaned_data

    def work() -> dict[str, Any]:
        receipt = actions.receive_parcel(
            rma,
            actor=actor,
            location=data["location"],
            parcel=data["parcel"] or unnamed(request),
            items=form.arrived(),
            unexpected=form.unexpected(),
            note=data["note"],
            photos=photos,
        )
        return {"receipt": str(receipt.uid)}

    submit_once(request, "receive", work)
    request.session[PLACE] = data["location"]
    return redirect(reverse("warehouse:done", args=[rma.code]) + NOW)


def form_page(
    request: HttpRequest, actor: Actor, name: str, form: forms.Form, shown: Shown, context: dict[str, Any]
) -> HttpResponse:
    """A page about a parcel: its form with what was typed, its photos and its refusal."""
    frame = {
        "form": form,
        "photos": shown_photos(shown.photos),
        "refusal": shown.refusal,
        "submit": next_submit(request, shown.refusal),
    }
    return page(request, actor, name, context | frame, status=status_of(shown.refusal))
