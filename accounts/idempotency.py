"""Doing a named POST once: the claim commits first, effect and answer commit together (`Idempotency-Key`)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import IdempotencyKey
from accounts.problems import Conflict, Invalid

LEASE = timedelta(seconds=60)
KEPT = timedelta(hours=72)
NOT_KEPT = (401, 403, 429)

Answer = tuple[int, Any]


class InFlight(Conflict):
    """The same key is being worked on right now."""

    code = "idempotency_in_flight"


class Mismatch(Invalid):
    """The same key came with another request."""

    code = "idempotency_mismatch"


def fingerprint(*parts: str | bytes) -> str:
    """SHA-256 over method, path and body."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part.encode() if isinstance(part, str) else part)
        digest.update(b"\x00")
    return digest.hexdigest()


def claim(credential: str, key: str, request_hash: str) -> IdempotencyKey | Answer:
    """Take the key, committed before any work; or the stored answer when it was done before.

    Raises Invalid (unusable key), Mismatch (other request) and InFlight (still running).
    """
    if not (1 <= len(key) <= 255 and key.isascii() and key.isprintable()):
        raise Invalid(_("Idempotency-Key must be 1 to 255 printable ASCII characters."))
    now = timezone.now()
    row = IdempotencyKey(credential=credential, key=key, request_hash=request_hash, lease_until=now + LEASE)
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        return _second_claim(credential, key, request_hash)
    return row


def _second_claim(credential: str, key: str, request_hash: str) -> IdempotencyKey | Answer:
    now = timezone.now()
    with transaction.atomic():
        row = IdempotencyKey.objects.select_for_update().get(credential=credential, key=key)
        if row.status is not None and now - row.created_at > KEPT:
            row.status, row.body, row.created_at, row.request_hash = None, None, now, request_hash
            row.lease_until = now
        if row.request_hash != request_hash:
            raise Mismatch(_("This Idempotency-Key was used for another request. Use a new key for a new request."))
        if row.status is not None:
            return row.status, row.body
        if row.lease_until > now:
            raise InFlight(_("The first request with this Idempotency-Key is still running. Try again shortly."))
        row.lease_until = now + LEASE
        row.save()
        return row


def once(credential: str, key: str, request_hash: str, work: Callable[[], Answer]) -> tuple[Answer, bool]:
    """Run `work` once for the key; returns the answer and whether it was replayed.

    `work` must undo its own effects (a savepoint) before it answers with a 4xx.
    """
    taken = claim(credential, key, request_hash)
    if isinstance(taken, tuple):
        return taken, True
    try:
        with transaction.atomic():
            status, body = work()
            kept = status < 500 and status not in NOT_KEPT
            if kept and not _mine(taken).update(status=status, body=body):
                raise InFlight(_("This took too long and another request has taken over. Try again shortly."))
    except BaseException:
        release(taken)
        raise
    if not kept:
        release(taken)
    return (status, body), False


def release(row: IdempotencyKey) -> None:
    """Free a key whose request left nothing behind, unless another request has taken it over."""
    _mine(row).delete()


def _mine(row: IdempotencyKey) -> QuerySet[IdempotencyKey]:
    return IdempotencyKey.objects.filter(pk=row.pk, status=None, lease_until=row.lease_until)


def forget_old_keys() -> int:
    """Delete answers that are older than they must be kept; returns how many."""
    return IdempotencyKey.objects.filter(created_at__lt=timezone.now() - KEPT).delete()[0]
