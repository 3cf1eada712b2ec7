"""What waits at the bench or for its parcel, oldest first."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.db.models import Prefetch, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.doors import staff_page
from inspections.queries import to_inspect, to_receive
from inspections.views.warehouse.frame import READ, page
from returns.models import ReturnItem
from returns.templatetags.rma import reason_word

PER_PAGE = 50
WITH_ITEMS = Prefetch("items", ReturnItem.objects.select_related("line").order_by("pk"))
QUEUES = {"inspect": to_inspect, "receive": to_receive}


@staff_page(READ)
def queue(request: HttpRequest, actor: Actor, name: str) -> HttpResponse:
    """What waits at the bench or for its parcel, oldest first."""
    if name not in QUEUES:
        raise Http404
    rows: QuerySet[Any] = QUEUES[name](actor).prefetch_related(WITH_ITEMS)
    titles = {"inspect": _("To inspect"), "receive": _("To receive")}
    shown = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    url = reverse("warehouse:queue", args=[name])
    context = {
        "title": titles[name],
        "rows": [_row(rma, name) for rma in shown],
        "words": _("%(first)d to %(last)d of %(count)d")
        % {"first": shown.start_index(), "last": shown.end_index(), "count": shown.paginator.count},
        "previous_url": f"{url}?page={shown.previous_page_number()}" if shown.has_previous() else "",
        "next_url": f"{url}?page={shown.next_page_number()}" if shown.has_next() else "",
    }
    return page(request, actor, "worklist", context)


def _row(rma: Any, name: str) -> dict[str, Any]:
    items = list(rma.items.all())
    counted = [(item, item.uninspected if name == "inspect" else item.announced) for item in items]
    return {
        "code": rma.code,
        "url": reverse(f"warehouse:{name}", args=[rma.code]),
        "items": ", ".join(f"{item.line.title} × {units}" for item, units in counted if units),
        "note": ", ".join(dict.fromkeys(str(reason_word(item.reason)) for item, units in counted if units)),
        "since": rma.since,
    }
