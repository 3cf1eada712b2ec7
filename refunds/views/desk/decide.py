"""The money of a return: its panel, and deciding it line by line with the slip on view before anything is sent."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.doors import staff_page, submit_once
from accounts.idempotency import InFlight
from accounts.problems import NotFound, Refused
from customers import money
from customers.templatetags.comeback import money_text
from refunds.actions import Wish, preview, reimburse_return
from refunds.actions.plan import PAYABLE_IN
from refunds.actions.reduce import kept_units
from refunds.actions.second import GIVE, own_identities
from refunds.forms import ReimburseForm, initial_of
from refunds.models import Reimbursement
from refunds.views.desk.slips import SLIP, Context, draft_slip, stored_slip
from returns.models import Return, ReturnItem
from returns.models.rma import FREE
from returns.queries import find_return
from returns.views.desk.shell import desk_page


def panel(rma: Return, actor: Actor) -> Context:
    """What a return's page shows of money: what is open now, what was decided, and the way to pay."""
    if not actor.may("refunds:read"):
        return {}
    rows = rma.reimbursements.select_related("store_credit", "order")
    rows = rows.prefetch_related(*SLIP)
    mine = own_identities(actor)
    made = [stored_slip(row, actor, mine) for row in rows.order_by("-pk")]
    acts = [_goodwill_act(rma), *_reduce_act(rma)] if actor.may(GIVE) else []
    if rma.status in FREE or not payable_items(rma):
        return {"reimbursements": made, "money": None, "acts": acts}
    draft, why = _try(rma, Wish())
    acts += [_act(rma, draft)] if actor.may("refunds:write") else []
    return {"reimbursements": made, "money": draft_slip(draft) if draft else None, "money_refusal": why, "acts": acts}


def _goodwill_act(rma: Return) -> Context:
    return {
        "name": "goodwill",
        "link": reverse("desk:goodwill", args=[rma.order.uid]) + f"?rma={rma.code}",
        "icon": "gift",
        "title": _("Goodwill"),
        "note": _("Money without goods, with a reason; opens the order"),
    }


def _reduce_act(rma: Return) -> list[Context]:
    if rma.status not in PAYABLE_IN or not kept_items(rma):
        return []
    return [
        {
            "name": "reduce",
            "link": reverse("desk:reduce", args=[rma.code]),
            "icon": "tag",
            "title": _("Reduce the price"),
            "note": _("The customer keeps the goods and gets a part back"),
        }
    ]


def kept_items(rma: Return) -> list[ReturnItem]:
    """Items with units that are with the customer and not paid for."""
    found = list(rma.items.select_related("line").order_by("pk"))
    for item in found:
        item.rma = rma
    return [item for item in found if kept_units(item)]


def _act(rma: Return, draft: Reimbursement | None) -> Context:
    amount = money_text(draft.total, draft.currency) if draft and draft.total else ""
    if draft and not amount:
        title, note = _("Close it, nothing to refund"), _("Shows every line first, then mails")
        return _money_act(rma, title, note)
    title = _("Refund %(amount)s") % {"amount": amount} if amount else _("Refund")
    return _money_act(rma, title, _("Shows every line first, then sends money and mails"))


def _money_act(rma: Return, title: str, note: str) -> Context:
    link = reverse("desk:reimburse", args=[rma.code])
    return {"name": "reimburse", "link": link, "icon": "hand-coins", "title": title, "note": note}


def payable_items(rma: Return) -> list[ReturnItem]:
    """Items with units that may be paid now."""
    return [item for item in rma.items.select_related("line").order_by("pk") if item.payable > 0]


def _try(rma: Return, wish: Wish) -> tuple[Reimbursement | None, Refused | None]:
    try:
        return preview(rma, wish), None
    except Refused as refusal:
        return None, refusal


@staff_page("refunds:write", "GET", "POST")
def reimburse(request: HttpRequest, actor: Actor, code: str) -> HttpResponse:
    """Work out what the customer gets, show every line, and pay exactly that."""
    rma = find_return(code, actor)
    if request.method == "GET":
        draft, refusal = _try(rma, Wish())
        form = _form(rma, initial=initial_of(draft))
        return _show(request, actor, rma, form, draft, refusal)
    form = _form(rma, request.POST)
    if not form.is_valid():
        return _show(request, actor, rma, form, None, _("Something is missing or does not fit. See below."), 422)
    if request.POST.get("step") != "pay":
        draft, refusal = _try(rma, form.wish())
        return _show(request, actor, rma, form, draft, refusal)
    return _pay(request, actor, rma, form)


def _form(rma: Return, data: Any = None, **more: Any) -> ReimburseForm:
    return ReimburseForm(data, items=payable_items(rma), currency=rma.currency, **more)


def _pay(request: HttpRequest, actor: Actor, rma: Return, form: ReimburseForm) -> HttpResponse:
    def work() -> dict[str, Any]:
        row, _new = reimburse_return(rma, form.wish(request.POST.get("expected_total", "")), actor=actor)
        return {"total": row.total, "currency": row.currency}

    try:
        done = submit_once(request, f"reimburse:{rma.code}", work)
    except InFlight:
        messages.warning(request, _("This is being done already."))
    except NotFound:
        raise
    except Refused as refusal:
        rma.refresh_from_db()
        draft, _why = _try(rma, form.wish())
        return _show(request, actor, rma, form, draft, refusal, refusal.status)
    else:
        amount = money_text(done["total"], done["currency"])
        sent = _("%(amount)s is on its way. The customer is mailed.") % {"amount": amount}
        messages.success(request, sent if done["total"] else _("Closed. There was nothing to refund."))
    return redirect("desk:return", code=rma.code)


def _show(
    request: HttpRequest,
    actor: Actor,
    rma: Return,
    form: ReimburseForm,
    draft: Reimbursement | None,
    refusal: Any,
    status: int = 0,
) -> HttpResponse:
    context = {
        "rma": rma,
        "form": form,
        "items": form.rows(),
        "shipping_left": sum(row.gross - row.refunded_gross for row in rma.order.shipping.all()),
        "slip": draft_slip(draft) if draft else None,
        "expected": money.to_text(draft.total, draft.currency) if draft else "",
        "refusal": refusal,
    }
    status = status or (refusal.status if isinstance(refusal, Refused) and request.method == "POST" else 200)
    return desk_page(request, actor, "reimburse", context, rail="returns", status=status)
