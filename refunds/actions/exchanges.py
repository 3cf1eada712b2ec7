"""Goods for goods: opened once a return is authorized, carried on when the goods are checked, shipped, or undone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any, Final

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.problems import FieldError, Invalid, WrongState
from customers import money
from customers.actions.stock import OutOfStock
from refunds.actions.bound import open_exchange_of, swapped
from refunds.actions.charge_answers import ask_for, go_on_when_paid
from refunds.actions.exchange_stock import OUT_OF_STOCK, reserve_lines
from refunds.actions.exchange_worth import EXCHANGE, check_given, lines_for, open_units, worth_of
from refunds.actions.load import load
from refunds.actions.plan import PAYABLE_IN
from refunds.actions.rows import Rows
from refunds.models import Charge, Exchange, ExchangeLine
from returns import events
from returns.actions.replacements import words_of_stock
from returns.lifecycle import refuse_move
from returns.models import Return

S = Exchange.State
GOODS_WITHIN: Final = timedelta(days=14)
"""How long the goods may take when the replacement left first; the return's own last day comes before it."""


def open_exchange(
    rma: Return,
    *,
    actor: Actor,
    advance: bool = False,
    exchange_for: Sequence[Mapping[str, Any]] | None = None,
) -> tuple[Exchange, bool]:
    """Open the exchange of a return and reserve what will leave; returns it and whether it is new.

    An open one is answered with as it is, but `advance` still asks for its deposit while nothing came back.
    `exchange_for` goes before what the customer asked for, and makes an exchange of a refund. Raises IllegalMove,
    Invalid when nothing says what should leave, and OutOfStock (`max`) when a person asks for what is not there.
    """
    with transaction.atomic():
        rows = load(rma, locked=True)
        known = open_exchange_of(rows.rma)
        if known is not None:
            known = Exchange.objects.select_for_update().get(pk=known.pk)
            return _hasten(rows, known, actor) if advance and not known.advance else known, False
        if rows.rma.status not in PAYABLE_IN or rows.rma.decided_at is None:
            raise refuse_move(rows.rma, _("Exchanging"))
        if exchange_for is not None:
            _choose(rows, exchange_for)
        return _open(rows, exchange_for, advance, actor), True


def _choose(rows: Rows, exchange_for: Sequence[Mapping[str, Any]]) -> None:
    """A person says what should leave: the return becomes an exchange where it was none."""
    check_given(rows, exchange_for)
    rma = rows.rma
    rma.exchange_for = [dict(row) for row in exchange_for]
    if not swapped(rma, rows.items):
        rma.resolution = EXCHANGE
    rma.save(update_fields=["exchange_for", "resolution"])


def _open(rows: Rows, given: Sequence[Mapping[str, Any]] | None, advance: bool, actor: Actor) -> Exchange:
    rma = rows.rma
    lines = lines_for(rows, given)
    units = [(item, open_units(item)) for item in swapped(rma, rows.items) if open_units(item)]
    if not lines or not units:
        detail = _("Nothing says what should leave instead. Name it in exchange_for.")
        raise Invalid(detail, errors=[FieldError("/exchange_for", "required", detail)])
    worth = worth_of(rows, units, lines, ahead=True)
    exchange = Exchange(
        rma=rma, order=rows.order, currency=rows.order.currency, created_by=actor.identity,
        value=worth.value, price=worth.price, bonus=worth.bonus, due=worth.due, refund=worth.refund,
    )  # fmt: skip
    short = reserve_lines(lines)
    if short and advance:
        raise _short(lines, short)
    exchange.held_for = OUT_OF_STOCK if short else ""
    exchange.save(force_insert=True)
    for line in lines:
        line.exchange = exchange
    ExchangeLine.objects.bulk_create(lines)
    said: dict[str, Any] = {"exchange": str(exchange.uid), "price": money.to_text(worth.price, exchange.currency)}
    events.log(rma, "exchange.opened", actor=actor, **said)
    if short:
        events.log(rma, "exchange.held", actor=actor, exchange=str(exchange.uid), code=OUT_OF_STOCK)
    return _hasten(rows, exchange, actor) if advance else exchange


def _short(lines: Sequence[ExchangeLine], short: Mapping[str, int]) -> OutOfStock:
    sku, free = next(iter(short.items()))
    title = next(line.title for line in lines if line.sku == sku)
    return OutOfStock(words_of_stock(free, title), max=free)


def _hasten(rows: Rows, exchange: Exchange, actor: Actor) -> Exchange:
    """The replacement goes first: the difference is paid and what the goods are worth is held before it leaves."""
    rma = rows.rma
    if exchange.state != S.AWAITING_GOODS:
        raise refuse_exchange(exchange, _("Sending the replacement first"))
    if any(item.received or item.waived for item in swapped(rma, rows.items)):
        raise WrongState(_("The goods are here already, so there is nothing to send first."))
    if exchange.held_for:
        lines = list(exchange.lines.order_by("pk"))
        short = reserve_lines(lines)
        if short:
            raise _short(lines, short)
        ExchangeLine.objects.bulk_update(lines, ["reserved"])
        exchange.held_for = ""
    exchange.advance, exchange.state = True, S.AWAITING_PAYMENT
    exchange.deposit = exchange.price - exchange.due
    exchange.goods_due_on = _goods_due(rma)
    exchange.save()
    events.log(rma, "exchange.advanced", actor=actor, exchange=str(exchange.uid))
    if exchange.due:
        ask_for(exchange, rma, exchange.due, Charge.Purpose.DIFFERENCE, actor=actor)
    if exchange.deposit:
        ask_for(exchange, rma, exchange.deposit, Charge.Purpose.DEPOSIT, actor=actor)
    go_on_when_paid(exchange, rma, actor=actor)
    return exchange


def _goods_due(rma: Return) -> date:
    last = timezone.now() + GOODS_WITHIN
    return (min(last, rma.expires_at) if rma.expires_at else last).date()


def refuse_exchange(exchange: Exchange, what: str) -> WrongState:
    """The refusal for a command that does not fit where the exchange stands."""
    return WrongState(
        _("%(what)s is not possible: this exchange is “%(state)s”.") % {"what": what, "state": S(exchange.state).label},
        status_now=str(exchange.state),
    )
