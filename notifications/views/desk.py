"""Messages to customers as staff see them: all or one return's, one as it was sent, and sending it again."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages as flash
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.actors import Actor
from accounts.doors import staff_page
from accounts.problems import Refused
from notifications.actions import answer_letter, answers_a_complaint, resend_message
from notifications.catalogue import ANSWER, LABEL
from notifications.models import Message
from returns.codes import clean_code
from returns.labels.pdf import MEDIA_TYPE

PAGE = 50
# a mail holds inline styles and nothing else; it may neither run nor fetch anything
MAIL_CSP = "sandbox; default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'"


def visible_to(actor: Actor) -> QuerySet[Message]:
    """Messages about returns that the actor may see."""
    rows = Message.objects.select_related("rma")
    return rows.filter(rma__shop__code__in=actor.shops) if actor.shops else rows


@staff_page("returns:read")
def message_list(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Newest first, by state and by return; `?before=<id>` goes back in time, `?after=<id>` forward."""
    rows = _chosen(visible_to(actor), request)
    before, after = _number(request, "before"), _number(request, "after")
    if after:
        page = list(rows.filter(pk__gt=after).order_by("pk")[:PAGE])[::-1]
    else:
        page = list((rows.filter(pk__lt=before) if before else rows).order_by("-pk")[:PAGE])
    context = {
        "rail": "outbox",
        "state": request.GET.get("state", ""),
        "code": request.GET.get("return", ""),
        "rows": page,
        "words": ngettext("%(n)d message", "%(n)d messages", len(page)) % {"n": len(page)},
        "previous_url": _step(request, rows, "after", page[0].pk) if page else "",
        "next_url": _step(request, rows, "before", page[-1].pk) if page else "",
    }
    return render(request, "desk/outbox.html", context)


def _chosen(rows: QuerySet[Message], request: HttpRequest) -> QuerySet[Message]:
    state, code = request.GET.get("state", ""), request.GET.get("return", "")
    if state == Message.State.QUEUED:
        rows = rows.filter(state__in=[Message.State.QUEUED, Message.State.SENDING])
    elif state in Message.State.values:
        rows = rows.filter(state=state)
    return rows.filter(rma__code=clean_code(code) or code) if code else rows


def _number(request: HttpRequest, name: str) -> int:
    text = request.GET.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0


def _step(request: HttpRequest, rows: QuerySet[Message], name: str, pk: int) -> str:
    if not rows.filter(**{"pk__gt" if name == "after" else "pk__lt": pk}).exists():
        return ""
    kept = {key: value for key in ("state", "return") if (value := request.GET.get(key))}
    return f"?{urlencode({**kept, name: pk})}"


@staff_page("returns:read")
def message_page(request: HttpRequest, actor: Actor, pk: int) -> HttpResponse:
    """One message: what was written to whom, how far it got, and its HTML one click away."""
    message = get_object_or_404(visible_to(actor), pk=pk)
    return render(request, "desk/message.html", _page(message, actor))


def _page(message: Message, actor: Actor, **more: Any) -> dict[str, Any]:
    ended = message.state in (Message.State.SENT, Message.State.PARKED)
    return {
        "rail": "outbox",
        "message": message,
        "attachments": _attachments(message),
        "html_url": reverse("desk:message_html", args=[message.pk]) if message.html else "",
        "may_retry": ended and actor.may("returns:write"),
        **more,
    }


def _attachments(message: Message) -> list[dict[str, str]]:
    found = {
        LABEL: lambda row: reverse("desk:label-pdf", args=[row["shipment"]]),
        ANSWER: lambda row: reverse("desk:message-letter", args=[message.pk]),
    }
    return [
        {"name": row["filename"], "url": found[row["kind"]](row)} for row in message.attachments if row["kind"] in found
    ]


@staff_page("returns:read")
def message_letter(request: HttpRequest, actor: Actor, pk: int) -> HttpResponse:
    """The letter that went with the answer to a complaint."""
    message = get_object_or_404(visible_to(actor), pk=pk)
    if not answers_a_complaint(message):
        raise Http404
    answer = HttpResponse(answer_letter(message), content_type=MEDIA_TYPE)
    answer["Content-Disposition"] = 'inline; filename="answer.pdf"'
    answer["Cache-Control"] = "private, no-store"
    return answer


@staff_page("returns:read")
def message_html(request: HttpRequest, actor: Actor, pk: int) -> HttpResponse:
    """The HTML part as its reader's mail program gets it, under a policy of its own: styles only."""
    message = get_object_or_404(visible_to(actor), pk=pk)
    answer = HttpResponse(message.html)
    answer["Content-Security-Policy"] = MAIL_CSP
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Cache-Control"] = "private, no-store"
    return answer


@staff_page("returns:write", "POST")
def resend(request: HttpRequest, actor: Actor, pk: int) -> HttpResponse:
    """Queue a sent or parked message again."""
    message = get_object_or_404(visible_to(actor), pk=pk)
    try:
        again = resend_message(message, actor=actor)
    except Refused as refusal:
        page = _page(message, actor, refusal=refusal)
        return render(request, "desk/message.html", page, status=refusal.status)
    flash.success(request, _("It goes out again now, to %(address)s.") % {"address": again.recipient})
    return redirect("desk:message", pk=again.pk)
