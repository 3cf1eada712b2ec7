"""The balance page of a store credit: whoever has the code sees what is on it, until when, and what became of it."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.problems import Refused
from customers.actions.portal import count_guess
from customers.templatetags.comeback import date_short
from refunds.actions.ledger import is_over
from refunds.calculator import validity
from refunds.models import StoreCredit, StoreCreditEntry
from refunds.queries import credit_named
from refunds.views.entries import entry_word
from returns.views.portal.door import address_of, page, shop_here

MOST_LINES = 100


@require_GET
def balance(request: HttpRequest, code: str) -> HttpResponse:
    """The credit under a code; a wrong one is a 404, and who tries many is held up."""
    try:
        count_guess(code, f"credit:{code}", address_of(request))
    except Refused as refusal:
        context = {"credit": None, "refusal": refusal}
        return page(request, "credit", context, shop=shop_here(request)[0], status=refusal.status)
    credit = credit_named(code)
    shop, own = shop_here(request)
    if credit is None or (own and credit.shop_id != shop.pk):
        raise Http404
    return page(request, "credit", _story(credit), shop=credit.shop)


def _story(credit: StoreCredit) -> dict[str, Any]:
    law = validity.BY_ID.get(credit.law)
    newest = list(credit.entries.order_by("-seq")[:MOST_LINES])
    return {
        "credit": credit,
        "refusal": None,
        "state": _state(credit),
        "by_law": law is not None,
        "years": law.years if law else 0,
        "lines": [_line(entry) for entry in reversed(newest)],
        "now": timezone.now(),
    }


def _state(credit: StoreCredit) -> str:
    if credit.voided_at:
        return "voided"
    if is_over(credit):
        return "expired"
    if credit.pending:
        return "waiting"
    return "active" if credit.balance else "spent"


def _line(entry: StoreCreditEntry) -> dict[str, Any]:
    tone = "off" if entry.amount < 0 else ""
    return {"label": entry_word(entry.kind), "note": date_short(entry.at), "amount": entry.amount, "tone": tone}
