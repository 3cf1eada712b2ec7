"""What every desk page has: the rail with its counts, an id for its forms, and pages by the last row seen."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.db.models import F, IntegerField, Q, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.actors import Actor
from accounts.doors import new_submit
from accounts.models import User
from returns.models import Event, Return, Withdrawal

PAGE = 25
# a count says "work is here"; nobody needs to know how many thousands
COUNTED = 99


class CountUpTo(Subquery):
    """How many rows a queryset has, counted no further than one past `COUNTED`."""

    output_field = IntegerField()
    template = "(SELECT COUNT(*) FROM (%(subquery)s) _u)"

    def __init__(self, rows: QuerySet[Any]) -> None:
        super().__init__(rows.order_by().values("pk")[: COUNTED + 1], output_field=IntegerField())


def parked_events(actor: Actor) -> QuerySet[Event]:
    """Events whose reactions were given up on; staff of some shops see those of their returns."""
    rows = Event.objects.filter(parked_at__isnull=False)
    return rows.filter(rma__shop__code__in=actor.shops) if actor.shops else rows


def counts(actor: Actor, **more: QuerySet[Any]) -> dict[str, str]:
    """The rail's counts and others, in one statement: "" for none, "99+" for many."""
    wanted = {
        "decide": Return.objects.visible_to(actor).to_decide(),
        "statements": Withdrawal.objects.visible_to(actor).open(),
        "parked": parked_events(actor),
        **more,
    }
    counted = {f"n_{name}": CountUpTo(rows) for name, rows in wanted.items()}
    found = User.objects.filter(pk=int(actor.ref)).annotate(**counted).values(*[f"n_{name}" for name in wanted])[0]
    return {name: _capped(found[f"n_{name}"]) for name in wanted}


def _capped(number: int) -> str:
    return f"{COUNTED}+" if number > COUNTED else str(number or "")


def desk_page(
    request: HttpRequest, actor: Actor, template: str, context: dict[str, Any], *, rail: str, status: int = 200
) -> HttpResponse:
    """Render a desk page; `context` may bring its own counts."""
    shared: dict[str, Any] = {"rail": rail, "submit": new_submit(), "q": request.GET.get("q", "")[:200]}
    shared["opens"] = {
        "money": actor.may("refunds:write"),
        "returns": actor.may("returns:write"),
        "policy": actor.may("policy:read"),
    }
    shared |= {} if "counts" in context else {"counts": counts(actor)}
    return render(request, f"desk/{template}.html", shared | context, status=status)


@dataclass(frozen=True)
class Page:
    """Rows with the addresses of the pages beside them."""

    rows: list[Any]
    previous_url: str
    next_url: str

    def context(self) -> dict[str, Any]:
        """What `partials/pages.html` needs."""
        shown = ngettext("%(n)d shown", "%(n)d shown", len(self.rows)) % {"n": len(self.rows)}
        words = shown if self.previous_url or self.next_url else _("All %(n)d") % {"n": len(self.rows)}
        return {"previous_url": self.previous_url, "next_url": self.next_url, "words": words}


def newest_first(request: HttpRequest, rows: QuerySet[Any], size: int = PAGE) -> Page:
    """A page by id, newest first; `?before=<id>` goes on, `?after=<id>` back."""
    return _by_id(request, rows, size, onward="lt", order="-pk")


def oldest_first(request: HttpRequest, rows: QuerySet[Any], size: int = PAGE) -> Page:
    """A page by id, oldest first."""
    return _by_id(request, rows, size, onward="gt", order="pk")


def _by_id(request: HttpRequest, rows: QuerySet[Any], size: int, *, onward: str, order: str) -> Page:
    on, back = _number(request.GET.get("before", "")), _number(request.GET.get("after", ""))
    if back:
        turned, other = ("pk", "gt") if order == "-pk" else ("-pk", "lt")
        found = list(rows.filter(**{f"pk__{other}": back}).order_by(turned)[: size + 1])
        more, shown = len(found) > size, found[:size][::-1]
        return _page(request, shown, [str(row.pk) for row in shown], newer=more, older=True)
    found = list((rows.filter(**{f"pk__{onward}": on}) if on else rows).order_by(order)[: size + 1])
    shown = found[:size]
    return _page(request, shown, [str(row.pk) for row in shown], newer=bool(on), older=len(found) > size)


def soonest_first(request: HttpRequest, rows: QuerySet[Return], size: int = PAGE) -> Page:
    """A page of returns by the day their money is due, then by id; without a day last."""
    back = request.GET.get("after", "")
    cursor = _cursor(back or request.GET.get("before", ""))
    if cursor and back:
        order = (F("refund_due_on").desc(nulls_first=True), "-pk")
        found = list(rows.filter(_earlier(*cursor)).order_by(*order)[: size + 1])
        shown = found[:size][::-1]
        return _page(request, shown, [due_key(row) for row in shown], newer=len(found) > size, older=True)
    chosen = rows.filter(_later(*cursor)) if cursor else rows
    found = list(chosen.order_by(F("refund_due_on").asc(nulls_last=True), "pk")[: size + 1])
    shown = found[:size]
    return _page(request, shown, [due_key(row) for row in shown], newer=bool(cursor), older=len(found) > size)


def due_key(rma: Return) -> str:
    """Where a return stands in the order of `soonest_first`."""
    return f"{rma.refund_due_on.isoformat() if rma.refund_due_on else 'none'}_{rma.pk}"


def _later(due: date | None, pk: int) -> Q:
    if due is None:
        return Q(refund_due_on__isnull=True, pk__gt=pk)
    return Q(refund_due_on__gt=due) | Q(refund_due_on=due, pk__gt=pk) | Q(refund_due_on__isnull=True)


def _earlier(due: date | None, pk: int) -> Q:
    if due is None:
        return Q(refund_due_on__isnull=False) | Q(refund_due_on__isnull=True, pk__lt=pk)
    return Q(refund_due_on__lt=due) | Q(refund_due_on=due, pk__lt=pk)


def _cursor(text: str) -> tuple[date | None, int] | None:
    day, _bar, pk = text.partition("_")
    if not _number(pk):
        return None
    try:
        return (None if day == "none" else date.fromisoformat(day)), _number(pk)
    except ValueError:
        return None


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0


def _page(request: HttpRequest, rows: list[Any], keys: list[str], *, newer: bool, older: bool) -> Page:
    def url(name: str, key: str) -> str:
        kept = {k: v for k, v in request.GET.items() if k not in ("before", "after", "lang")}
        return f"?{urlencode({**kept, name: key})}"

    return Page(
        rows,
        url("after", keys[0]) if newer and keys else "",
        url("before", keys[-1]) if older and keys else "",
    )


def listed(words: Iterable[Any], *, limit: int = 3) -> str:
    """Names in a row, those past the limit as a number: "Jacket, Bottle, 2 more"."""
    all_words = [str(word) for word in words]
    rest = len(all_words) - limit
    shown = all_words[:limit] + ([_("%(n)d more") % {"n": rest}] if rest > 0 else [])
    return ", ".join(shown)
