"""Whatever is done with store credit in whatever order, the ledger adds up; and the law's figures as tables."""

from __future__ import annotations

from datetime import UTC, date, datetime
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from accounts.actors import SYSTEM_ACTOR, Actor
from accounts.problems import Refused
from customers.models import Shop
from refunds.actions import credit as credits
from refunds.actions import redeem
from refunds.actions.credit_expiry import expire_credits
from refunds.calculator import validity
from refunds.models import StoreCredit, StoreCreditEntry

OTHER = Actor("staff", "9", "Second", frozenset({"approve_reimbursement"}))
REFERENCES = st.sampled_from(["A", "B", "C", "D"])
AMOUNTS = st.integers(-5, 12000)


class Tills(RuleBasedStateMachine):
    """One credit in many hands, beside a model that only knows sums."""

    @initialize(amount=st.integers(1, 20000))
    def open(self, amount: int) -> None:
        shop = Shop.objects.get_or_create(code="main", defaults={"name": "Main"})[0]
        self.credit = credits.grant_store_credit(shop, amount, "EUR", actor=SYSTEM_ACTOR, reason="x")
        self.spent: dict[str, int] = {}
        self.back: set[str] = set()
        self.given = 0 if self.credit.pending else amount
        self.dead = False

    @property
    def left(self) -> int:
        """What the model says is on it."""
        return 0 if self.dead else self.given - sum(n for r, n in self.spent.items() if r not in self.back)

    def attempt(self, act: Any) -> bool:
        try:
            act()
        except Refused:
            return False
        return True

    @rule(amount=AMOUNTS, reference=REFERENCES)
    def redeem(self, amount: int, reference: str) -> None:
        known = self.spent.get(reference)
        fits = not self.dead and self.given and 0 < amount <= self.left
        expected = (known == amount and reference not in self.back) if known is not None else bool(fits)
        actor = SYSTEM_ACTOR
        done = self.attempt(lambda: redeem.redeem_store_credit(self.credit, amount, reference=reference, actor=actor))
        assert done == expected
        if done and known is None:
            self.spent[reference] = amount

    @rule(reference=REFERENCES)
    def reverse(self, reference: str) -> None:
        expected = reference in self.spent and (reference in self.back or not self.dead)
        done = self.attempt(lambda: redeem.reverse_redemption(self.credit, reference, actor=SYSTEM_ACTOR))
        assert done == expected
        if done:
            self.back.add(reference)

    @precondition(lambda self: not self.given)
    @rule()
    def approve(self) -> None:
        pending = StoreCredit.objects.get(pk=self.credit.pk).pending
        done = self.attempt(lambda: credits.approve_store_credit(self.credit, actor=OTHER))
        assert done == (not self.dead and pending > 0)
        if done:
            self.given = pending

    @rule()
    def void(self) -> None:
        expired = StoreCredit.objects.get(pk=self.credit.pk).expired_at is not None
        done = self.attempt(lambda: credits.void_store_credit(self.credit, actor=SYSTEM_ACTOR, reason="x"))
        assert done != expired
        self.dead = True

    @precondition(lambda self: not self.dead)
    @rule()
    def expire(self) -> None:
        StoreCredit.objects.filter(pk=self.credit.pk).update(expires_on=date(2020, 1, 1))
        assert expire_credits() == 1
        self.dead = True

    @invariant()
    def adds_up(self) -> None:
        if not hasattr(self, "credit"):
            return
        row = StoreCredit.objects.get(pk=self.credit.pk)
        lines = list(StoreCreditEntry.objects.filter(credit=row).order_by("seq"))
        assert row.balance == self.left == sum(line.amount for line in lines)
        assert [line.seq for line in lines] == list(range(1, len(lines) + 1))
        assert all(line.balance_after == (line.amount if not n else lines[n - 1].balance_after + line.amount)
                   for n, line in enumerate(lines))  # fmt: skip
        assert all(line.balance_after >= 0 for line in lines)


class TestTills(TestCase, Tills.TestCase):  # type: ignore[misc, name-defined]
    """Each run in a transaction of its own."""

    settings = settings(max_examples=25, stateful_step_count=20, deadline=None)


class TestValidity:
    @pytest.mark.parametrize(
        ("issued", "days", "country", "last"),
        [
            (date(2026, 3, 10), 730, "PL", date(2028, 3, 9)),
            (date(2026, 3, 10), 730, "IL", date(2028, 3, 10)),
            (date(2026, 3, 10), 90, "IL", date(2028, 3, 10)),
            (date(2026, 3, 10), 90, "PL", date(2026, 6, 8)),
            (date(2026, 3, 10), 1000, "IL", date(2028, 12, 4)),
            (date(2028, 2, 29), 90, "IL", date(2030, 3, 1)),
            (date(2026, 3, 10), None, "IL", None),
            (date(2026, 3, 10), 0, "", date(2026, 3, 10)),
        ],
    )
    def test_the_later_of_policy_and_law(self, issued: date, days: int | None, country: str, last: date | None) -> None:
        assert validity.last_day(issued, days, validity.law_for(country)) == last

    def test_gift_cards_have_five_years(self) -> None:
        israel = validity.law_for("il")
        assert validity.earliest_end(date(2026, 3, 10), israel, gift_card=True) == date(2031, 3, 10)
        assert validity.earliest_end(date(2026, 3, 10), None) is None

    @pytest.mark.parametrize(
        ("balance", "face", "currency", "paid"),
        [
            (400, 8000, "ILS", True),
            (401, 8000, "ILS", False),
            (10000, 200000, "ILS", True),
            (10001, 300000, "ILS", False),
            (0, 8000, "ILS", False),
            (1, 20, "ILS", True),
            (1, 19, "ILS", False),
            (400, 8000, "USD", True),
            (50000, 1000000, "USD", True),
        ],
    )
    def test_small_change(self, balance: int, face: int, currency: str, paid: bool) -> None:
        assert validity.paid_in_cash(balance, face, currency, validity.ISRAEL) is paid
        assert not validity.paid_in_cash(balance, face, currency, None)

    @pytest.mark.parametrize(
        ("at", "over"),
        [
            (datetime(2026, 3, 10, 23, 59, tzinfo=UTC), False),
            (datetime(2026, 3, 11, 11, 59, tzinfo=UTC), False),
            (datetime(2026, 3, 11, 12, 0, tzinfo=UTC), True),
        ],
    )
    def test_a_day_ends_when_it_has_ended_everywhere(self, at: datetime, over: bool) -> None:
        assert validity.is_over(date(2026, 3, 10), at) is over
        assert not validity.is_over(None, at)

    @given(st.dates(date(2026, 1, 1), date(2026, 12, 31)), st.integers(1, 60))
    def test_daily_looks_remind_at_most_twice_and_never_on_the_last_day(self, last: date, before: int) -> None:
        reminded: list[date] = []
        for day in range(before, -1, -1):
            today = date.fromordinal(last.toordinal() - day)
            if validity.due_reminder(last, reminded[-1] if reminded else None, today, (30, 7)) is not None:
                reminded.append(today)
        assert len(reminded) == (2 if before > 7 else 1)
        assert all(day < last for day in reminded)
        assert all(earlier < later for earlier, later in pairwise(reminded))
