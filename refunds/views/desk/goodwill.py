"""An order on the desk: what was paid, what is left, its returns, and money without goods with its slip on view."""

from __future__ import annotations

import uuid
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
from customers.models import Order
from customers.templatetags.comeback import money_text
from refunds.actions import give_goodwill, preview_goodwill
from refunds.actions.left import refundable_of
from refunds.actions.load import load_order
from refunds.actions.rows import Rows
from refunds.actions.second import GIVE, own_identities
from refunds.forms import GoodwillForm
from refunds.models import Reimbursement
from refunds.views.desk.slips import SLIP, Context, draft_slip, stored_slip
from returns.models import Return
from returns.policy.choices import PAYMENTS
from returns.queries import find_return
from returns.views.desk.shell import desk_page

MOST = 50


def find_order(uid: uuid.UUID, actor: Actor) -> Order:
    """The order, if the actor may see it. Raises NotFound."""
    rows = Order.objects.visible_to(actor).select_related("customer", "shop", "channel")
    found = rows.filter(uid=uid).first()
    if found is None:
        raise NotFound(_("There is no such order, or it is not yours to see."))
    return found


@staff_page("orders:read")
def order(request: HttpRequest, actor: Actor, uid: uuid.UUID) -> HttpResponse:
    """Everything that was paid and given back on one order."""
    return show(request, actor, find_order(uid, actor))


@staff_page(GIVE, "GET", "POST")
def goodwill(request: HttpRequest, actor: Actor, uid: uuid.UUID) -> HttpResponse:
    """Work out what goodwill comes to, show every line, and give exactly that."""
    found = find_order(uid, actor)
    if request.method == "GET":
        return show(request, actor, found)
    form = form_of(load_order(found.pk, locked=False), request.POST)
    if not form.is_valid():
        return show(request, actor, found, form, None, _("Something is missing or does not fit. See below."), 422)
    rma = _return_of(request, actor, found)
    if request.POST.get("step") != "give":
        draft, refusal = _try(found, form, actor, rma)
        return show(request, actor, found, form, draft, refusal)
    return _give(request, actor, found, form, rma)


def _return_of(request: HttpRequest, actor: Actor, found: Order) -> Return | None:
    """The return that it is given for, as the page was opened from it."""
    code = request.POST.get("rma", "") or request.GET.get("rma", "")
    rma = find_return(code, actor) if code else None
    return rma if rma is not None and rma.order_id == found.pk else None


def _try(found: Order, form: GoodwillForm, actor: Actor, rma: Return | None) -> tuple[Reimbursement | None, Any]:
    try:
        return preview_goodwill(found, form.gift(), actor=actor, rma=rma), None
    except Refused as refusal:
        return None, refusal


def _give(request: HttpRequest, actor: Actor, found: Order, form: GoodwillForm, rma: Return | None) -> HttpResponse:
    def work() -> dict[str, Any]:
        gift = form.gift(request.POST.get("expected_total", ""))
        row = give_goodwill(found, gift, actor=actor, rma=rma)
        return {"total": row.total, "currency": row.currency, "waits": bool(row.held_for)}

    try:
        done = submit_once(request, f"goodwill:{found.uid}", work)
    except InFlight:
        messages.warning(request, _("This is being done already."))
    except NotFound:
        raise
    except Refused as refusal:
        draft, _why = _try(found, form, actor, rma)
        return show(request, actor, found, form, draft, refusal, refusal.status)
    else:
        messages.success(request, _said(done))
    return redirect("desk:return", code=rma.code) if rma else redirect("desk:order", uid=found.uid)


def _said(done: dict[str, Any]) -> str:
    amount = {"amount": money_text(done["total"], done["currency"])}
    if done["waits"]:
        return _("%(amount)s waits for a second person. Nothing is sent before.") % amount
    return _("%(amount)s is on its way. The customer is mailed.") % amount


def form_of(rows: Rows, data: Any = None) -> GoodwillForm:
    """The form over what is left of an order."""
    left = refundable_of(rows)

    def amount(minor: int) -> str:
        return money_text(minor, rows.currency)

    titles = {line.external_id: line.title for line in rows.lines}
    kinds = {payment.external_id: PAYMENTS.get(payment.kind, payment.kind) for payment in rows.payments}
    methods = {charge.external_id: charge.method for charge in rows.shipping}
    targets = [("order", _whole_order(amount(left["order"]) if left["order"] else ""))]
    targets += [
        (f"line:{name}", _("%(what)s, %(left)s left") % {"what": titles[name], "left": amount(rest)})
        for name, _n, rest in left["lines"]
        if rest
    ]
    targets += [
        (f"shipping:{name}", _("Delivery %(what)s, %(left)s left") % {"what": methods[name], "left": amount(rest)})
        for name, rest in left["shipping"]
        if rest
    ]
    payments = [
        (name, _("%(what)s, %(left)s left") % {"what": kinds[name], "left": amount(rest)})
        for name, rest in left["payments"]
        if rest
    ]
    return GoodwillForm(data, targets=targets, payments=payments, currency=rows.currency)


def show(
    request: HttpRequest,
    actor: Actor,
    found: Order,
    form: GoodwillForm | None = None,
    draft: Reimbursement | None = None,
    refusal: Any = None,
    status: int = 0,
) -> HttpResponse:
    """The page of an order; after a preview or a refusal with what was typed."""
    rows = load_order(found.pk, locked=False)
    rma = _return_of(request, actor, found)
    context = {
        "order": found,
        "rma": rma,
        "left": _left(rows),
        "returns": list(Return.objects.visible_to(actor).filter(order=found).order_by("-pk")[:MOST]),
        "reimbursements": _made(found, actor),
        "form": (form or form_of(rows)) if actor.may(GIVE) else None,
        "slip": draft_slip(draft) if draft else None,
        "held": bool(draft and draft.held_for),
        "expected": money.to_text(draft.total, draft.currency) if draft else "",
        "refusal": refusal,
    }
    status = status or (refusal.status if isinstance(refusal, Refused) else 200)
    return desk_page(request, actor, "order", context, rail="returns", status=status)


def _left(rows: Rows) -> Context:
    left = refundable_of(rows)
    lines = {line.external_id: line for line in rows.lines}
    charges = {charge.external_id: charge for charge in rows.shipping}
    payments = {payment.external_id: payment for payment in rows.payments}
    return {
        "order": left["order"],
        "lines": [{"line": lines[name], "units": units, "left": rest} for name, units, rest in left["lines"]],
        "shipping": [{"charge": charges[name], "left": rest} for name, rest in left["shipping"]],
        "payments": [
            {"payment": payments[name], "kind": PAYMENTS.get(payments[name].kind, payments[name].kind), "left": rest}
            for name, rest in left["payments"]
        ],
    }


def _whole_order(left: str) -> str:
    return _("The whole order, %(left)s left") % {"left": left} if left else _("The whole order, nothing left")


def _made(found: Order, actor: Actor) -> list[Context]:
    """What was given back on the order, newest first, returns' money included."""
    if not actor.may("refunds:read"):
        return []
    rows = found.reimbursements.select_related("store_credit", "rma", "order")
    rows = rows.prefetch_related(*SLIP).order_by("-pk")[:MOST]
    mine = own_identities(actor)
    return [stored_slip(row, actor, mine) for row in rows]
