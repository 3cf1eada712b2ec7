"""Reducing the price of goods that the customer keeps: the slip first, then exactly that."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.doors import staff_page, submit_once
from accounts.idempotency import InFlight
from accounts.problems import NotFound, Refused
from customers import money
from customers.templatetags.comeback import money_text
from refunds.actions import preview_reduction, reduce_price
from refunds.actions.second import GIVE
from refunds.forms import ReduceForm
from refunds.models import Reimbursement
from refunds.views.desk.decide import kept_items
from refunds.views.desk.slips import draft_slip
from returns.models import Return
from returns.queries import find_return
from returns.views.desk.shell import desk_page


@staff_page(GIVE, "GET", "POST")
def reduce(request: HttpRequest, actor: Actor, code: str) -> HttpResponse:
    """Work out what comes back to the customer, show every line, and give exactly that."""
    rma = find_return(code, actor)
    form = ReduceForm(request.POST or None, items=kept_items(rma), currency=rma.currency)
    if request.method == "GET":
        return _show(request, actor, rma, form)
    if not form.is_valid():
        return _show(request, actor, rma, form, None, _("Something is missing or does not fit. See below."), 422)
    if request.POST.get("step") != "give":
        draft, refusal = _try(rma, form, actor)
        return _show(request, actor, rma, form, draft, refusal)
    return _give(request, actor, rma, form)


def _try(rma: Return, form: ReduceForm, actor: Actor) -> tuple[Reimbursement | None, Refused | None]:
    try:
        return preview_reduction(rma, form.reduction(), actor=actor), None
    except Refused as refusal:
        return None, refusal


def _give(request: HttpRequest, actor: Actor, rma: Return, form: ReduceForm) -> HttpResponse:
    def work() -> dict[str, Any]:
        row = reduce_price(rma, form.reduction(request.POST.get("expected_total", "")), actor=actor)
        return {"total": row.total, "currency": row.currency, "waits": bool(row.held_for)}

    try:
        done = submit_once(request, f"reduce:{rma.code}", work)
    except InFlight:
        messages.warning(request, _("This is being done already."))
    except NotFound:
        raise
    except Refused as refusal:
        draft, _why = _try(rma, form, actor)
        return _show(request, actor, rma, form, draft, refusal, refusal.status)
    else:
        amount = {"amount": money_text(done["total"], done["currency"])}
        waits = _("%(amount)s waits for a second person. Nothing is sent before.") % amount
        sent = _("%(amount)s is on its way. The customer is mailed.") % amount
        messages.success(request, waits if done["waits"] else sent)
    return redirect("desk:return", code=rma.code)


def _show(
    request: HttpRequest,
    actor: Actor,
    rma: Return,
    form: ReduceForm,
    draft: Reimbursement | None = None,
    refusal: Any = None,
    status: int = 0,
) -> HttpResponse:
    context = {
        "rma": rma,
        "form": form,
        "items": form.rows(),
        "slip": draft_slip(draft) if draft else None,
        "held": bool(draft and draft.held_for),
        "expected": money.to_text(draft.total, draft.currency) if draft else "",
        "refusal": refusal,
    }
    status = status or (refusal.status if isinstance(refusal, Refused) else 200)
    return desk_page(request, actor, "reduce", context, rail="returns", status=status)
