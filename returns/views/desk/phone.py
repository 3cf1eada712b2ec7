"""A return for somebody on the phone: find their order, choose lines and reasons, ask for it in their name."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.doors import staff_page, submit_once
from accounts.problems import FieldError, Invalid, NotFound, Refused
from customers.models import Order
from returns.actions import Wish, request_return
from returns.actions.wish import Wanted
from returns.forms.desk import FindOrderForm
from returns.models import Return
from returns.policy import explain
from returns.policy.decision import Decision
from returns.policy.reasons import METHODS, REASONS, RESOLUTIONS
from returns.views.desk.phone_swap import check_seen, exchange_on_offer
from returns.views.desk.shell import desk_page, newest_first
from returns.views.portal.terms import EXCHANGE, Visit, visit_of

MAX_COMMENT = 1000
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass
class Asked:
    """What was chosen on the form, kept as typed for a refusal; `seen` is the difference that was shown."""

    resolution: str = "refund"
    method: str = ""
    basis: str = ""
    seen: str = ""
    rows: dict[str, dict[str, str]] = field(default_factory=dict)

    @classmethod
    def of(cls, data: QueryDict, lines: list[str]) -> Asked:
        """Read a posted form."""
        fields = ("quantity", "reason", "comment", "instead", "find")
        rows = {line: {name: data.get(f"{name}-{line}", "").strip() for name in fields} for line in lines}
        given = {name: data.get(name, "") for name in ("method", "basis", "seen")}
        return cls(data.get("resolution", "refund"), **given, rows=rows)

    def wanted(self) -> Wanted:
        """The request in the form that the action takes. Raises Invalid for what is no quantity or reason."""
        wishes = [self._wish(line, row) for line, row in self.rows.items() if row["quantity"] not in ("", "0")]
        if self.resolution not in RESOLUTIONS or (self.method and self.method not in METHODS):
            raise Invalid(_("Choose what they want and how they send it from the lists."))
        return Wanted(
            items=wishes,
            resolution=self.resolution,
            method=self.method or None,
            basis_claimed="withdrawal" if self.basis == "withdrawal" else None,
            requested_by="staff",
        )

    def _wish(self, line: str, row: dict[str, str]) -> Wish:
        pointer = f"/items/{line}"
        if not (row["quantity"].isascii() and row["quantity"].isdigit() and len(row["quantity"]) < 7):
            detail = _("%(given)s is no number of units.") % {"given": row["quantity"][:20]}
            raise Invalid(detail, errors=[FieldError(f"{pointer}/quantity", "invalid", detail)])
        if row["reason"] not in REASONS:
            detail = _("Choose a reason for each item.")
            raise Invalid(detail, errors=[FieldError(f"{pointer}/reason", "required", detail)])
        quantity, comment = int(row["quantity"]), row["comment"][:MAX_COMMENT]
        leaves = [{"sku": row["instead"], "quantity": quantity}] if self.resolution == EXCHANGE else []
        return Wish(line, quantity, row["reason"], comment=comment, exchange_for=leaves)


@staff_page("returns:write", "GET", "POST")
def new_return(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Find the order; then ask for its return."""
    if request.method == "POST":
        return _ask(request, actor)
    if uid := request.GET.get("order"):
        return _show_order(request, actor, _order(uid, actor))
    form = FindOrderForm(request.GET if "find" in request.GET else None)
    context: dict[str, Any] = {"step": "find", "form": form, "orders": None}
    if form.is_bound and form.is_valid():
        page = newest_first(request, _orders(form.cleaned_data["find"], actor).select_related("customer"))
        context |= {"orders": page.rows, "typed": form.cleaned_data["find"], **page.context()}
    return desk_page(request, actor, "new", context, rail="new")


def _orders(text: str, actor: Actor) -> QuerySet[Order]:
    digits = "".join(character for character in text if character.isdigit() or character == "+")
    fits = Q(number=text) | Q(email=text.lower())
    if len(digits) >= 6:
        fits |= Q(phone=digits)
    return Order.objects.visible_to(actor).filter(fits)


def _order(uid: str, actor: Actor) -> Order:
    rows = Order.objects.visible_to(actor).select_related("shop", "channel", "customer")
    found = rows.filter(uid=uid).first() if UUID.fullmatch(uid) else None
    if found is None:
        raise NotFound(_("There is no such order, or it is not yours to see."))
    return found


def _ask(request: HttpRequest, actor: Actor) -> HttpResponse:
    """File it; pressing anything else than the last button only shows what was chosen so far."""
    order = _order(request.POST.get("order", ""), actor)
    visit = visit_of(order)
    asked = Asked.of(request.POST, [line.external_id for line in visit.sold()])
    if request.POST.get("step") == "swap":
        return _show_order(request, actor, order, asked=asked)

    def work() -> dict[str, Any]:
        return {"rma": request_return(order, asked.wanted(), actor=actor).code}

    try:
        if asked.resolution == EXCHANGE:
            check_seen(exchange_on_offer(visit, asked.rows, asked.method), asked.seen)
        made = submit_once(request, f"new:{order.uid}", work)
    except Refused as refusal:
        return _show_order(request, actor, order, asked=asked, refusal=refusal)
    rma = Return.objects.get(code=made["rma"])
    messages.success(request, _("%(code)s is made.") % {"code": rma.code})
    return redirect("desk:return", code=rma.code)


def _show_order(
    request: HttpRequest, actor: Actor, order: Order, *, asked: Asked | None = None, refusal: Refused | None = None
) -> HttpResponse:
    asked, visit = asked or Asked(), visit_of(order)
    context = {
        "step": "ask",
        "order": order,
        "lines": [_line(visit, line, asked) for line in visit.sold()],
        "asked": asked,
        "reasons": list(REASONS),
        "resolutions": list(RESOLUTIONS),
        "methods": list(METHODS),
        "exchange": exchange_on_offer(visit, asked.rows, asked.method) if asked.resolution == EXCHANGE else None,
        "back": reverse("desk:new-return"),
        "refusal": refusal,
    }
    return desk_page(request, actor, "new", context, rail="new", status=refusal.status if refusal else 200)


def _line(visit: Visit, line: Any, asked: Asked) -> dict[str, Any]:
    typed = asked.rows.get(line.external_id, {})
    free = visit.free(line)
    verdict: Decision | None = visit.decide(line, "change_of_mind") if free else None
    return {
        "line": line.external_id,
        "title": line.title,
        "sub": line.sku,
        "image": line.image_url,
        "price": line.gross // line.quantity,
        "quantity": free,
        "held": visit.held.get(line.pk, ""),
        "verdict": explain.for_agent(verdict.as_dict())[1] if verdict else "",
        "chosen": typed.get("quantity", ""),
        "reason": typed.get("reason", ""),
        "comment": typed.get("comment", ""),
    }
