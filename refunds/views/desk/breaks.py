"""Differences between a gateway's ledger and ours: what differs, in words, and what a person can do about it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.actors import Actor
from accounts.doors import staff_page, submit_once
from accounts.idempotency import InFlight
from accounts.problems import NotFound, Refused
from customers.models import Order
from refunds.actions import retry_refund
from refunds.actions.adopt import adopt_break, candidates
from refunds.actions.breaks import close_break
from refunds.models import Break, Refund
from returns.views.desk.shell import desk_page, oldest_first

HELP: dict[str, str | Promise] = {
    "only_there": gettext_lazy("Somebody paid this at the gateway and not through us. It counts against the payment."),
    "only_here": gettext_lazy("We hold it for paid, and the gateway's ledger does not have it. Ask the gateway."),
    "amount": gettext_lazy("The gateway moved another amount than we asked for. Settle the rest by hand."),
    "state": gettext_lazy("The gateway says something else than we do. Look at it there before you do anything."),
    "credit_spent": gettext_lazy(
        "The customer spent this much of it and has the goods too, or gets another refund. It still counts against the "
        "order. Ask for it back, or say that you let it go."
    ),
    "stuck": gettext_lazy("The gateway has given no clear answer for too long. The money is reserved until it does."),
}
UNKNOWN = gettext_lazy("The gateway has no such refund, and it is too late to send it again by itself. Try it again.")


def _mine(actor: Actor) -> QuerySet[Break]:
    """Open breaks; who works for some shops sees those of their refunds."""
    rows = Break.objects.filter(closed_at=None).select_related(
        "refund__reimbursement__order", "refund__reimbursement__rma", "reimbursement__order", "reimbursement__rma"
    )
    if not (actor.shops or actor.channels):
        return rows
    mine = Order.objects.visible_to(actor)
    return rows.filter(Q(refund__reimbursement__order__in=mine) | Q(reimbursement__order__in=mine))


@staff_page("refunds:write")
def breaks(request: HttpRequest, actor: Actor) -> HttpResponse:
    """What is open, oldest first."""
    return _list(request, actor)


def _list(request: HttpRequest, actor: Actor, refusal: Refused | None = None) -> HttpResponse:
    page = oldest_first(request, _mine(actor))
    fits = candidates(page.rows)
    context = {"rows": [_row(row, fits.get(row.pk)) for row in page.rows], "refusal": refusal, **page.context()}
    return desk_page(request, actor, "breaks", context, rail="payments", status=refusal.status if refusal else 200)


def _row(row: Break, fit: Refund | None) -> dict[str, Any]:
    unknown = row.detail.get("answer") == "unknown"
    return {
        "break": row,
        "made": row.reimbursement or (row.refund.reimbursement if row.refund else None),
        "help": UNKNOWN if unknown else HELP[row.kind],
        "reference": row.detail.get("reference", ""),
        "url_close": reverse("desk:close-break", args=[row.pk]),
        "url_retry": reverse("desk:retry-break", args=[row.pk]) if row.kind == Break.Kind.STUCK else "",
        "url_adopt": reverse("desk:adopt-break", args=[row.pk]) if fit is not None else "",
    }


def _find(pk: int, actor: Actor) -> Break:
    found = _mine(actor).filter(pk=pk).first()
    if found is None:
        raise NotFound(_("This difference is not open any more, or it is not yours to see."))
    return found


@staff_page("refunds:write", "POST")
def close(request: HttpRequest, actor: Actor, pk: int) -> HttpResponse:
    """Say how a difference was cleared up."""
    row = _find(pk, actor)

    def work() -> dict[str, Any]:
        close_break(row, note=request.POST.get("note", ""), actor=actor)
        return {"said": _("Closed.")}

    return _do(request, actor, f"close-break:{pk}", work)


@staff_page("refunds:write", "POST")
def retry(request: HttpRequest, actor: Actor, pk: int) -> HttpResponse:
    """Try a refund again that is stuck."""
    refund = _find(pk, actor).refund
    if refund is None:
        raise NotFound(_("There is no refund of ours behind this."))

    def work() -> dict[str, Any]:
        retry_refund(refund, actor=actor)
        return {"said": _("The gateway is asked again now.")}

    return _do(request, actor, f"retry-break:{pk}", work)


@staff_page("refunds:write", "POST")
def adopt(request: HttpRequest, actor: Actor, pk: int) -> HttpResponse:
    """Take what the gateway paid for our own open refund."""
    row = _find(pk, actor)

    def work() -> dict[str, Any]:
        adopt_break(row, actor=actor)
        return {"said": _("Noted as paid. The customer is told.")}

    return _do(request, actor, f"adopt-break:{pk}", work)


def _do(request: HttpRequest, actor: Actor, name: str, work: Callable[[], dict[str, Any]]) -> HttpResponse:
    try:
        done = submit_once(request, name, work)
    except InFlight:
        messages.warning(request, _("This is being done already."))
    except NotFound:
        raise
    except Refused as refusal:
        return _list(request, actor, refusal)
    else:
        messages.success(request, done["said"])
    return redirect("desk:breaks")
