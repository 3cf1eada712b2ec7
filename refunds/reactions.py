"""What the refunds app does after events: pay what can be paid, carry exchanges on."""

from __future__ import annotations

from django.db import transaction

from accounts.actors import SYSTEM_ACTOR
from accounts.problems import Refused
from refunds.actions import Wish, reimburse_return
from refunds.actions.bound import open_exchange_of, resolution_of, swapped
from refunds.actions.exchange_steps import cancel_exchange, carry_on, keep_deposit
from refunds.actions.exchanges import open_exchange
from refunds.actions.register import enter_returns_of
from refunds.models import Exchange
from returns import events
from returns.lifecycle import lock_return
from returns.models import Event, Return, ReturnItem
from returns.models.rma import FREE

PAYS_BY_ITSELF = ("refund", "store_credit")


def open_reimbursement(event: Event) -> None:
    """Open and run the reimbursement when the policy says so and somebody did not do it before."""
    rma = event.rma
    if rma is None or not rma.auto_reimburse or rma.status in FREE:
        return
    wishes = _wishes(rma)
    try:
        with transaction.atomic():
            for wish in wishes:
                reimburse_return(rma, wish, actor=SYSTEM_ACTOR)
    except Refused as refusal:
        # nothing a retry could mend (cash on delivery cannot be refunded where it came from): a person decides
        events.log(lock_return(rma), "reimbursement.held", actor=SYSTEM_ACTOR, code=refusal.code)


def _wishes(rma: Return) -> list[Wish]:
    """What pays by itself: everything at once, or by resolution where items were asked for otherwise."""
    ways: dict[str, list[ReturnItem]] = {}
    for item in rma.items.order_by("pk"):
        item.rma = rma
        if item.payable > 0:
            ways.setdefault(resolution_of(rma, item), []).append(item)
    if set(ways) == {rma.resolution}:
        return [Wish()] if rma.resolution in PAYS_BY_ITSELF else []
    return [
        Wish(
            items=[{"item": str(item.uid), "quantity": item.payable} for item in items],
            tender="store_credit" if way == "store_credit" else "original",
        )
        for way, items in ways.items()
        if way in PAYS_BY_ITSELF
    ]


def start_exchange(event: Event) -> None:
    """Reserve what the customer wants instead; what cannot be had waits for a person."""
    rma = event.rma
    if rma is None or rma.status in FREE or not swapped(rma, rma.items.all()):
        return
    try:
        with transaction.atomic():
            open_exchange(rma, actor=SYSTEM_ACTOR)
    except Refused as refusal:
        if not rma.events.filter(kind="exchange.held").exists():
            events.log(lock_return(rma), "exchange.held", actor=SYSTEM_ACTOR, code=refusal.code)


def follow_failed_repair(event: Event) -> None:
    """What cannot be repaired is replaced where somebody chose so; a refund follows from the inspection."""
    if event.data.get("instead") == "replacement":
        start_exchange(event)


def carry_exchange_on(event: Event) -> None:
    """The goods are checked, or will never come: keep their value for the replacement, ask for the difference."""
    exchange = open_exchange_of(event.rma) if event.rma is not None else None
    if exchange is not None and exchange.reimbursement_id is None:
        carry_on(exchange, actor=SYSTEM_ACTOR)


def drop_exchange(event: Event) -> None:
    """The return came to nothing: no replacement leaves, and one that left is paid out of its deposit."""
    exchange = open_exchange_of(event.rma) if event.rma is not None else None
    if exchange is None or exchange.reimbursement_id is not None:
        return
    if exchange.state == Exchange.State.SHIPPED:
        keep_deposit(exchange, actor=SYSTEM_ACTOR)
    else:
        cancel_exchange(exchange, reason="", actor=SYSTEM_ACTOR)


def enter_in_register(event: Event) -> None:
    """Enter what went back for a sale with a Polish receipt into the register of returns."""
    if event.rma is not None:
        enter_returns_of(event.rma, actor=SYSTEM_ACTOR)
