"""Statements of withdrawal at the desk: what waits, one with its proof, matching, answering."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.actors import Actor
from accounts.doors import staff_page, submit_once
from accounts.problems import Invalid, NotFound, Refused
from customers.models import Order, OrderLine
from customers.templatetags.comeback import date_time
from returns.actions.withdrawals import (
    SEEN,
    answer_withdrawal,
    last_check,
    match_withdrawal,
    note_seen,
    posted,
    proof_of,
    resend_acknowledgement,
    suggestions,
)
from returns.actions.withdrawals.acknowledge import item_words
from returns.actions.withdrawals.statement import clean_ref
from returns.forms.withdrawals import AnswerForm
from returns.models import Event, Withdrawal
from returns.policy.explain_law import AGENT, law_lines
from returns.policy.values import day
from returns.policy.withdrawal import words
from returns.printing import acknowledgement_pdf, proof_pdf
from returns.templatetags.rma import EVENTS
from returns.views.desk.shell import counts, desk_page, newest_first, oldest_first

UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")

TABS: dict[str, tuple[Any, Callable[[Any], Any]]] = {
    "match": (gettext_lazy("Order not known"), lambda rows: rows.to_match()),
    "likely": (gettext_lazy("E-mail known"), lambda rows: rows.likely()),
    "decide": (gettext_lazy("To answer"), lambda rows: rows.to_decide()),
    "mail": (gettext_lazy("Not acknowledged"), lambda rows: rows.unacknowledged()),
    "all": (gettext_lazy("All"), lambda rows: rows),
}


@staff_page("returns:read")
def withdrawals(request: HttpRequest, actor: Actor) -> HttpResponse:
    """What waits, oldest first, the unmatched before all; everything, newest first."""
    tab = request.GET.get("tab", "match")
    tab = tab if tab in TABS else "match"
    mine = Withdrawal.objects.visible_to(actor)
    found = counts(actor, **{f"wd_{code}": rows(mine) for code, (_title, rows) in TABS.items() if code != "all"})
    rows = TABS[tab][1](mine).select_related("order", "rma")
    page = newest_first(request, rows) if tab == "all" else oldest_first(request, rows)
    context = {
        "tab": tab,
        "tabs": [{"code": code, "title": TABS[code][0], "count": found.get(f"wd_{code}") or None} for code in TABS],
        "rows": page.rows,
        "counts": found,
        "may_record": actor.may("returns:write"),
        "today": timezone.localdate(),
        "away": _away(),
        "terms": _terms(request),
        **page.context(),
    }
    return desk_page(request, actor, "withdrawals", context, rail="withdrawals")


def _away() -> dict[str, Any] | None:
    """When the function was last looked at and could not be reached; None while all is well."""
    last = last_check()
    return {"at": last.at, "found": last.data["found"]} if last is not None and not last.data["ok"] else None


def _terms(request: HttpRequest) -> list[dict[str, str]]:
    """What the shop has to say in its terms and order mails (CRD art. 6(1)(h), CPL s. 14ג(ב)), in each language."""
    pages = {"eu": ("portal:withdraw", ("en", "pl", "de")), "il": ("portal:cancel-transaction", ("he", "en"))}
    return [
        {
            "law": str(Withdrawal.Law(law).label),
            "lang": language,
            "dir": words(law, language).dir,
            "text": words(law, language)["information"].format(url=request.build_absolute_uri(reverse(page))),
        }
        for law, (page, languages) in pages.items()
        for language in languages
    ]


def find(ref: str, actor: Actor) -> Withdrawal:
    """The statement that the actor may see. Raises NotFound."""
    rows = Withdrawal.objects.visible_to(actor).select_related("shop", "order__channel", "rma")
    found = rows.filter(ref=clean_ref(ref)).first()
    if found is None:
        raise NotFound(_("There is no such statement, or it is not yours to see."))
    return found


@staff_page("returns:read")
def one(request: HttpRequest, actor: Actor, ref: str) -> HttpResponse:
    """A statement: what was said, what the law says of it, how far the acknowledgement got, and what to do."""
    row = find(ref, actor)
    note_seen(row, "page", actor=actor)
    return _show(request, actor, row)


def _show(request: HttpRequest, actor: Actor, row: Withdrawal, refusal: Refused | None = None) -> HttpResponse:
    open_now = row.rma_id is None and row.decided_at is None
    order = _chosen(request, actor, row) if open_now else None
    orders = Order.objects.visible_to(actor)
    context = {
        "row": row,
        "judged": _judged(row),
        "scope": [item_words(item, _titles(row)) for item in row.scope],
        "said_at": words(row.law, "en").clock(row.received_at, row.zone),
        "open": open_now and actor.may("returns:write"),
        "may_write": actor.may("returns:write"),
        "order": order,
        "lines": list(OrderLine.objects.filter(order=order, parent__isnull=True).order_by("position")) if order else [],
        "suggested": suggestions(row, orders) if open_now and order is None else [],
        "answer_form": AnswerForm(request.POST if refusal and "reasons" in request.POST else None),
        "steps": [_step(event) for event in _happened(row)],
        "refusal": refusal,
    }
    status = refusal.status if refusal else 200
    return desk_page(request, actor, "withdrawal", context, rail="withdrawals", status=status)


def _titles(row: Withdrawal) -> dict[str, str]:
    """What the lines of the order are called, as far as the order is known."""
    lines = OrderLine.objects.filter(order=row.order) if row.order else OrderLine.objects.none()
    return dict(lines.values_list("external_id", "title"))


def _judged(row: Withdrawal) -> list[dict[str, Any]]:
    """What the law says of each line, in words."""
    return [
        {"title": one.get("title", ""), "lines": law_lines(one, day) + [AGENT[code]({}) for code in one["doubts"]]}
        for one in row.evaluation.get("items", [])
    ]


def _happened(row: Withdrawal) -> Any:
    return Event.objects.filter(stream=row.stream).exclude(kind=SEEN).order_by("seq")


def _chosen(request: HttpRequest, actor: Actor, row: Withdrawal) -> Order | None:
    """The order that somebody looks at, by its id or by its number; else the one that is known already."""
    typed = (request.POST.get("order") or request.GET.get("order", "")).strip()[:100]
    if not typed:
        return row.order
    rows = Order.objects.visible_to(actor).select_related("channel", "customer")
    return (rows.filter(uid=typed) if UUID.fullmatch(typed) else rows.filter(number=typed)).order_by("-pk").first()


def _step(event: Event) -> dict[str, Any]:
    look = EVENTS.get(event.kind)
    return {
        "what": look[0] if look else event.kind,
        "when": date_time(event.at),
        "who": event.actor_name,
        "mark": look[2] if look else "",
        "icon": look[3] if look else "info",
    }


def _act(request: HttpRequest, actor: Actor, ref: str, name: str, work: Callable[[Withdrawal], str]) -> HttpResponse:
    """Do one thing to a statement, once, and come back to its page."""
    row = find(ref, actor)
    try:
        done = submit_once(request, f"{name}:{row.pk}", lambda: {"said": work(row)})
    except Refused as refusal:
        return _show(request, actor, row, refusal)
    messages.success(request, done["said"])
    return redirect("desk:withdrawal", row.ref)


@staff_page("returns:write", "POST")
def match(request: HttpRequest, actor: Actor, ref: str) -> HttpResponse:
    """Say which order is meant, and which units."""

    def work(row: Withdrawal) -> str:
        order = _chosen(request, actor, row)
        if order is None:
            raise Invalid(_("There is no such order, or it is not yours to see."))
        matched = match_withdrawal(row, order, actor=actor, units=_units(request))
        return str(_("Matched; return %(code)s.") % {"code": matched.rma.code} if matched.rma else _("Matched."))

    return _act(request, actor, ref, "match", work)


def _units(request: HttpRequest) -> dict[str, int] | None:
    """Units by line as typed; None where the statement itself says what is meant."""
    typed = {name[9:]: str(value).strip() for name, value in request.POST.items() if name.startswith("quantity-")}
    given = {
        line: int(value) for line, value in typed.items() if value.isascii() and value.isdigit() and len(value) < 7
    }
    return {line: units for line, units in given.items() if units} or None


@staff_page("returns:write", "POST")
def answer(request: HttpRequest, actor: Actor, ref: str) -> HttpResponse:
    """Tell the customer whether it is effective, and why."""

    def work(row: Withdrawal) -> str:
        form = AnswerForm(request.POST)
        if not form.is_valid():
            raise Invalid(_("Say why; the consumer reads it."))
        accepted = form.cleaned_data["accepted"] == "yes"
        answer_withdrawal(row, accepted=accepted, reasons=form.cleaned_data["reasons"], actor=actor)
        return str(_("Answered, and mailed."))

    return _act(request, actor, ref, "answer", work)


@staff_page("returns:write", "POST")
def resend(request: HttpRequest, actor: Actor, ref: str) -> HttpResponse:
    """Mail the acknowledgement again, to another address if need be."""

    def work(row: Withdrawal) -> str:
        resend_acknowledgement(row, actor=actor, to=request.POST.get("to", "")[:254])
        return str(_("The acknowledgement is on its way again."))

    return _act(request, actor, ref, "resend", work)


@staff_page("returns:write", "POST")
def post(request: HttpRequest, actor: Actor, ref: str) -> HttpResponse:
    """The printed acknowledgement was posted or handed over."""

    def work(row: Withdrawal) -> str:
        posted(row, actor=actor)
        return str(_("Noted."))

    return _act(request, actor, ref, "post", work)


def _file(content: bytes, name: str) -> HttpResponse:
    found = HttpResponse(content, content_type="application/pdf")
    found["Content-Disposition"] = f'inline; filename="{name}"'
    found["X-Content-Type-Options"] = "nosniff"
    return found


@staff_page("returns:read")
def acknowledgement(request: HttpRequest, actor: Actor, ref: str) -> HttpResponse:
    """The acknowledgement to print."""
    row = find(ref, actor)
    note_seen(row, "acknowledgement", actor=actor)
    return _file(acknowledgement_pdf(row), f"{row.ref}.pdf")


@staff_page("returns:read")
def proof(request: HttpRequest, actor: Actor, ref: str, kind: str) -> HttpResponse:
    """The proof bundle as JSON or PDF."""
    row = find(ref, actor)
    note_seen(row, "proof", actor=actor)
    if kind == "pdf":
        return _file(proof_pdf(row, proof_of(row)), f"{row.ref}-proof.pdf")
    answer = JsonResponse(proof_of(row), json_dumps_params={"indent": 2, "ensure_ascii": False})
    answer["Content-Disposition"] = f'attachment; filename="{row.ref}-proof.json"'
    return answer
