"""The answer about a request is that of a request made then, or now: day, trial, risk, deliveries; and its shape."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import jsonschema
import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from customers.models import Shop
from tests.api.test_openapi import closed
from tests.builders import Api, api_client, days_ago, line, place, publish, request_body
from tests.refunds.asking import EXAMPLE, ask, question

pytestmark = pytest.mark.django_db


@pytest.fixture
def api() -> Api:
    return api_client("admin")


class TestAsItWouldBe:
    """The answer is that of a request made then, or now."""

    def test_a_past_day_has_the_policy_of_that_day(self, api: Api) -> None:
        with time_machine.travel("2026-10-10T09:00:00Z", tick=False):
            publish(api, decision="decline")
        with time_machine.travel("2026-10-20T09:00:00Z", tick=False):
            publish(api)
        late = {"as_of": "2026-10-21T10:00:00Z"}
        before = ask(api, as_of="2026-10-15T10:00:00Z", order=EXAMPLE | {"sale_channel": "store"})
        after = ask(api, order=EXAMPLE | {"sale_channel": "store"}, **late)
        assert before["items"][0]["trace"][0] == {"rule": "defaults", "effect": "decision", "value": "decline"}
        assert after["items"][0]["trace"][0] == {"rule": "defaults", "effect": "decision", "value": "authorize"}
        assert (before["items"][0]["outcome"], after["items"][0]["outcome"]) == ("declined", "authorized")
        assert before["policy"]["version"] + 1 == after["policy"]["version"]

    def test_a_shop_that_followed_the_main_one_did_so_then_too(self, api: Api) -> None:
        Shop.objects.create(code="b", name="B")
        with time_machine.travel("2026-10-10T09:00:00Z", tick=False):
            main = publish(api)
        with time_machine.travel("2026-10-20T09:00:00Z", tick=False):
            drafted = api.post("/policies", {"shop": "b"}).made()
            own = api.post(f"/policies/{drafted['id']}/publish").ok()
        there = EXAMPLE | {"shop": "b", "channel": "b-web"}
        for day, row in (("2026-10-15T10:00:00Z", main), ("2026-10-21T10:00:00Z", own), (None, own)):
            assert ask(api, order=there, as_of=day)["policy"]["id"] == row["id"]

    def test_a_day_to_come_has_the_policy_that_waits_for_it(self, api: Api) -> None:
        live, waiting = publish(api), api.post("/policies", {"defaults": {"decision": "review"}}).made()
        start = datetime.now(UTC) + timedelta(days=3)
        api.post(f"/policies/{waiting['id']}/publish", {"starts_at": start.isoformat()}).ok()
        for days, row in ((-1, live), (1, live), (4, waiting)):
            when = (datetime.now(UTC) + timedelta(days=days)).isoformat()
            assert ask(api, as_of=when)["policy"]["id"] == row["id"], days
        assert ask(api, as_of=None)["policy"]["id"] == live["id"]

    def test_who_is_on_trial_is_answered_by_the_trial(self, api: Api) -> None:
        drafted = api.post("/policies", {"defaults": {"decision": "review"}}).made()
        api.post(f"/policies/{drafted['id']}/trial", {"share": 50}).ok()
        arms = set()
        for _n in range(12):
            order = place(api)
            said = ask(api, order={"id": order["id"]}, as_of=None)
            made = api.post("/returns", request_body(order)).made()
            assert said["items"][0]["outcome"] == made["items"][0]["decision"]["outcome"]
            arms.add(said["policy"]["id"] == drafted["id"])
        assert arms == {True, False}

    def test_risk_counts_for_who_is_known(self, api: Api) -> None:
        publish(api, rules=[{"name": "Risky", "when": {"risk_at_least": "medium"}, "then": {"decision": "review"}}])
        order = place(api, line(quantity=9))
        assert ask(api, order={"id": order["id"]}, as_of=None)["items"][0]["outcome"] == "authorized"
        for _n in range(5):
            api.post("/returns", request_body(order)).made()
        assert ask(api, order={"id": order["id"]}, as_of=None)["items"][0]["codes"] == ["rule_review", "in_window"]

    def test_units_that_have_not_left_are_declined_as_their_request_is_refused(self, api: Api) -> None:
        parcel = [{"id": "D", "lines": {"A": 1}, "shipped_at": days_ago(3), "delivered_at": days_ago(2)}]
        order = place(api, deliveries=parcel)
        ref = {"id": order["id"]}
        assert ask(api, order=ref, as_of=None)["items"][0]["outcome"] == "authorized"
        two = ask(api, order=ref, as_of=None, quantity=2)
        assert (two["items"][0]["outcome"], two["items"][0]["codes"][0]) == ("declined", "not_delivered")
        assert two["quote"]["lines"] == []
        api.post("/returns", request_body(order, ("A", 2))).refused(422, "not_eligible")
        assert (
            ask(api, order=ref, as_of=None, quantity=2, basis_claimed="withdrawal")["items"][0]["outcome"] != "declined"
        )
        assert ask(api, order=ref, as_of=None, quantity=2, reason="late_or_no_delivery")["quote"]["lines"]

    def test_what_is_declined_adds_no_label_fee(self, api: Api) -> None:
        rules = [{"name": "Sale", "when": {"tags_any": ["sale"]},
                  "then": {"decision": "decline", "label_fee": {"gross": "4.99"}}}]  # fmt: skip
        publish(api, rules=rules)
        sale = line("B", sku="B", tags=["sale"])
        order = place(api, line("A"), sale, sale_channel="store")
        body = request_body(order, ("A", 1), ("B", 1))
        said, made = api.post("/eligibility", body).ok(), api.post("/returns", body).made()
        assert [item["outcome"] for item in said["items"]] == ["authorized", "declined"]
        assert (said["quote"]["total"], made["amounts"]["expected"]) == ("100.00", "100.00")

    def test_a_price_reduction_is_a_persons_to_say(self, api: Api) -> None:
        answer = ask(api, reason="defective", resolution="price_reduction")
        assert (answer["quote"]["lines"], answer["quote"]["total"]) == ([], "0.00")

    def test_never_more_is_quoted_than_was_paid(self, api: Api) -> None:
        payments = [{**EXAMPLE["payments"][0], "captured": "50.00"}]
        assert ask(api, order=EXAMPLE | {"payments": payments})["quote"]["total"] == "50.00"
        stored = place(api, **EXAMPLE | {"number": "part-paid", "payments": payments})
        assert ask(api, order={"id": stored["id"]})["quote"]["total"] == "50.00"


class TestTheAnswer:
    def test_it_holds_all_that_is_documented_and_nothing_else(self, api: Api) -> None:
        components = api.get("/schema?format=json").ok()["components"]
        whole = {"$ref": "#/components/schemas/Eligibility", "components": closed(components)}
        check = jsonschema.Draft202012Validator(whole, format_checker=jsonschema.FormatChecker())
        for order in (EXAMPLE, EXAMPLE | {"contract": None}, EXAMPLE | {"deliveries": None, "ship_to": None}):
            for reason in ("too_small", "defective", "recall_safety"):
                for day in ("2026-10-19T10:00:00Z", "2028-10-19T10:00:00Z", None):
                    check.validate(ask(api, order=order, reason=reason, as_of=day))
        check.validate(ask(api, policy={"defaults": {"fee": {"percent": 15}, "label_fee": {"gross": "4.99"}}}))

    def test_a_stored_order_takes_four_statements_beside_the_key(self, api: Api) -> None:
        many = [line(f"L{n}", sku=f"S{n}", quantity=1) for n in range(40)]
        one, wide = place(api), place(api, *many)
        api.post("/eligibility", question({"id": one["id"]}, as_of=None)).ok()
        for order, lines in ((one, ["A"]), (wide, [row["id"] for row in many])):
            items = [{"line": each, "quantity": 1, "reason": "too_small"} for each in lines]
            with CaptureQueriesContext(connection) as found:
                api.post("/eligibility", {"order": {"id": order["id"]}, "items": items}).ok()
            said = [
                row["sql"] for row in found if row["sql"].startswith("SELECT") and "accounts_apikey" not in row["sql"]
            ]
            assert len(said) == 4, said

    def test_every_language(self, api: Api) -> None:
        body = question()
        told = {
            language: api.post("/eligibility", body, Accept_Language=language).ok()["items"][0]["explanation"]
            for language in ("en", "he", "pl")
        }
        assert len(set(told.values())) == 3

    def test_a_big_document_is_read_in_time(self, api: Api) -> None:
        lines = [{"id": f"L{n}", "sku": "S", "quantity": 1, "unit_price": "1.00"} for n in range(2000)]
        order = EXAMPLE | {"lines": lines, "total": None, "discount": "0.00", "payments": [], "deliveries": None}
        items = [{"line": f"L{n}", "quantity": 1, "reason": "too_small"} for n in range(500)]
        began = time.monotonic()
        assert len(api.post("/eligibility", {"order": order, "items": items}).ok()["items"]) == 500
        assert time.monotonic() - began < 10
