"""Decisions that are stored and replayed, the terms at purchase, and the seam where a law lifts the terms."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from returns.policy.decision import AUTHORIZED, DECLINED, FeeTerms, inputs, inputs_hash
from returns.policy.document import load
from returns.policy.eligibility import decide, replay
from returns.policy.facts import LineFacts, OrderFacts, Request
from returns.policy.law import LawFacts
from returns.policy.reasons import REASONS, law_class, outlives_window
from tests.returns.policy.build import line, order, request

NOW = datetime(2026, 10, 10, 12, tzinfo=UTC)
LATE = datetime(2026, 11, 20, 12, tzinfo=UTC)
GOLD = {"customer_tiers": ["gold"], "customer_tags": ["vip", "press"], "payment_kinds": ["card", "blik"]}


def test_a_stored_decision_replays_to_the_same_answer() -> None:
    policy = load({"rules": [{"when": {"customer_tiers": ["gold"]}, "then": {"window_days": 60}}]})
    facts = order(**GOLD), line(tags=["new"], supplier="acme"), request()
    first = decide(policy, *facts, LATE)
    stored = json.loads(json.dumps(inputs(*facts, LATE)))
    assert replay(policy, stored) == first
    assert json.loads(json.dumps(first.as_dict())) == first.as_dict()


def test_facts_survive_json() -> None:
    for facts in (order(**GOLD), order(parcels=None, country=None), order(parcels=[])):
        assert OrderFacts.from_dict(json.loads(json.dumps(facts.as_dict()))) == facts
    assert LineFacts.from_dict(line(tags=["b", "a"]).as_dict()) == line(tags=["a", "b"])
    asked = request(requested_at="2026-10-09T12:00:00Z", risk="high", method="qr")
    assert Request.from_dict(asked.as_dict()) == asked


def test_stored_inputs_must_name_the_instant() -> None:
    stored = inputs(order(), line(), request(), NOW)
    stored["request"]["requested_at"] = None
    with pytest.raises(ValueError, match="instant"):
        replay(load({}), stored)


def test_an_instant_without_a_zone_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(ValueError, match="time zone"):
        decide(load({}), order(), line(), request(), datetime(2026, 10, 10))  # noqa: DTZ001


def test_the_hash_is_of_the_inputs_and_both_versions() -> None:
    base = inputs(order(**GOLD), line(), request(), NOW)
    same = inputs(order(**{key: value[::-1] for key, value in GOLD.items()}), line(), request(), NOW)
    first = inputs_hash(base, policy_version="v1")
    assert len(first) == 64
    assert first == inputs_hash(same, policy_version="v1")
    shuffled = dict(reversed(base.items())) | {"order": dict(reversed(base["order"].items()))}
    assert first == inputs_hash(shuffled, policy_version="v1")
    others = {
        inputs_hash(base, policy_version="v2"),
        inputs_hash(base, policy_version="v1", law_version="2026-11-21"),
        inputs_hash(inputs(order(**GOLD), line(), request(reason="style"), NOW), policy_version="v1"),
        inputs_hash(inputs(order(**GOLD), line(), request(), LATE), policy_version="v1"),
        inputs_hash(inputs(order(), line(), request(), NOW), policy_version="v1"),
    }
    assert len(others | {first}) == 6


def test_a_label_fee_is_for_the_shops_carriage_only() -> None:
    policy = load({"defaults": {"label_fee": {"gross": "4.99"}}})
    terms = decide(policy, order(), line(), request(), NOW).terms
    assert {method: terms.label_fee_for(method) for method in ("label", "qr", "pickup", "drop_off")} == {
        "label": 499,
        "qr": 499,
        "pickup": 499,
        "drop_off": 499,
    }
    assert [terms.label_fee_for(method) for method in ("in_store", "keep", "own_carrier")] == [0, 0, 0]
    assert terms.label_fee_for(None) == 499
    assert replace(terms, methods=("in_store",)).label_fee_for(None) == 0


@pytest.mark.parametrize(
    ("fixed", "percent", "gross", "fee"),
    [
        (0, "0", 1000, 0),
        (250, "0", 1000, 250),
        (0, "15", 999, 149),
        (250, "15", 999, 399),
        (2000, "0", 999, 999),
    ],
)
def test_a_fee_rounds_down_and_never_exceeds_the_goods(fixed: int, percent: str, gross: int, fee: int) -> None:
    assert FeeTerms(fixed, Decimal(percent)).on(gross) == fee


HONOURING: dict[str, Any] = {"window": {"days": 7}, "honour_terms_at_purchase": True}


def test_the_better_terms_of_the_purchase_are_honoured() -> None:
    current, earlier = load(HONOURING), load({"name": "Summer terms", "window": {"days": 60}})
    decision = decide(current, order(), line(), request(), LATE, at_purchase=earlier)
    assert (decision.outcome, decision.terms_at_purchase) == (AUTHORIZED, True)
    assert decision.terms.trace[-1].as_dict() == {
        "rule": "Summer terms",
        "effect": "honour_terms_at_purchase",
        "value": True,
    }


def test_worse_terms_of_the_purchase_are_not() -> None:
    current = load({"window": {"days": 60}, "honour_terms_at_purchase": True})
    decision = decide(current, order(), line(), request(), LATE, at_purchase=load({"window": {"days": 7}}))
    assert (decision.outcome, decision.terms_at_purchase) == (AUTHORIZED, False)


def test_equal_terms_leave_the_current_version_in_charge() -> None:
    current = load({"honour_terms_at_purchase": True})
    assert not decide(current, order(), line(), request(), NOW, at_purchase=load({})).terms_at_purchase


def test_a_lower_fee_of_the_purchase_is_honoured() -> None:
    current = load({"honour_terms_at_purchase": True, "defaults": {"fee": {"percent": 15}}})
    assert decide(current, order(), line(), request(), NOW, at_purchase=load({})).terms.fee.percent == 0


def test_without_the_promise_the_current_version_decides() -> None:
    current = load({"window": {"days": 7}})
    decision = decide(current, order(), line(), request(), LATE, at_purchase=load({"window": {"days": 60}}))
    assert decision.outcome == DECLINED


def test_the_law_lifts_the_terms_before_the_verdict() -> None:
    strict = load({"window": {"days": 2}, "defaults": {"fee": {"percent": 15}}})
    assert decide(strict, order(), line(), request(), NOW).outcome == DECLINED
    told = LawFacts(information_given_at=order().placed_at)
    lifted = decide(strict, order(), line(), request(), NOW, law=told)
    assert (lifted.outcome, lifted.basis, lifted.codes) == (AUTHORIZED, "statutory", ("in_window",))
    clipped = lifted.as_dict()["clipped"]
    assert clipped[0] == {"effect": "fee", "policy": "14.50", "law": "0.00"}
    assert clipped[-1] == {"effect": "return_until", "policy": "2026-10-07", "law": "2026-10-19"}
    assert lifted.as_dict()["trace"][-1]["rule"] == "law"


def test_every_reason_has_its_class_in_law() -> None:
    assert {law_class(reason) for reason in REASONS} == {
        "change_of_mind",
        "defect_nonconformity",
        "not_as_described",
        "wrong_item",
        "missing_parts",
        "damaged_in_transit",
        "late_or_no_delivery",
        "refused_or_undelivered",
        "recall_safety",
        "gift_return",
    }
    ending = {reason for reason in REASONS if not outlives_window(reason)}
    assert ending == {
        "change_of_mind",
        "too_small",
        "too_large",
        "style",
        "arrived_late",
        "better_price",
        "other",
        "gift",
    }
