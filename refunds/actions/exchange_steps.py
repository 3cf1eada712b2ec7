"""What carries an exchange on: the goods are checked, the replacement leaves, or it all comes to nothing."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.problems import WrongState
from customers import money
from customers.actions.stock import OutOfStock
from refunds.actions.bound import IN_KIND, swapped
from refunds.actions.charge_answers import ask_for, go_on_when_paid, let_go, settle_deposit
from refunds.actions.exchange_money import keep_value, pay_rest, undo_value
from refunds.actions.exchange_stock import OUT_OF_STOCK, release_lines, reserve_lines, ship_lines
from refunds.actions.exchange_worth import Units, Worth, worth_of
from refunds.actions.exchanges import refuse_exchange
from refunds.actions.load import load
from refunds.actions.rows import Rows
from refunds.models import Charge, Exchange, ExchangeLine
from returns import events
from returns.lifecycle import follow
from returns.models import ReturnItem

S = Exchange.State
COSTS_MORE = "costs_more"
UNSHIPPED = (S.AWAITING_GOODS, S.AWAITING_PAYMENT, S.READY)


def lock_exchange(exchange: Exchange) -> tuple[Rows, Exchange]:
    """Order, payments, return, exchange: in the one order of locks."""
    rows = load(exchange.rma, locked=True)
    return rows, Exchange.objects.select_for_update().get(pk=exchange.pk)


def carry_on(exchange: Exchange, *, actor: Actor, by_person: bool = False) -> Exchange:
    """The goods that come back are checked: keep their value for the replacement and ask for the difference.

    Nothing happens while units are still awaited, or twice. Nobody but a person goes on when the customer would
    have to add more than was said; until then the exchange is held. Raises OutOfStock and WrongState to a person.
    """
    with transaction.atomic():
        rows, exchange = lock_exchange(exchange)
        if exchange.reimbursement_id is not None or exchange.state in (S.CANCELLED, S.CONVERTED):
            return exchange
        items = swapped(rows.rma, rows.items)
        units = [(item, item.payable) for item in items if item.payable > 0]
        waits = any(item.announced or item.uninspected for item in items)
        if by_person and not units:
            raise WrongState(_("None of the goods are here and accepted yet."))
        if waits and not by_person:
            return exchange
        if not units:
            return _nothing_came(rows, exchange, items, actor)
        return _keep(rows, exchange, units, actor, by_person)


def _keep(rows: Rows, exchange: Exchange, units: Units, actor: Actor, by_person: bool) -> Exchange:
    lines = list(exchange.lines.select_related("item").order_by("pk"))
    paid = sum(c.captured for c in exchange.charges.filter(purpose=Charge.Purpose.DIFFERENCE, state=Charge.State.PAID))
    worth = worth_of(rows, units, lines, ahead=False, paid=paid)
    gone = exchange.state == S.SHIPPED
    if not gone and not _may_go_on(exchange, lines, worth, paid, rows, actor, by_person):
        return exchange
    exchange.value, exchange.price, exchange.bonus = worth.value, worth.price, worth.bonus
    exchange.due, exchange.refund, exchange.held_for = worth.due + paid, worth.refund, ""
    exchange.reimbursement = keep_value(rows, units, worth, actor=actor)
    if gone:
        exchange.due = paid
        settle_deposit(exchange, rows.rma, keep=min(worth.due, exchange.deposit), actor=actor)
        exchange.save()
        pay_rest(rows, exchange, actor=actor)
        return exchange
    settle_deposit(exchange, rows.rma, keep=0, actor=actor)
    exchange.deposit, exchange.state = 0, S.AWAITING_PAYMENT
    exchange.save()
    if worth.due and not _is_asked(exchange, worth.due + paid):
        ask_for(exchange, rows.rma, worth.due, Charge.Purpose.DIFFERENCE, actor=actor)
    go_on_when_paid(exchange, rows.rma, actor=actor)
    return exchange


def _is_asked(exchange: Exchange, due: int) -> bool:
    """Whether the customer was asked for this much before, as for a replacement that was to leave first."""
    over = (Charge.State.FAILED, Charge.State.RELEASED)
    rows = exchange.charges.filter(purpose=Charge.Purpose.DIFFERENCE, wanted="").exclude(state__in=over)
    return sum(charge.amount for charge in rows) >= due


def _may_go_on(
    exchange: Exchange, lines: list[ExchangeLine], worth: Worth, paid: int, rows: Rows, actor: Actor, by_person: bool
) -> bool:
    """Whether the units are there and the customer pays no more than was said; else a person looks."""
    why = ""
    if not by_person and worth.due + paid > exchange.due:
        why = COSTS_MORE
    elif not all(line.reserved == line.quantity for line in lines):
        why = OUT_OF_STOCK if reserve_lines(lines) else ""
        ExchangeLine.objects.bulk_update(lines, ["reserved"])
    if not why:
        return True
    if by_person:
        raise OutOfStock(_("What should leave is out of stock. Wait, cancel, or turn it into a refund."), max=0)
    if exchange.held_for != why:
        exchange.held_for = why
        exchange.save(update_fields=["held_for", "updated_at"])
        events.log(rows.rma, "exchange.held", actor=actor, exchange=str(exchange.uid), code=why)
    return False


def _nothing_came(rows: Rows, exchange: Exchange, items: list[ReturnItem], actor: Actor) -> Exchange:
    """Nothing was accepted: a replacement that left is paid out of the deposit, another does not leave."""
    if exchange.state == S.SHIPPED:
        settle_deposit(exchange, rows.rma, keep=exchange.deposit, actor=actor)
        return exchange
    if any(item.hoped_for > item.refunded for item in items):
        return exchange
    return _undo(rows, exchange, S.CANCELLED, _("None of the goods were accepted."), actor)


def ship_exchange(exchange: Exchange, *, carrier: str, tracking_number: str, actor: Actor) -> Exchange:
    """The replacement leaves: its stock falls, once, and what the customer gets back is paid.

    The same parcel again changes nothing. Raises WrongState, above all while the difference is not paid.
    """
    with transaction.atomic():
        rows, exchange = lock_exchange(exchange)
        if exchange.state == S.SHIPPED and tracking_number and exchange.tracking_number == tracking_number:
            return exchange
        if exchange.state != S.READY:
            raise _not_ready(exchange)
        ship_lines(exchange)
        exchange.state, exchange.shipped_at = S.SHIPPED, timezone.now()
        exchange.carrier, exchange.tracking_number = carrier, tracking_number
        exchange.save(update_fields=["state", "shipped_at", "carrier", "tracking_number", "updated_at"])
        said: dict[str, Any] = {"exchange": str(exchange.uid), "carrier": carrier, "tracking_number": tracking_number}
        events.log(rows.rma, "exchange.shipped", actor=actor, **said)
        if exchange.reimbursement_id is not None:
            pay_rest(rows, exchange, actor=actor)
    return exchange


def _not_ready(exchange: Exchange) -> WrongState:
    if exchange.state == S.AWAITING_PAYMENT:
        amount = money.to_text(exchange.due + exchange.deposit, exchange.currency)
        detail = _("The customer has not paid %(amount)s %(currency)s yet. The replacement leaves after that.")
        return WrongState(detail % {"amount": amount, "currency": exchange.currency}, status_now=str(exchange.state))
    if exchange.state == S.AWAITING_GOODS:
        detail = _("The goods are not here and accepted yet. To send the replacement first, ask for a deposit.")
        return WrongState(detail, status_now=str(exchange.state))
    return refuse_exchange(exchange, _("Shipping"))


def cancel_exchange(exchange: Exchange, *, reason: str, actor: Actor) -> Exchange:
    """No replacement leaves: its stock is free, what was asked for is let go and what was paid goes back.

    The units can be paid for in another way. Cancelling twice changes nothing. Raises WrongState once it left.
    """
    with transaction.atomic():
        rows, exchange = lock_exchange(exchange)
        if exchange.state == S.CANCELLED:
            return exchange
        if exchange.state not in UNSHIPPED:
            raise refuse_exchange(exchange, _("Cancelling"))
        return _undo(rows, exchange, S.CANCELLED, reason, actor)


def convert_exchange(exchange: Exchange, *, actor: Actor, reason: str = "") -> Exchange:
    """Turn an exchange into a refund: its units are payable again, and a difference that was paid goes back.

    Converting twice changes nothing. Raises WrongState once the replacement left.
    """
    with transaction.atomic():
        rows, exchange = lock_exchange(exchange)
        if exchange.state == S.CONVERTED:
            return exchange
        if exchange.state not in UNSHIPPED:
            raise refuse_exchange(exchange, _("Turning it into a refund"))
        _make_refund(rows)
        return _undo(rows, exchange, S.CONVERTED, reason, actor)


def _make_refund(rows: Rows) -> None:
    rma = rows.rma
    touched = [item for item in swapped(rma, rows.items) if item.resolution]
    for item in touched:
        item.resolution = "refund"
    ReturnItem.objects.bulk_update(touched, ["resolution"])
    if rma.resolution in IN_KIND:
        # items with a wish of their own keep it
        rma.resolution = "refund"
        rma.save(update_fields=["resolution"])


def _undo(rows: Rows, exchange: Exchange, state: str, reason: str, actor: Actor) -> Exchange:
    if exchange.reimbursement_id is not None:
        undo_value(rows, exchange, reason, actor=actor)
    release_lines(exchange)
    exchange.state, exchange.cancelled_because, exchange.held_for = state, reason[:300], ""
    exchange.save()
    let_go(exchange)
    said: dict[str, Any] = {"exchange": str(exchange.uid)} | ({"reason": reason[:200]} if reason else {})
    events.log(rows.rma, f"exchange.{state}", actor=actor, **said)
    return exchange


def keep_deposit(exchange: Exchange, *, actor: Actor) -> bool:
    """The goods did not come back in time: the deposit pays for the replacement; whether anything was done."""
    with transaction.atomic():
        rows, exchange = lock_exchange(exchange)
        if exchange.state != S.SHIPPED or not exchange.advance or exchange.reimbursement_id is not None:
            return False
        if exchange.held_for == "sold":
            return False
        settle_deposit(exchange, rows.rma, keep=exchange.deposit, actor=actor)
        exchange.held_for = "sold"
        exchange.save(update_fields=["held_for", "updated_at"])
        # goods that come late are returned like any other
        _make_refund(rows)
        events.log(rows.rma, "exchange.sold", actor=actor, exchange=str(exchange.uid))
        follow(rows.rma, rows.items, actor=actor)
    return True
