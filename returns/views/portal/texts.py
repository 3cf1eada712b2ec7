"""Pages that need no order: the policy in plain words, accessibility, privacy, and the shop's colours."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_GET

from customers.models import Shop
from returns.policy.document import Policy, Rule, plain
from returns.policy.explain import words
from returns.policy.structured import merchant_return_policy
from returns.policy.wording import then_words, when_words
from returns.queries import policy_of, published_policy
from returns.templatetags.rma import question_word
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
    """The published policy in plain words, made from the document itself."""
    shop, _own = shop_here(request)
    row = published_policy(shop.pk)
    document = policy_of(row)
    context = {
        "policy": {
            "name": row.name,
            "version": row.version,
            "published_at": row.starts_at,
            "window_days": document.defaults["window_days"],
            "window_from": document.defaults["window_from"],
        },
        "terms": terms(document.defaults),
        "rules": [rule_words(rule) for rule in document.rules if tells_customers(rule)],
        "structured": _structured(request, document, row.name),
        "methods": document.defaults["methods"],
        "resolutions": document.defaults["resolutions"],
    }
    return page(request, "policy", context, shop=shop)


def terms(defaults: Policy | Mapping[str, Any]) -> list[dict[str, str]]:
    """What holds for everything, as titles and sentences."""
    values: Mapping[str, Any] = defaults if isinstance(defaults, Mapping) else defaults.defaults
    by_shop = values["return_shipping_payer"] == "shop"
    rows = [
        (_("Sending it back"), _("We pay for the way back.") if by_shop else _("You pay for the way back.")),
        (_("What your delivery cost"), _outbound(values)),
    ]
    if values.get("bonus_credit_percent"):
        share = {"percent": plain(values["bonus_credit_percent"])}
        rows.append((_("Store credit"), _("Choose store credit and we add %(percent)s%%.") % share))
    if values.get("fee"):
        rows.append((_("Restocking fee"), words(plain(values["fee"]))))
    return [{"title": title, "text": text} for title, text in rows]


def _outbound(values: Mapping[str, Any]) -> str:
    if values["refund_outbound_shipping"]:
        return _("We pay it back when everything comes back.")
    return _("We pay it back where the law says so.")


INSIDE = ("auto_reimburse", "deduction_by_grade", "promotion_on_return", "return_to")
"""What a rule may set without a customer being any the wiser."""


def tells_customers(rule: Rule) -> bool:
    """Whether a rule changes anything that a customer sees: a second look by the shop does not."""
    return any(key not in INSIDE and (key, value) != ("decision", "review") for key, value in rule.then.items())


def rule_words(rule: Rule) -> dict[str, Any]:
    """A rule for the customer: when it holds, and what then; the shop's own sentence where it wrote one."""
    said = plain(rule.then.get("message"))
    if isinstance(said, Mapping):
        said = said.get((get_language() or "en").partition("-")[0]) or next(iter(said.values()))
    shown = {key: value for key, value in plain(rule.then).items() if key not in (*INSIDE, "message")}
    if "questions" in shown:
        shown["questions"] = [str(question_word(code)["label"]) for code in shown["questions"]]
    return {"name": rule.name, "when": when_words(plain(rule.when)), "then": then_words(shown), "said": said or ""}


def _structured(request: HttpRequest, document: Policy, name: str) -> str:
    """JSON-LD for search engines; every `<` escaped, so that no value can end the element."""
    found = merchant_return_policy(
        document, url=request.build_absolute_uri(request.path), name=name, language=get_language() or "en"
    )
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
