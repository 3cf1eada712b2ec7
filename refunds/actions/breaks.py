"""Differences between the gateways' ledgers and ours: opened once, closed by a person, or when they have healed."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actors import SYSTEM_ACTOR, Actor
from accounts.problems import Invalid, WrongState
from customers.models import OrderPayment
from refunds.actions.locks import room_of
from refunds.models import Break, Refund, Reimbursement

Kind = Break.Kind
MOST_NOTE = 300


def open_break(
    kind: str,
    subject: str,
    *,
    gateway: str,
    refund: Refund | None = None,
    reimbursement: Reimbursement | None = None,
    ours: int | None = None,
    theirs: int | None = None,
    currency: str = "",
    **detail: Any,
) -> Break | None:
    """Show a difference to a person; None when it stands there already, or when a person has closed it before.

    Only a refund that is stuck again is shown again. Amounts in minor units.
    """
    same = Break.objects.filter(gateway=gateway, kind=kind, subject=subject)
    if (same.filter(closed_at=None) if kind == Kind.STUCK else same).exists():
        return None
    row, new = Break.objects.get_or_create(
        gateway=gateway,
        kind=kind,
        subject=subject,
        closed_at=None,
        defaults={
            "refund": refund,
            "reimbursement": reimbursement,
            "ours": ours,
            "theirs": theirs,
            "currency": currency or (refund.currency if refund else ""),
            "detail": detail,
        },
    )
    return row if new else None


def open_only_there(
    payment: OrderPayment | None,
    subject: str,
    amount: int,
    *,
    gateway: str,
    currency: str,
    refund: Refund | None = None,
    **detail: Any,
) -> Break | None:
    """Money that left without us, or twice: it counts against the locked payment's ceiling from now on."""
    counted = min(amount, room_of(payment)) if payment is not None else 0
    found = open_break(
        Kind.ONLY_THERE,
        subject,
        gateway=gateway,
        refund=refund,
        theirs=amount,
        currency=currency,
        counted=counted,
        payment=payment.pk if payment is not None else None,
        **detail,
    )
    if found is not None and payment is not None and counted:
        payment.found_elsewhere += counted
        payment.save(update_fields=["found_elsewhere"])
    return found


def close_healed(refund: Refund, *kinds: str) -> None:
    """Close what was open about a refund and is no difference any more."""
    open_ones = Break.objects.filter(refund=refund, kind__in=kinds, closed_at=None)
    open_ones.update(closed_at=timezone.now(), closed_by=SYSTEM_ACTOR.identity, note="")


def close_break(row: Break, *, note: str, actor: Actor) -> Break:
    """A person has cleared it up and says how. Raises Invalid without a note, WrongState when it is closed."""
    if not note.strip():
        raise Invalid(_("Say in a few words how this was cleared up."))
    with transaction.atomic():
        row = Break.objects.select_for_update(of=("self",)).get(pk=row.pk)
        if row.closed_at is not None:
            raise WrongState(_("This was closed already."))
        row.closed_at, row.closed_by = timezone.now(), actor.identity
        row.note = note.strip()[:MOST_NOTE]
        row.save(update_fields=["closed_at", "closed_by", "note"])
    return row
