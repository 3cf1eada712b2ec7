"""The scan page: one field takes any scan and leads on; beside it what waits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.actors import Actor
from accounts.doors import staff_page
from inspections.models import Receipt
from inspections.queries import (
    Candidate,
    code_in,
    head,
    lookup,
    nearest,
    parked,
    recent_receipts,
    to_inspect,
    to_receive,
)
from inspections.views.warehouse.frame import READ, page, places
from returns.codes import clean_code
from returns.models import Return, ReturnItem
from returns.models.rma import FREE, Status
from returns.templatetags.rma import state_word

LONGEST_SCAN = 500
# from here on a scan names one thing and nothing else
CERTAIN = 95
PER_PAGE = 50
MOST_PICTURES = 3
WITH_ITEMS = Prefetch("items", ReturnItem.objects.select_related("line").order_by("pk"))


@dataclass(frozen=True, slots=True)
class Step:
    """What to do next with a return: the page, its button, and why; `also` is the bench where units wait too."""

    url: str
    words: str
    why: str
    straight: bool = False
    also: str = ""


def step_of(rma: Return, parcel: str) -> Step:
    """The next step for a return whose items are loaded; `parcel` names the parcel that was scanned, if any."""
    items = list(rma.items.all())
    here, decided = sum(item.uninspected for item in items), rma.decided_at is not None
    if rma.status in (*FREE, Status.RESOLVED):
        why = _("%(state)s, nothing is expected any more") % {"state": state_word(rma.status)}
        return Step(f"{reverse('warehouse:park')}?{urlencode({'scan': parcel or rma.code})}", _("Park it"), why)
    known = bool(parcel) and any(receipt.parcel == parcel for receipt in rma.receipts.all())
    if here and decided and (known or rma.status == Status.RECEIVED):
        return Step(reverse("warehouse:inspect", args=[rma.code]), _("Inspect"), _here(here), straight=True)
    bench = reverse("warehouse:inspect", args=[rma.code]) if here and decided else ""
    if known or (rma.status in (Status.RECEIVED, Status.INSPECTED) and not parcel):
        why = _("received, the desk decides first") if here and not decided else _("received, nothing to do here")
        return Step(reverse("warehouse:done", args=[rma.code]), _("Look"), why)
    announced = sum(item.announced for item in items)
    why = ngettext("%(n)d unit announced", "%(n)d units announced", announced) % {"n": announced}
    query = f"?{urlencode({'parcel': parcel})}" if parcel else ""
    straight = bool(parcel) or not bench
    return Step(reverse("warehouse:receive", args=[rma.code]) + query, _("Receive"), why, straight, bench)


def _here(units: int) -> str:
    return ngettext("%(n)d unit to inspect", "%(n)d units to inspect", units) % {"n": units}


@staff_page(READ)
def scan(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Take any scan: a certain hit opens the right page, anything else shows what it may be and why."""
    text = request.GET.get("scan", "").replace("\x00", "").strip()[:LONGEST_SCAN]
    found = lookup(text, actor) if text else []
    rows = _loaded(found)
    parcel = "" if clean_code(code_in(text)) else text
    if _is_certain(found):
        step = step_of(rows[found[0].rma or ""], parcel)
        if step.straight:
            return redirect(step.url)
    return page(request, actor, "scan", _context(request, actor, text, found, rows, parcel))


def _is_certain(found: list[Candidate]) -> bool:
    sure = [candidate for candidate in found if candidate.score >= CERTAIN]
    return len(sure) == 1 and sure[0].rma is not None


def _loaded(found: list[Candidate]) -> dict[str, Return]:
    codes = [candidate.rma for candidate in found if candidate.rma]
    if not codes:
        return {}
    rows = Return.objects.filter(code__in=codes).prefetch_related(WITH_ITEMS, "receipts")
    return {rma.code: rma for rma in rows}


def _context(
    request: HttpRequest,
    actor: Actor,
    text: str,
    found: list[Candidate],
    rows: dict[str, Return],
    parcel: str,
) -> dict[str, Any]:
    choices = [_choice(candidate, rows, parcel) for candidate in found]
    known, code = places(request, actor)
    place = next((location for location in known if location.code == code), None)
    near = nearest(text, actor) if text and not found else None
    return {
        "title": place.name if place and place.name else _("Warehouse"),
        "back": "",
        "scanned": text,
        "hit": choices[0] if len(choices) == 1 else None,
        "candidates": choices if len(choices) > 1 else [],
        "nearest": near.code if near else "",
        "recent": [_recent(receipt) for receipt in recent_receipts(actor, 3 if text else 5)],
        "queues": _queues(actor),
        "sound": ("good" if len(choices) == 1 else "ask" if choices else "bad") if text else "",
    }


def _choice(candidate: Candidate, rows: dict[str, Return], parcel: str) -> dict[str, Any]:
    """A candidate as a line: what it is, why it fits and where it leads."""
    if candidate.receipt:
        url = reverse("warehouse:match", args=[candidate.receipt])
        return _line(parcel, candidate, Step(url, _("Match it"), _("parked, waits for its return")))
    if candidate.rma is None:
        url = f"{reverse('warehouse:park')}?{urlencode({'scan': parcel})}"
        return _line(candidate.order or "", candidate, Step(url, _("Park it"), _("nobody asked for a return")))
    rma = rows[candidate.rma]
    pictures = [item.line.image_url for item in rma.items.all() if item.line.image_url]
    return _line(rma.code, candidate, step_of(rma, parcel)) | {"images": pictures[:MOST_PICTURES]}


def _line(code: str, candidate: Candidate, step: Step) -> dict[str, Any]:
    return {
        "code": code,
        "order": candidate.order if candidate.rma else "",
        "how": candidate.why,
        "words": step.why,
        "url": step.url,
        "next_words": step.words,
        "also": step.also,
        "images": [],
    }


def _recent(receipt: Receipt) -> dict[str, Any]:
    if receipt.rma is None:
        url, words = reverse("warehouse:match", args=[receipt.uid]), _("Parked, waits for its return")
        look = {"code": receipt.parcel, "tone": "you", "shape": "package-search"}
    else:
        url, words = reverse("warehouse:done", args=[receipt.rma.code]), str(state_word(receipt.rma.status))
        look = {"code": receipt.rma.code, "tone": "good", "shape": "check"}
    return look | {"words": words, "at": receipt.received_at, "url": url}


def _queues(actor: Actor) -> list[dict[str, Any]]:
    queues = [
        ("inspect", _("To inspect"), "search", head(to_inspect(actor)), reverse("warehouse:queue", args=["inspect"])),
        ("receive", _("To receive"), "package", head(to_receive(actor)), reverse("warehouse:queue", args=["receive"])),
        ("parked", _("Parked parcels"), "package-search", head(parked(actor)), reverse("warehouse:parked")),
    ]
    return [
        {"code": code, "title": title, "shape": shape, "count": found.count, "url": url, "oldest": found.oldest}
        for code, title, shape, found, url in queues
    ]
