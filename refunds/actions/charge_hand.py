"""Money for an exchange that moves by hand: a person says that it came, or that it was given back."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.problems import WrongState
from customers import money
from refunds.actions.charge_answers import go_on_when_paid
from refunds.actions.exchange_steps import lock_exchange
from refunds.models import Charge
from returns import events

S = Charge.State


def note_charge_paid(charge: Charge, *, actor: Actor, reference: str = "") -> Charge:
    """The customer paid by hand. Saying so twice changes nothing. Raises WrongState."""
    with transaction.atomic():
        rows, exchange = lock_exchange(charge.exchange)
        charge = Charge.objects.select_for_update().get(pk=charge.pk)
        if charge.state == S.PAID:
            return charge
        if charge.kind != Charge.Kind.BY_HAND or charge.state != S.OPEN:
            raise WrongState(_("Only what is asked for by hand can be noted as paid; a gateway says so by itself."))
        charge.state, charge.captured = S.PAID, charge.amount
        charge.save(update_fields=["state", "captured", "updated_at"])
        amount = money.to_text(charge.amount, charge.currency)
        said = _said(charge, amount, reference)
        events.log(rows.rma, "exchange.paid", actor=actor, **said)
        go_on_when_paid(exchange, rows.rma, actor=actor)
    return charge


def note_charge_given_back(charge: Charge, *, actor: Actor, reference: str = "") -> Charge:
    """What is not kept of a payment by hand was given back. Saying so twice changes nothing. Raises WrongState."""
    with transaction.atomic():
        rows, _exchange = lock_exchange(charge.exchange)
        charge = Charge.objects.select_for_update().get(pk=charge.pk)
        back = charge.captured - charge.refunded - charge.to_capture
        if charge.state == S.RELEASED or (charge.state == S.PAID and charge.refunded and not back):
            return charge
        if charge.kind != Charge.Kind.BY_HAND or charge.wanted != Charge.Wanted.RELEASE or back <= 0:
            raise WrongState(_("Nothing of this payment is to be given back by hand."))
        charge.refunded += back
        charge.wanted = Charge.Wanted.NOTHING
        charge.state = S.RELEASED if charge.refunded == charge.captured else S.PAID
        charge.save(update_fields=["refunded", "wanted", "state", "updated_at"])
        amount = money.to_text(back, charge.currency)
        said = _said(charge, amount, reference)
        events.log(rows.rma, "exchange.given_back", actor=actor, **said)
    return charge


def _said(charge: Charge, amount: str, reference: str) -> dict[str, Any]:
    said = {"charge": str(charge.uid), "amount": amount}
    return said | ({"reference": reference[:200]} if reference else {})
