"""The tender `exchange`: a person lets the goods that are here count for the replacement."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.problems import Conflict
from customers import money
from refunds.actions.bound import open_exchange_of, swapped
from refunds.actions.exchange_money import TENDER
from refunds.actions.exchange_steps import carry_on
from refunds.actions.exchange_worth import worth_of
from refunds.actions.load import load
from refunds.actions.plan import Mismatch, Plan, Wish
from refunds.actions.reimburse import unsaved
from refunds.calculator import OverQuantity
from refunds.models import Exchange, Reimbursement
from returns.models import Return


def reimburse_by_exchange(rma: Return, wish: Wish, *, actor: Actor) -> tuple[Reimbursement, bool]:
    """Keep the value of what is here and accepted for the replacement; returns the reimbursement and if it is new.

    The open exchange says what leaves, so of the wish only `expected_total` counts. Raises Conflict without an
    exchange, WrongState while nothing is accepted, OutOfStock, Mismatch; then nothing is changed.
    """
    with transaction.atomic():
        exchange = _open_of(rma)
        if exchange.reimbursement is not None:
            return exchange.reimbursement, False
        row = carry_on(exchange, actor=actor, by_person=True).reimbursement
        assert row is not None
        _check(row, wish)
        return row, True


def preview_by_exchange(rma: Return, wish: Wish) -> Reimbursement:
    """What `reimburse_by_exchange` would decide now, not stored; the same refusals."""
    exchange = _open_of(rma)
    rows = load(rma, locked=False)
    units = [(item, item.payable) for item in swapped(rows.rma, rows.items) if item.payable > 0]
    if not units:
        raise OverQuantity(0)
    worth = worth_of(rows, units, list(exchange.lines.select_related("item").order_by("pk")), ahead=False)
    row = unsaved(Plan(rows, units, {"tender": TENDER}, worth.quote))
    _check(row, wish)
    return row


def _open_of(rma: Return) -> Exchange:
    exchange = open_exchange_of(rma)
    if exchange is None:
        raise Conflict(_("This return has no exchange. Open one first, and say what should leave."))
    return exchange


def _check(row: Reimbursement, wish: Wish) -> None:
    total = money.to_text(row.total, row.currency)
    if wish.expected_total is not None and wish.expected_total != total:
        detail = _("The total is %(total)s and not %(expected)s. Look at it again.")
        raise Mismatch(detail % {"total": total, "expected": wish.expected_total}, computed=total)
