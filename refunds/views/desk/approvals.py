"""What waits for a second person, and saying yes or no."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.doors import staff_page, submit_once
from accounts.idempotency import InFlight
from accounts.problems import Forbidden, NotFound, Refused
from customers.models import Order
from refunds.actions import approve_reimbursement, reject_reimbursement
from refunds.actions.second import APPROVE, own_identities
from refunds.models import Reimbursement, StoreCredit
from refunds.views.desk.credits import TABS
from refunds.views.desk.slips import SLIP, Context, stored_slip
from returns.queries import find_return
from returns.views.desk.page import Panels, return_page
from returns.views.desk.shell import desk_page, oldest_first


def _mine(actor: Actor) -> QuerySet[Reimbursement]:
    rows = Reimbursement.objects.select_related("rma", "order", "store_credit")
    return rows.filter(order__in=Order.objects.visible_to(actor)) if actor.shops or actor.channels else rows


def find_reimbursement(uid: uuid.UUID, actor: Actor) -> Reimbursement:
    """The reimbursement, if the actor may see its order. Raises NotFound."""
    found = _mine(actor).filter(uid=uid).first()
    if found is None:
        raise NotFound(_("There is no such reimbursement, or it is not yours to see."))
    return found


@staff_page("refunds:write")
def approvals(request: HttpRequest, actor: Actor) -> HttpResponse:
    """What waits, oldest first: who asked, why, and every line."""
    return _list(request, actor)


def _list(
    request: HttpRequest, actor: Actor, refusal: Refused | None = None, refused: uuid.UUID | None = None
) -> HttpResponse:
    rows = _mine(actor).filter(state=Reimbursement.State.AWAITING_APPROVAL)
    page = oldest_first(request, rows.prefetch_related(*SLIP))
    mine = own_identities(actor)
    context = {
        "rows": [stored_slip(row, actor, mine) for row in page.rows],
        "credits": StoreCredit.objects.visible_to(actor).filter(TABS["waiting"]).count(),
        "refused": refused,
        "typed": request.POST.get("reason", ""),
        "refusal": refusal,
        **page.context(),
    }
    status = refusal.status if refusal else 200
    return desk_page(request, actor, "approvals", context, rail="approvals", status=status)


@staff_page(APPROVE, "POST")
def approve(request: HttpRequest, actor: Actor, uid: uuid.UUID, panels: Panels = ()) -> HttpResponse:
    """Say yes: the money is sent."""
    row = find_reimbursement(uid, actor)

    def work() -> Context:
        approve_reimbursement(row, actor=actor)
        return {"said": _("Approved. The money is on its way and the customer is mailed.")}

    return _do(request, actor, row, "approve", work, panels)


@staff_page(APPROVE, "POST")
def reject(request: HttpRequest, actor: Actor, uid: uuid.UUID, panels: Panels = ()) -> HttpResponse:
    """Say no, with a reason: nothing was sent, and what was reserved is free again."""
    row, reason = find_reimbursement(uid, actor), request.POST.get("reason", "").strip()[:300]

    def work() -> Context:
        reject_reimbursement(row, reason=reason, actor=actor)
        return {"said": _("Rejected. Nothing was sent.")}

    return _do(request, actor, row, "reject", work, panels)


def _do(
    request: HttpRequest,
    actor: Actor,
    row: Reimbursement,
    name: str,
    work: Callable[[], dict[str, Any]],
    panels: Panels,
) -> HttpResponse:
    rma = row.rma if request.POST.get("back") == "return" else None
    try:
        done = submit_once(request, f"{name}:{row.uid}", work)
    except InFlight:
        messages.warning(request, _("This is being done already."))
    except (NotFound, Forbidden):
        raise
    except Refused as refusal:
        if rma is not None:
            shown = find_return(rma.code, actor)
            return return_page(request, actor, shown, panels, refusal=refusal, status=refusal.status)
        return _list(request, actor, refusal, row.uid)
    else:
        messages.success(request, done["said"])
    return redirect("desk:return", code=rma.code) if rma is not None else redirect("desk:approvals")
