"""Backtests through the API: what a draft would have changed, with what it would have cost, and nothing written."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.actions import run_jobs
from accounts.models import Job
from insights.actions import backtest as backtests
from returns.models import Event, Return
from tests import builders
from tests.builders import Api
from tests.snapshot import unchanged

pytestmark = pytest.mark.django_db
FINAL_SALE = {"name": "No tees", "when": {"skus": ["TEE-M"]}, "then": {"decision": "decline"}}
FEE = {"name": "Handling", "when": {"skus": ["TEE-M"]}, "then": {"fee": {"fixed": "2.00", "percent": 10}}}


def draft(api: Api, *rules: dict[str, Any], **defaults: Any) -> str:
    """A draft for the main shop; its id."""
    document = {"name": "Draft", "window": {"days": 30}, "defaults": defaults, "rules": list(rules)}
    return str(api.post("/policies", document).made()["id"])


def backtest(api: Api, policy: str, *, days: int = 2) -> dict[str, Any]:
    """The result of a backtest over the last days."""
    today = datetime.now(UTC).date()
    job = api.post(f"/policies/{policy}/backtest", {"from": str(today - timedelta(days=days)), "to": str(today)}).ok(
        202
    )
    assert job["status"] == "queued"
    run_jobs()
    done = api.get(f"/jobs/{job['id']}").ok()
    assert done["status"] == "done", done
    return done["result"]


def store(api: Api, **changes: Any) -> Any:
    """An order outside of any right to change one's mind, so that only the policy speaks."""
    tee = builders.line(quantity=1)
    ship_to = {"name": "A", "line1": "1 Main St", "city": "Austin", "postal_code": "73301", "country": "US",
               "region": "TX", "time_zone": "America/Chicago"}  # fmt: skip
    return builders.place(api, tee, ship_to=ship_to, **changes)


def test_a_stricter_draft_would_have_declined_and_kept_the_money(api: Api) -> None:
    builders.publish(api, auto_reimburse=False)
    rma = builders.whole_life(api, store(api), ("A", 1))
    builders.pay(api, builders.read(api, rma)["reimbursements"][0]) if rma["status"] != "resolved" else None
    found = backtest(api, draft(api, FINAL_SALE, auto_reimburse=False))
    assert (found["returns"], found["items"], found["skipped"]) == (1, 1, 0)
    assert found["decisions"] == {"changed": 1, "matrix": [{"was": "authorized", "would": "declined", "items": 1}]}
    money = found["money"]["EUR"]
    assert money["refunds"] == {"was": "100.00", "would": "0.00", "change": "-100.00"}
    assert money["retained"] == {"was": "0.00", "would": "100.00", "change": "100.00"}
    assert found["customers"] == {"affected": 1, "better": 0, "worse": 1}
    assert found["by_rule"] == [{"rule": "No tees", "items": 1, "changed": 1}]
    assert found["examples"] == [{"rma": rma["rma"], "was": "authorized", "would": "declined", "rule": "No tees"}]


def test_a_fee_is_counted_on_what_was_paid(api: Api) -> None:
    builders.publish(api, auto_reimburse=False)
    builders.whole_life(api, store(api), ("A", 1))
    money = backtest(api, draft(api, FEE, auto_reimburse=False))["money"]["EUR"]
    assert money["fees"] == {"was": "0.00", "would": "12.00", "change": "12.00"}
    assert money["refunds"]["change"] == "-12.00"
    assert money["retained"]["change"] == "12.00"


def test_a_more_generous_draft_is_estimated_where_nothing_was_paid(api: Api) -> None:
    builders.publish(api, rules=[FINAL_SALE])
    assert builders.ask(api, store(api), ("A", 1))["status"] == "declined"
    found = backtest(api, draft(api))
    assert found["decisions"]["matrix"] == [{"was": "declined", "would": "authorized", "items": 1}]
    assert found["money"]["EUR"]["refunds"] == {"was": "0.00", "would": "100.00", "change": "100.00"}
    assert found["estimated"] == 1
    assert found["customers"] == {"affected": 1, "better": 1, "worse": 0}


def test_the_same_policy_changes_nothing_and_nothing_is_written(api: Api) -> None:
    builders.publish(api, rules=[FEE], auto_reimburse=False)
    builders.whole_life(api, store(api), ("A", 1))
    policy, events = draft(api, FEE, auto_reimburse=False), Event.objects.count()
    found = backtest(api, policy)
    assert found["decisions"]["changed"] == 0
    assert {part["change"] for part in found["money"]["EUR"].values()} == {"0.00"}
    assert Event.objects.count() == events
    assert backtest(api, policy) == found


def test_a_customer_who_pays_for_the_label_gets_less(api: Api) -> None:
    builders.publish(api, auto_reimburse=False, methods=["label"])
    builders.whole_life(api, store(api), ("A", 1))
    found = backtest(api, draft(api, auto_reimburse=False, methods=["label"], label_fee={"gross": "4.00"}))
    assert found["money"]["EUR"]["fees"] == {"was": "0.00", "would": "4.00", "change": "4.00"}
    assert found["customers"] == {"affected": 1, "better": 0, "worse": 1}


@pytest.mark.parametrize(
    ("days", "unit", "start"),
    [
        (30, "day", lambda today: today),
        (31, "week", lambda today: today - timedelta(days=today.weekday())),
        (181, "week", lambda today: today - timedelta(days=today.weekday())),
        (182, "month", lambda today: today.replace(day=1)),
    ],
)
def test_time_is_counted_by_the_length_of_the_period(api: Api, days: int, unit: str, start: Any) -> None:
    builders.publish(api, auto_reimburse=False)
    builders.whole_life(api, store(api), ("A", 1))
    found = backtest(api, draft(api, FINAL_SALE, auto_reimburse=False), days=days)
    assert found["by_period"] == {
        "unit": unit,
        "rows": [
            {
                "start": str(start(datetime.now(UTC).date())),
                **{"was_authorized": 1, "was_review": 0, "was_declined": 0},
                **{"would_authorized": 0, "would_review": 0, "would_declined": 1},
                "refunds": {"EUR": {"was": "100.00", "would": "0.00"}},
            }
        ],
    }
    assert [row["would_declined"] for row in found["by_month"]] == [1]


def test_units_without_a_return_are_there_and_sums_by_unit_are_the_whole(api: Api) -> None:
    builders.publish(api, auto_reimburse=False)
    today = datetime.now(UTC)
    for ago in (0, 3, 3, 30):
        builders.whole_life(api, store(api), ("A", 1))
        Return.objects.filter(pk=Return.objects.latest("pk").pk).update(created_at=today - timedelta(days=ago))
    policy = draft(api, FEE, auto_reimburse=False)
    daily, monthly = backtest(api, policy, days=30), backtest(api, policy, days=200)
    rows = daily["by_period"]["rows"]
    assert [row["start"] for row in rows] == [str((today - timedelta(days=ago)).date()) for ago in range(30, -1, -1)]
    assert [row["was_authorized"] for row in rows] == [1, *[0] * 26, 2, 0, 0, 1]
    for found in (daily, monthly):
        money = [row["refunds"]["EUR"]["would"] for row in found["by_period"]["rows"]]
        assert sum(map(Decimal, money)) == Decimal(found["money"]["EUR"]["refunds"]["would"]) == Decimal("352.00")


def test_statements_do_not_grow_with_the_history(api: Api) -> None:
    builders.publish(api)
    policy = draft(api, FINAL_SALE)
    builders.ask(api, store(api), ("A", 1))
    first = _statements(api, policy)
    for _more in range(4):
        builders.ask(api, store(api), ("A", 1))
    assert _statements(api, policy) == first


def _statements(api: Api, policy: str) -> int:
    today = str(datetime.now(UTC).date())
    api.post(f"/policies/{policy}/backtest", {"from": today, "to": today}).ok(202)
    with CaptureQueriesContext(connection) as seen:
        run_jobs()
    return len(seen)


@pytest.mark.parametrize(
    ("period", "pointer"),
    [
        ({"from": "2026-02-01", "to": "2026-01-01"}, "/to"),
        ({"from": "2001-01-01", "to": "2001-01-31"}, "/from"),
        ({"from": "2001-01-01", "to": "9999-12-31"}, "/to"),
        ({"from": "2026-02-30", "to": "2026-03-01"}, "/from"),
        ({"from": "2026-02-01"}, "/to"),
        ({"from": "2026-02-01", "to": "2026-03-01", "until": "now"}, "/until"),
    ],
)
def test_a_period_that_cannot_be_used(api: Api, period: dict[str, str], pointer: str) -> None:
    policy = draft(api)
    with unchanged():
        refused = api.post(f"/policies/{policy}/backtest", period)
        refused.refused(422, "invalid")
    assert refused.pointers() == {pointer}
    assert not Job.objects.exists()


def test_a_policy_of_another_shop_is_not_there(api: Api, api_for: Any) -> None:
    stranger = api_for("policy:write", shops=["other"])
    stranger.post(f"/policies/{draft(api)}/backtest", {"from": "2026-01-01", "to": "2026-01-02"}).refused(
        404, "not_found"
    )


def test_in_parts_it_says_the_same_as_in_one(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    builders.publish(api, auto_reimburse=False)
    for currency in ("EUR", "PLN", "EUR", "EUR", "PLN"):
        builders.whole_life(api, store(api, currency=currency), ("A", 1))
    policy = draft(api, FINAL_SALE, auto_reimburse=False)
    whole = backtest(api, policy)
    assert (whole["returns"], set(whole["money"]), len(whole["examples"])) == (5, {"EUR", "PLN"}, 5)
    monkeypatch.setattr(backtests, "PART", 2)
    with CaptureQueriesContext(connection) as seen:
        assert backtest(api, policy) == whole
    parts = [row["sql"] for row in seen if "INSERT" in row["sql"] and '"after"' in row["sql"]]
    assert [sql.count('"after"') for sql in parts] == [3]
    job = Job.objects.order_by("pk").filter(parent__isnull=True).last()
    assert job is not None
    assert (job.kind, job.done, job.total, job.parts.count()) == ("policies.backtest", 5, 5, 0)
