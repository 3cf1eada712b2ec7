"""Our answer to a statement that no return came of, and the consumer's objection to it."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.problems import FieldError, Invalid, WrongState
from returns import events
from returns.actions.withdrawals.acknowledge import lock_withdrawal
from returns.actions.withdrawals.statement import ANSWER_DAYS, instant
from returns.models import Withdrawal

LONGEST = 4000


def answer_withdrawal(row: Withdrawal, *, accepted: bool, reasons: str, actor: Actor) -> Withdrawal:
    """Tell the consumer whether the withdrawal is effective, with reasons, on a durable medium.

    For statements without a return: with one, the return's own decision is the answer. Raises Invalid without
    reasons and WrongState once a return exists or the answer stands and was not contested.
    """
    if not reasons.strip():
        detail = _("Say why; the consumer reads it.")
        raise Invalid(detail, errors=[FieldError("/reasons", "required", detail)])
    with transaction.atomic():
        row = lock_withdrawal(row.pk)
        if row.rma_id is not None:
            raise WrongState(_("A return came of this statement: decide there."))
        if row.decided_at is not None:
            raise WrongState(_("This statement is answered already."))
        now = timezone.now()
        row.decided_at = now
        row.decision = {
            **row.decision, "accepted": accepted, "reasons": reasons.strip()[:LONGEST], "by": actor.name,
            "decided_at": instant(now),
        }  # fmt: skip
        row.save(update_fields=["decided_at", "decision"])
        data = {"ref": row.ref, "accepted": accepted, "again": row.contested_at is not None}
        events.append(row.stream, [("withdrawal.decided", data)], actor=actor, at=now)
    return row


def contest_withdrawal(row: Withdrawal, text: str, *, actor: Actor) -> Withdrawal:
    """The consumer disagrees with a refusal: the statement is open again, with a new day to answer it by.

    Raises WrongState where there is no refusal, or an objection to it is with us already.
    """
    with transaction.atomic():
        row = lock_withdrawal(row.pk)
        if row.contested_at is not None and row.decided_at is None:
            raise WrongState(_("Your objection is with us already."))
        if row.decided_at is None or row.decision.get("accepted"):
            raise WrongState(_("There is no refusal to contest."))
        now = timezone.now()
        row.contested_at, row.decided_at = now, None
        row.answer_by = (now + timedelta(days=ANSWER_DAYS)).astimezone(ZoneInfo(row.zone)).date()
        row.decision = {**row.decision, "objection": text.strip()[:LONGEST], "contested_at": instant(now)}
        row.save(update_fields=["contested_at", "decided_at", "answer_by", "decision"])
        events.append(row.stream, [("withdrawal.contested", {"ref": row.ref})], actor=actor, at=now)
    return row
