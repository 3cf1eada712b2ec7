"""The examples on the API page about questions, policies and statements can be sent as they stand."""

from __future__ import annotations

import pytest

from config.schema import questions
from config.schema.examples import ORDER
from tests.builders import Api, api_client

pytestmark = pytest.mark.django_db


@pytest.fixture
def api() -> Api:
    client = api_client("admin")
    client.post("/orders", ORDER).made()
    return client


def test_the_question_is_answered(api: Api) -> None:
    item = api.post("/eligibility", questions.ASKED["eligibility"]).ok()["items"][0]
    assert (item["outcome"], item["basis"], item["law"]["refund_due"]) == ("authorized", "statutory", "2026-11-02")
    assert item["clipped"]


def test_the_policy_is_checked_drafted_and_tried(api: Api) -> None:
    api.post("/policies/check", questions.ASKED["policies_check"]).ok()
    made = api.post("/policies", questions.ASKED["policies_create"]).made()
    assert [rule["name"] for rule in made["document"]["rules"]] == ["Final sale", "Christmas"]
    assert api.post(f"/policies/{made['id']}/trial", questions.ASKED["policies_trial"]).ok()["share"] == 20
    refused = api.post(f"/policies/{made['id']}/backtest", questions.ASKED["policies_backtest"])
    assert refused.refused(422, "invalid")["errors"][0]["pointer"] == "/from"  # well formed: there is no past here


def test_the_statement_is_taken_in(api: Api) -> None:
    made = api.post("/withdrawals", questions.ASKED["withdrawals_create"]).made()
    assert (made["matched_order"]["number"], bool(made["return"])) == ("1001", True)
    assert made["law"] == "eu"
