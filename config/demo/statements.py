"""Statements of withdrawal of the demo: in time and late, under both laws, one without an order, one by letter."""

from __future__ import annotations

from accounts.actors import customer_actor
from config.demo.stage import Stage, Story
from customers.models import Order, Shop
from returns.actions.withdrawals import Statement, find_candidate, receive_withdrawal


def by_function(stage: Stage, number: str, locale: str, days: float) -> Story:
    """By the function in the customer's language, Israel's in Hebrew: matched, acknowledged, judged by the law."""
    yield stage.day(days, "19:20")
    order = Order.objects.select_related("shop", "channel", "customer").get(number=number)
    law, page = ("il", "/cancel-transaction") if locale == "he" else ("eu", "/withdraw")
    said = Statement(
        name=order.name, contract=number, means=order.email, law=law, locale=locale, submit=number,
        channel="il_link" if law == "il" else "function_web", ui={"page_url": page, "language": locale},
    )  # fmt: skip
    known = find_candidate(said, rows=Order.objects.all())
    receive_withdrawal(said, shop=order.shop, actor=customer_actor(), order=known)


def lost(stage: Stage) -> Story:
    """By the function, in Polish, without a number that we know."""
    yield stage.day(0.2)
    said = Statement(
        name="Katarzyna Wójcik", contract="sweter, zamówiony w sobotę", means="k.wojcik@example.com", locale="pl",
        submit="lost", ui={"page_url": "/withdraw", "language": "pl"},
    )  # fmt: skip
    receive_withdrawal(said, shop=Shop.objects.get(code="main"), actor=customer_actor())


def letter(stage: Stage) -> Story:
    """A letter that an agent recorded: its acknowledgement has to be posted."""
    yield stage.day(2, "11:15")
    said = Statement(
        name="Brid Kelly", contract="order of last month, the lamp", means="12 Quay Street, Galway", channel="letter",
        text="I am withdrawing from my purchase of the lamp.", submit="letter",
        dispatched_at=stage.day(4, "09:00"), received_at=stage.day(2, "09:30"),
    )  # fmt: skip
    receive_withdrawal(said, shop=Shop.objects.get(code="main"), actor=stage.staff["agent"])
