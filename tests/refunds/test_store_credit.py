"""Store credit through the API: issued, spent, given back, voided, expired; the ledger always adds up."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from accounts.access import staff_actor
from accounts.models import User
from customers.models import Shop
from refunds.actions import credit as credits
from refunds.actions.credit_expiry import expire_credits, remind_of_credit
from refunds.models import StoreCredit, StoreCreditEntry
from refunds.queries import broken_lines, unbalanced_credits
from returns.models import Event
from tests.builders import Api, Json, api_client, ask, command, inspect, place, publish, receive, reimburse, review
from tests.snapshot import unchanged

pytestmark = pytest.mark.django_db
TODAY = datetime.now(UTC).date()


def issue(api: Api, amount: str = "50.00", **more: Any) -> Json:
    body = {"email": "kim@example.com", "amount": amount, "currency": "EUR", "reason": "Sorry for the delay.", **more}
    return api.post("/store-credits", body).made()  # type: ignore[no-any-return]


def spend(api: Api, credit: Json, amount: str, reference: str = "ORDER-1", **more: Any) -> Any:
    path = f"/store-credits/{credit['code']}/redemptions"
    return api.post(path, {"amount": amount, "reference": reference, **more})


def give_back(api: Api, credit: Json, reference: str = "ORDER-1") -> Any:
    return api.post(f"/store-credits/{credit['code']}/redemptions/{reference}/reverse")


def balance(api: Api, credit: Json) -> str:
    return str(api.get(f"/store-credits/{credit['code']}").ok()["balance"])


def ledger(api: Api, credit: Json) -> list[tuple[str, str, str]]:
    rows = api.get(f"/store-credits/{credit['code']}/entries").ok()["results"]
    return [(row["kind"], row["amount"], row["balance_after"]) for row in rows]


def kinds(credit: Json) -> list[str]:
    pk = StoreCredit.objects.get(code=credit["code"]).pk
    return list(Event.objects.filter(stream=f"credit:{pk}").order_by("seq").values_list("kind", flat=True))


def until(credit: Json, last_day: date) -> None:
    StoreCredit.objects.filter(code=credit["code"]).update(expires_on=last_day)


def adds_up() -> bool:
    return not [*unbalanced_credits(), *broken_lines()]


class TestIssue:
    def test_by_hand(self, api: Api) -> None:
        credit = issue(api)
        assert credit["balance"] == "50.00"
        assert credit["status"] == "active"
        assert credit["email"] == "kim@example.com"
        assert credit["expires_on"] == (TODAY + timedelta(days=730)).isoformat()
        assert ledger(api, credit) == [("issued", "50.00", "50.00")]
        assert kinds(credit) == ["store_credit.issued"]

    def test_for_a_chosen_time_and_for_nobody_in_particular(self, api: Api) -> None:
        last = (TODAY + timedelta(days=90)).isoformat()
        credit = issue(api, email=None, expires_on=last)
        assert (credit["email"], credit["expires_on"]) == (None, last)

    @pytest.mark.parametrize(
        ("change", "pointer"),
        [
            ({"amount": "0.00"}, "/amount"),
            ({"amount": "1.005"}, "/amount"),
            ({"amount": "-1.00"}, "/amount"),
            ({"currency": "XYZ"}, "/currency"),
            ({"currency": "eur"}, "/currency"),
            ({"reason": ""}, "/reason"),
            ({"email": "nobody"}, "/email"),
            ({"expires_on": TODAY.isoformat()}, "/expires_on"),
            ({"shop": "nowhere"}, "/shop"),
            ({"worth": 1}, "/worth"),
        ],
    )
    def test_what_cannot_be_issued(self, api: Api, change: Json, pointer: str) -> None:
        body = {"amount": "5.00", "currency": "EUR", "reason": "Sorry.", **change}
        with unchanged():
            answer = api.post("/store-credits", body)
            answer.refused(422, "invalid")
        assert answer.pointers() == {pointer}

    def test_a_bound_key_sees_and_fills_its_own_shop_only(self, api: Api) -> None:
        Shop.objects.create(code="other", name="Other")
        here, there = api_client("refunds:write", shops=["main"]), api_client("refunds:write", shops=["other"])
        credit = issue(here)
        assert issue(there)["shop"] == "other"
        with unchanged():
            there.get(f"/store-credits/{credit['code']}").refused(404, "not_found")
            spend(there, credit, "1.00").refused(404, "not_found")
            there.post(f"/store-credits/{credit['code']}/void", {"reason": "x"}).refused(404, "not_found")
            there.post("/store-credits", {"amount": "1.00", "currency": "EUR", "reason": "x", "shop": "main"}).refused(
                422, "invalid"
            )
        assert [row["code"] for row in here.get("/store-credits").ok()["results"]] == [credit["code"]]

    def test_a_key_for_a_channel_issues_none_by_hand(self, api: Api) -> None:
        with unchanged():
            answer = api_client("refunds:write", channels=["web"]).post(
                "/store-credits", {"amount": "5.00", "currency": "EUR", "reason": "x"}
            )
            answer.refused(403, "forbidden")

    def test_found_by_address(self, api: Api) -> None:
        mine = issue(api, email="Mine@Example.com")
        issue(api)
        found = api.get("/store-credits?email=mine@example.com").ok()["results"]
        assert [row["code"] for row in found] == [mine["code"]]


class TestSecondPerson:
    def person(self, email: str, role: str = "manager") -> Any:
        from django.contrib.auth.models import Group

        user = User.objects.create_user(email, "correct horse battery")
        user.groups.set([Group.objects.get(name=role)])
        return staff_actor(User.objects.get(pk=user.pk))

    def held(self, api: Api, actor: Any) -> StoreCredit:
        return credits.grant_store_credit(
            Shop.objects.get(code="main"), 100_01, "EUR", actor=actor, reason="Large", email="kim@example.com"
        )

    def test_above_the_limit_it_waits(self, api: Api) -> None:
        assert issue(api, "100.00")["status"] == "active"
        credit = issue(api, "100.01")
        assert (credit["status"], credit["balance"], credit["pending"]) == ("awaiting_approval", "0.00", "100.01")
        assert kinds(credit) == ["store_credit.requested"]
        with unchanged():
            spend(api, credit, "1.00").refused(409, "wrong_state")

    def test_another_person_says_yes(self, api: Api) -> None:
        credit = self.held(api, self.person("ann@example.com"))
        credits.approve_store_credit(credit, actor=self.person("bob@example.com"))
        row = StoreCredit.objects.get(pk=credit.pk)
        assert (row.balance, row.pending, row.approved_by_name) == (100_01, 0, "bob@example.com")

    def test_nobody_approves_their_own(self, api: Api) -> None:
        ann = self.person("ann@example.com")
        credit = self.held(api, ann)
        with unchanged(), pytest.raises(credits.Forbidden):
            credits.approve_store_credit(credit, actor=ann)

    def test_an_agent_may_not(self, api: Api) -> None:
        credit = self.held(api, self.person("ann@example.com"))
        bob = self.person("bob@example.com", "agent")
        with unchanged(), pytest.raises(credits.Forbidden):
            credits.approve_store_credit(credit, actor=bob)

    def test_approved_once(self, api: Api) -> None:
        credit, bob = self.held(api, self.person("ann@example.com")), self.person("bob@example.com")
        credits.approve_store_credit(credit, actor=bob)
        with unchanged(), pytest.raises(credits.WrongState):
            credits.approve_store_credit(credit, actor=bob)

    def test_over_the_api_a_key_with_the_scope_alone_may_not(self, api: Api) -> None:
        path = f"/store-credits/{issue(api_client('refunds:write'), '100.01')['code']}/approve"
        with unchanged():
            api_client("refunds:write").post(path).refused(403, "forbidden")
        assert api.post(path).ok()["balance"] == "100.01"
        own = f"/store-credits/{issue(api, '100.01')['code']}/approve"
        with unchanged():
            api.post(own).refused(403, "forbidden")

    def test_a_request_that_is_voided_never_had_money(self, api: Api) -> None:
        credit = issue(api, "100.01")
        voided = api.post(f"/store-credits/{credit['code']}/void", {"reason": "No."}).ok()
        assert (voided["status"], voided["pending"]) == ("voided", "0.00")
        assert ledger(api, credit) == []


class TestRedeem:
    def test_down_to_nothing(self, api: Api) -> None:
        credit = issue(api)
        first = spend(api, credit, "30.00").made()
        assert (first["amount"], first["balance"], first["status"]) == ("30.00", "20.00", "redeemed")
        spend(api, credit, "20.00", "ORDER-2").made()
        assert balance(api, credit) == "0.00"
        assert ledger(api, credit) == [
            ("issued", "50.00", "50.00"),
            ("redeemed", "-30.00", "20.00"),
            ("redeemed", "-20.00", "0.00"),
        ]

    def test_typed_as_people_type(self, api: Api) -> None:
        credit = issue(api)
        assert spend(api, {"code": credit["code"].lower().replace("-", "")}, "1.00").made()["code"] == credit["code"]

    def test_the_same_reference_again(self, api: Api) -> None:
        credit = issue(api)
        first = spend(api, credit, "30.00").made()
        with unchanged():
            assert spend(api, credit, "30.00").ok() == first
            spend(api, credit, "29.99").refused(409, "conflict")
        spend(api, issue(api), "30.00").made()

    def test_the_same_reference_answers_when_all_is_spent_or_over(self, api: Api) -> None:
        credit = issue(api)
        spend(api, credit, "50.00").made()
        until(credit, TODAY - timedelta(days=9))
        assert spend(api, credit, "50.00").ok()["status"] == "redeemed"

    @pytest.mark.parametrize(
        ("amount", "code"), [("50.01", "over_amount"), ("0.00", "invalid"), ("1.001", "invalid"), ("x", "invalid")]
    )
    def test_never_more_than_there_is(self, api: Api, amount: str, code: str) -> None:
        credit = issue(api)
        with unchanged():
            problem = spend(api, credit, amount).refused(422, code)
        if code == "over_amount":
            assert problem["max"] == "50.00"

    def test_in_its_own_currency(self, api: Api) -> None:
        credit = issue(api)
        with unchanged():
            problem = spend(api, credit, "5.00", currency="PLN").refused(422, "mismatch")
        assert "EUR" in problem["detail"]
        spend(api, credit, "5.00", currency="EUR").made()

    def test_not_when_it_is_over(self, api: Api) -> None:
        credit = issue(api)
        until(credit, TODAY - timedelta(days=2))
        assert api.get(f"/store-credits/{credit['code']}").ok()["status"] == "expired"
        with unchanged():
            spend(api, credit, "5.00").refused(409, "wrong_state")

    def test_on_its_last_day(self, api: Api) -> None:
        credit = issue(api)
        until(credit, TODAY)
        spend(api, credit, "5.00").made()

    def test_the_database_refuses_less_than_nothing(self, api: Api) -> None:
        credit = StoreCredit.objects.get(code=issue(api)["code"])
        with pytest.raises(DatabaseError), transaction.atomic():
            StoreCredit.objects.filter(pk=credit.pk).update(balance=-1)
        with pytest.raises(DatabaseError), transaction.atomic():
            StoreCreditEntry.objects.create(credit=credit, seq=9, kind="redeemed", amount=-1, balance_after=-1)
        with pytest.raises(DatabaseError), transaction.atomic():
            StoreCreditEntry.objects.filter(credit=credit).update(amount=1)
        with pytest.raises(DatabaseError), transaction.atomic():
            StoreCreditEntry.objects.filter(credit=credit).delete()


class TestReverse:
    def test_the_whole_of_it_once(self, api: Api) -> None:
        credit = issue(api)
        spend(api, credit, "30.00").made()
        back = give_back(api, credit).ok()
        assert (back["status"], back["balance"]) == ("reversed", "50.00")
        with unchanged():
            assert give_back(api, credit).ok()["balance"] == "50.00"
        assert ledger(api, credit)[-1] == ("reversed", "30.00", "50.00")

    def test_its_reference_is_used_up(self, api: Api) -> None:
        credit = issue(api)
        spend(api, credit, "30.00").made()
        give_back(api, credit).ok()
        with unchanged():
            spend(api, credit, "30.00").refused(409, "conflict")
        spend(api, credit, "50.00", "ORDER-2").made()

    def test_a_reference_with_a_stroke(self, api: Api) -> None:
        credit = issue(api)
        spend(api, credit, "30.00", "2026/11/7").made()
        assert give_back(api, credit, "2026/11/7").ok()["status"] == "reversed"

    def test_what_was_never_spent(self, api: Api) -> None:
        credit = issue(api)
        with unchanged():
            give_back(api, credit).refused(404, "not_found")
            give_back(api, credit, "%00").refused(404, "not_found")
            api.get("/store-credits/%00").refused(404, "not_found")

    def test_nothing_goes_back_to_a_credit_that_is_over(self, api: Api) -> None:
        over, void = issue(api), issue(api)
        for credit in (over, void):
            spend(api, credit, "30.00").made()
        until(over, TODAY - timedelta(days=2))
        api.post(f"/store-credits/{void['code']}/void", {"reason": "Stolen"}).ok()
        with unchanged():
            for credit in (over, void):
                assert "new one" in give_back(api, credit).refused(409, "wrong_state")["detail"]


class TestVoid:
    def test_what_is_left_goes(self, api: Api) -> None:
        credit = issue(api)
        spend(api, credit, "30.00").made()
        path = f"/store-credits/{credit['code']}/void"
        voided = api.post(path, {"reason": "Stolen"}).ok()
        assert (voided["status"], voided["balance"]) == ("voided", "0.00")
        with unchanged():
            assert api.post(path, {"reason": "Again"}).ok()["status"] == "voided"
            spend(api, credit, "1.00", "ORDER-2").refused(409, "wrong_state")
        assert ledger(api, credit)[-1] == ("voided", "-20.00", "0.00")
        assert kinds(credit)[-1] == "store_credit.voided"

    def test_not_after_it_expired(self, api: Api) -> None:
        credit = issue(api)
        until(credit, TODAY - timedelta(days=2))
        expire_credits()
        with unchanged():
            api.post(f"/store-credits/{credit['code']}/void", {"reason": "x"}).refused(409, "wrong_state")


class TestTime:
    def test_the_rest_is_booked_off_once(self, api: Api) -> None:
        credit, other = issue(api), issue(api)
        spend(api, credit, "30.00").made()
        until(credit, TODAY - timedelta(days=2))
        assert expire_credits() == 1
        assert ledger(api, credit)[-1] == ("expired", "-20.00", "0.00")
        assert kinds(credit)[-1] == "store_credit.expired"
        assert balance(api, other) == "50.00"
        with unchanged():
            assert expire_credits() == 0

    def test_not_before_the_last_day_has_ended_everywhere(self, api: Api) -> None:
        credit = issue(api)
        until(credit, date(2027, 3, 10))
        with unchanged():
            assert expire_credits(datetime(2027, 3, 11, 11, 59, tzinfo=UTC)) == 0
        assert expire_credits(datetime(2027, 3, 11, 12, 0, tzinfo=UTC)) == 1

    def test_reminded_thirty_and_seven_days_before(self, api: Api) -> None:
        credit = issue(api)
        until(credit, date(2027, 3, 31))
        told = [day for day in range(1, 40) if remind_of_credit(datetime(2027, 2, 20, 9, tzinfo=UTC) + timedelta(day))]
        assert [date(2027, 2, 20) + timedelta(day) for day in told] == [date(2027, 3, 1), date(2027, 3, 24)]
        assert kinds(credit)[1:] == ["store_credit.expiring"] * 2

    @pytest.mark.parametrize(
        ("days", "told_on"),
        [
            ([60, 14, 1], [date(2027, 1, 30), date(2027, 3, 17), date(2027, 3, 30)]),
            ([7], [date(2027, 3, 24)]),
            ([], []),
        ],
    )
    def test_a_shop_chooses_the_days(self, api: Api, days: list[int] | None, told_on: list[date]) -> None:
        credit = issue(api)
        until(credit, date(2027, 3, 31))
        shop = Shop.objects.get(code="main")
        shop.credit_reminder_days = days
        shop.full_clean(exclude=["calendar"])
        shop.save()
        start = datetime(2027, 1, 1, 9, tzinfo=UTC)
        told = [(start + timedelta(day)).date() for day in range(95) if remind_of_credit(start + timedelta(day))]
        assert told == told_on
        marks = [row.data["days"] for row in Event.objects.filter(kind="store_credit.expiring").order_by("pk")]
        assert marks == (days or [])

    def test_another_shop_s_days_are_its_own(self, api: Api) -> None:
        credit = issue(api)
        until(credit, date(2027, 3, 31))
        Shop.objects.create(code="late", name="Late", credit_reminder_days=[200])
        with unchanged():
            assert remind_of_credit(datetime(2027, 2, 1, tzinfo=UTC)) == 0
        assert remind_of_credit(datetime(2027, 3, 2, tzinfo=UTC)) == 1

    @pytest.mark.parametrize("days", [[0], [366], [7, 7], ["7"], [True], "7", {"7": 1}, [1, 2, 3, 4, 5, 6]])
    def test_what_are_no_days_is_refused_with_words(self, api: Api, days: Any) -> None:
        shop = Shop.objects.get(code="main")
        shop.credit_reminder_days = days
        with pytest.raises(ValidationError) as refused:
            shop.clean_fields()
        assert "credit_reminder_days" in refused.value.message_dict

    def test_who_was_forgotten_is_reminded_once(self, api: Api) -> None:
        until(issue(api), date(2027, 3, 31))
        assert remind_of_credit(datetime(2027, 3, 29, tzinfo=UTC)) == 1
        with unchanged():
            assert remind_of_credit(datetime(2027, 3, 30, tzinfo=UTC)) == 0

    def test_nobody_is_reminded_of_nothing(self, api: Api) -> None:
        spent, void, endless = issue(api), issue(api), issue(api)
        spend(api, spent, "50.00").made()
        api.post(f"/store-credits/{void['code']}/void", {"reason": "x"}).ok()
        for credit in (spent, void):
            until(credit, date(2027, 3, 31))
        StoreCredit.objects.filter(code=endless["code"]).update(expires_on=None)
        with unchanged():
            assert remind_of_credit(datetime(2027, 3, 26, tzinfo=UTC)) == 0
            assert expire_credits(datetime(2027, 3, 26, tzinfo=UTC)) == 0


class TestFromAReturn:
    def paid(self, api: Api, **order: Any) -> Json:
        publish(api, auto_reimburse=False, bonus_credit_percent=10, decision="review", **order.pop("policy", {}))
        rma = ask(api, place(api, **order), ("A", 1), resolution="store_credit")
        command(api, rma, "authorize")
        receive(api, rma)
        inspect(api, rma)
        return reimburse(api, rma)

    def test_the_bonus_is_a_line_of_its_own(self, api: Api) -> None:
        made = self.paid(api)
        credit = made["store_credit"]
        assert ledger(api, credit) == [("issued", "96.67", "96.67"), ("bonus", "9.67", "106.34")]
        assert credit["amount"] == made["total"] == balance(api, credit)
        assert adds_up()

    def test_israel_has_two_years(self, api: Api) -> None:
        home = {"name": "N", "line1": "Dizengoff 1", "city": "Tel Aviv", "country": "IL", "time_zone": "Asia/Jerusalem"}
        made = self.paid(api, ship_to=home, policy={"store_credit_valid_days": 90})
        row = StoreCredit.objects.get(code=made["store_credit"]["code"])
        assert row.law == "IL_CREDIT_VOUCHER"
        assert row.expires_on is not None
        assert (row.expires_on.year, row.expires_on.month) == (TODAY.year + 2, TODAY.month)

    def test_elsewhere_the_policy_counts(self, api: Api) -> None:
        made = self.paid(api, policy={"store_credit_valid_days": 90})
        assert made["store_credit"]["expires_on"] == (TODAY + timedelta(days=90)).isoformat()


class TestIsrael:
    @pytest.fixture
    def israel(self, api: Api) -> Api:
        Shop.objects.filter(code="main").update(address={"country": "IL"})
        return api

    def voucher(self, api: Api, amount: str = "80.00", **more: Any) -> Json:
        return issue(api, amount, currency="ILS", **more)

    def test_a_shorter_end_is_refused_with_the_earliest(self, israel: Api) -> None:
        body = {"amount": "5.00", "currency": "ILS", "reason": "x", "expires_on": str(TODAY + timedelta(days=700))}
        with unchanged():
            problem = israel.post("/store-credits", body).refused(422, "invalid")
        assert self.voucher(israel, expires_on=problem["earliest"])["expires_on"] == problem["earliest"]
        assert self.voucher(israel)["expires_on"] == problem["earliest"]

    def test_small_change_is_paid_in_cash(self, israel: Api) -> None:
        credit = self.voucher(israel)
        path = f"/store-credits/{credit['code']}/cash-out"
        spend(israel, credit, "75.99").made()
        with unchanged():
            israel.post(path).refused(409, "wrong_state")
        spend(israel, credit, "0.01", "ORDER-2").made()
        paid = israel.post(path, {"reference": "till 2"}).ok()
        assert paid["balance"] == "0.00"
        assert ledger(israel, credit)[-1] == ("cashed", "-4.00", "0.00")

    def test_elsewhere_it_is_not(self, api: Api) -> None:
        credit = issue(api)
        spend(api, credit, "49.99").made()
        with unchanged():
            api.post(f"/store-credits/{credit['code']}/cash-out").refused(409, "wrong_state")


def test_the_check_finds_what_does_not_add_up(api: Api) -> None:
    issue(api)
    code = issue(api)["code"]
    assert adds_up()
    call_command("verify_store_credits", stdout=StringIO())
    StoreCredit.objects.filter(code=code).update(balance=1)
    assert [row[0] for row in unbalanced_credits()] == [code]
    credit = StoreCredit.objects.get(code=code)
    StoreCreditEntry.objects.create(credit=credit, seq=2, kind="redeemed", amount=-4999, balance_after=7)
    assert [*broken_lines()] == [(code, 2)]
    with pytest.raises(CommandError, match="1 wrong"):
        call_command("verify_store_credits", stderr=StringIO())
    assert [*unbalanced_credits()] == []


def test_lists_and_ledgers_cost_the_same_however_long(api: Api) -> None:
    from django.test.utils import CaptureQueriesContext

    credit = issue(api)

    def cost(path: str) -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            api.get(path).ok()
        return len(queries)

    paths = ["/store-credits", "/store-credits?email=kim@example.com", f"/store-credits/{credit['code']}/entries"]
    before = [cost(path) for path in paths]
    for number in range(5):
        spend(api, credit, "1.00", f"ORDER-{number}").made()
        issue(api)
    review(api)
    assert [cost(path) for path in paths] == before
