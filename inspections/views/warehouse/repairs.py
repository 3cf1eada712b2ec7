"""Repairs on the floor: what is to be planned, what is due, and what is done goes back to the customer."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import F, Q, QuerySet, Sum, Value
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.doors import staff_page, submit_once
from accounts.idempotency import InFlight
from accounts.problems import NotFound, Refused
from inspections.actions import repairs as actions
from inspections.models import RepairJob
from inspections.views.warehouse.frame import READ, WRITE, page
from returns.models import Return, ReturnItem
from returns.models.rma import FREE, Status

PER_PAGE = 50
S = RepairJob.State


def _jobs(actor: Actor) -> QuerySet[RepairJob]:
    rows = RepairJob.objects.select_related("rma", "item__line").filter(state__in=actions.GOING)
    mine = rows.filter(rma__in=Return.objects.visible_to(actor)) if actor.shops or actor.channels else rows
    return mine.order_by("due_on", "pk")


def _unplanned(actor: Actor) -> list[ReturnItem]:
    """Items to be repaired with units that are here and in no job; the oldest, one page of them."""
    wanted = Q(resolution="repair") | Q(resolution="", rma__resolution="repair")
    held = Coalesce(Sum("repairs__quantity", filter=Q(repairs__state__in=actions.GOING)), Value(0))
    rows = ReturnItem.objects.filter(wanted, rma__decided_at__isnull=False, rma__in=Return.objects.visible_to(actor))
    rows = rows.exclude(rma__status__in=[*FREE, Status.RESOLVED]).annotate(held=held)
    rows = rows.filter(received__gt=F("accepted") + F("rejected") + F("held"))
    return list(rows.select_related("rma", "line").order_by("pk")[:PER_PAGE])


@staff_page(READ)
def repairs(request: HttpRequest, actor: Actor) -> HttpResponse:
    """What is to be planned, and every repair by the day it was promised for."""
    return _show(request, actor)


def _show(request: HttpRequest, actor: Actor, refusal: Refused | None = None) -> HttpResponse:
    shown = Paginator(_jobs(actor), PER_PAGE).get_page(request.GET.get("page"))
    today, writes = timezone.localdate(), actor.may(WRITE)
    url = reverse("warehouse:repairs")
    context = {
        "title": _("Repairs"),
        "rows": [{"job": job, "late": job.due_on < today, "can": _can(job) if writes else []} for job in shown],
        "plan": [{"item": item, "units": item.uninspected - item.held} for item in _unplanned(actor)]  # type: ignore[attr-defined]
        if writes
        else [],
        "places": RepairJob.Place.choices,
        "refusal": refusal,
        "words": _("%(first)d to %(last)d of %(count)d")
        % {"first": shown.start_index(), "last": shown.end_index(), "count": shown.paginator.count},
        "previous_url": f"{url}?page={shown.previous_page_number()}" if shown.has_previous() else "",
        "next_url": f"{url}?page={shown.next_page_number()}" if shown.has_next() else "",
    }
    return page(request, actor, "repairs", context, status=refusal.status if refusal else 200)


def _can(job: RepairJob) -> list[dict[str, str]]:
    names = {S.OPEN: ("start", "done", "failed"), S.IN_REPAIR: ("done", "failed"), S.REPAIRED: ("ship",)}[S(job.state)]
    return [{"name": name, "url": reverse(f"warehouse:repair-{name}", args=[job.uid])} for name in names]


@staff_page(WRITE, "POST")
def plan(request: HttpRequest, actor: Actor, uid: uuid.UUID) -> HttpResponse:
    """Plan the repair of all units of an item that are here."""
    item = ReturnItem.objects.select_related("rma").filter(uid=uid, rma__in=Return.objects.visible_to(actor)).first()
    if item is None:
        raise NotFound(_("There is no such item, or it is not yours to see."))
    place = request.POST.get("place", "")
    place = place if place in RepairJob.Place.values else RepairJob.Place.BENCH

    def work() -> object:
        units = item.uninspected - actions.in_repair(item.rma).get(item.pk, 0)
        return actions.open_repair(item.rma, item=str(uid), quantity=max(1, units), place=place, actor=actor)

    return _do(request, actor, f"plan-repair:{uid}", work, _("Planned."))


@staff_page(WRITE, "POST")
def step(request: HttpRequest, actor: Actor, uid: uuid.UUID, verb: str) -> HttpResponse:
    """One step of a repair: start, done, failed, ship."""
    mine = Return.objects.visible_to(actor)
    job = RepairJob.objects.filter(uid=uid, rma__in=mine).first()
    if job is None:
        raise NotFound(_("There is no such repair, or it is not yours to see."))
    text = {name: request.POST.get(name, "").strip() for name in ("note", "instead", "carrier", "tracking_number")}
    steps: dict[str, tuple[Callable[[], object], str]] = {
        "start": (lambda: actions.start_repair(job, actor=actor), _("Started.")),
        "done": (lambda: actions.finish_repair(job, actor=actor, note=text["note"]), _("It works again. Ship it.")),
        "failed": (
            lambda: actions.fail_repair(job, instead=text["instead"], note=text["note"], actor=actor),
            _("Noted. The customer is mailed."),
        ),
        "ship": (
            lambda: actions.ship_repair(
                job, carrier=text["carrier"][:40], tracking_number=text["tracking_number"][:100], actor=actor
            ),
            _("Shipped. The customer is mailed."),
        ),
    }
    work, said = steps[verb]
    return _do(request, actor, f"{verb}-repair:{uid}", work, said)


def _do(request: HttpRequest, actor: Actor, name: str, work: Callable[[], object], said: str) -> HttpResponse:
    def once() -> dict[str, Any]:
        work()
        return {}

    try:
        submit_once(request, name, once)
    except InFlight:
        messages.warning(request, _("This is being done already."))
    except Refused as refusal:
        return _show(request, actor, refusal)
    else:
        messages.success(request, said)
    return redirect("warehouse:repairs")
