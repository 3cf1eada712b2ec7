"""The queue by what needs doing, finding any return, and deciding several at once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.actors import Actor
from accounts.doors import staff_page, submit_once
from accounts.problems import Refused
from customers.models import Order
from returns.actions import authorize_return
from returns.codes import clean_code
from returns.models import Return
from returns.models.rma import FREE, Status
from returns.queries import find_return, search
from returns.views.desk.rows import SOON_DAYS, item_words, row_of, with_rows
from returns.views.desk.shell import counts, desk_page, listed, newest_first, soonest_first

Rows = QuerySet[Return]
MOST_AT_ONCE = 50
MOST_ORDERS = 5


def _open(rows: Rows) -> Rows:
    return rows.exclude(status__in=[*FREE, Status.RESOLVED])


def _late(rows: Rows) -> Rows:
    soon = timezone.localdate() + timedelta(days=SOON_DAYS)
    unanswered = Q(answer_due_on__lte=soon, decided_at__isnull=True)
    return _open(rows).filter(Q(refund_due_on__lte=soon) | unanswered)


# code: what it is called, which returns it holds, whether its count calls for somebody
TABS: dict[str, tuple[Any, Callable[[Any], Rows], bool]] = {
    "decide": (gettext_lazy("To decide"), lambda rows: rows.to_decide(), True),
    "answer": (gettext_lazy("Complaints to answer"), lambda rows: rows.to_answer(), True),
    "waiting": (gettext_lazy("Waiting for the goods"), lambda rows: rows.awaiting_receipt(), False),
    "inspect": (gettext_lazy("To inspect"), lambda rows: rows.to_inspect(), False),
    "reimburse": (gettext_lazy("To reimburse"), lambda rows: rows.to_reimburse(), False),
    "late": (gettext_lazy("Due soon or late"), _late, True),
    "open": (gettext_lazy("All open"), _open, False),
}
# the others are shown while they hold something
ALWAYS = frozenset(TABS) - {"answer"}


@staff_page("returns:read")
def queue(request: HttpRequest, actor: Actor) -> HttpResponse:
    """What waits, soonest first: one tab for each thing to do."""
    return show_queue(request, actor)


def show_queue(
    request: HttpRequest, actor: Actor, *, refusal: Any = None, chosen: list[str] | None = None
) -> HttpResponse:
    """The queue; after a refusal with what was ticked."""
    tab = request.GET.get("tab", "decide")
    tab = tab if tab in TABS else "decide"
    mine = Return.objects.visible_to(actor)
    found = counts(actor, **{f"tab_{code}": rows(mine) for code, (_title, rows, _hot) in TABS.items()})
    page = soonest_first(request, with_rows(TABS[tab][1](mine)))
    today = timezone.localdate()
    context = {
        "tab": tab,
        "tabs": [_tab(code, found[f"tab_{code}"]) for code in TABS if code in (tab, *ALWAYS) or found[f"tab_{code}"]],
        "rows": [row_of(rma, today) for rma in page.rows],
        "now": timezone.now(),
        "may_decide": actor.may("returns:write"),
        "counts": found,
        "chosen": chosen or [],
        "refusal": refusal,
        **page.context(),
    }
    return desk_page(request, actor, "queue", context, rail="queue", status=refusal.status if refusal else 200)


def _tab(code: str, count: str) -> dict[str, Any]:
    title, _rows, hot = TABS[code]
    url = reverse("desk:queue") + ("" if code == "decide" else f"?tab={code}")
    return {"code": code, "title": title, "count": count or None, "hot": hot and bool(count), "url": url}


@staff_page("returns:write", "POST")
def authorize_chosen(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Say yes to each ticked return; those that cannot be are named with the reason and stay as they were."""
    codes = request.POST.getlist("code")[:MOST_AT_ONCE]
    try:
        done = submit_once(request, "authorize-chosen", lambda: _authorize_each(codes, actor))
    except Refused as refusal:
        return show_queue(request, actor, refusal=refusal, chosen=codes)
    count = done["count"]
    if count:
        words = ngettext("%(n)d return authorized.", "%(n)d returns authorized.", count) % {"n": count}
        messages.success(request, words)
    for line in done["refused"]:
        messages.error(request, line)
    if not count and not done["refused"]:
        messages.warning(request, _("Tick the returns first."))
    back = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(back, None, require_https=False)
    return redirect(back if safe else reverse("desk:queue"))


def _authorize_each(codes: list[str], actor: Actor) -> dict[str, Any]:
    count, refused = 0, []
    for code in codes:
        try:
            authorize_return(find_return(code, actor), actor=actor)
        except Refused as refusal:
            refused.append(f"{code[:20]}: {refusal.detail}")
        else:
            count += 1
    return {"count": count, "refused": refused}


@staff_page("returns:read")
def find(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Every return that fits what was typed, newest first; a whole RMA opens at once."""
    text, status = request.GET.get("q", "").strip()[:200], request.GET.get("status", "")
    rows: Any = Return.objects.visible_to(actor)
    code = clean_code(text)
    if code and (found := rows.filter(code=code).values_list("code", flat=True).first()):
        return redirect("desk:return", code=found)
    rows = search(rows, text) if text else rows
    rows = rows.filter(status=status) if status in Status.values else rows
    page = newest_first(request, with_rows(rows))
    orders = Order.objects.visible_to(actor).filter(number=text).order_by("-pk") if text else Order.objects.none()
    context = {
        "rows": [_found(rma) for rma in page.rows],
        "orders": list(orders[:MOST_ORDERS]),
        "status": status,
        "statuses": list(Status.values),
        **page.context(),
    }
    return desk_page(request, actor, "search", context, rail="returns")


def _found(rma: Return) -> dict[str, Any]:
    return {
        "code": rma.code,
        "url": reverse("desk:return", args=[rma.code]),
        "customer": rma.order.name or rma.customer,
        "order": rma.order.number,
        "items": listed(item_words(item) for item in rma.items.all()),
        "status": rma.status,
        "amount": rma.expected,
        "currency": rma.currency,
        "created_at": rma.created_at,
    }
