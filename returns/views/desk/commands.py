"""A return's page and every command on it: one domain call each, once per submit, nothing typed is ever lost."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.doors import staff_page, submit_once
from accounts.idempotency import InFlight
from accounts.problems import NotFound, Refused
from returns.actions import void_shipment
from returns.models import Return, Shipment
from returns.printing import label_pdf, label_png, label_zpl
from returns.queries import find_return
from returns.views.desk.acts import BY_NAME
from returns.views.desk.page import Panels, return_page, stand
from returns.views.desk.standing import Act

PRINTS: dict[str, tuple[Callable[[Shipment], bytes], str]] = {
    "pdf": (label_pdf, "application/pdf"),
    "zpl": (label_zpl, "text/plain; charset=utf-8"),
    "png": (label_png, "image/png"),
}


@staff_page("returns:read")
def one(request: HttpRequest, actor: Actor, code: str, panels: Panels = ()) -> HttpResponse:
    """The whole story of a return."""
    return return_page(request, actor, find_return(code, actor), panels)


def command(name: str, other: str = "") -> Callable[..., HttpResponseBase]:
    """The view of an act; `other` is the act that has the same address and comes with quantities."""
    acts = BY_NAME[name], BY_NAME[other or name]

    @staff_page(acts[0].grant, "POST")
    def post(request: HttpRequest, actor: Actor, code: str, panels: Panels = ()) -> HttpResponse:
        """Do it, or show the page again with what was typed and why not."""
        rma = find_return(code, actor)
        act = acts["asked" in request.POST]
        form = act.bound(stand(rma, actor), request.POST)
        if not form.is_valid():
            words = _("Something is missing or does not fit. See below.")
            return return_page(request, actor, rma, panels, refusal=words, refused=act, typed=form, status=422)
        return perform(
            request,
            actor,
            rma,
            act.name,
            lambda: _told(act, rma, form.given(), actor),
            lambda refusal: return_page(
                request, actor, rma, panels, refusal=refusal, refused=act, typed=form, status=refusal.status
            ),
        )

    post.__name__ = post.__qualname__ = name.replace("-", "_")
    return post


def _told(act: Act, rma: Return, given: dict[str, Any], actor: Actor) -> dict[str, Any]:
    act.do(rma, given, actor)
    return {"said": str(act.said)}


def perform(
    request: HttpRequest,
    actor: Actor,
    rma: Return,
    name: str,
    work: Callable[[], dict[str, Any]],
    refuse: Callable[[Refused], HttpResponse],
) -> HttpResponse:
    """Do the work of a form on a return once and go back to its page; a second press says the same again.

    `work` answers with what to say; a refusal is shown by `refuse`, what may not be seen is a 404.
    """
    try:
        done = submit_once(request, f"{name}:{rma.code}", work)
    except InFlight:
        messages.warning(request, _("This is being done already."))
    except NotFound:
        raise
    except Refused as refusal:
        rma.refresh_from_db()
        return refuse(refusal)
    else:
        messages.success(request, done["said"])
    return redirect("desk:return", code=rma.code)


def find_shipment(uid: uuid.UUID, actor: Actor) -> tuple[Shipment, Return]:
    """A shipment of a return that the actor may see. Raises NotFound."""
    mine = Return.objects.visible_to(actor).select_related("order", "shop", "channel", "customer", "order_version")
    rma = mine.filter(shipments__uid=uid).order_by("pk").first()
    shipment = rma.shipments.filter(uid=uid).first() if rma else None
    if rma is None or shipment is None:
        raise NotFound(_("There is no such shipment, or it is not yours to see."))
    return shipment, rma


@staff_page("returns:write", "POST")
def void(request: HttpRequest, actor: Actor, uid: uuid.UUID, panels: Panels = ()) -> HttpResponse:
    """Take a label back that nobody has scanned."""
    shipment, rma = find_shipment(uid, actor)

    def work() -> dict[str, Any]:
        void_shipment(shipment, actor=actor)
        return {"said": _("The label is void. The customer cannot use it any more.")}

    def refuse(refusal: Refused) -> HttpResponse:
        return return_page(request, actor, rma, panels, refusal=refusal, status=refusal.status)

    return perform(request, actor, rma, f"void:{uid}", work, refuse)


@staff_page("returns:read")
def label(request: HttpRequest, actor: Actor, uid: uuid.UUID, kind: str) -> HttpResponse:
    """A label to print: the same bytes each time."""
    shipment, rma = find_shipment(uid, actor)
    if kind not in PRINTS or not shipment.labels.exists():
        raise NotFound(_("There is no label to print."))
    render, content_type = PRINTS[kind]
    answer = HttpResponse(render(shipment), content_type=content_type)
    answer["Content-Disposition"] = f'inline; filename="{rma.code}.{kind}"'
    answer["X-Content-Type-Options"] = "nosniff"
    return answer
