"""Events whose reactions failed too often, and trying them again."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.doors import staff_page, submit_once
from accounts.problems import NotFound, Refused
from returns.outbox import retry_parked
from returns.views.desk.shell import desk_page, newest_first, parked_events


@staff_page("returns:read")
def parked(request: HttpRequest, actor: Actor) -> HttpResponse:
    """What is parked, newest first."""
    return _show(request, actor)


def _show(request: HttpRequest, actor: Actor, refusal: Refused | None = None) -> HttpResponse:
    page = newest_first(request, parked_events(actor).select_related("rma"))
    context: dict[str, Any] = {
        "events": page.rows,
        "may_retry": actor.may("retry_parked"),
        "refusal": refusal,
        **page.context(),
    }
    return desk_page(request, actor, "parked", context, rail="parked", status=refusal.status if refusal else 200)


@staff_page("retry_parked", "POST")
def retry(request: HttpRequest, actor: Actor, pk: int) -> HttpResponse:
    """Give a parked event another round."""
    event = parked_events(actor).filter(pk=pk).first()
    if event is None:
        raise NotFound(_("This event is not parked any more, or it is not yours to see."))

    def work() -> dict[str, Any]:
        retry_parked(event)
        return {"said": _("It is tried again now.")}

    try:
        done = submit_once(request, f"retry:{pk}", work)
    except Refused as refusal:
        return _show(request, actor, refusal)
    messages.success(request, done["said"])
    return redirect("desk:parked-events")
