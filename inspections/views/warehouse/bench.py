"""At the bench: item by item, then what was found, and putting a disposition right."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.doors import staff_page, submit_once
from inspections import actions
from inspections.forms import FindingForm, uploads
from inspections.grading import GRADES, suggest_disposition, suggest_grade
from inspections.models import Disposition, Outcome
from inspections.views.warehouse.dock import items_of
from inspections.views.warehouse.frame import WRITE, Shown, framed, handle, next_submit, page, status_of
from returns.actions import add_photo
from returns.models import Photo, Return, ReturnItem
from returns.queries import find_return
from returns.templatetags.rma import disposition_word

KIND = "inspection"
MOST_CORRECTED = 60
Cost = Callable[[Return, ReturnItem], dict[str, Any]]
"""What apps to the right say of an item's money: `kept` by grade, and `cost_note`."""


@staff_page(WRITE, "GET", "POST")
def inspect(request: HttpRequest, actor: Actor, code: str, cost: Cost | None = None) -> HttpResponse:
    """One item at a time: checklist, photos, grade and what it costs, where it goes; then the next by itself."""
    rma = find_return(code, actor)
    items = items_of(rma)
    item = _item(items, request.POST.get("item") or request.GET.get("item", ""))
    if item is None:
        return redirect("warehouse:done", rma.code)
    form = FindingForm(request.POST or None, item=item)
    answer = handle(
        request,
        form,
        lambda photos: _inspect(request, actor, rma, form, photos),
        lambda: _take_photos(request, actor, item),
    )
    if isinstance(answer, HttpResponse):
        return answer
    context = _context(request, items, item, form, answer) | {"code": rma.code, "undecided": rma.decided_at is None}
    context |= cost(rma, item) if cost is not None else {}
    return page(request, actor, "inspect", context, status=status_of(answer.refusal))


def _item(items: list[ReturnItem], wanted: str) -> ReturnItem | None:
    """The named item, else the first with units that nobody has looked at."""
    named = next((item for item in items if str(item.uid) == wanted), None)
    return named or next((item for item in items if item.uninspected), None)


def _take_photos(request: HttpRequest, actor: Actor, item: ReturnItem) -> list[str]:
    files = uploads(request)
    if not files:
        return []

    def work() -> dict[str, Any]:
        return {"photos": [str(add_photo(item.rma, data, kind=KIND, actor=actor, item=item).uid) for data in files]}

    return list(submit_once(request, "photos", work)["photos"])


def _inspect(request: HttpRequest, actor: Actor, rma: Return, form: FindingForm, photos: list[str]) -> HttpResponse:
    def work() -> dict[str, Any]:
        made = actions.inspect_items(rma, [form.finding(photos)], actor=actor)
        return {"inspection": str(made[0].uid)}

    submit_once(request, "inspect", work)
    return redirect("warehouse:inspect", rma.code)


def _context(
    request: HttpRequest, items: list[ReturnItem], item: ReturnItem, form: FindingForm, shown: Shown
) -> dict[str, Any]:
    here = [one for one in items if one.received]
    position = here.index(item) + 1 if item in here else 1
    pending = Photo.objects.filter(rma=item.rma, item=item, kind=KIND, inspections=None).order_by("pk")
    seen = Photo.objects.filter(rma=item.rma, item=item, kind="customer").order_by("pk")
    return {
        "title": _("Inspect, item %(n)d of %(of)d") % {"n": position, "of": len(here) or 1},
        "item": item,
        "form": form,
        "last": sum(one.uninspected for one in items) <= 1,
        "photos": [framed(photo) for photo in pending],
        "customer_photos": [framed(photo) for photo in seen],
        "grade": form.chosen_grade(),
        "dispositions": Disposition.values,
        **_suggestions(form, item),
        "refusal": shown.refusal,
        "submit": next_submit(request, shown.refusal),
    }


def _suggestions(form: FindingForm, item: ReturnItem) -> dict[str, Any]:
    """What the rules say to the answers so far, and to every grade that may still be chosen."""
    answers = form.answers() if form.is_bound else {}
    outcome = str(form["outcome"].value() or Outcome.ACCEPTED)

    def goes(grade: str, outcome: str, answers: dict[str, bool]) -> str:
        return str(disposition_word(suggest_disposition(grade, outcome, answers, reason=item.reason)))

    chosen = form.chosen_grade()
    return {
        "suggested": suggest_grade(answers),
        "by_rule": goes(chosen, outcome, answers) if chosen in GRADES else "",
        "by_grade": [
            {"code": g, "clean": goes(g, "accepted", {"unused": True}), "marked": goes(g, "accepted", {})}
            for g in GRADES
        ],
        "if_rejected": goes("D", "rejected", {}),
    }
