"""Telling the one log about money: on the return's stream, else on the order's."""

from __future__ import annotations

from collections.abc import Sequence

from accounts.actors import Actor
from refunds.models import Reimbursement
from returns import events

ORDER_STREAM = "order"


def stream_of(row: Reimbursement) -> str:
    """The stream that tells about a reimbursement without a return: its order's."""
    return f"{ORDER_STREAM}:{row.order_id}"


def tell(row: Reimbursement, happened: Sequence[events.Happening], *, actor: Actor) -> None:
    """Append to the stream of a reimbursement; the caller holds the lock of its order, and of its return if any."""
    if row.rma is not None:
        events.log_all(row.rma, happened, actor=actor)
    else:
        events.append(stream_of(row), happened, actor=actor)
