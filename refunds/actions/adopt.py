"""Taking money that was found only at a gateway for the payment of a refund of ours that is still open."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.problems import WrongState
from refunds.actions.answers import mark_succeeded
from refunds.actions.breaks import Kind
from refunds.actions.locks import Held, State, lock_refund, take
from refunds.models import Break, Refund

OPEN = (State.FAILED, State.MANUAL_PENDING)


def candidates(rows: Iterable[Break]) -> dict[int, Refund]:
    """By break the one open refund of the same payment and amount that it may have paid; in one statement."""
    found = [row for row in rows if row.kind == Kind.ONLY_THERE and row.detail.get("payment")]
    payments = {row.detail["payment"] for row in found}
    refunds = Refund.objects.filter(payment__in=payments, state__in=OPEN, replacement=None) if payments else ()
    by_place: dict[tuple[int | None, int, str], list[Refund]] = {}
    for refund in refunds:
        by_place.setdefault((refund.payment_id, refund.amount, refund.currency), []).append(refund)
    fits = {row.pk: by_place.get((row.detail["payment"], row.theirs or 0, row.currency), []) for row in found}
    return {pk: refunds[0] for pk, refunds in fits.items() if len(refunds) == 1}


def adopt_break(row: Break, *, actor: Actor) -> Refund:
    """Say that what was found at the gateway is our refund: it is paid, and nothing is counted twice.

    Raises WrongState when the break is closed or no open refund fits any more.
    """
    with transaction.atomic():
        fit = candidates([row]).get(row.pk)
        if fit is None:
            raise WrongState(_("There is no open refund of this amount that it could have paid."))
        held = lock_refund(fit.pk)
        locked = Break.objects.select_for_update(of=("self",)).get(pk=row.pk)
        if locked.closed_at is not None or held.refund.state not in OPEN:
            raise WrongState(_("Somebody dealt with this meanwhile."))
        _count_once(held, locked)
        mark_succeeded(held, locked.subject, actor=actor)
        locked.refund, locked.note = held.refund, _("Taken for our own refund.")
        locked.closed_at, locked.closed_by = timezone.now(), actor.identity
        locked.save(update_fields=["refund", "note", "closed_at", "closed_by"])
    return held.refund


def _count_once(held: Held, row: Break) -> None:
    """What was counted as made elsewhere is now the refund's own."""
    if held.payment is not None:
        held.payment.found_elsewhere -= min(row.detail.get("counted", 0), held.payment.found_elsewhere)
        held.payment.save(update_fields=["found_elsewhere"])
    if held.refund.state == State.FAILED:
        take(held.payment, held.refund.amount, held.refund.currency)
