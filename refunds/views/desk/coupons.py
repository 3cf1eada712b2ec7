"""A coupon for the customer of a return: from which pool, and why."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import Exists, OuterRef
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.doors import staff_page, submit_once
from accounts.idempotency import InFlight
from accounts.problems import NotFound, Refused
from refunds.actions.coupons import issue_coupon
from refunds.forms import CouponForm
from refunds.models import Coupon, CouponPool
from refunds.queries import find_pool
from returns.models import Return
from returns.queries import find_return
from returns.views.desk.shell import desk_page

Context = dict[str, Any]


def pools_of(rma: Return) -> list[CouponPool]:
    """The shop's pools that have a coupon left and gave this return none."""
    given = Coupon.objects.filter(pool=OuterRef("pk"), rma=rma)
    free = Coupon.objects.filter(pool=OuterRef("pk"), issued_at=None)
    rows = CouponPool.objects.filter(Exists(free), ~Exists(given), shop_id=rma.shop_id)
    return list(rows.order_by("name")[:50])


def panel(rma: Return, actor: Actor) -> Context:
    """The way to give a coupon, where the shop has any."""
    if not actor.may("refunds:write") or not pools_of(rma):
        return {}
    act = {
        "name": "coupon",
        "link": reverse("desk:coupon", args=[rma.code]),
        "icon": "tag",
        "title": _("Give a coupon"),
        "note": _("From the shop’s own pool; mails the customer"),
    }
    return {"acts": [act]}


@staff_page("refunds:write", "GET", "POST")
def coupon(request: HttpRequest, actor: Actor, code: str) -> HttpResponse:
    """Choose the pool and give the next coupon of it."""
    rma = find_return(code, actor)
    pools = pools_of(rma)
    form = CouponForm(request.POST or None, pools=pools)
    if request.method == "GET":
        return _show(request, actor, rma, form)
    if not form.is_valid():
        return _show(request, actor, rma, form, status=422)

    def work() -> Context:
        pool = find_pool(form.cleaned_data["pool"], rma.shop)
        issue_coupon(rma, pool, actor=actor, reason=form.cleaned_data["reason"])
        return {"said": _("Given. The customer is mailed the code.")}

    try:
        done = submit_once(request, f"coupon:{rma.code}", work)
    except InFlight:
        messages.warning(request, _("This is being done already."))
    except NotFound:
        raise
    except Refused as refusal:
        return _show(request, actor, rma, form, refusal, refusal.status)
    else:
        messages.success(request, done["said"])
    return redirect("desk:return", code=rma.code)


def _show(
    request: HttpRequest,
    actor: Actor,
    rma: Return,
    form: CouponForm,
    refusal: Refused | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {"rma": rma, "form": form, "refusal": refusal}
    return desk_page(request, actor, "coupon", context, rail="returns", status=status)
