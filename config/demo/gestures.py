"""Money without goods in the demo: a small gesture, and a large one that waits for the manager."""

from __future__ import annotations

from config.demo.stage import Stage, Story
from customers.models import Order
from refunds.actions import give_goodwill
from refunds.actions.goodwill import Gift
from returns.outbox import dispatch_all


def late_parcel(stage: Stage, number: str) -> Story:
    """Eight for a parcel that came late; one person may give that."""
    yield stage.day(4, "11:20")
    gift = Gift("order", "8.00", "Your parcel came a week late. Sorry.")
    give_goodwill(Order.objects.get(number=number), gift, actor=stage.staff["agent"])
    dispatch_all()


def ruined_trip(stage: Stage, number: str) -> Story:
    """Above what one person may give: reserved, and nothing is sent before the manager says yes."""
    yield stage.day(0.2)
    order = Order.objects.get(number=number)
    gift = Gift("order", "120.00", "The jacket let the rain in on the first day of the trip.")
    give_goodwill(order, gift, actor=stage.staff["agent"], rma=order.returns.order_by("pk").first())
    dispatch_all()
