"""A statement by phone, letter, e-mail or fax: staff write it down, and the proof is the same."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.doors import staff_page, submit_once
from accounts.problems import Refused
from customers.models import Order
from customers.queries import shop_at
from returns.actions.withdrawals import Statement, find_candidate, receive_withdrawal
from returns.forms.withdrawals import RecordForm
from returns.models import Withdrawal
from returns.views.desk.shell import desk_page


@staff_page("returns:write", "GET", "POST")
def record(request: HttpRequest, actor: Actor) -> HttpResponse:
    """A statement by phone, letter, e-mail, fax or in person, with the same proof."""
    form = RecordForm(request.POST or None)
    refusal = None
    if request.method == "POST" and form.is_valid():
        try:
            done = submit_once(request, "withdrawal", lambda: {"ref": _record(request, actor, form).ref})
        except Refused as error:
            refusal = error
        else:
            messages.success(request, _("Recorded. The acknowledgement is on its way."))
            return redirect("desk:withdrawal", done["ref"])
    status = refusal.status if refusal else 422 if form.is_bound else 200
    context = {"form": form, "refusal": refusal}
    return desk_page(request, actor, "withdrawal_new", context, rail="withdrawals", status=status)


def _record(request: HttpRequest, actor: Actor, form: RecordForm) -> Withdrawal:
    given = form.cleaned_data
    said = Statement(
        name=given["name"],
        contract=given["contract"],
        means=given["means"],
        items=tuple(line.strip()[:500] for line in given["items"].splitlines() if line.strip()),
        law=given["law"],
        locale=given["locale"],
        channel=given["channel"],
        text=given["text"],
        received_at=given["received_at"],
        dispatched_at=given["dispatched_at"],
        submit=f"{actor.ref}:{request.POST.get('submit', '')}"[:64],
    )
    order = find_candidate(said, rows=Order.objects.visible_to(actor), by_name=True)
    shop = order.shop if order is not None else _shop(request, actor)
    return receive_withdrawal(said, shop=shop, actor=actor, order=order)


def _shop(request: HttpRequest, actor: Actor) -> Any:
    shop, _own = shop_at(request.get_host())
    rows = type(shop).objects.order_by("pk")
    return (rows.filter(code__in=actor.shops).first() or shop) if actor.shops else shop
