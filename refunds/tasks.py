"""Celery's doors to money: the only place from which gateways are called."""

from __future__ import annotations

import time

from celery import shared_task

from accounts.doorbell import nudge
from refunds.actions.execute import claim_refund, execute_refund
from refunds.actions.gates import EXECUTE
from refunds.actions.reconcile import reconcile_all

LONGEST_RUN = 240.0
"""Seconds after which a run makes room and rings for the next one, well under the task's time limit."""


@shared_task(name=EXECUTE)
def execute_refunds() -> int:
    """Send and look up until nothing is due; returns how many refunds were worked on."""
    count, until = 0, time.monotonic() + LONGEST_RUN
    while due := claim_refund():
        execute_refund(due)
        count += 1
        if time.monotonic() > until:
            nudge(EXECUTE)
            break
    return count


@shared_task(name="refunds.tasks.reconcile")
def reconcile() -> None:
    """Compare every gateway's ledger with ours."""
    reconcile_all()
