"""The withdrawal function: statement and confirm on one page. No login, no cookie, no script."""

from __future__ import annotations

import hashlib
import logging
import uuid
from typing import Any

from babel import Locale
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.loader import get_template
from django.utils import translation
from django.utils.html import format_html
from django.utils.translation.trans_real import parse_accept_lang_header
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from customers.models import Order, OrderLine, Shop
from customers.queries import visited_order
from returns.actions.withdrawals import Statement, find_candidate, guessed_too_often, receive_withdrawal
from returns.forms.withdraw import WithdrawForm
from returns.labels.data import Address
from returns.links import receipt_token, return_by_token
from returns.models import Withdrawal
from returns.policy.withdrawal import EU, Words, languages_of, words
from returns.views.portal.door import VISIT, actor_of, address_of, page, shop_here

logger = logging.getLogger(__name__)

TEMPLATE = "portal/withdraw.html"
SHOWN_LINES = 100


# A statement must not be lost to a cookie that is refused or too old, and there is no session that a stranger's page
# could abuse: whoever can forge this form can as well fill it in.
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request: HttpRequest, law: str, token: str = "") -> HttpResponse:
    """The statement with its confirm button; prefilled where the reader came by a link of their own."""
    spoken = _words(request, law)
    shop, order = _whose(request, token)
    lines = _lines(order) if order else []
    if request.method == "POST":
        form = WithdrawForm(request.POST, words=spoken, lines=lines)
        if form.is_valid():
            row = _receive(request, form, shop, order)
            return redirect("portal:withdraw-received", receipt_token(row))
    else:
        form = WithdrawForm(initial=_initial(request, order), words=spoken, lines=lines)
    context = {
        "form": form,
        "lines": _chosen(request, lines),
        "submit": request.POST.get("submit") or uuid.uuid4().hex,
        "other": _languages(spoken),
        "contract": request.GET.get("contract", "")[:200].replace("\x00", ""),
        "other_ways": _other_ways(spoken, shop),
    }
    return spoken_page(request, "withdraw", context, spoken, shop, status=422 if form.is_bound else 200)


def _words(request: HttpRequest, law: str) -> Words:
    """The words in the language asked for, else the reader's: the function speaks more of them than the portal."""
    offered = languages_of(law)
    asked = request.POST.get("locale") or request.GET.get("lang", "")
    if asked in offered:
        return words(law, asked)
    spoken = translation.get_language() or "en"
    if settings.LANGUAGE_COOKIE_NAME not in request.COOKIES:
        wanted = parse_accept_lang_header(request.headers.get("Accept-Language", "").lower())
        bases = (code.partition("-")[0] for code, _weight in wanted)
        spoken = next((base for base in bases if base in offered), spoken)
    return words(law, spoken)


def _whose(request: HttpRequest, token: str) -> tuple[Shop, Order | None]:
    """The shop, and the order where a signed link or an open look-up proves it."""
    if token:
        rma = return_by_token(token)
        if rma is None:
            raise Http404
        return rma.shop, rma.order
    shop, _own = shop_here(request)
    order = visited_order(request.session.get(VISIT, ""))
    return (order.shop, order) if order is not None else (shop, None)


def _initial(request: HttpRequest, order: Order | None) -> dict[str, str]:
    if order is None:
        return {"contract": request.GET.get("contract", "")[:200].replace("\x00", "")}
    return {"name": order.name or str(order.customer), "contract": order.number, "means": order.email}


def _lines(order: Order) -> list[dict[str, Any]]:
    rows = OrderLine.objects.filter(order=order, parent__isnull=True).order_by("position")[:SHOWN_LINES]
    return [
        {
            "id": row.external_id,
            "title": row.title or row.sku,
            "quantity": row.quantity,
            "image": row.image_url,
            "gross": row.gross,
            "currency": order.currency,
        }
        for row in rows
    ]


def _other_ways(spoken: Words, shop: Shop) -> list[str]:
    """The other ways to withdraw, which the function leaves open (CRD art. 11(1), 11a(1); CPL s. 14ט)."""
    found = {
        "email": shop.support_email,
        "phone": shop.support_phone,
        "address": ", ".join([shop.legal_name or shop.name, *Address.of(shop.address, spoken.base).lines]),
    }
    if not shop.address:
        del found["address"]
    ways = {"email": "way_email", "phone": "way_phone", "address": "way_letter"}
    marks = {"email": '<bdi dir="ltr">{}</bdi>', "phone": '<bdi dir="ltr">{}</bdi>', "address": "<bdi>{}</bdi>"}
    return [
        format_html(spoken[ways[name]], **{name: format_html(marks[name], value)})
        for name, value in found.items()
        if value
    ]


def _chosen(request: HttpRequest, lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The lines as they were ticked, with how many of each: all of them where nothing else is said."""
    ticked = request.POST.getlist("line")
    return [
        {**line, "ticked": line["id"] in ticked, "wanted": request.POST.get(f"quantity-{line['id']}", line["quantity"])}
        for line in lines
    ]


def _languages(spoken: Words) -> list[dict[str, Any]]:
    return [
        {"code": code, "name": str(Locale.parse(code).get_display_name(code)).capitalize(), "current": code == now}
        for now in [spoken.language]
        for code in languages_of(spoken.law)
    ]


def _receive(request: HttpRequest, form: WithdrawForm, shop: Shop, order: Order | None) -> Withdrawal:
    said = form.cleaned_data
    spoken, address = form.words, address_of(request)
    statement = Statement(
        name=said["name"],
        contract=said["contract"],
        means=said["means"],
        items=tuple(said["named"]),
        law=spoken.law,
        locale=spoken.language,
        channel="function_web" if spoken.law == EU else "il_link",
        id_number=said.get("id_number", ""),
        submit=request.POST.get("submit", "")[:64],
        ui=_evidence(request, spoken),
    )
    fits = order if order is not None and said["contract"].strip() == order.number else None
    if fits is None:
        fits, order = _found(request, statement, shop)
    here = order.shop if order is not None else shop
    actor = actor_of(request)
    return receive_withdrawal(statement, shop=here, actor=actor, order=order, address=address, fits=fits)


def _found(request: HttpRequest, said: Statement, shop: Shop) -> tuple[Order | None, Order | None]:
    """The order that number and contact fit, and the same where it is also believed; a failure of ours finds none."""
    _shop, own = shop_here(request)
    try:
        fits = find_candidate(said, rows=Order.objects.all(), shop=shop if own else None)
        return fits, None if guessed_too_often(said, address_of(request) or "-") else fits
    except Exception:
        # what was said must be stored whatever becomes of the search
        logger.exception("no order could be looked for")
        return None, None


def _evidence(request: HttpRequest, spoken: Words) -> dict[str, str]:
    source = get_template(TEMPLATE).template.source  # type: ignore[attr-defined]
    return {
        "page_url": request.build_absolute_uri(request.path),
        "page_sha256": hashlib.sha256(source.encode()).hexdigest(),
        "language": spoken.language,
    }


def spoken_page(
    request: HttpRequest, name: str, context: dict[str, Any], spoken: Words, shop: Shop, *, status: int = 200
) -> HttpResponse:
    """A page in the language of the function, whichever of them the rest of the portal speaks."""
    with translation.override(spoken.base):
        answer = page(request, name, {"words": spoken, "law": spoken.law, **context}, shop=shop, status=status)
    answer["Content-Language"] = spoken.base
    return answer
