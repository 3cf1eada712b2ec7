"""Store credit and coupons at the same time; each race has its control without the guard."""

from __future__ import annotations

from typing import Any

import pytest

from refunds.actions import coupons, redeem
from refunds.actions import credit as credits
from refunds.actions import ledger as books
from refunds.models import Coupon, StoreCredit, StoreCreditEntry
from refunds.queries import broken_lines, unbalanced_credits
from tests.builders import Api, Json, ask, place, review
from tests.concurrency.race import Race, meet, statuses, without_locks
from tests.concurrency.test_races import two
from tests.refunds.test_coupons import pool
from tests.refunds.test_store_credit import issue, spend

pytestmark = pytest.mark.django_db


def wrong() -> list[Any]:
    return [*unbalanced_credits(), *broken_lines()]


class TestTwoTillsSpendTheLast:
    def race(self, api: Api, race: Race, monkeypatch: pytest.MonkeyPatch) -> tuple[Json, list[Any]]:
        credit = issue(api)
        meet(monkeypatch, redeem, "refuse_unusable")
        path = f"/store-credits/{credit['code']}/redemptions"
        return credit, race(*two(path, *({"amount": "40.00", "reference": f"R{number}"} for number in (1, 2))))

    def test_one_of_them_does(self, api: Api, race: Race, monkeypatch: pytest.MonkeyPatch) -> None:
        credit, answers = self.race(api, race, monkeypatch)
        assert statuses(answers) == [201, 422]
        assert StoreCredit.objects.get(code=credit["code"]).balance == 1000
        assert wrong() == []

    def test_control_without_the_lock(self, api: Api, race: Race, monkeypatch: pytest.MonkeyPatch) -> None:
        without_locks(monkeypatch)
        _credit, answers = self.race(api, race, monkeypatch)
        # only the order of the ledger stops the second
        assert statuses(answers) != [201, 422]


class TestOneReferenceTwice:
    def race(self, api: Api, race: Race, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
        credit = issue(api)
        meet(monkeypatch, redeem, "_known")
        path = f"/store-credits/{credit['code']}/redemptions"
        return race(*two(path, *({"amount": "20.00", "reference": "R"} for _number in (1, 2))))

    def test_it_is_booked_once(self, api: Api, race: Race, monkeypatch: pytest.MonkeyPatch) -> None:
        answers = self.race(api, race, monkeypatch)
        assert statuses(answers) == [200, 201]
        assert answers[0].body == answers[1].body
        assert StoreCreditEntry.objects.filter(kind="redeemed").count() == 1

    def test_control_without_the_lock(self, api: Api, race: Race, monkeypatch: pytest.MonkeyPatch) -> None:
        without_locks(monkeypatch)
        assert statuses(self.race(api, race, monkeypatch)) != [200, 201]


class TestOneRedemptionIsReversedTwice:
    def race(self, api: Api, race: Race, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
        credit = issue(api)
        spend(api, credit, "20.00", "R").made()
        meet(monkeypatch, redeem, "_known")
        return race(*two(f"/store-credits/{credit['code']}/redemptions/R/reverse", {}, {}))

    def test_it_goes_back_once(self, api: Api, race: Race, monkeypatch: pytest.MonkeyPatch) -> None:
        answers = self.race(api, race, monkeypatch)
        assert statuses(answers) == [200, 200]
        assert StoreCredit.objects.get().balance == 5000
        assert wrong() == []

    def test_control_without_the_lock(self, api: Api, race: Race, monkeypatch: pytest.MonkeyPatch) -> None:
        without_locks(monkeypatch)
        assert statuses(self.race(api, race, monkeypatch)) != [200, 200]


class TestSpentWhileItIsVoided:
    def test_one_of_the_two_is_first(self, api: Api, race: Race, monkeypatch: pytest.MonkeyPatch) -> None:
        credit = issue(api)
        meet(monkeypatch, books, "is_over")
        path = f"/store-credits/{credit['code']}"
        (spending,) = two(f"{path}/redemptions", {"amount": "50.00", "reference": "R"})
        (voiding,) = two(f"{path}/void", {"reason": "Stolen"})
        answers = race(spending, voiding)
        assert statuses(answers) in ([200, 201], [200, 409])
        row = StoreCredit.objects.get()
        assert (row.balance, row.voided_at is not None) == (0, True)
        assert wrong() == []


class TestApprovedTwice:
    def test_the_money_comes_once(self, api: Api, race: Race, monkeypatch: pytest.MonkeyPatch) -> None:
        from accounts.actors import STAFF, Actor

        issue(api, "500.00")
        credit = StoreCredit.objects.get()
        meet(monkeypatch, credits, "is_dead")
        people = [Actor(STAFF, str(n), f"P{n}", frozenset({"approve_reimbursement"})) for n in (1, 2)]
        answers = race(*(lambda a=a: credits.approve_store_credit(credit, actor=a) for a in people))
        assert sorted(isinstance(answer, credits.WrongState) for answer in answers) == [False, True]
        assert StoreCredit.objects.get().balance == 50000
        assert wrong() == []


class TestTheLastCoupon:
    def race(self, api: Api, race: Race, monkeypatch: pytest.MonkeyPatch, *codes: str) -> list[Any]:
        review(api)
        pool(api, *codes)
        order = place(api)
        rmas = [ask(api, order, ("A", 1)) for _number in (1, 2)]
        meet(monkeypatch, coupons.events, "log")
        bodies = {"pool": "THANKS"}
        return race(*[two(f"/returns/{rma['rma']}/coupons", bodies)[0] for rma in rmas])

    def test_each_code_goes_to_one(self, api: Api, race: Race, monkeypatch: pytest.MonkeyPatch) -> None:
        answers = self.race(api, race, monkeypatch, "C-1", "C-2")
        assert statuses(answers) == [201, 201]
        assert {answer.body["code"] for answer in answers} == {"C-1", "C-2"}

    def test_the_last_one_goes_to_one(self, api: Api, race: Race, monkeypatch: pytest.MonkeyPatch) -> None:
        answers = self.race(api, race, monkeypatch, "C-1")
        assert statuses(answers) == [201, 409]
        assert Coupon.objects.filter(rma__isnull=False).count() == 1

    def test_control_without_the_lock(self, api: Api, race: Race, monkeypatch: pytest.MonkeyPatch) -> None:
        without_locks(monkeypatch)
        answers = self.race(api, race, monkeypatch, "C-1", "C-2")
        assert {answer.body["code"] for answer in answers} == {"C-1"}


@pytest.mark.scale
class TestManyTills:
    def test_thirty_at_once_never_spend_more_than_there_is(self, api: Api, race: Race) -> None:
        credit = issue(api, "100.00")
        path = f"/store-credits/{credit['code']}/redemptions"
        bodies = [{"amount": "7.00", "reference": f"R{number % 20}"} for number in range(30)]
        answers = race(*two(path, *bodies))
        assert 500 not in statuses(answers)
        spent = StoreCreditEntry.objects.filter(kind="redeemed").count()
        assert spent == 14
        assert StoreCredit.objects.get().balance == 10000 - 14 * 700
        assert wrong() == []
