"""Everything about one return on one page; later apps bring their panels, so that nothing here looks to the right."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from accounts.actors import Actor
from returns.documents import with_money_hold
from returns.forms.desk import ActForm
from returns.models import Return
from returns.views.desk.acts import ACTS, COMMENT, NOTE, offered
from returns.views.desk.facts import (
    Context,
    customer_facts,
    item_row,
    loose_photos,
    message_rows,
    order_facts,
    shipment_rows,
)
from returns.views.desk.rows import clock_of
from returns.views.desk.shell import desk_page
from returns.views.desk.standing import Act, Standing
from returns.views.desk.timeline import Names, steps_of
from returns.views.desk.trace import policy_words, traces_of

Panel = Callable[[Return, Actor], Context]
Panels = Sequence[Panel]
FIRST = ("authorize", "reimburse", "warehouse:inspect", "warehouse:receive")


def stand(rma: Return, actor: Actor) -> Standing:
    """The return with its items and decisions, read once."""
    items = list(rma.items.select_related("line").order_by("pk"))
    for item in items:
        item.rma = rma
    decisions = list(rma.decisions.select_related("policy").defer("policy__document").order_by("pk"))
    return Standing(rma, items, decisions, actor)


def return_page(
    request: HttpRequest,
    actor: Actor,
    rma: Return,
    panels: Panels,
    *,
    refusal: Any = None,
    refused: Act | None = None,
    typed: ActForm | None = None,
    status: int = 200,
) -> HttpResponse:
    """The page of a return; after a refusal with what was typed, the form open and the reason on top."""
    standing = stand(rma, actor)
    context = base_context(standing)
    context |= {"refusal": refusal, "refused": refused.name if refused else ""}
    for panel in panels:
        found = panel(rma, actor)
        context["acts"] += found.pop("acts", [])
        context["found"] |= found.pop("found", {})
        context |= found
    context["acts"] = _ranked([*context["acts"], *_acts(standing, refused, typed)])
    for act, name in ((NOTE, "note_form"), (COMMENT, "comment_form")):
        if act is refused and typed is not None:
            context[name] = typed
    context["items"] = [item_row(item, context["photos"], context["found"]) for item in standing.items]
    context["loose"] = loose_photos(context["photos"], context["receipts"])
    return desk_page(request, actor, "return", context, rail="returns", status=status)


def base_context(standing: Standing) -> Context:
    """What the returns app itself knows."""
    rma, actor = standing.rma, standing.actor
    events = list(rma.events.order_by("seq"))
    steps, older = steps_of(rma, events, Names.of(rma, standing.items))
    writes = actor.may("returns:write")
    return {
        "rma": rma,
        "clock": clock_of(with_money_hold(Return.objects.filter(pk=rma.pk)).get()),
        "wait": _wait(standing, events),
        "customer": customer_facts(rma),
        "order": order_facts(rma),
        "photos": list(rma.photos.order_by("pk")),
        "found": {},
        "acts": _on_the_floor(standing),
        "traces": traces_of(standing.items, standing.decisions),
        "policy": policy_words(standing.decisions),
        "shipments": shipment_rows(rma, writes),
        "notes": list(rma.notes.order_by("pk")),
        "messages_sent": message_rows(rma),
        "steps": steps,
        "older": older,
        "note_form": NOTE.bound(standing) if writes else None,
        "comment_form": COMMENT.bound(standing) if writes else None,
        "reimbursements": [],
        "receipts": [],
    }


def _ranked(acts: list[Context]) -> list[Context]:
    """What the return waits for comes first."""
    return sorted(acts, key=lambda act: FIRST.index(act["name"]) if act["name"] in FIRST else len(FIRST))


def _acts(standing: Standing, refused: Act | None, typed: ActForm | None) -> list[Context]:
    shown = offered(standing)
    if refused in ACTS and refused not in shown and typed is not None and standing.actor.may(refused.grant):
        shown = [refused, *shown]  # it stays, so that nothing typed is lost
    return [
        {
            "name": act.name,
            "url": reverse(f"desk:{act.url or act.name}", args=[standing.rma.code]),
            "icon": act.icon,
            "title": act.title,
            "note": act.note,
            "button": act.button,
            "asks": act.asks,
            "stop": act.stop,
            "open": act is refused and act.asks,
            "form": typed if act is refused and typed is not None else act.bound(standing),
        }
        for act in shown
    ]


def _on_the_floor(standing: Standing) -> list[Context]:
    """Links to the warehouse for whoever works there too."""
    if not standing.actor.may("warehouse:write") or not standing.rma.is_open:
        return []
    code = standing.rma.code
    links = []
    if any(item.uninspected for item in standing.items):
        links.append(
            ("warehouse:inspect", "search", _("Inspect"), _("Grade, photos, where the goods go; mails the customer"))
        )
    if standing.awaited:
        links.append(
            ("warehouse:receive", "warehouse", _("Receive the parcel"), _("Count what came, mails the customer"))
        )
    rows = [
        {"link": _url(name, code), "icon": icon, "title": title, "note": note, "name": name}
        for name, icon, title, note in links
    ]
    return [row for row in rows if row["link"]]


def _url(name: str, code: str) -> str:
    try:
        return reverse(name, args=[code])
    except NoReverseMatch:
        return ""


def _wait(standing: Standing, events: list[Any]) -> str:
    """What stands in the way, and what to do about it."""
    if any(event.parked_at for event in events):
        return _("What should follow the last step failed several times. Try it again under Parked events.")
    if standing.undecided and standing.came:
        return _("The parcel came before the decision. Decide now; it is not inspected and paid before.")
    return ""
