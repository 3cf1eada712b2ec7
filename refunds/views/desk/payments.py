"""Refunds that people pay by hand, and those that failed: what to pay where, and saying that it is done."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.doors import staff_page, submit_once
from accounts.idempotency import InFlight
from accounts.problems import NotFound, Refused
from customers.models import Order
from inspections.models import Receipt
from refunds.actions import mark_paid, pay_otherwise, retry_refund
from refunds.actions.change_payout import may_change_payout, wants_account
from refunds.models import Refund
from refunds.payout import unseal
from refunds.views.desk.movements import refund_row
from refunds.views.desk.slips import Context
from returns.queries import find_return
from returns.views.desk.page import Panels, return_page
from returns.views.desk.shell import desk_page, oldest_first

MAX_REFERENCE = 200
STATES = {"manual": Refund.State.MANUAL_PENDING, "failed": Refund.State.FAILED}


def _mine(actor: Actor) -> QuerySet[Refund]:
    rows = Refund.objects.select_related(
        "payment", "payout_file", "replacement", "reimbursement__rma", "reimbursement__order"
    )
    return (
        rows.filter(reimbursement__order__in=Order.objects.visible_to(actor)) if actor.shops or actor.channels else rows
    )


@staff_page("refunds:write")
def payments(request: HttpRequest, actor: Actor) -> HttpResponse:
    """What is to be paid by hand, oldest first; `?state=failed` shows what a bank refused."""
    return _list(request, actor)


def _list(
    request: HttpRequest, actor: Actor, refusal: Refused | None = None, refused: Refund | None = None
) -> HttpResponse:
    state = request.GET.get("state", "manual")
    state = state if state in STATES else "manual"
    page = oldest_first(request, _mine(actor).filter(state=STATES[state], replacement=None))
    context = {
        "state": state,
        "rows": [refund_row(refund, actor) | facts for refund, facts in _facts(page.rows)],
        "typed": request.POST.get("reference", ""),
        "refused": refused.pk if refused else None,
        "refusal": refusal,
        **page.context(),
    }
    return desk_page(request, actor, "payments", context, rail="payments", status=refusal.status if refusal else 200)


def _facts(refunds: list[Refund]) -> Iterator[tuple[Refund, Context]]:
    """Each refund with the account it goes to, or the till: where the goods came in."""
    cash = [refund.reimbursement.rma_id for refund in refunds if refund.gateway == "cash"]
    receipts = Receipt.objects.filter(rma__in=cash).select_related("location").order_by("pk") if cash else ()
    tills = {receipt.rma_id: receipt.location for receipt in receipts}
    for refund in refunds:
        facts: Context = {"account": _account(refund), "url_account": _account_url(refund)}
        if refund.gateway == "cash":
            till = tills.get(refund.reimbursement.rma_id)
            facts["to"] = _("Cash at %(place)s") % {"place": till.name or till.code} if till else _("Cash")
        yield refund, facts


def _account_url(refund: Refund) -> str:
    """Where the account is given or changed."""
    may = wants_account(refund.reimbursement, [refund]) and may_change_payout(refund.reimbursement, [refund])
    return reverse("desk:account", args=[refund.reimbursement.uid]) if may else ""


def _account(refund: Refund) -> dict[str, str]:
    """The account to pay to, in the open: who pays has to read it, and it is erased once paid."""
    sealed = refund.reimbursement.payout
    return unseal(sealed) if sealed else {}


def _find(uid: uuid.UUID, actor: Actor) -> Refund:
    found = _mine(actor).filter(uid=uid).first()
    if found is None:
        raise NotFound(_("There is no such refund, or it is not yours to see."))
    return found


@staff_page("refunds:write", "POST")
def paid(request: HttpRequest, actor: Actor, uid: uuid.UUID, panels: Panels = ()) -> HttpResponse:
    """Say that a refund was paid by hand."""
    refund = _find(uid, actor)
    reference = request.POST.get("reference", "").strip()[:MAX_REFERENCE]

    def work() -> Context:
        mark_paid(refund, actor=actor, reference=reference)
        return {"said": _("Noted as paid. The customer is told.")}

    return _do(request, actor, refund, "paid", work, panels)


@staff_page("refunds:write", "POST")
def retry(request: HttpRequest, actor: Actor, uid: uuid.UUID, panels: Panels = ()) -> HttpResponse:
    """Try a failed refund again."""
    refund = _find(uid, actor)

    def work() -> Context:
        retry_refund(refund, actor=actor)
        return {"said": _("The refund is tried again.")}

    return _do(request, actor, refund, "retry-refund", work, panels)


@staff_page("refunds:write", "POST")
def otherwise(request: HttpRequest, actor: Actor, uid: uuid.UUID) -> HttpResponse:
    """Pay in another way what a gateway refused."""
    refund = _find(uid, actor)
    names = ("holder", "iban") if request.POST.get("iban") else ("holder", "bank", "branch", "account")
    given = {name: request.POST.get(name, "").strip() for name in names}

    def work() -> Context:
        tender, account = request.POST.get("tender", ""), given if any(given.values()) else None
        pay_otherwise(refund, tender=tender, payout=account if tender == "bank_transfer" else None, actor=actor)
        return {"said": _("It is paid in another way now.")}

    return _do(request, actor, refund, "otherwise", work, ())


def _do(
    request: HttpRequest, actor: Actor, refund: Refund, name: str, work: Callable[[], dict[str, Any]], panels: Panels
) -> HttpResponse:
    rma = refund.reimbursement.rma
    on_return = rma is not None and request.POST.get("back") == "return"
    try:
        done = submit_once(request, f"{name}:{refund.uid}", work)
    except InFlight:
        messages.warning(request, _("This is being done already."))
    except NotFound:
        raise
    except Refused as refusal:
        if rma is not None and on_return:
            shown = find_return(rma.code, actor)
            return return_page(request, actor, shown, panels, refusal=refusal, status=refusal.status)
        return _list(request, actor, refusal, refund)
    else:
        messages.success(request, done["said"])
    return redirect("desk:return", code=rma.code) if rma is not None and on_return else redirect("desk:payments")
