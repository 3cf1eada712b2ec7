"""Movements of money as rows: where each goes, how it stands, and what can be done with it."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.actors import Actor
from refunds.models import Refund
from returns.policy.choices import PAYMENTS
from returns.templatetags.rma import refund_look


def goes_to(refund: Refund) -> str:
    """Where one movement of money goes, in words."""
    payment = refund.payment
    if payment is None:
        return _("by hand")
    return f"{PAYMENTS.get(payment.kind, payment.kind)} {payment.reference}".strip()


def _file_url(refund: Refund) -> str:
    """The payment file that a refund waits in."""
    file = refund.payout_file if refund.state == Refund.State.MANUAL_PENDING else None
    return reverse("desk:payout-file", args=[file.uid]) if file is not None else ""


def refund_row(refund: Refund, actor: Actor) -> dict[str, Any]:
    """One movement of money with its buttons; what was paid in another way has none any more."""
    may = actor.may("refunds:write")
    otherwise = hasattr(refund, "replacement")
    manual = refund.state == Refund.State.MANUAL_PENDING and refund.payout_file_id is None
    failed = refund.state == Refund.State.FAILED and not otherwise
    return {
        "refund": refund,
        "otherwise": otherwise,
        "look": refund_look(refund.state),
        "to": goes_to(refund),
        "url_file": _file_url(refund),
        "url_paid": reverse("desk:mark-paid", args=[refund.uid]) if may and manual else "",
        "url_retry": reverse("desk:retry-refund", args=[refund.uid]) if may and failed else "",
    }
