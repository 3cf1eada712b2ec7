"""What the refunds app does after events: pay what can be paid."""

from __future__ import annotations

from django.db import transaction

from accounts.actors import SYSTEM_ACTOR
from accounts.problems import Refused
from refunds.actions import Wish, reimburse_return
from returns import events
from returns.lifecycle import lock_return
from returns.models import Event
from returns.models.rma import FREE

PAYS_BY_ITSELF = ("refund", "store_credit")


def open_reimbursement(event: Event) -> None:
    """Open and run the reimbursement when the policy says so and somebody did not do it before."""
    rma = event.rma
    if rma is None or not rma.auto_reimburse or rma.resolution not in PAYS_BY_ITSELF or rma.status in FREE:
        return
    if not any(item.payable > 0 for item in rma.items.all()):
        return
    try:
        with transaction.atomic():
            reimburse_return(rma, Wish(), actor=SYSTEM_ACTOR)
    except Refused as refusal:
        # nothing a retry could mend (cash on delivery cannot be refunded where it came from): a person decides
        events.log(lock_return(rma), "reimbursement.held", actor=SYSTEM_ACTOR, code=refusal.code)
