"""Payment files on the desk: chosen from what waits to be paid by hand, given to the bank, paid or given up."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import date
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.dateparse import parse_date
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.doors import staff_page, submit_once
from accounts.idempotency import InFlight
from accounts.problems import Invalid, NotFound, Refused
from customers.models import Shop
from refunds.actions.payout_files import (
    cancel_payout_file,
    make_payout_file,
    pay_payout_file,
    refunds_to_file,
)
from refunds.actions.payout_formats import KINDS, fits
from refunds.doors import download
from refunds.models import PayoutFile, Refund
from refunds.queries import find_payout_file, visible_payout_files
from returns.views.desk.shell import desk_page, newest_first

SHOWN = 100
TONES = {PayoutFile.State.MADE: "you", PayoutFile.State.PAID: "good", PayoutFile.State.CANCELLED: ""}
SHAPES = {PayoutFile.State.MADE: "hourglass", PayoutFile.State.PAID: "check", PayoutFile.State.CANCELLED: "x"}


def _shops(actor: Actor) -> QuerySet[Shop]:
    rows = Shop.objects.order_by("pk")
    return rows.filter(code__in=actor.shops) if actor.shops else rows


def _row(file: PayoutFile) -> dict[str, Any]:
    return {
        "file": file,
        "word": file.get_state_display(),
        "tone": TONES[PayoutFile.State(file.state)],
        "shape": SHAPES[PayoutFile.State(file.state)],
        "made": file.state == PayoutFile.State.MADE,
    }


@staff_page("refunds:write")
def files(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Every payment file, newest first."""
    page = newest_first(request, visible_payout_files(actor))
    context = {"rows": [_row(file) for file in page.rows], **page.context()}
    return desk_page(request, actor, "payout_files", context, rail="payments")


@staff_page("refunds:write", "GET", "POST")
def new_file(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Choose refunds for one file in one format, and make it."""
    given = request.POST if request.method == "POST" else request.GET
    shops = list(_shops(actor))
    shop = next((row for row in shops if row.code == given.get("shop")), shops[0] if shops else None)
    if shop is None:
        raise NotFound(_("There is no such shop, or it is not yours to see."))
    format = given.get("format", "")
    format = format if format in KINDS else next(iter(KINDS))
    if request.method == "GET":
        return _choose(request, actor, shops, shop, format)
    return _make(request, actor, shops, shop, format)


def _make(request: HttpRequest, actor: Actor, shops: list[Shop], shop: Shop, format: str) -> HttpResponse:
    chosen = [uid for uid in request.POST.getlist("refund") if _is_uid(uid)]

    def work() -> dict[str, Any]:
        file = make_payout_file(shop, chosen, format=format, pay_on=_day(request), actor=actor)
        return {"file": str(file.uid)}

    try:
        done = submit_once(request, "payout-file", work)
    except InFlight:
        messages.warning(request, _("This is being done already."))
        return redirect("desk:payout-files")
    except Refused as refusal:
        return _choose(request, actor, shops, shop, format, refusal=refusal, chosen=chosen)
    messages.success(request, _("The file is made. Download it and give it to the bank."))
    return redirect("desk:payout-file", uid=done["file"])


def _day(request: HttpRequest) -> date | None:
    given = request.POST.get("pay_on", "")
    try:
        found = parse_date(given) if given else None
    except ValueError:
        found = None
    if given and found is None:
        raise Invalid(_("This is no day. Write it as 2026-11-30."))
    return found


def _is_uid(text: str) -> bool:
    try:
        uuid.UUID(text)
    except ValueError:
        return False
    return True


def _choose(
    request: HttpRequest,
    actor: Actor,
    shops: list[Shop],
    shop: Shop,
    format: str,
    *,
    refusal: Refused | None = None,
    chosen: list[str] | None = None,
) -> HttpResponse:
    rows = [refund for refund in refunds_to_file(shop, format)[:SHOWN] if fits(refund, format)]
    context = {
        "shops": shops,
        "shop": shop,
        "formats": [{"code": code, "title": title} for code, title in PayoutFile.Format.choices],
        "format": format,
        "rows": [{"refund": row, "on": chosen is None or str(row.uid) in chosen} for row in rows],
        "total": sum(row.amount for row in rows),
        "currency": KINDS[format].currency,
        "today": localdate().isoformat(),
        "refusal": refusal,
    }
    status = refusal.status if refusal else 200
    return desk_page(request, actor, "payout_file_new", context, rail="payments", status=status)


@staff_page("refunds:write")
def one(request: HttpRequest, actor: Actor, uid: uuid.UUID) -> HttpResponse:
    """A payment file with the refunds in it."""
    return _show(request, actor, find_payout_file(uid, actor))


def _show(request: HttpRequest, actor: Actor, file: PayoutFile, refusal: Refused | None = None) -> HttpResponse:
    refunds = Refund.objects.filter(payout_file=file).order_by("pk")
    context = _row(file) | {
        "refunds": refunds.select_related("reimbursement__order", "reimbursement__rma"),
        "refused": request.POST.getlist("not_paid"),
        "refusal": refusal,
    }
    return desk_page(request, actor, "payout_file", context, rail="payments", status=refusal.status if refusal else 200)


@staff_page("refunds:write")
def content(request: HttpRequest, actor: Actor, uid: uuid.UUID) -> HttpResponse:
    """The file for the bank."""
    file = find_payout_file(uid, actor)
    try:
        return download(file)
    except Refused as refusal:
        return _show(request, actor, file, refusal)


@staff_page("refunds:write", "POST")
def paid(request: HttpRequest, actor: Actor, uid: uuid.UUID) -> HttpResponse:
    """The bank has paid all of it, but what is ticked."""
    file = find_payout_file(uid, actor)
    refused = request.POST.getlist("not_paid")

    def work() -> dict[str, Any]:
        pay_payout_file(file, actor=actor, not_paid=refused)
        return {"said": _("Noted as paid. Every customer in the file is told.")}

    return _do(request, actor, file, "payout-paid", work)


@staff_page("refunds:write", "POST")
def cancel(request: HttpRequest, actor: Actor, uid: uuid.UUID) -> HttpResponse:
    """The bank never got it."""
    file = find_payout_file(uid, actor)

    def work() -> dict[str, Any]:
        cancel_payout_file(file, actor=actor)
        return {"said": _("The file is given up. Its refunds wait to be paid again.")}

    return _do(request, actor, file, "payout-cancel", work)


def _do(
    request: HttpRequest, actor: Actor, file: PayoutFile, name: str, work: Callable[[], dict[str, Any]]
) -> HttpResponse:
    try:
        done = submit_once(request, f"{name}:{file.uid}", work)
    except InFlight:
        messages.warning(request, _("This is being done already."))
    except NotFound:
        raise
    except Refused as refusal:
        file.refresh_from_db()
        return _show(request, actor, file, refusal)
    else:
        messages.success(request, done["said"])
    return redirect("desk:payout-file", uid=file.uid)
