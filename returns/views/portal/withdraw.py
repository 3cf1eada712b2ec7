"""The withdrawal function: statement and confirm on one page, then the receipt. No login, no cookie, no script."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable
from typing import Any

from babel import Locale
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.loader import get_template
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.html import format_html
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.problems import Refused
from customers.models import Order, OrderLine, Shop
from customers.queries import visited_order
from returns.actions.withdrawals import Statement, contest_withdrawal, find_candidate, receive_withdrawal
from returns.forms.withdraw import WithdrawForm
from returns.links import receipt_token, return_by_token, token_for, withdrawal_by_token
from returns.models import Withdrawal
from returns.policy.withdrawal import EU, Words, languages_of, words
from returns.printing import acknowledgement_pdf
from returns.views.portal.door import VISIT, actor_of, address_of, page, shop_here

TEMPLATE = "portal/withdraw.html"
SHOWN_LINES = 100


# A statement must not be lost to a cookie that is refused or too old, and there is no session that a stranger's page
# could abuse: whoever can forge this form can as well fill it in.
@csrf_exempt
@require_http_methods(["GET", "POST"])
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
        "lines": lines,
        "chosen": request.POST.getlist("line"),
        "submit": request.POST.get("submit") or uuid.uuid4().hex,
        "other": _languages(spoken),
    }
    return _page(request, "withdraw", context, spoken, shop, status=422 if form.is_bound else 200)


def _words(request: HttpRequest, law: str) -> Words:
    """The words in the language asked for, else the reader's."""
    asked = request.POST.get("locale") or request.GET.get("lang", "")
    return words(law, asked if asked in languages_of(law) else translation.get_language() or "en")


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
    return [{"id": row.external_id, "title": row.title, "quantity": row.quantity} for row in rows]


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
    proved = order is not None and said["contract"].strip() == order.number
    if not proved:
        _shop, own = shop_here(request)
        order = find_candidate(statement, rows=Order.objects.all(), shop=shop if own else None, address=address or "-")
    here = order.shop if order is not None else shop
    return receive_withdrawal(statement, shop=here, actor=actor_of(request), order=order, address=address)


def _evidence(request: HttpRequest, spoken: Words) -> dict[str, str]:
    source = get_template(TEMPLATE).template.source  # type: ignore[attr-defined]
    return {
        "page_url": request.build_absolute_uri(request.path),
        "page_sha256": hashlib.sha256(source.encode()).hexdigest(),
        "language": spoken.language,
    }


def _page(
    request: HttpRequest, name: str, context: dict[str, Any], spoken: Words, shop: Shop, *, status: int = 200
) -> HttpResponse:
    """A page in the language of the function, whichever of them the rest of the portal speaks."""
    with translation.override(spoken.base):
        answer = page(request, name, {"words": spoken, "law": spoken.law, **context}, shop=shop, status=status)
    answer["Content-Language"] = spoken.base
    return answer


def by_receipt(view: Callable[[HttpRequest, Withdrawal], HttpResponse]) -> Callable[[HttpRequest, str], HttpResponse]:
    """A page that is opened by the receipt's own link; a wrong one is a 404."""

    def guarded(request: HttpRequest, token: str) -> HttpResponse:
        row = withdrawal_by_token(token)
        if row is None:
            raise Http404
        return view(request, row)

    guarded.__doc__, guarded.__name__ = view.__doc__, view.__name__
    return guarded


@require_GET
@by_receipt
def received(request: HttpRequest, row: Withdrawal) -> HttpResponse:
    """The receipt: date, time, reference, the acknowledgement as a file; only then the way to label and options."""
    return _receipt(request, row)


def _receipt(request: HttpRequest, row: Withdrawal, refusal: Refused | None = None) -> HttpResponse:
    spoken = words(row.law, row.locale)
    said = {**spoken.clock(row.received_at, row.zone), "ref": row.ref, "means": row.means}
    shown = {name: format_html("<bdi>{}</bdi>", text) for name, text in said.items()}
    context = {
        "row": row,
        "receipt": receipt_token(row),
        "said": format_html(spoken["receipt"], **shown),
        "next_url": reverse("portal:tracking", args=[token_for(row.rma)]) if row.rma else "",
        "answer": _answer(row, spoken),
        "may_contest": _may_contest(row),
        "refusal": refusal,
    }
    return _page(request, "withdraw_received", context, spoken, row.shop, status=refusal.status if refusal else 200)


def _answer(row: Withdrawal, spoken: Words) -> list[str]:
    if row.decided_at is None:
        return []
    said = spoken["decision_yes" if row.decision["accepted"] else "decision_no"]
    contested = [spoken["contested"]] if row.contested_at and row.contested_at > row.decided_at else []
    return [said, spoken["decision_why"].format(reasons=row.decision["reasons"]), *contested]


def _may_contest(row: Withdrawal) -> bool:
    if row.decided_at is None or row.decision.get("accepted"):
        return False
    return row.contested_at is None or row.contested_at < row.decided_at


@require_GET
@by_receipt
def receipt_pdf(request: HttpRequest, row: Withdrawal) -> HttpResponse:
    """The acknowledgement as a file to keep, whether or not the mail arrives."""
    Withdrawal.objects.filter(pk=row.pk, pdf_fetched_at__isnull=True).update(pdf_fetched_at=timezone.now())
    answer = HttpResponse(acknowledgement_pdf(row), content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="{row.ref}.pdf"'
    answer["Cache-Control"] = "private, no-store"
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


@csrf_exempt
@require_POST
@by_receipt
def contest(request: HttpRequest, row: Withdrawal) -> HttpResponse:
    """The consumer disagrees with our answer."""
    try:
        contest_withdrawal(row, request.POST.get("text", "").replace("\x00", ""), actor=actor_of(request))
    except Refused as refusal:
        return _receipt(request, row, refusal)
    return redirect("portal:withdraw-received", receipt_token(row))
