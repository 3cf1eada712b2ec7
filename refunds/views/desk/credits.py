"""Store credit on the desk: find it, read its ledger, issue it by hand, approve, void, pay out small change."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.doors import staff_page, submit_once
from accounts.idempotency import InFlight
from accounts.problems import NotFound, Refused
from customers.models import Shop
from refunds.actions import redeem
from refunds.actions.credit import APPROVE, approve_store_credit, grant_store_credit, void_store_credit
from refunds.actions.ledger import face_value, is_over
from refunds.forms import CashForm, GrantForm, VoidForm
from refunds.links import credit_url
from refunds.models import StoreCredit
from refunds.queries import NUL, find_credit
from refunds.views.entries import STATES, entry_icon, entry_word
from returns.codes import clean_code
from returns.views.desk.shell import desk_page, newest_first

Context = dict[str, Any]
TABS = {"active": Q(expired_at=None, voided_at=None), "waiting": Q(pending__gt=0), "over": ~Q(expired_at=None)}


def state_of(credit: StoreCredit) -> str:
    """Where it stands: active, spent, waiting, expired or voided."""
    if credit.voided_at:
        return "voided"
    if is_over(credit):
        return "expired"
    if credit.pending:
        return "waiting"
    return "active" if credit.balance else "spent"


def _shops(actor: Actor) -> QuerySet[Shop]:
    rows = Shop.objects.order_by("pk")
    return rows.filter(code__in=actor.shops) if actor.shops else rows


@staff_page("refunds:write")
def credits(request: HttpRequest, actor: Actor) -> HttpResponse:
    """All store credit, newest first; found by code or e-mail, narrowed to what waits for a second person."""
    rows = StoreCredit.objects.visible_to(actor).select_related("customer", "shop").order_by("-pk")
    find = request.GET.get("find", "").strip()[:254]
    tab = request.GET.get("state", "")
    if find and NUL not in find:
        rows = rows.of_person(find) if "@" in find else rows.filter(code__in={find, clean_code(find) or find})
    if tab in TABS:
        rows = rows.filter(TABS[tab])
    found = newest_first(request, rows)
    context = {
        "find": find,
        "state": tab,
        "rows": [{"credit": row, "look": STATES[state_of(row)], "holder": holder(row)} for row in found.rows],
        "may_issue": actor.may("refunds:write"),
        **found.context(),
    }
    return desk_page(request, actor, "credits", context, rail="credits")


def holder(credit: StoreCredit) -> str:
    """Who holds it, as far as anybody knows."""
    return credit.email or (credit.customer.email if credit.customer else "")


@staff_page("refunds:write", "GET", "POST")
def issue(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Issue store credit by hand, with a reason; above the policy's limit a second person is asked."""
    form = GrantForm(request.POST or None, shops=_shops(actor))
    if request.method == "GET" or not form.is_valid():
        return _form(request, actor, form, status=422 if form.is_bound else 200)

    def work() -> Context:
        made = grant_store_credit(**form.given(), actor=actor)
        return {"code": made.code, "waits": bool(made.pending)}

    try:
        done = submit_once(request, "issue-credit", work)
    except InFlight:
        messages.warning(request, _("This is being done already."))
        return redirect("desk:credits")
    except Refused as refusal:
        return _form(request, actor, form, refusal, refusal.status)
    waits, told = _("It waits for a second person."), _("Issued. The customer is mailed, where we have an address.")
    messages.success(request, waits if done["waits"] else told)
    return redirect("desk:credit", done["code"])


def _form(
    request: HttpRequest, actor: Actor, form: GrantForm, refusal: Refused | None = None, status: int = 200
) -> HttpResponse:
    return desk_page(request, actor, "credit_new", {"form": form, "refusal": refusal}, rail="credits", status=status)


@staff_page("refunds:write")
def one(request: HttpRequest, actor: Actor, code: str) -> HttpResponse:
    """One credit with its whole ledger and what can be done with it now."""
    return _show(request, actor, find_credit(code, actor))


def _show(
    request: HttpRequest, actor: Actor, credit: StoreCredit, refusal: Any = None, status: int = 200, **forms: Any
) -> HttpResponse:
    rma = credit.reimbursement.rma if credit.reimbursement else None
    lines = newest_first(request, credit.entries.order_by("-pk"))
    context = {
        "credit": credit,
        "look": STATES[state_of(credit)],
        "holder": holder(credit),
        "face": face_value(credit),
        "rma": rma,
        "link": credit_url(credit),
        "lines": [{"entry": row, "word": entry_word(row.kind), "icon": entry_icon(row.kind)} for row in lines.rows],
        "may": _may(credit, actor),
        "void_form": forms.get("void_form") or VoidForm(auto_id="void-%s"),
        "cash_form": CashForm(auto_id="cash-%s"),
        "refusal": refusal,
        **lines.context(),
    }
    return desk_page(request, actor, "credit", context, rail="credits", status=status)


def _may(credit: StoreCredit, actor: Actor) -> dict[str, bool]:
    """What this person can do now."""
    writes, live = actor.may("refunds:write"), state_of(credit) in ("active", "spent", "waiting")
    second = actor.may(APPROVE) and actor.identity != credit.created_by
    return {
        "void": writes and live,
        "approve": bool(credit.pending) and live and writes and second,
        "cash": writes and live and not credit.pending and redeem.may_have_cash(credit),
    }


@staff_page("refunds:write", "POST")
def void(request: HttpRequest, actor: Actor, code: str) -> HttpResponse:
    """Take it out of use, for a reason."""
    credit, form = find_credit(code, actor), VoidForm(request.POST, auto_id="void-%s")
    if not form.is_valid():
        words = _("Something is missing or does not fit. See below.")
        return _show(request, actor, credit, words, 422, void_form=form)

    def work() -> Context:
        void_store_credit(credit, actor=actor, reason=form.cleaned_data["reason"])
        return {"said": _("Voided. Nobody can use it any more.")}

    return _do(request, actor, credit, "void-credit", work)


@staff_page(APPROVE, "POST")
def approve(request: HttpRequest, actor: Actor, code: str) -> HttpResponse:
    """Say yes as the second person."""
    credit = find_credit(code, actor)

    def work() -> Context:
        approve_store_credit(credit, actor=actor)
        return {"said": _("Approved. The customer is mailed, where we have an address.")}

    return _do(request, actor, credit, "approve-credit", work)


@staff_page("refunds:write", "POST")
def cash(request: HttpRequest, actor: Actor, code: str) -> HttpResponse:
    """Say that the small rest was handed out in cash."""
    credit, form = find_credit(code, actor), CashForm(request.POST)
    reference = form.cleaned_data["reference"] if form.is_valid() else ""

    def work() -> Context:
        redeem.pay_small_change(credit, actor=actor, reference=reference)
        return {"said": _("Noted as paid in cash.")}

    return _do(request, actor, credit, "cash-credit", work)


def _do(
    request: HttpRequest, actor: Actor, credit: StoreCredit, name: str, work: Callable[[], Context]
) -> HttpResponse:
    try:
        done = submit_once(request, f"{name}:{credit.code}", work)
    except InFlight:
        messages.warning(request, _("This is being done already."))
    except NotFound:
        raise
    except Refused as refusal:
        return _show(request, actor, find_credit(credit.code, actor), refusal, refusal.status)
    else:
        messages.success(request, done["said"])
    return redirect(reverse("desk:credit", args=[credit.code]))
