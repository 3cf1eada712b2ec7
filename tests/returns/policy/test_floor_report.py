"""The report on a draft: what lies below which law, and silence where nothing does."""

from __future__ import annotations

from typing import Any

import pytest

from returns.policy.document import HOUSE_POLICY, load
from returns.policy.floor_report import floor_report
from returns.policy.law import book


def found(document: dict[str, Any], profile: str = "PL_DISTANCE") -> dict[tuple[str, str], tuple[Any, Any]]:
    findings = [each for each in floor_report(load(document)) if profile in each.profiles]
    return {(each.rule, each.effect): (each.policy, each.law) for each in findings}


def profiles(document: dict[str, Any], effect: str) -> set[str]:
    return {name for each in floor_report(load(document)) if each.effect == effect for name in each.profiles}


def test_the_house_policy_is_silent() -> None:
    assert floor_report(load(HOUSE_POLICY)) == []


def test_a_fee_is_clipped_to_nothing_in_europe_and_to_a_part_in_israel() -> None:
    document = {"defaults": {"fee": {"percent": 15}}}
    findings = {each.law: each for each in floor_report(load(document)) if each.effect == "fee"}
    assert set(findings) == {"0.00", "10.00"}
    assert {"PL_DISTANCE", "DE_DISTANCE", "EU_DISTANCE", "UK_DISTANCE", "PL_GUARANTEE"} <= set(
        findings["0.00"].profiles
    )
    assert "IL_DISTANCE" in findings["10.00"].profiles
    assert findings["0.00"].as_dict()["explanation"]


def test_a_short_window_is_named_in_days() -> None:
    document = {"window": {"days": 7}}
    assert found(document)["defaults", "window_days"] == (7, 14)
    assert "PL_GUARANTEE" not in profiles(document, "window_days")
    assert found(document, "PL_OFFPREMISES_VISIT")["defaults", "window_days"] == (7, 30)
    assert found({"window": {"days": 14}}) == {}


@pytest.mark.parametrize(
    ("then", "effect", "law"),
    [
        ({"decision": "decline"}, "decision", "authorize"),
        ({"required_photos": 2}, "required_photos", 0),
        ({"questions": ["why"]}, "questions", []),
        ({"resolutions": ["store_credit"]}, "resolutions", ["store_credit", "refund"]),
        ({"window_days": 3}, "window_days", 14),
        ({"refund_outbound_shipping": False}, "refund_outbound_shipping", "10.00"),
        ({"methods": ["in_store"]}, "methods", ["in_store", "own_carrier"]),
    ],
)
def test_a_rule_is_named_with_what_it_sets(then: dict[str, Any], effect: str, law: Any) -> None:
    document = {"rules": [{"name": "Sale", "when": {"tags_any": ["sale"], "countries": ["PL"]}, "then": then}]}
    assert found(document)["Sale", effect][1] == law


def test_a_rule_that_no_consumer_meets_is_not_below_anything() -> None:
    business = {"name": "Firms", "when": {"customer_kinds": ["business"]}, "then": {"decision": "decline"}}
    assert profiles({"rules": [business]}, "decision") <= {"US_FED_MITOR"}
    faulty = {"name": "Fee", "when": {"reasons": ["defective"]}, "then": {"fee": {"percent": 10}}}
    assert "PL_DISTANCE" not in profiles({"rules": [faulty]}, "fee")
    assert "PL_GUARANTEE" in profiles({"rules": [faulty]}, "fee")


def test_a_rule_that_refuses_everything_is_below_every_law_that_gives_a_right() -> None:
    document = {"rules": [{"name": "Never", "then": {"decision": "decline"}}]}
    assert profiles(document, "decision") == {each.id for each in book().profiles.values() if each.right == "accept"}


def test_what_is_kept_for_condition_and_of_postage_is_reported_where_the_law_leaves_none() -> None:
    rule = {"name": "Hard", "then": {"deduction_by_grade": {"B": 10}, "return_postage_cap": "3.00"}}
    kept = profiles({"rules": [rule]}, "deduction_by_grade")
    assert {"IL_DISTANCE", "PL_GUARANTEE"} <= kept
    assert "PL_DISTANCE" not in kept
    assert "UK_SHORT_TERM_REJECT" in profiles({"rules": [rule]}, "return_postage_cap")
