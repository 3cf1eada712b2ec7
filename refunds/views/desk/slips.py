"""Reimbursements as slips: signed lines in words, the sum, and where the money goes."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from decimal import Decimal
from typing import Any

from babel.numbers import format_percent
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from accounts.actors import Actor
from customers.templatetags.comeback import money_text, reader
from refunds.actions.change_payout import may_change_payout, wants_account
from refunds.actions.second import APPROVE
from refunds.actions.take_back import can_take_back
from refunds.models import Refund, Reimbursement, ReimbursementLine
from refunds.views.desk.movements import goes_to, refund_row
from returns.media import photo_url
from returns.templatetags.rma import line_word

Context = dict[str, Any]
SLIP = (
    "lines__line",
    "lines__inspection__photos",
    "refunds__payment",
    "refunds__payout_file",
    "refunds__replacement",
    "documents",
    "reversal",
)
"""What `stored_slip` reads of each reimbursement, to be fetched for all rows at once."""


def lines_of(lines: Iterable[ReimbursementLine]) -> list[Context]:
    """The lines for partials/lines.html; what lowers the payout is drawn as taken off."""
    return [
        {
            "label": _label(line),
            "note": line.reason,
            "amount": line.gross,
            "tone": "off" if line.gross < 0 and line.kind != "discount" else "",
        }
        for line in lines
    ]


def _label(line: ReimbursementLine) -> str:
    title = line.line.title if line.line else ""
    if line.kind == "item":
        return f"{title} × {line.quantity}" if line.quantity > 1 else title
    words = str(line_word(line.kind))
    return f"{words}: {title}" if title else words


def sum_words(row: Reimbursement, refunds: list[Refund]) -> str:
    """What stands beside the sum."""
    if row.kind == Reimbursement.Kind.REVERSAL:
        return _("Taken back")
    if row.tender == "store_credit":
        return _("To store credit")
    places = ", ".join(dict.fromkeys(goes_to(refund) for refund in refunds))
    return pgettext("where a sum goes", "To %(place)s") % {"place": places} if places else _("To the customer")


def _rate(rate: str) -> str:
    return str(format_percent(Decimal(rate), format="#,##0.##%", locale=reader()))


def tax_words(row: Reimbursement) -> str:
    """The tax inside the sum, by rate."""
    parts = [
        _("%(amount)s tax at %(rate)s") % {"amount": money_text(amount, row.currency), "rate": _rate(rate)}
        for rate, amount in row.tax_by_rate.items()
        if amount
    ]
    return _("incl. %(parts)s") % {"parts": ", ".join(parts)} if parts else ""


def draft_slip(draft: Reimbursement) -> Context:
    """The slip of a previewed reimbursement."""
    return {
        "lines": lines_of(draft.drafted_lines),  # type: ignore[attr-defined]
        "sum_label": sum_words(draft, draft.drafted_refunds),  # type: ignore[attr-defined]
        "sum_amount": draft.total,
        "sum_note": "",
        "foot": tax_words(draft),
    }


# why something waits for a second person
HELD: dict[str, Any] = {
    "goodwill_above_limit": gettext_lazy("More without goods than one person may give."),
    "price_reduction_above_limit": gettext_lazy("More off the price than one person may give."),
    "deduction_removed": gettext_lazy("The deduction that the policy suggests was left out."),
    "payout_changed": gettext_lazy("The account to pay to was changed."),
}


def evidence_of(lines: Iterable[ReimbursementLine]) -> list[Context]:
    """The findings behind deductions, each once, with their photos."""
    found = {line.inspection.pk: line.inspection for line in lines if line.inspection is not None}
    return [
        {
            "grade": finding.grade,
            "note": finding.note,
            "by": finding.inspector,
            "at": finding.inspected_at,
            "photos": [
                {
                    "url": photo_url(photo),
                    "thumbnail_url": photo_url(photo, thumbnail=True),
                    "alt": photo.caption or finding.note or _("Photo from the inspection"),
                    "caption": photo.caption,
                    "at": photo.created_at,
                }
                for photo in finding.photos.all()
            ],
        }
        for finding in found.values()
    ]


def _second_person(row: Reimbursement, actor: Actor, mine: Collection[str]) -> Context:
    """Who asked and why it waits, and the buttons for anybody else who may."""
    waits = row.state == Reimbursement.State.AWAITING_APPROVAL
    own = row.created_by in mine or row.held_by in mine
    may = waits and actor.may(APPROVE) and not own
    return {
        "why": row.reason,
        "waits": HELD.get(row.held_for, row.held_for) if waits else "",
        "own": waits and own,
        "approved_by": row.approved_by_name,
        "rejected_because": row.rejected_because,
        "url_approve": reverse("desk:approve", args=[row.uid]) if may else "",
        "url_reject": reverse("desk:reject", args=[row.uid]) if may else "",
    }


def stored_slip(row: Reimbursement, actor: Actor, mine: Collection[str] = ()) -> Context:
    """The slip of a reimbursement that was decided, with each movement of money and what can be done with it."""
    refunds = list(row.refunds.all())
    lines = list(row.lines.all())
    return {
        "row": row,
        "kind_word": row.get_kind_display(),
        "evidence": evidence_of(lines),
        **_second_person(row, actor, mine),
        "state": row.state,
        "state_word": row.get_state_display(),
        "at": row.created_at,
        "by": row.created_by_name,
        "lines": lines_of(lines),
        "sum_label": sum_words(row, refunds),
        "total": row.total,
        "foot": tax_words(row),
        "credit": getattr(row, "store_credit", None),
        "refunds": [refund_row(refund, actor) for refund in refunds],
        "papers": list(row.documents.all()),
        "account": row.payout_masked,
        "url_account": _account_url(row, refunds, actor),
        "url_take_back": reverse("desk:take-back", args=[row.uid]) if _may_take_back(row, actor) else "",
    }


def _may_take_back(row: Reimbursement, actor: Actor) -> bool:
    return actor.may("refunds:write") and can_take_back(row)


def _account_url(row: Reimbursement, refunds: Collection[Refund], actor: Actor) -> str:
    """Where the account to pay to is given or changed, while that is possible."""
    may = actor.may("refunds:write") and wants_account(row, refunds) and may_change_payout(row, refunds)
    return reverse("desk:account", args=[row.uid]) if may else ""
