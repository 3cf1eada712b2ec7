"""Coupons, and what a customer may keep after all, up to the moment it is told."""

from __future__ import annotations

from collections.abc import Callable

from refunds.actions.coupons import issue_coupon, load_codes, open_pool
from returns.actions import let_keep
from returns.models import Return
from tests.notifications import story


def thanked(rma: Return) -> Return:
    """A coupon for good photos."""
    pool = open_pool(rma.shop, "THANKS", name="Thank you", worth="10% off")
    load_codes(pool, ["THANKS-ALDER"])
    issue_coupon(rma, pool, actor=story.AGENT, reason="For the photos")
    return rma


def kept(rma: Return) -> Return:
    """Everything stays with the customer."""
    return let_keep(rma, actor=story.AGENT, reason="Not worth the way")


SCENES: dict[str, tuple[str, Callable[[Return], Return]]] = {
    "coupon.issued": ("authorize", thanked),
    "items.kept": ("authorize", kept),
}
# told to who holds the code, without any return: see tests/refunds/test_store_credit_page.py
WITHOUT_A_RETURN = {"store_credit.expiring"}
