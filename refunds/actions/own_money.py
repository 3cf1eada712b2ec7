"""Paying back into the shop's own money: a gift card or store credit of ours gets its part into its own ledger."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from accounts.actors import Actor
from customers import money
from customers.models import Order, OrderPayment
from refunds.actions.credit import open_credit
from refunds.actions.ledger import is_dead, lock_credit, post, tell
from refunds.calculator.inputs import OWN_MONEY
from refunds.models import Refund, StoreCredit
from returns import events
from returns.codes import clean_code
from returns.queries import policy_of, published_policy

GATEWAY = "store_credit"


def credit_behind(payment: OrderPayment | None, order: Order) -> StoreCredit | None:
    """The credit of ours that a payment was made with; None for other money and for a code that is not ours."""
    if payment is None or payment.gateway != GATEWAY or payment.kind not in OWN_MONEY:
        return None
    codes = {payment.reference, payment.reference.strip().upper(), clean_code(payment.reference) or ""} - {""}
    rows = StoreCredit.objects.filter(shop_id=order.shop_id, currency=order.currency, code__in=codes)
    return rows.order_by("pk").first()


def credit_back(refunds: Iterable[Refund], order: Order, *, actor: Actor) -> list[events.Happening]:
    """Book every stored refund that goes to our own money, in this transaction; what to log of it.

    The caller holds order, payments and return; the credits are locked here, in the order of their ids. A refund is
    booked once (`a_refund_is_credited_once`). One whose credit has expired or was voided gets a new credit.
    """
    waiting = [refund for refund in refunds if refund.gateway == GATEWAY and refund.state != Refund.State.SUCCEEDED]
    paired = [(credit_behind(refund.payment, order), refund) for refund in waiting]
    happened: list[events.Happening] = []
    for credit, refund in sorted(((c, r) for c, r in paired if c is not None), key=lambda pair: pair[0].pk):
        happened += _book(credit, refund, order, actor)
    return happened


def _book(credit: StoreCredit, refund: Refund, order: Order, actor: Actor) -> list[events.Happening]:
    credit = lock_credit(credit)
    happened: list[events.Happening] = []
    if is_dead(credit) or credit.pending:
        credit = _instead_of(credit, order, actor)
        happened.append(("store_credit.issued", {"credit": credit.pk, "refund": str(refund.uid)}))
    entry = post(credit, "refunded", refund.amount, actor=actor, reference=str(refund.uid))
    tell(credit, "store_credit.refunded", actor=actor, amount=refund.amount, balance=credit.balance)
    refund.state, refund.succeeded_at = Refund.State.SUCCEEDED, timezone.now()
    refund.next_attempt_at = None
    refund.gateway_refund_id = f"{credit.code}/{entry.seq}"
    refund.save(update_fields=["state", "succeeded_at", "next_attempt_at", "gateway_refund_id", "updated_at"])
    amount = money.to_text(refund.amount, refund.currency)
    return [*happened, ("refund.succeeded", {"refund": str(refund.uid), "amount": amount})]


def _instead_of(credit: StoreCredit, order: Order, actor: Actor) -> StoreCredit:
    valid = policy_of(published_policy(order.shop_id)).standing.store_credit_valid_days
    with override(order.locale or "en"):
        reason = _("In place of %(code)s, which cannot be used any more") % {"code": credit.code}
    return open_credit(
        order.shop,
        order.currency,
        actor=actor,
        valid_days=valid,
        order=order,
        customer=order.customer,
        reason=str(reason),
    )
