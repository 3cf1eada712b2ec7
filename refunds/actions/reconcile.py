"""Both ledgers side by side: what only the gateway knows is adopted or shown, what only we know is shown."""

from __future__ import annotations

import itertools
import logging
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from accounts.actors import SYSTEM_ACTOR
from customers.models import Order, OrderPayment
from refunds.actions.answers import record_answer
from refunds.actions.breaks import Kind, open_break, open_only_there
from refunds.actions.gates import remote_gateways
from refunds.actions.gateway_book import keep_entries
from refunds.gateways import Gateway, RefundAnswer, RefundOutcome
from refunds.gateways.base import GatewayRefund
from refunds.models import Break, Charge, Refund

logger = logging.getLogger(__name__)

BACK = timedelta(days=3)
"""How far back every run looks; a longer look is asked for by name."""
FRESH = timedelta(minutes=2)
"""What succeeded so recently may not be in a gateway's ledger yet."""
BATCH = 500
UID_LENGTH = 36
State = Refund.State


@dataclass(slots=True)
class Compared:
    """What one gateway's run saw; `readable` is false where there is no ledger to read, or it was away."""

    gateway: str
    readable: bool = True
    theirs: int = 0
    adopted: int = 0
    opened: int = 0
    healed: int = 0
    error: str = ""
    seen: set[str] = field(default_factory=set)


def reconcile_all(since: datetime | None = None) -> list[Compared]:
    """Compare every gateway's ledger with ours from an instant on, three days back unless told."""
    start = since or timezone.now() - BACK
    return [reconcile_gateway(gateway, start) for gateway in remote_gateways()]


def reconcile_gateway(gateway: Gateway, since: datetime) -> Compared:
    """Compare one gateway's ledger with ours; each difference is settled or shown in a transaction of its own."""
    run = Compared(gateway.code)
    try:
        theirs = gateway.refunds_since(since)
        for batch in _batches(theirs or ()):
            keep_entries(gateway.code, batch)
            _compare(run, batch)
        run.readable = theirs is not None
    except Exception as error:
        # a ledger that breaks off says nothing about what is missing in it
        logger.warning("the ledger of %s could not be read: %s", gateway.code, error)
        run.readable, run.error = False, f"{type(error).__name__}: {error}"[:300]
    if run.readable:
        _only_here(run, since)
    _heal(run)
    return run


def _batches(rows: Iterable[GatewayRefund]) -> Iterator[list[GatewayRefund]]:
    it = iter(rows)
    while batch := list(itertools.islice(it, BATCH)):
        yield batch


def _compare(run: Compared, batch: list[GatewayRefund]) -> None:
    """One statement finds ours for all of theirs; only where something differs is a row locked."""
    ids = [row.gateway_id for row in batch]
    by_id = {r.gateway_refund_id: r for r in Refund.objects.filter(gateway=run.gateway, gateway_refund_id__in=ids)}
    uids = {row.gateway_id: uid for row in batch if (uid := refund_uid(row.key)) is not None}
    by_uid = {r.uid: r for r in Refund.objects.filter(gateway=run.gateway, uid__in=set(uids.values()))}
    for row in batch:
        run.theirs += 1
        run.seen.add(row.gateway_id)
        ours = by_id.get(row.gateway_id) or by_uid.get(uids.get(row.gateway_id, uuid.UUID(int=0)))
        if ours is None:
            _unknown_here(run, row)
        elif not _agrees(ours, row):
            _differs(run, ours, row)


def refund_uid(key: str) -> uuid.UUID | None:
    """The refund that a key of ours names; None for somebody else's key."""
    name, _dash, number = key.rpartition("-")
    try:
        return uuid.UUID(name) if number.isdigit() else None
    except ValueError:
        return None


def _agrees(ours: Refund, row: GatewayRefund) -> bool:
    """Nothing to do: the same in both, or still open there, or a failed attempt that was followed by another."""
    if row.outcome == RefundOutcome.SUCCEEDED:
        same = (ours.state, ours.gateway_refund_id, ours.amount) == (State.SUCCEEDED, row.gateway_id, row.amount)
        return same and ours.currency == row.currency
    if row.outcome == RefundOutcome.FAILED:
        another = ours.state == State.SUCCEEDED and ours.gateway_refund_id != row.gateway_id
        return another or row.key != ours.idempotency_key or ours.state == State.FAILED
    return True


def _differs(run: Compared, ours: Refund, row: GatewayRefund) -> None:
    """The one function that records answers decides what a difference means."""
    before = Break.objects.filter(refund=ours).count()
    answer = RefundAnswer(row.outcome, gateway_id=row.gateway_id, reason="", code="")
    after = record_answer(ours.pk, answer, key=row.key, source="ledger", amount=row.amount)
    run.adopted += ours.state != after.state
    run.opened += Break.objects.filter(refund=ours).count() - before


def _unknown_here(run: Compared, row: GatewayRefund) -> None:
    """Money went out without us: shown, and counted against the payment if it is one of ours."""
    if row.outcome not in (RefundOutcome.SUCCEEDED, RefundOutcome.PENDING) or _of_a_charge(row.key):
        return
    if Break.objects.filter(gateway=run.gateway, kind=Kind.ONLY_THERE, subject=row.gateway_id).exists():
        return
    with transaction.atomic():
        payment = _lock_payment(run.gateway, row.payment_reference)
        found = open_only_there(
            payment,
            row.gateway_id,
            row.amount,
            gateway=run.gateway,
            currency=row.currency,
            reference=row.payment_reference[:200],
            key=row.key[:200],
            at=row.at.isoformat(),
        )
    run.opened += found is not None


def _of_a_charge(key: str) -> bool:
    """Whether this gives back what a customer had added for an exchange: that is in the charges' own books."""
    uid = refund_uid(f"{key[:UID_LENGTH]}-0")
    return uid is not None and Charge.objects.filter(uid=uid).exists()


def _lock_payment(gateway: str, reference: str) -> OrderPayment | None:
    """The payment with this reference, locked after its order; None when it is not ours, or not one alone."""
    found = list(OrderPayment.objects.filter(gateway=gateway, reference=reference).order_by("pk")[:2])
    if len(found) != 1 or not reference:
        return None
    Order.objects.select_for_update(of=("self",)).only("pk").get(pk=found[0].order_id)
    return OrderPayment.objects.select_for_update().get(pk=found[0].pk)


def _only_here(run: Compared, since: datetime) -> None:
    """What we hold for paid and the gateway's ledger does not have."""
    rows = Refund.objects.filter(gateway=run.gateway, created_at__gte=since + FRESH, state=State.SUCCEEDED)
    rows = rows.filter(succeeded_at__lt=timezone.now() - FRESH).exclude(gateway_refund_id=None)
    for refund in rows.order_by("created_at").iterator(BATCH):
        name = refund.gateway_refund_id or ""
        if name not in run.seen:
            found = open_break(Kind.ONLY_HERE, name, gateway=run.gateway, refund=refund, ours=refund.amount)
            run.opened += found is not None


def _heal(run: Compared) -> None:
    """Close what is no difference any more."""
    open_ones = Break.objects.filter(gateway=run.gateway, closed_at=None).select_related("refund").order_by("pk")
    healed = [row.pk for row in open_ones.iterator(BATCH) if _is_healed(run, row)]
    for start in range(0, len(healed), BATCH):
        rows = Break.objects.filter(pk__in=healed[start : start + BATCH], closed_at=None)
        run.healed += rows.update(closed_at=timezone.now(), closed_by=SYSTEM_ACTOR.identity)


def _is_healed(run: Compared, row: Break) -> bool:
    refund = row.refund
    if row.kind == Kind.STUCK:
        return refund is not None and refund.state not in (State.CREATED, State.PROCESSING)
    if row.kind == Kind.ONLY_HERE:
        return row.subject in run.seen
    return False
