"""A return under its law: what is stored, how the money's date moves with facts, and warnings before it passes."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta

import pytest

from notifications.models import Message
from returns import outbox
from returns.actions.deadlines import warn_of_refunds
from returns.models import Event, PolicyDecision, Return
from returns.policy.eligibility import replay
from returns.policy.law import book
from returns.policy.law.calendars import rolled
from returns.queries import policy_of
from tests.builders import (
    Api,
    Json,
    ask,
    command,
    days_ago,
    delivered,
    label,
    line,
    place,
    publish,
    read,
    receive,
    review,
    scan,
)
from tests.snapshot import unchanged

pytestmark = pytest.mark.django_db
TODAY = datetime.now(UTC).date()


def row(rma: Json) -> Return:
    return Return.objects.get(code=rma["rma"])


def in_days(days: int) -> date:
    return TODAY + timedelta(days=days)


def test_the_law_is_kept_with_the_return_and_every_decision_replays(api: Api, order: Json) -> None:
    publish(api, fee={"fixed": "0", "percent": 15}, required_photos=2)
    rma = ask(api, order, ("A", 1), ("A", 1, "defective"))
    kept = row(rma)
    assert (kept.law_profile, kept.law_version) == ("PL_DISTANCE", book().version)
    for decision in PolicyDecision.objects.select_related("policy"):
        assert decision.law_version == book().version
        assert decision.policy is not None
        again = replay(policy_of(decision.policy), json.loads(json.dumps(decision.inputs)))
        assert json.loads(json.dumps(again.as_dict())) == decision.detail
    assert {each.law_profile for each in PolicyDecision.objects.all()} == {"PL_DISTANCE", "PL_GUARANTEE"}
    assert {each["decision"]["basis"] for each in rma["items"]} == {"statutory"}


def test_a_policy_that_refuses_a_withdrawal_in_time_is_overruled(api: Api, order: Json) -> None:
    publish(api, rules=[{"name": "Final", "then": {"decision": "decline"}}])
    rma = ask(api, order)
    assert (rma["status"], rma["items"][0]["decision"]["basis"]) == ("authorized", "statutory")
    detail = PolicyDecision.objects.get().detail
    assert {"effect": "decision", "policy": "decline", "law": "authorize"} in detail["clipped"]


def test_an_order_that_does_not_say_when_the_customer_was_told_goes_to_a_person(api: Api) -> None:
    late = {"placed_at": days_ago(70), "deliveries": delivered([line()], days=60)}
    unknown = ask(api, place(api, line(), contract=None, **late))
    assert (unknown["status"], unknown["items"][0]["decision"]["codes"][0]) == ("requested", "information_unknown")
    assert ask(api, place(api, line(), **late))["status"] == "declined"


def test_early_goods_move_nothing_and_end_the_waiting(api: Api, order: Json) -> None:
    rma = ask(api, order)
    due = rma["refund_due"]
    assert (due["operational"], due["withhold"], due["blocked_by"]) == (in_days(14).isoformat(), "allowed", "customer")
    calendar = book().calendars["PL"]
    assert due["latest"] == rolled(in_days(14), calendar, "PL").isoformat()
    shipment = label(api, rma)
    scan(api, shipment)
    moved = read(api, rma)["refund_due"]
    assert (moved["operational"], moved["withhold"], moved["blocked_by"]) == (
        in_days(14).isoformat(),
        "not_allowed",
        "payment",
    )
    receive(api, rma)
    assert read(api, rma)["refund_due"]["blocked_by"] == "inspection"
    assert row(rma).law_facts["goods_received_at"]


def test_the_kingdom_counts_from_the_goods(api: Api) -> None:
    home = {"line1": "1 High St", "city": "Leeds", "postal_code": "LS1", "country": "GB", "time_zone": "Europe/London"}
    rma = ask(api, place(api, ship_to=home))
    assert (row(rma).law_profile, rma["refund_due"]) == ("UK_DISTANCE", None)
    receive(api, rma)
    assert read(api, rma)["refund_due"]["operational"] == in_days(14).isoformat()


def test_a_business_has_the_houses_promise(api: Api) -> None:
    rma = ask(api, place(api, customer={"email": "a@firm.example", "name": "Firm", "kind": "business"}))
    assert (row(rma).law_profile, row(rma).withhold) == ("", "not_applicable")
    assert rma["refund_due"]["operational"] == in_days(14).isoformat()


class TestWarnings:
    def due(self, api: Api, order: Json) -> Return:
        review(api)
        rma = ask(api, order)
        command(api, rma, "authorize")
        receive(api, rma)
        found = row(rma)
        found.shop.support_email = "help@shop.example"
        found.shop.save(update_fields=["support_email"])
        return found

    def test_once_per_stage_and_mailed_to_the_shop(self, api: Api, order: Json) -> None:
        rma = self.due(api, order)
        assert rma.refund_due_on is not None
        assert rma.refund_latest_on is not None
        noon = datetime(2026, 1, 1, 12, tzinfo=UTC)
        days = [rma.refund_due_on - timedelta(days=4), rma.refund_due_on - timedelta(days=3), rma.refund_latest_on,
                rma.refund_latest_on + timedelta(days=1)]  # fmt: skip
        told = []
        for day in days:
            at = noon.replace(year=day.year, month=day.month, day=day.day)
            told.append((warn_of_refunds(at), warn_of_refunds(at)))
        assert told == [(0, 0), (1, 0), (1, 0), (1, 0)]
        stages = Event.objects.filter(kind="refund.falls_due").order_by("id").values_list("data__stage", flat=True)
        assert list(stages) == [1, 2, 3]
        outbox.dispatch_all()
        mails = Message.objects.filter(kind="refund.falls_due")
        assert {mail.recipient for mail in mails} == {"help@shop.example"}
        assert len(mails) == 3
        assert all(rma.code in mail.subject and rma.code in mail.text for mail in mails)

    def test_nobody_is_warned_while_the_customer_has_the_goods(self, api: Api, order: Json) -> None:
        rma = row(ask(api, order))
        assert rma.withhold == "allowed"
        with unchanged():
            assert warn_of_refunds(datetime.now(UTC) + timedelta(days=60)) == 0

    def test_nor_when_it_is_over(self, api: Api, order: Json) -> None:
        rma = self.due(api, order)
        Return.objects.filter(pk=rma.pk).update(status="resolved")
        with unchanged():
            assert warn_of_refunds(datetime.now(UTC) + timedelta(days=60)) == 0
