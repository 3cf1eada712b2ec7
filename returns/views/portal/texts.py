"""Pages that need no order: the policy in plain words, accessibility, privacy, and the shop's colours."""

from __future__ import annotations

import json
import re

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_GET

from customers.models import Shop
from returns.policy.by_country import Local, by_country, countries_told
from returns.policy.document import Policy
from returns.policy.structured import merchant_return_policies
from returns.policy.told import rule_told, start, tells_customers, window
from returns.policy.told_terms import terms_told
from returns.queries import is_trial_on, policy_of, published_policy
from returns.views.portal.door import page, shop_here

_COLOUR = re.compile(r"#[0-9a-fA-F]{3}(?:[0-9a-fA-F]{3})?")
_FONT = re.compile(r"[A-Za-z0-9 ,\"-]{1,120}")
_RADIUS = re.compile(r"[0-9]{1,2}px")
# a shop's brand to the variables it may set, each with what it must look like
BRAND = {
    "color": ("--shop-brand", _COLOUR),
    "on_color": ("--shop-on-brand", _COLOUR),
    "cap": ("--shop-cap", _COLOUR),
    "on_cap": ("--shop-on-cap", _COLOUR),
    "font": ("--shop-font", _FONT),
    "radius": ("--shop-radius", _RADIUS),
}


@require_GET
def policy(request: HttpRequest) -> HttpResponse:
    """The policy in force in plain words, made from the document itself and from the law of each country."""
    shop, _own = shop_here(request)
    row = published_policy(shop.pk)
    document = policy_of(row)
    local = by_country(document, timezone.now())
    context = {
        "policy": {"name": row.name, "version": row.version, "published_at": row.starts_at},
        "lead": f"{window(document.defaults['window_days'])} {_start(document)}".strip(),
        "terms": terms_told(document),
        "rules": [rule_told(rule) for rule in document.rules if tells_customers(rule)],
        "countries": countries_told(local),
        "trial": is_trial_on(shop.pk),
        "structured": _structured(request, document, row.name, local),
        "methods": document.defaults["methods"],
        "resolutions": document.defaults["resolutions"],
    }
    return page(request, "policy", context, shop=shop)


def _start(document: Policy) -> str:
    return "" if document.defaults["window_days"] is None else start(document.defaults["window_from"])


def _structured(request: HttpRequest, document: Policy, name: str, local: list[Local]) -> str:
    """JSON-LD for search engines; every `<` escaped, so that no value can end the element."""
    found = merchant_return_policies(document, local, url=request.build_absolute_uri(request.path), name=name)
    return json.dumps(found, ensure_ascii=False).replace("<", "\\u003c")


@require_GET
def accessibility(request: HttpRequest) -> HttpResponse:
    """How these pages are meant to work for everybody, and whom to tell when they don't."""
    return page(request, "accessibility", {}, shop=shop_here(request)[0])


@require_GET
def privacy(request: HttpRequest) -> HttpResponse:
    """What is kept and why."""
    return page(request, "privacy", {}, shop=shop_here(request)[0])


@require_GET
@cache_control(max_age=300, public=True)
def brand(request: HttpRequest, code: str) -> HttpResponse:
    """The shop's colours as variables; what does not look like a colour is left out."""
    shop = Shop.objects.filter(code=code).first()
    if shop is None:
        raise Http404
    rows = [
        f"{name}:{shop.brand[key]}"
        for key, (name, shape) in BRAND.items()
        if isinstance(shop.brand.get(key), str) and shape.fullmatch(shop.brand[key])
    ]
    sheet = f":root,[data-bs-theme]{{{';'.join(rows)}}}" if rows else ""
    return HttpResponse(sheet, content_type="text/css; charset=utf-8")
