"""Store credit and coupons of the demo: one that was spent, one that waits for a second person, thanks for photos."""

from __future__ import annotations

from config.demo.stage import Stage, Story
from customers.models import Shop
from refunds.actions.coupons import issue_coupon, load_codes, open_pool
from refunds.actions.credit import grant_store_credit
from refunds.actions.redeem import redeem_store_credit, reverse_redemption
from refunds.models import StoreCredit
from returns.actions import let_keep
from returns.models import Return


def spent_credit(stage: Stage, number: str) -> Story:
    """The credit of a return goes into a new order; another order is cancelled and gives its part back."""
    yield stage.day(4, "19:20")
    credit = StoreCredit.objects.get(reimbursement__order__number=number)
    till = stage.staff["admin"]
    redeem_store_credit(credit, credit.balance // 4, reference="TW-48260", actor=till)
    yield stage.day(3, "12:05")
    redeem_store_credit(credit, credit.balance // 3, reference="TW-48261", actor=till)
    yield stage.day(2, "08:50")
    reverse_redemption(credit, "TW-48261", actor=till)


def by_hand(stage: Stage) -> Story:
    """A small one is issued at once; a large one waits until somebody else agrees."""
    yield stage.day(2, "15:30")
    shop, agent = Shop.objects.get(code="main"), stage.staff["agent"]
    reason = "Waited two weeks for an answer"
    grant_store_credit(shop, 15_00, "EUR", actor=agent, reason=reason, email="finn@example.com")
    yield stage.day(0.3)
    reason = "Photo shoot with our jackets, agreed with marketing"
    grant_store_credit(shop, 250_00, "EUR", actor=agent, reason=reason, email="studio@example.com")


def thanks(stage: Stage, number: str) -> Story:
    """The shop's own coupons, and one of them for good photos."""
    yield stage.day(20)
    shop = Shop.objects.get(code="main")
    pool = open_pool(shop, "THANKS", name="Thank you", worth="10% off your next order")
    load_codes(pool, [f"THANKS-{word}" for word in ("ALDER", "BIRCH", "CEDAR", "DOGWOOD", "ELM", "FIR")])
    yield stage.day(0.5)
    rma = Return.objects.filter(order__number=number).latest("pk")
    issue_coupon(rma, pool, actor=stage.staff["agent"], reason="For the good photos")


def not_worth_the_way(stage: Stage, number: str) -> Story:
    """Asked for with a label, and then an agent lets the customer keep one of the two."""
    yield stage.at("asked", 2, number)
    rma = stage.ask(number, {"A": "missing_parts"}, units={"A": 1})
    yield stage.day(1, "10:40")
    let_keep(rma, actor=stage.staff["agent"], reason="A tent peg is missing; the post costs more than it is worth")
