"""What every page of the portal needs: the shop, the guest's order, the reader's clock."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils import timezone

from accounts.actors import Actor, customer_actor
from customers.models import Shop
from customers.queries import shop_at, visited_order

VISIT, DRAFT, LAST = "visit", "draft", "last_return"

Page = Callable[..., HttpResponse]


def actor_of(request: HttpRequest) -> Actor:
    """The customer, with the request's id for the log."""
    return customer_actor(getattr(request, "request_id", ""))


def address_of(request: HttpRequest) -> str:
    """The visitor's address: behind n trusted proxies the n-th from the end of X-Forwarded-For."""
    hops = [hop.strip() for hop in request.headers.get("X-Forwarded-For", "").split(",") if hop.strip()]
    trusted = settings.TRUSTED_PROXIES
    if trusted and len(hops) >= trusted:
        return hops[-int(trusted)]
    return str(request.META.get("REMOTE_ADDR", ""))


def shop_here(request: HttpRequest) -> tuple[Shop, bool]:
    """The shop of this address, and whether the address is its own."""
    return shop_at(request.get_host())


def page(
    request: HttpRequest,
    name: str,
    context: dict[str, Any],
    *,
    shop: Shop,
    zone: str | None = None,
    status: int = 200,
) -> HttpResponse:
    """A page of this shop with dates in the customer's time zone; never kept by a cache."""
    with timezone.override(ZoneInfo(zone) if zone else None):
        answer = render(request, f"portal/{name}.html", {"shop": shop, **context}, status=status)
    answer["Cache-Control"] = "no-store"
    return answer


def for_guest(view: Page) -> Page:
    """A page that needs an order to be open; without one the guest starts at the look-up."""

    @wraps(view)
    def guarded(request: HttpRequest) -> HttpResponse:
        order = visited_order(request.session.get(VISIT, ""))
        if order is not None:
            return view(request, order)
        last = request.session.get(LAST)
        return redirect("portal:done", last) if last else redirect("portal:lookup")

    return guarded


def enter(request: HttpRequest, token: str) -> HttpResponseRedirect:
    """Let the guest in with a fresh session, so that nobody else's session id can be pushed on them."""
    request.session.cycle_key()
    request.session[VISIT] = token
    request.session.pop(LAST, None)
    return redirect("portal:items")
