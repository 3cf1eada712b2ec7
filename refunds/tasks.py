"""Celery's doors to money: the only place from which gateways are called."""

from __future__ import annotations

import time

from celery import shared_task

from accounts.doorbell import nudge
from refunds.actions import charges, deposits
from refunds.actions.credit_expiry import expire_credits, remind_of_credit
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


@shared_task(name="refunds.tasks.age_store_credit")
def age_store_credit() -> None:
    """Remind of store credit that ends soon, and take what has ended off the books."""
    remind_of_credit()
    expire_credits()


@shared_task(name="refunds.tasks.execute_charges")
def execute_charges() -> int:
    """Ask for, take, let go and give back what exchanges need; returns how many charges were worked on."""
    return charges.execute_charges()


@shared_task(name="refunds.tasks.chase_deposits")
def chase_deposits() -> int:
    """Warn of deposits that are taken soon and take those whose goods did not come."""
    return deposits.chase_deposits()
