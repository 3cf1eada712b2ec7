"""Exchanges at the desk: what can leave, what waits for money or for a person, and every command on one."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.actors import Actor
from accounts.doors import staff_page, submit_once
from accounts.idempotency import InFlight
from accounts.problems import NotFound, Refused
from customers.models import Order
from refunds.actions.by_exchange import reimburse_by_exchange
from refunds.actions.charge_hand import note_charge_given_back, note_charge_paid
from refunds.actions.exchange_steps import cancel_exchange, convert_exchange, ship_exchange
from refunds.actions.exchanges import open_exchange
from refunds.actions.plan import Wish
from refunds.models import Charge, Exchange
from refunds.views.desk.slips import Context
from returns.models import Return
from returns.queries import find_return
from returns.views.desk.page import Panels, return_page
from returns.views.desk.shell import desk_page, oldest_first

S = Exchange.State
WRITE, SHIP = "refunds:write", "warehouse:write"
TABS = {
    "ready": Q(state=S.READY),
    "payment": Q(state=S.AWAITING_PAYMENT),
    "held": ~Q(held_for__in=["", "sold"]) & Q(state=S.AWAITING_GOODS),
    "owed": Q(charges__kind=Charge.Kind.BY_HAND, charges__wanted=Charge.Wanted.RELEASE),
}
LOOKS: dict[str, tuple[str, str]] = {
    S.AWAITING_GOODS: ("go", "clock"),
    S.AWAITING_PAYMENT: ("you", "hand-coins"),
    S.READY: ("you", "package"),
    S.SHIPPED: ("good", "truck"),
    S.CANCELLED: ("", "x"),
    S.CONVERTED: ("", "rotate-ccw"),
}
HELD = {
    "costs_more": gettext_lazy("Less came back than was sent for, so the customer would have to add more. Decide."),
    "out_of_stock": gettext_lazy("What should leave is out of stock. Wait for it, or turn it into a refund."),
}


def _mine(actor: Actor) -> QuerySet[Exchange]:
    rows = Exchange.objects.select_related("rma", "order").prefetch_related("lines", "charges")
    return rows.filter(order__in=Order.objects.visible_to(actor)) if actor.shops or actor.channels else rows


def row_of(exchange: Exchange, actor: Actor) -> Context:
    """One exchange with its lines, its money and what can be done with it."""
    tone, shape = LOOKS[exchange.state]
    writes = actor.may(WRITE)
    open_now = exchange.state in (S.AWAITING_GOODS, S.AWAITING_PAYMENT, S.READY)

    def url(name: str, when: bool) -> str:
        return reverse(f"desk:exchange-{name}", args=[exchange.uid]) if when else ""

    return {
        "exchange": exchange,
        "word": exchange.get_state_display(),
        "tone": tone,
        "shape": shape,
        "held": HELD.get(exchange.held_for, ""),
        "lines": sorted(exchange.lines.all(), key=lambda row: row.pk),
        "charges": [_charge(row, writes) for row in sorted(exchange.charges.all(), key=lambda row: row.pk)],
        "ship_url": url("ship", exchange.state == S.READY and actor.may(SHIP)),
        "go_on_url": url("go-on", writes and bool(exchange.held_for) and exchange.state == S.AWAITING_GOODS),
        "cancel_url": url("cancel", writes and open_now),
        "convert_url": url("convert", writes and open_now),
        "advance_url": url("advance", writes and exchange.state == S.AWAITING_GOODS and not exchange.held_for),
    }


def _charge(charge: Charge, writes: bool) -> Context:
    by_hand = writes and charge.kind == Charge.Kind.BY_HAND
    owed = by_hand and charge.wanted == Charge.Wanted.RELEASE and charge.state == Charge.State.PAID
    return {
        "charge": charge,
        "paid_url": reverse("desk:charge-paid", args=[charge.uid])
        if by_hand and charge.state == Charge.State.OPEN
        else "",
        "back_url": reverse("desk:charge-back", args=[charge.uid]) if owed else "",
    }


def panel(rma: Return, actor: Actor) -> Context:
    """What a return's page shows of its exchanges."""
    if not actor.may("refunds:read"):
        return {}
    rows = rma.exchanges.select_related("order").prefetch_related("lines", "charges").order_by("-pk")
    return {"exchanges": [row_of(row, actor) for row in rows]}


@staff_page("refunds:read")
def exchanges(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Exchanges that wait for somebody: to ship, to be paid, to be decided, to be given back."""
    tab = request.GET.get("tab", "ready")
    tab = tab if tab in TABS else "ready"
    page = oldest_first(request, _mine(actor).filter(TABS[tab]).distinct())
    context = {"tab": tab, "rows": [row_of(row, actor) for row in page.rows], **page.context()}
    return desk_page(request, actor, "exchanges", context, rail="exchanges")


def _find(uid: uuid.UUID, actor: Actor) -> Exchange:
    found = _mine(actor).filter(uid=uid).first()
    if found is None:
        raise NotFound(_("There is no such exchange, or it is not yours to see."))
    return found


def _do(
    request: HttpRequest, actor: Actor, rma: Return, name: str, work: Callable[[], Any], said: str, panels: Panels
) -> HttpResponse:
    def once() -> dict[str, Any]:
        work()
        return {}

    try:
        submit_once(request, name, once)
    except InFlight:
        messages.warning(request, _("This is being done already."))
    except NotFound:
        raise
    except Refused as refusal:
        shown = find_return(rma.code, actor)
        return return_page(request, actor, shown, panels, refusal=refusal, status=refusal.status)
    else:
        messages.success(request, said)
    return redirect("desk:return", code=rma.code)


@staff_page(SHIP, "POST")
def ship(request: HttpRequest, actor: Actor, uid: uuid.UUID, panels: Panels = ()) -> HttpResponse:
    """The replacement leaves."""
    found = _find(uid, actor)
    given = {name: request.POST.get(name, "").strip() for name in ("carrier", "tracking_number")}
    given = {"carrier": given["carrier"][:40], "tracking_number": given["tracking_number"][:100]}
    said = _("Shipped. The customer is mailed.")
    return _do(
        request, actor, found.rma, f"ship:{uid}", lambda: ship_exchange(found, actor=actor, **given), said, panels
    )


@staff_page(WRITE, "POST")
def go_on(request: HttpRequest, actor: Actor, uid: uuid.UUID, panels: Panels = ()) -> HttpResponse:
    """A held exchange goes on with what is here."""
    found = _find(uid, actor)
    said = _("It goes on. What the customer adds is asked for by mail.")
    return _do(
        request, actor, found.rma, f"go-on:{uid}",
        lambda: reimburse_by_exchange(found.rma, Wish(), actor=actor), said, panels,
    )  # fmt: skip


@staff_page(WRITE, "POST")
def advance(request: HttpRequest, actor: Actor, uid: uuid.UUID, panels: Panels = ()) -> HttpResponse:
    """The replacement leaves first, against a deposit."""
    found = _find(uid, actor)
    said = _("The customer is asked for the deposit. After that the replacement can leave.")
    return _do(
        request, actor, found.rma, f"advance:{uid}",
        lambda: open_exchange(found.rma, actor=actor, advance=True), said, panels,
    )  # fmt: skip


@staff_page(WRITE, "POST")
def cancel(request: HttpRequest, actor: Actor, uid: uuid.UUID, panels: Panels = ()) -> HttpResponse:
    """No replacement leaves."""
    found, reason = _find(uid, actor), request.POST.get("reason", "").strip()[:300]
    said = _("Cancelled. The stock is free again and the customer is mailed.")
    return _do(
        request, actor, found.rma, f"cancel:{uid}",
        lambda: cancel_exchange(found, reason=reason, actor=actor), said, panels,
    )  # fmt: skip


@staff_page(WRITE, "POST")
def convert(request: HttpRequest, actor: Actor, uid: uuid.UUID, panels: Panels = ()) -> HttpResponse:
    """A refund instead."""
    found = _find(uid, actor)
    said = _("It is a refund now. What the customer added goes back.")
    return _do(request, actor, found.rma, f"convert:{uid}", lambda: convert_exchange(found, actor=actor), said, panels)


def _find_charge(uid: uuid.UUID, actor: Actor) -> Charge:
    found = Charge.objects.select_related("exchange__rma").filter(uid=uid, exchange__in=_mine(actor)).first()
    if found is None:
        raise NotFound(_("There is no such payment, or it is not yours to see."))
    return found


@staff_page(WRITE, "POST")
def charge_paid(request: HttpRequest, actor: Actor, uid: uuid.UUID, panels: Panels = ()) -> HttpResponse:
    """The customer paid by hand."""
    found, reference = _find_charge(uid, actor), request.POST.get("reference", "").strip()[:200]
    return _do(
        request, actor, found.exchange.rma, f"charge-paid:{uid}",
        lambda: note_charge_paid(found, actor=actor, reference=reference), _("Noted as paid."), panels,
    )  # fmt: skip


@staff_page(WRITE, "POST")
def charge_back(request: HttpRequest, actor: Actor, uid: uuid.UUID, panels: Panels = ()) -> HttpResponse:
    """What was paid by hand was given back."""
    found, reference = _find_charge(uid, actor), request.POST.get("reference", "").strip()[:200]
    return _do(
        request, actor, found.exchange.rma, f"charge-back:{uid}",
        lambda: note_charge_given_back(found, actor=actor, reference=reference), _("Noted as given back."), panels,
    )  # fmt: skip
