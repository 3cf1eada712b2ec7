"""Money without goods, up to the moment it is told."""

from __future__ import annotations

from collections.abc import Callable

from accounts.actors import SYSTEM_ACTOR
from refunds.actions import give_goodwill, reduce_price
from refunds.actions.goodwill import Gift
from refunds.actions.reduce import Reduction
from returns.models import Return


def goodwill(rma: Return) -> Return:
    """Eight for the trouble."""
    give_goodwill(rma.order, Gift("order", "8.00", "The parcel was late"), actor=SYSTEM_ACTOR, rma=rma)
    return rma


def reduced(rma: Return) -> Return:
    """A fifth off the first item, which stays with the customer."""
    item = rma.items.order_by("pk")[0]
    wish = Reduction(items=[{"item": str(item.uid), "percent": "20"}], reason="A scratch on the back")
    reduce_price(rma, wish, actor=SYSTEM_ACTOR)
    return rma


SCENES: dict[str, tuple[str, Callable[[Return], Return]]] = {
    "goodwill.given": ("authorize", goodwill),
    "price.reduced": ("authorize", reduced),
}
