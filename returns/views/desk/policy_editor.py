"""The editor of a draft: a form and its YAML side by side; either side is read, both are shown."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.doors import staff_page, submit_once
from accounts.idempotency import InFlight
from accounts.problems import Invalid, Refused
from returns import actions
from returns.forms.policy import (
    Row,
    RuleRows,
    Sheet,
    condition_choices,
    default_choices,
    effect_choices,
    read_document,
    write_yaml,
)
from returns.models import ReturnPolicy
from returns.policy.compare import Change, compare
from returns.policy.document import canonical
from returns.views.desk.policies import find, in_force
from returns.views.desk.shell import desk_page

FROM_YAML = ("preview-yaml", "save-yaml")
SAVES = ("save", "save-yaml")


@staff_page("policy:write", "GET", "POST")
def edit(request: HttpRequest, actor: Actor, uid: uuid.UUID) -> HttpResponse:
    """Change a draft. Every button shows what the document would be; only those that say so save it."""
    row = find(uid, actor)
    if row.state != ReturnPolicy.State.DRAFT:
        messages.info(request, _("This version is in force or was. Draft a new one to change it."))
        return redirect("desk:policy", uid=row.uid)
    if request.method == "GET":
        return _show(request, actor, row, Sheet.of(row.document), write_yaml(row.document))
    return _posted(request, actor, row)


def _posted(request: HttpRequest, actor: Actor, row: ReturnPolicy) -> HttpResponse:
    do, text = request.POST.get("do", ""), request.POST.get("yaml", "").replace("\r\n", "\n")
    sheet = Sheet.posted(request.POST, row.shop.code)
    try:
        document = read_document(text, row.shop.code) if do in FROM_YAML else sheet.document()
        whole = canonical(document)
    except Invalid as refusal:
        unfinished = do not in (*SAVES, *FROM_YAML, "preview")
        shown = None if unfinished else refusal
        return _show(request, actor, row, sheet, text, shown, refusal.status if shown else 200)
    if do not in SAVES:
        return _show(request, actor, row, Sheet.of(whole), write_yaml(whole), document=whole)
    return _save(request, actor, row, whole)


def _save(request: HttpRequest, actor: Actor, row: ReturnPolicy, document: dict[str, Any]) -> HttpResponse:
    def work() -> dict[str, Any]:
        actions.revise_draft(row, document, actor=actor)
        return {}

    try:
        submit_once(request, f"edit-policy:{row.uid}", work)
    except InFlight:
        messages.warning(request, _("This is being done already."))
    except Refused as refusal:
        sheet, text = Sheet.of(document), write_yaml(document)
        return _show(request, actor, row, sheet, text, refusal, refusal.status)
    else:
        messages.success(request, _("Draft saved. Nothing is decided by it until you publish it."))
    return redirect("desk:policy", uid=row.uid)


def _show(
    request: HttpRequest,
    actor: Actor,
    row: ReturnPolicy,
    sheet: Sheet,
    text: str,
    refusal: Refused | None = None,
    status: int = 200,
    document: dict[str, Any] | None = None,
) -> HttpResponse:
    context = {
        "row": row,
        "sheet": sheet,
        "rules": [_rule(rule) for rule in sheet.rules],
        "defaults": _spare(sheet.defaults),
        "yaml": text,
        "refusal": refusal,
        "changes": _changes(row, document or row.document),
        "unsaved": document is not None and document != row.document,
        "conditions": condition_choices(),
        "effects": effect_choices(),
        "standing": default_choices(),
        "starts": [("delivered", _("delivery")), ("shipped", _("shipping")), ("ordered", _("order"))],
    }
    return desk_page(request, actor, "policy_edit", context, rail="policy", status=status)


def _spare(rows: list[Row]) -> list[Row]:
    """The rows with an empty one to type into."""
    return rows if rows and not rows[-1].key else [*rows, Row()]


def _rule(rule: RuleRows) -> dict[str, Any]:
    return {"name": rule.name, "when": _spare(rule.when), "then": _spare(rule.then)}


def _changes(row: ReturnPolicy, document: dict[str, Any]) -> list[Change]:
    live = in_force(row)
    return compare(live.document, document) if live else []
