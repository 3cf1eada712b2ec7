"""One return as a row of the queue: its clock, what it is about, why somebody is needed, what is worth knowing."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import OuterRef, Prefetch, QuerySet, Subquery
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from customers.templatetags.comeback import date_day
from returns.documents import blocked_by, loaded, with_money_hold
from returns.models import PolicyDecision, Return, ReturnItem
from returns.models.rma import Status
from returns.policy import explain
from returns.policy.decision import REVIEW
from returns.templatetags.rma import resolution_word
from returns.views.desk.shell import listed

SOON_DAYS = 3
TERM_DAYS = 14


def with_rows(rows: QuerySet[Return]) -> QuerySet[Return]:
    """Everything that `row_of` needs, in one more statement however many returns there are."""
    review = PolicyDecision.objects.filter(rma=OuterRef("pk"), outcome=REVIEW).order_by("-pk")
    items = ReturnItem.objects.select_related("line").order_by("pk")
    return (
        with_money_hold(rows)
        .select_related("order", "customer")
        .annotate(review=Subquery(review.values("detail")[:1]))
        .prefetch_related(Prefetch("items", queryset=items))
    )


def row_of(rma: Return, today: date) -> dict[str, Any]:
    """The row that desk/queue.html draws."""
    items = list(rma.items.all())
    clock = clock_of(rma, today)
    why = why_of(rma)
    return {
        "code": rma.code,
        "url": reverse("desk:return", args=[rma.code]),
        "clock": clock,
        "late": bool(clock and clock["tone"] == "late"),
        "customer": rma.order.name or rma.customer,
        "place": rma.order.country,
        "images": [item.line.image_url for item in items if item.line.image_url][:2],
        "items": listed((item_words(item) for item in items), limit=2),
        "why": why[0] if why else "",
        "why_more": why[1] if len(why) > 1 else "",
        "amount": rma.expected,
        "currency": rma.currency,
        "status": rma.status,
        "flags": flags_of(rma),
    }


def item_words(item: ReturnItem) -> str:
    """Title, and how many when more than one."""
    return f"{item.line.title} × {item.requested}" if item.requested > 1 else item.line.title


def clock_of(rma: Return, today: date | None = None) -> dict[str, Any] | None:
    """The day the money is due by law, for partials/clock.html; None when no day binds us.

    Before it, where a law sets one, the day a complaint is answered. The return comes from `with_money_hold`.
    """
    due = rma.refund_due_on
    if rma.awaits_answer:
        return _answer_clock(rma, today or timezone.localdate())
    if due is None or not rma.is_open:
        return None
    left = (due - (today or timezone.localdate())).days
    if left < 0:
        words: str = format_html(_("Refund was due {date}"), date=date_day(due))
        note = ngettext("by law, %(n)d day late", "by law, %(n)d days late", -left) % {"n": -left}
    else:
        words = _("Refund due today") if left == 0 else format_html(_("Refund due {date}"), date=date_day(due))
        note = ngettext("by law, %(n)d day left", "by law, %(n)d days left", left) % {"n": left}
    tone = "late" if left < 0 else "soon" if left <= SOON_DAYS else ""
    used = min(100, max(0, round(100 * (TERM_DAYS - left) / TERM_DAYS)))
    waits = BLOCKERS.get(blocked_by(rma) or "")
    note = f"{note}, {waits}" if waits else note
    return {"words": words, "note": note, "tone": tone, "law": True, "used": used}


def _answer_clock(rma: Return, today: date) -> dict[str, Any]:
    """The day by which a complaint is answered: unanswered it counts as accepted (in Poland after fourteen days)."""
    due, latest = rma.answer_due_on or today, rma.answer_latest_on or today
    left = (due - today).days
    words = _("Answer today") if left == 0 else format_html(_("Answer by {date}"), date=date_day(due))
    note = format_html(_("unanswered after {date} the complaint counts as accepted"), date=date_day(latest))
    tone = "late" if left < 0 else "soon" if left <= SOON_DAYS else ""
    used = min(100, max(0, round(100 * (TERM_DAYS - left) / TERM_DAYS)))
    return {"words": words, "note": note, "tone": tone, "law": True, "used": used}


# who or what the money waits for, after the days that are left
BLOCKERS: dict[str, Any] = {
    "customer": gettext_lazy("waiting for the goods"),
    "decision": gettext_lazy("waiting for a decision"),
    "inspection": gettext_lazy("waiting for inspection"),
    "payment": gettext_lazy("waiting for payment"),
    "approval": gettext_lazy("waiting for a second person"),
    "refused": gettext_lazy("the bank refused it, pay in another way"),
    "by_hand": gettext_lazy("waiting to be paid by hand"),
    "exchange_held": gettext_lazy("the exchange waits for a person"),
    "exchange": gettext_lazy("waiting for the replacement to leave"),
    "difference": gettext_lazy("waiting for the customer to pay the difference"),
    "gateway": gettext_lazy("waiting for the bank"),
}


def why_of(rma: Return) -> list[str]:
    """Why a person has to decide: the policy's own reasons, the deciding one first."""
    if rma.status != Status.REQUESTED:
        return []
    detail = loaded(rma.review)  # type: ignore[attr-defined]
    return explain.for_agent(detail)[1:] if detail else [_("Opened again")]


def flags_of(rma: Return) -> list[dict[str, Any]]:
    """Up to four things that change how one looks at it."""
    flags: list[dict[str, Any]] = []
    if rma.basis_claimed == "withdrawal":
        flags.append({"word": _("Withdrawal"), "tone": "law", "shape": "scale"})
    if rma.resolution != "refund":
        flags.append({"word": resolution_word(rma.resolution), "tone": "", "shape": "refresh-cw"})
    if rma.proof_of_sending_at and rma.status in (Status.AUTHORIZED, Status.IN_TRANSIT):
        flags.append({"word": _("Proof of sending"), "tone": "go", "shape": "truck"})
    flags += [{"word": tag, "tone": "good", "shape": "tag"} for tag in rma.customer.tags[:2]]
    return flags
