"""The quantities of a moved-in item: what the file gives, and what its status says where the file is silent."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from accounts.problems import FieldError, Invalid
from inspections.models import Disposition, Outcome
from refunds.actions.past import History, PastItem
from returns.models import Return, ReturnItem
from returns.models.rma import FREE, Status

UNDECIDED = (Status.REQUESTED, Status.DECLINED)
LOOKED_AT = (Status.INSPECTED, Status.RESOLVED)


@dataclass(slots=True)
class Units:
    """The quantity axes of an item."""

    authorized: int = 0
    received: int = 0
    accepted: int = 0
    rejected: int = 0
    cancelled: int = 0
    missing: int = 0
    waived: int = 0
    sent_back: int = 0
    written_off: int = 0


def was_decided(history: History) -> bool:
    """Whether somebody said yes: everything but a request, a refusal and what was cancelled before."""
    if history.status == Status.CANCELLED:
        return history.decided_at is not None
    return history.status not in UNDECIDED


def units_of(history: History, index: int, refunded: int) -> Units:
    """The quantities of an item of which `refunded` units were paid. Raises Invalid when they do not fit together."""
    item = history.items[index]
    found = Units(cancelled=item.cancelled)
    if was_decided(history):
        found.authorized = item.quantity if item.authorized is None else item.authorized
    if history.status == Status.CANCELLED:
        found.cancelled = found.authorized
    _count_goods(found, item, history.status)
    found.waived = max(0, refunded - found.accepted) if item.waived is None else item.waived
    live = found.authorized - found.cancelled
    if item.missing is not None:
        found.missing = item.missing
    elif history.status in LOOKED_AT:
        found.missing = max(0, live - found.received - found.waived)
    if history.status == Status.RESOLVED:
        found.written_off = max(0, min(found.accepted + found.waived, live - found.missing) - refunded)
    _check(found, item, refunded, f"/items/{index}")
    return found


def _count_goods(found: Units, item: PastItem, status: str) -> None:
    """Received, accepted and rejected: findings count themselves, and an inspected unit was accepted unless told."""
    accepted, rejected = item.accepted, item.rejected
    if item.inspections:
        rows = item.inspections
        accepted = sum(row.quantity for row in rows if row.outcome == Outcome.ACCEPTED)
        rejected = sum(row.quantity for row in rows if row.outcome == Outcome.REJECTED)
        back = [row.quantity for row in rows if row.disposition == Disposition.RETURN_TO_CUSTOMER]
        found.sent_back = sum(back)
    came = status in (Status.RECEIVED, *LOOKED_AT)
    left = found.authorized - found.cancelled - (item.missing or 0) - (item.waived or 0)
    found.received = (max(0, left) if came else 0) if item.received is None else item.received
    if status in LOOKED_AT:
        accepted = max(0, found.received - (rejected or 0)) if accepted is None else accepted
        rejected = max(0, found.received - accepted) if rejected is None else rejected
    found.accepted, found.rejected = accepted or 0, rejected or 0


def _check(found: Units, item: PastItem, refunded: int, pointer: str) -> None:
    rules = (
        (found.authorized <= item.quantity, _("More units are authorized than were asked for.")),
        (
            found.cancelled + found.missing <= found.authorized,
            _("More units are cancelled and missing than were authorized."),
        ),
        (found.accepted + found.rejected <= found.received, _("More units are inspected than were received.")),
        (
            refunded <= min(found.accepted + found.waived, found.authorized - found.cancelled - found.missing),
            _("More units are refunded than were accepted or waived."),
        ),
    )
    errors = [FieldError(pointer, "over_quantity", detail) for holds, detail in rules if not holds]
    if errors:
        raise Invalid(errors[0].detail, errors=errors)


def check_standing(rma: Return, items: list[ReturnItem], says: str) -> None:
    """Whether the quantities speak of the status that the file gives; `says` is what they speak of. Raises Invalid."""
    came = any(item.received for item in items)
    fits = not came if rma.status in (*FREE, Status.REQUESTED, Status.AUTHORIZED, Status.IN_TRANSIT) else True
    if rma.status == Status.RESOLVED:
        fits = not any(item.announced or item.uninspected for item in items)
    elif rma.status not in FREE:
        fits = fits and says == rma.status
    if not fits:
        words = {"status": Status(rma.status).label, "says": Status(says).label}
        detail = _("The status is %(status)s, and the quantities speak of %(says)s.") % words
        raise Invalid(detail, errors=[FieldError("/status", "mismatch", detail)])
