"""Who looked at a statement: part of its log, since a proof names everybody who had it in hand."""

from __future__ import annotations

from django.db import transaction

from accounts.actors import Actor
from returns import events
from returns.actions.withdrawals.acknowledge import lock_withdrawal
from returns.models import Withdrawal

SEEN = "withdrawal.seen"


def note_seen(row: Withdrawal, what: str, *, actor: Actor) -> None:
    """Log that somebody opened the `page`, the `acknowledgement` or the `proof` of a statement."""
    with transaction.atomic():
        lock_withdrawal(row.pk)
        events.append(row.stream, [(SEEN, {"what": what})], actor=actor, quiet=True)
