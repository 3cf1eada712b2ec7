"""Another account for a payout: the oldest trick in the book, so a second person looks before anything is paid."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.problems import Conflict, WrongState
from refunds import payout as accounts
from refunds.actions.load import load_order
from refunds.actions.tell import tell
from refunds.models import Refund, Reimbursement
from returns.models import Return

PAYOUT_CHANGED = "payout_changed"
RState, State = Reimbursement.State, Refund.State
OVER = (RState.SETTLED, RState.REJECTED)


def change_payout(row: Reimbursement, payout: Mapping[str, Any], *, actor: Actor) -> Reimbursement:
    """Give the account to pay to, or another one; the same one again changes nothing.

    Another account than the one that was decided on sends the reimbursement back to a second person, who is neither
    its maker nor whoever changed it. Raises Invalid for the account, WrongState when nothing waits to be paid by
    hand, Conflict while a refund is in a payment file.
    """
    account = accounts.check(payout)
    with transaction.atomic():
        row, refunds = _locked(row)
        if row.state in OVER:
            raise WrongState(_("Nothing of this reimbursement is left to pay, so its account cannot be changed."))
        if row.payout and accounts.unseal(row.payout) == account:
            return row
        waiting = _to_pay_by_hand(row, refunds)
        if _was_decided(row):
            _hold(row, waiting, actor)
        elif row.state == RState.AWAITING_APPROVAL:
            row.held_by = actor.identity
        row.payout, row.payout_masked = accounts.seal(account), accounts.mask(account)
        row.save(update_fields=["payout", "payout_masked", "state", "held_for", "held_by"])
        said = {"reimbursement": str(row.uid), "account": row.payout_masked[-4:], "held": row.held_for}
        tell(row, [("reimbursement.payout_changed", said)], actor=actor)
    return row


def may_change_payout(row: Reimbursement, refunds: Collection[Refund]) -> bool:
    """Whether an account is waited for or can still be another one; `refunds` are those of the reimbursement."""
    if row.state == RState.AWAITING_APPROVAL:
        return row.tender == "bank_transfer" or bool(row.payout)
    transfers = [refund for refund in refunds if refund.state == State.MANUAL_PENDING and refund.gateway == "manual"]
    moving = any(refund.state in (State.CREATED, State.PROCESSING) for refund in refunds)
    in_file = any(refund.payout_file_id is not None for refund in transfers)
    return row.state not in OVER and bool(transfers) and not moving and not in_file


def wants_account(row: Reimbursement, refunds: Collection[Refund]) -> bool:
    """Whether people pay it to an account, and not through the provider that took the payment."""
    if row.tender == "bank_transfer" or row.payout:
        return True
    waiting = [refund for refund in refunds if refund.state == State.MANUAL_PENDING and refund.gateway == "manual"]
    return any(
        refund.replaces_id is not None or (refund.payment is not None and refund.payment.kind in accounts.TO_ACCOUNTS)
        for refund in waiting
    )


def to_account(row: Reimbursement, refunds: Collection[Refund]) -> int:
    """How much of it goes to the account, minor units: all of it while it waits for a second person."""
    waiting = [refund for refund in refunds if refund.state == State.MANUAL_PENDING and refund.gateway == "manual"]
    return sum(refund.amount for refund in waiting) or row.total


def _locked(row: Reimbursement) -> tuple[Reimbursement, list[Refund]]:
    """Order, payments, return, refunds: the one order of locks."""
    rows = load_order(row.order_id, row.rma, locked=True)
    refunds = list(Refund.objects.select_for_update(of=("self",)).filter(reimbursement=row).order_by("pk"))
    locked = Reimbursement.objects.select_for_update(of=("self",)).get(pk=row.pk)
    back: Return | None = rows.back
    locked.rma, locked.order = back, rows.order
    return locked, refunds


def _to_pay_by_hand(row: Reimbursement, refunds: list[Refund]) -> list[Refund]:
    if row.state == RState.AWAITING_APPROVAL:
        return []
    if any(refund.state in (State.CREATED, State.PROCESSING) for refund in refunds):
        raise WrongState(_("Money of this reimbursement is on its way. Wait until the gateway has answered."))
    waiting = [refund for refund in refunds if refund.state == State.MANUAL_PENDING]
    if not waiting:
        raise WrongState(_("Nothing of this reimbursement waits to be paid by hand."))
    if any(refund.payout_file_id is not None for refund in waiting):
        raise Conflict(_("This refund is in a payment file. Mark the file as paid, or give it up first."))
    return waiting


def _was_decided(row: Reimbursement) -> bool:
    """Whether somebody stood by an account, or by paying at all; a first account before that is no change."""
    return row.state != RState.AWAITING_APPROVAL and bool(row.payout or row.approved_at)


def _hold(row: Reimbursement, waiting: list[Refund], actor: Actor) -> None:
    """Back to waiting: the refunds keep what they reserved, and nobody can pay them."""
    row.state, row.held_for, row.held_by = RState.AWAITING_APPROVAL, PAYOUT_CHANGED, actor.identity
    for refund in waiting:
        refund.state, refund.next_attempt_at = State.CREATED, None
    Refund.objects.bulk_update(waiting, ["state", "next_attempt_at"])
