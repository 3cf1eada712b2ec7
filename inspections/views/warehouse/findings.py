"""What was found on a return so far, what to do with it next, and putting a disposition right."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.actors import Actor
from accounts.doors import staff_page, submit_once
from inspections import actions
from inspections.forms import CorrectionForm
from inspections.models import Disposition, Inspection
from inspections.queries import find_inspection
from inspections.views.warehouse.dock import items_of
from inspections.views.warehouse.frame import READ, WRITE, framed, handle, next_submit, page, status_of
from returns.models import Photo, Return, ReturnItem
from returns.models.rma import Status
from returns.queries import find_return
from returns.templatetags.rma import disposition_word, state_word

MOST_SHOWN = 60


@staff_page(READ)
def done(request: HttpRequest, actor: Actor, code: str) -> HttpResponse:
    """Where a return stands at the dock and the bench, and what to do with it next."""
    rma = find_return(code, actor)
    items = items_of(rma)
    photos = Prefetch("photos", Photo.objects.order_by("pk"))
    found = rma.inspections.select_related("item__line").prefetch_related(photos).order_by("pk")[:MOST_SHOWN]
    context = {
        "code": rma.code,
        "title": state_word(rma.status),
        "headline": _headline(rma, items),
        "items": items,
        "inspections": [_inspection_row(one) for one in found],
        "next": _next(rma, items, actor),
        "may_correct": actor.may(WRITE),
        "sound": "good" if "now" in request.GET else "",
    }
    return page(request, actor, "done", context)


def _headline(rma: Return, items: list[ReturnItem]) -> str:
    waiting, announced = sum(item.uninspected for item in items), sum(item.announced for item in items)
    if waiting and rma.decided_at is None:
        return _("Received. The desk decides, then it is inspected.")
    if waiting:
        return ngettext("Received. %(n)d unit to inspect.", "Received. %(n)d units to inspect.", waiting) % {
            "n": waiting
        }
    if announced:
        return ngettext("%(n)d unit still to come", "%(n)d units still to come", announced) % {"n": announced}
    if rma.status in (Status.INSPECTED, Status.RESOLVED):
        return _("Inspected. The desk sees it now.")
    return str(state_word(rma.status))


def _next(rma: Return, items: list[ReturnItem], actor: Actor) -> dict[str, Any] | None:
    if not actor.may(WRITE):
        return None
    if any(item.uninspected for item in items) and rma.decided_at is not None:
        return {"url": reverse("warehouse:inspect", args=[rma.code]), "words": _("Inspect")}
    if any(item.announced for item in items):
        return {"url": reverse("warehouse:receive", args=[rma.code]), "words": _("Receive")}
    return None


def _inspection_row(one: Inspection) -> dict[str, Any]:
    return {
        "title": one.item.line.title,
        "quantity": one.quantity,
        "grade": one.grade,
        "outcome": one.outcome,
        "disposition": one.disposition,
        "note": one.note,
        "photos": [framed(photo) for photo in one.photos.all()],
        "url": reverse("warehouse:disposition", args=[one.uid]),
    }


@staff_page(WRITE, "GET", "POST")
def disposition(request: HttpRequest, actor: Actor, uid: uuid.UUID) -> HttpResponse:
    """Put right where inspected units go; stock follows by an opposite movement."""
    found = find_inspection(uid, actor)
    form = CorrectionForm(request.POST or None, initial={"disposition": found.disposition})
    answer = handle(request, form, lambda _photos: _correct(request, actor, found, form))
    if isinstance(answer, HttpResponse):
        return answer
    context = {
        "code": found.rma.code,
        "title": _("Correct where it goes"),
        "back": reverse("warehouse:done", args=[found.rma.code]),
        "row": _inspection_row(found),
        "dispositions": Disposition.values,
        "form": form,
        "refusal": answer.refusal,
        "submit": next_submit(request, answer.refusal),
    }
    return page(request, actor, "disposition", context, status=status_of(answer.refusal))


def _correct(request: HttpRequest, actor: Actor, found: Inspection, form: CorrectionForm) -> HttpResponse:
    wanted = form.cleaned_data

    def work() -> dict[str, Any]:
        corrected = actions.correct_disposition(
            found, disposition=wanted["disposition"], reason=wanted["reason"], actor=actor
        )
        return {"disposition": corrected.disposition}

    now = submit_once(request, "disposition", work)["disposition"]
    messages.success(request, _("It goes here now: %(where)s.") % {"where": disposition_word(now)})
    return redirect("warehouse:done", found.rma.code)
