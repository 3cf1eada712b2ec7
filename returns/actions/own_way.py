"""A customer who meant to send it themselves, and would rather have our label."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.problems import WrongState
from customers import money
from returns import events
from returns.actions.ship import create_shipment
from returns.lifecycle import expectation, lock_items, lock_return
from returns.models import PolicyDecision, Return, Shipment
from returns.models.rma import Status
from returns.policy.reasons import SHOP_CARRIED

PRINTED = ("label", "qr")


@dataclass(frozen=True, slots=True)
class LabelOffer:
    """The ways with our label that the decision left open, and what one costs (minor units)."""

    methods: tuple[str, ...]
    fee: int


def label_offer(rma: Return) -> LabelOffer | None:
    """What a customer who sends it themselves may still choose: until anything is on its way.

    The fee is what was decided with the return, so the law has had its say already.
    """
    if rma.status != Status.AUTHORIZED or rma.method in (*SHOP_CARRIED, "keep", "in_store"):
        return None
    if rma.shipments.exclude(state=Shipment.State.VOIDED).exists():
        return None
    latest = {row.item_id: row.detail for row in PolicyDecision.objects.filter(rma=rma).order_by("pk")}
    terms = [detail for detail in latest.values() if "methods" in detail]
    methods = tuple(method for method in PRINTED if terms and all(method in each["methods"] for each in terms))
    if not methods:
        return None
    return LabelOffer(methods, max(money.parse(each.get("label_fee") or "0", rma.currency) for each in terms))


def choose_label(rma: Return, method: str, *, actor: Actor) -> Return:
    """Send it with our label after all: the way and its fee change, and the label is made. Raises WrongState."""
    with transaction.atomic():
        rma = lock_return(rma)
        offer = label_offer(rma)
        if offer is None or method not in offer.methods:
            raise WrongState(_("A label is not possible for this return any more. Write to us and we help."))
        rma.method, rma.label_fee, rma.updated_at = method, offer.fee, timezone.now()
        rma.expected = expectation(rma, lock_items(rma))
        rma.save(update_fields=["method", "label_fee", "expected", "updated_at"])
        fee = money.to_text(offer.fee, rma.currency)
        events.log(rma, "return.label_chosen", actor=actor, method=method, fee=fee)
        create_shipment(rma, actor=actor)
    return rma
