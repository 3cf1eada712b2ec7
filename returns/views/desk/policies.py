"""Policies on the desk: the versions, one of them in words, what it would decide, and putting it in force."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.doors import staff_page, submit_once
from accounts.idempotency import InFlight
from accounts.problems import NotFound, Refused
from returns import actions
from returns.forms.policy_text import moment_of
from returns.models import ReturnPolicy
from returns.policy.compare import CHANGED, Change, compare
from returns.policy.law_words import below_the_law
from returns.policy.values import say
from returns.policy.wording import standing_label, then_words, when_words
from returns.queries import floor_findings
from returns.views.desk.policy_try import tried
from returns.views.desk.shell import desk_page, newest_first

Context = dict[str, Any]
PolicyPanel = Callable[[ReturnPolicy, Actor, HttpRequest], Context]
Panels = Sequence[PolicyPanel]


def visible(actor: Actor) -> Any:
    """The versions of the shops that the actor works for."""
    rows = ReturnPolicy.objects.select_related("shop")
    return rows.filter(shop__code__in=actor.shops) if actor.shops else rows


def find(uid: uuid.UUID, actor: Actor) -> ReturnPolicy:
    """The version. Raises NotFound, alike for none and for another shop's."""
    found: ReturnPolicy | None = visible(actor).filter(uid=uid).first()
    if found is None:
        raise NotFound(_("There is no such policy, or it is not yours to see."))
    return found


def in_force(row: ReturnPolicy) -> ReturnPolicy | None:
    """The version of the same shop that decides now."""
    return ReturnPolicy.objects.filter(shop_id=row.shop_id, state=ReturnPolicy.State.PUBLISHED).first()


@staff_page("policy:read")
def versions(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Every version, newest first, with the one in force of each shop on top."""
    live = list(visible(actor).filter(state=ReturnPolicy.State.PUBLISHED).defer("document").order_by("shop__name"))
    page = newest_first(request, visible(actor).defer("document"))
    context = {"live": live, "rows": page.rows, "may_write": actor.may("policy:write"), **page.context()}
    return desk_page(request, actor, "policies", context, rail="policy")


@staff_page("policy:read")
def version(request: HttpRequest, actor: Actor, uid: uuid.UUID, panels: Panels = ()) -> HttpResponse:
    """One version in words, its difference to the one in force, and what it decides for an order."""
    return version_page(request, actor, find(uid, actor), panels)


def version_page(
    request: HttpRequest, actor: Actor, row: ReturnPolicy, panels: Panels, *, refusal: Any = None, status: int = 200
) -> HttpResponse:
    """The page of a version, with what apps to the right say of it."""
    live = in_force(row)
    changes = compare(live.document, row.document) if live and live.pk != row.pk else []
    law = below_the_law(row.document, floor_findings(row))
    context: Context = {
        "row": row,
        "live": live,
        "changes": changes,
        "law": law,
        "window": row.document["window"],
        "standing": [
            {"label": standing_label(key), "value": say(key, value)} for key, value in row.document["defaults"].items()
        ],
        "rules": _rules(row, changes, {one.rule for one in law}),
        "may_write": actor.may("policy:write"),
        "zone": timezone.get_current_timezone_name(),
        "tomorrow": f"{timezone.localdate() + timedelta(days=1)}T00:00",
        "refusal": refusal,
        **tried(request, actor, row),
    }
    for panel in panels:
        context |= panel(row, actor, request)
    return desk_page(request, actor, "policy", context, rail="policy", status=status)


def _rules(row: ReturnPolicy, changes: list[Change], below: set[str]) -> list[Context]:
    """The rules in words, each with what is new about it: added, changed, moved or nothing."""
    news: dict[str, str] = {}
    for change in changes:
        if news.get(change.rule) != CHANGED:
            news[change.rule] = change.kind
    return [
        {
            "name": rule["name"],
            "when": when_words(rule["when"]),
            "then": then_words(rule["then"]),
            "news": news.get(rule["name"], ""),
            "below": rule["name"] in below,
        }
        for rule in row.document["rules"]
    ]


@staff_page("policy:write", "POST")
def draft(request: HttpRequest, actor: Actor, uid: uuid.UUID) -> HttpResponse:
    """Begin a draft with the document of a version."""
    row = find(uid, actor)

    def work() -> Context:
        return {"uid": str(actions.draft_policy({**row.document, "shop": row.shop.code}, actor=actor).uid)}

    done = submit_once(request, f"draft-policy:{row.uid}", work)
    return redirect("desk:edit-policy", uid=done["uid"])


@staff_page("policy:write", "POST")
def publish(request: HttpRequest, actor: Actor, uid: uuid.UUID, panels: Panels = ()) -> HttpResponse:
    """Put a draft in force, now or at the time that was chosen."""
    row = find(uid, actor)
    later = "starts_at" in request.POST

    def work() -> Context:
        starts_at = moment_of(request.POST["starts_at"], "/starts_at") if later else None
        return {"uid": str(actions.publish_policy(row, actor=actor, starts_at=starts_at).uid)}

    said = _("It starts by itself. Until then the version in force decides, and you can take the start back.")
    now = _("In force. Every request from now on is decided by it.")
    return _done(request, actor, row, panels, "publish", work, said if later else now)


@staff_page("policy:write", "POST")
def trial(request: HttpRequest, actor: Actor, uid: uuid.UUID, panels: Panels = ()) -> HttpResponse:
    """Let a draft decide for a share of the customers."""
    row = find(uid, actor)
    typed = request.POST.get("share", "")
    share = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 4 else 0

    def work() -> Context:
        return {"uid": str(actions.try_policy(row, share=share, actor=actor).uid)}

    said = _("On trial. It decides for the same %(share)d percent of customers until you stop or publish it.")
    return _done(request, actor, row, panels, "try", work, said % {"share": share})


@staff_page("policy:write", "POST")
def stop(request: HttpRequest, actor: Actor, uid: uuid.UUID, panels: Panels = ()) -> HttpResponse:
    """End a trial, or take back a start to come."""
    row = find(uid, actor)

    def work() -> Context:
        return {"uid": str(actions.stop_policy(row, actor=actor).uid)}

    over = _("The trial is over. The version in force decides for all.")
    waits = row.state == ReturnPolicy.State.SCHEDULED
    said = _("The start is taken back. It is a draft again.") if waits else over
    return _done(request, actor, row, panels, "stop", work, said)


@staff_page("policy:write", "POST")
def restore(request: HttpRequest, actor: Actor, uid: uuid.UUID, panels: Panels = ()) -> HttpResponse:
    """Bring an earlier version back, as a new one."""
    row = find(uid, actor)

    def work() -> Context:
        return {"uid": str(actions.restore_policy(row, actor=actor).uid)}

    return _done(request, actor, row, panels, "restore", work, _("The earlier terms are back in force."))


def _done(
    request: HttpRequest,
    actor: Actor,
    row: ReturnPolicy,
    panels: Panels,
    name: str,
    work: Callable[[], Context],
    said: str,
) -> HttpResponse:
    try:
        done = submit_once(request, f"{name}-policy:{row.uid}", work)
    except InFlight:
        messages.warning(request, _("This is being done already."))
        return redirect("desk:policy", uid=row.uid)
    except Refused as refusal:
        return version_page(request, actor, row, panels, refusal=refusal, status=refusal.status)
    messages.success(request, said)
    return redirect("desk:policy", uid=done["uid"])
