"""The editor of a draft: a form and its YAML side by side; either side is read, both are shown."""

from __future__ import annotations

import hashlib
import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.doors import staff_page, submit_once
from accounts.idempotency import InFlight
from accounts.problems import FieldError, Invalid, Refused
from returns import actions
from returns.forms.policy import (
    Row,
    RuleRows,
    Sheet,
    condition_choices,
    default_choices,
    effect_choices,
)
from returns.forms.policy_fields import Field, field_of
from returns.forms.policy_text import read_document, write_yaml
from returns.models import ReturnPolicy
from returns.policy.choices import STARTS
from returns.policy.compare import Change, compare
from returns.policy.document import canonical
from returns.views.desk.policies import find, in_force
from returns.views.desk.policy_errors import is_in, linked, pointed, said_at
from returns.views.desk.shell import desk_page

FROM_YAML = ("preview-yaml", "save-yaml")
SAVES = ("save", "save-yaml")
PREVIEWS = ("preview", "preview-yaml")


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
    if do in (*SAVES, *PREVIEWS) and (detail := _other_side(request, do, sheet, text)):
        return _show(request, actor, row, sheet, text, Invalid(detail), 422)
    try:
        document = read_document(text, row.shop.code) if do in FROM_YAML else sheet.document()
        whole = canonical(document)
    except Invalid as refusal:
        unfinished = do not in (*SAVES, *PREVIEWS)
        shown = None if unfinished else refusal
        return _show(request, actor, row, sheet, text, shown, refusal.status if shown else 200)
    if do in SAVES:
        return _save(request, actor, row, whole)
    kept = text if do not in PREVIEWS and request.POST.get("yaml-was") != digest(text) else write_yaml(whole)
    return _show(request, actor, row, Sheet.of(whole), kept, document=whole)


def _other_side(request: HttpRequest, do: str, sheet: Sheet, text: str) -> str:
    """What to say before typing is lost on the side that this button does not read; the second press does it."""
    if do not in FROM_YAML:
        was = request.POST.get("yaml-was") or digest(text)
        changed = was != digest(text)
        return _("The YAML was changed, too. Press again to keep the form and drop that change.") if changed else ""
    was = request.POST.get("form-was") or _form_digest(sheet)
    changed = was != _form_digest(sheet)
    return _("The form was changed, too. Press again to keep the YAML and drop that change.") if changed else ""


def _form_digest(sheet: Sheet) -> str:
    """The form by what it means, so that another way to write the same is no change; typing that means nothing is."""
    try:
        return digest(write_yaml(canonical(sheet.document())))
    except Invalid:
        return digest(repr(sheet))


def digest(text: str) -> str:
    """A short name of a text, to see whether it changed."""
    return hashlib.sha256(text.strip().encode()).hexdigest()[:16]


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
    agreed = request.method == "GET" or request.POST.get("do") in (*SAVES, *PREVIEWS)
    agreed = agreed or (document is not None and text == write_yaml(document))
    of_yaml = refusal is not None and request.POST.get("do") in FROM_YAML
    wrong = [] if refusal is None or of_yaml else list(refusal.errors)
    rules = [_rule(n, rule, wrong) for n, rule in enumerate(sheet.rules)]
    context = {
        "row": row,
        "sheet": sheet,
        "rules": rules,
        "defaults": _fields("d", sheet.defaults, "/defaults", wrong),
        "default_choices": default_choices(sheet.defaults),
        "name_errors": said_at(wrong, "/name"),
        "days_errors": said_at(wrong, "/window/days"),
        "yaml": text,
        "yaml_was": digest(text) if agreed else request.POST.get("yaml-was", ""),
        "form_was": _form_digest(sheet) if agreed else request.POST.get("form-was", ""),
        "of_yaml": of_yaml,
        "refusal": refusal,
        "errors": pointed(refusal, text) if of_yaml else linked(wrong, sheet),
        "changes": _changes(row, document or row.document),
        "unsaved": document is not None and document != row.document,
        "starts": STARTS.items(),
    }
    return desk_page(request, actor, "policy_edit", context, rail="policy", status=status)


def _rule(n: int, rule: RuleRows, wrong: list[FieldError]) -> dict[str, Any]:
    at = f"/rules/{n}"
    return {
        "name": rule.name,
        "name_errors": said_at(wrong, f"{at}/name"),
        "when": _fields(f"r{n}w", rule.when, f"{at}/when", wrong),
        "then": _fields(f"r{n}t", rule.then, f"{at}/then", wrong),
        "errors": [error.detail for error in wrong if error.pointer in (at, f"{at}/when", f"{at}/then")],
        "conditions": condition_choices(rule.when),
        "effects": effect_choices(rule.then),
    }


def _fields(prefix: str, rows: list[Row], at: str, wrong: list[FieldError]) -> list[Field]:
    """The rows of a part of the form, each with what is wrong with it."""
    found = []
    for n, row in enumerate(rows):
        errors = [error for error in wrong if is_in(error.pointer, f"{at}/{row.key}")]
        made = field_of(f"{prefix}{n}", row.key, row.text, errors, condition=prefix.endswith("w"))
        made.fresh = row.fresh
        found.append(made)
    return found


def _changes(row: ReturnPolicy, document: dict[str, Any]) -> list[Change]:
    live = in_force(row)
    return compare(live.document, document) if live else []
