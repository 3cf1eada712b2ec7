"""What holds under every policy and every law: never below the floor, and the unknown on the consumer's side."""

from __future__ import annotations

import json
import os
from dataclasses import fields, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from returns.policy.decision import DECLINED, inputs
from returns.policy.document import load
from returns.policy.eligibility import decide, generosity, replay
from returns.policy.facts import Case, LineFacts, OrderFacts, Parcel, Request
from returns.policy.law import ACCEPT, LawFacts, judge_by_law
from returns.policy.law.profiles import read
from tests.returns.policy.law_build import PLACES
from tests.returns.policy.test_properties import lines, rules

EXAMPLES = 1500 if os.environ.get("FULL") else 60
MAYBE = st.sampled_from([None, True, False])
START = datetime(2026, 1, 1, tzinfo=UTC)
SINCE = st.one_of(st.integers(0, 40), st.integers(0, 40), st.integers(0, 900)).map(lambda days: timedelta(days=days))
# what may be unknown, and is then taken for the consumer
UNKNOWABLE = ("information_given_at", "seal_broken", "unsolicited_visit", "regular_delivery", "used", "damaged",
              "tag_on", "policy_displayed", "cheapest_standard", "legal_group", "region")  # fmt: skip
EXCLUSIONS = st.sampled_from([(), (), ("sealed_hygiene",), ("sealed_media",), ("custom_made", "digital")]).map(
    frozenset
)


def unknown_of(facts: LawFacts, name: str) -> LawFacts:
    """The facts with one of them unknown."""
    gone: dict[str, Any] = {name: None}
    return replace(facts, **gone)


@st.composite
def orders(draw: st.DrawFn) -> OrderFacts:
    country = draw(st.sampled_from(sorted(PLACES)))
    zone, currency = PLACES[country]
    placed_at = START + timedelta(hours=draw(st.integers(0, 5000)))
    shipped_at, delivered_at = placed_at + timedelta(days=1), placed_at + timedelta(days=draw(st.integers(2, 9)))
    return OrderFacts(
        currency=currency,
        placed_at=placed_at,
        total=10**6,
        sale_channel=draw(st.sampled_from(["distance", "distance", "store", "off_premises"])),
        customer_kind=draw(st.sampled_from(["consumer", "consumer", "business", "sole_trader_non_professional"])),
        country=country,
        time_zone=zone,
        parcels=(Parcel(frozenset("A"), shipped_at, delivered_at),),
    )


@st.composite
def facts_of(draw: st.DrawFn, order: OrderFacts) -> LawFacts:
    told = draw(st.sampled_from([None, order.placed_at, order.placed_at + timedelta(days=30)]))
    groups = st.sampled_from([None, "il_electronics", "il_clothing_footwear", "il_unopened", "il_books"])
    more: dict[str, Any] = {name: draw(MAYBE) for name in YES_OR_NO}
    return LawFacts(
        region=draw(st.sampled_from([None, "BY", "BE", "CA", "NY"])),
        legal_group=draw(groups),
        exclusions=draw(EXCLUSIONS),
        information_given_at=told,
        protected_person=draw(MAYBE),
        shipping_paid=1500,
        cheapest_standard=draw(st.sampled_from([None, 500, 2000])),
        **more,
    )


YES_OR_NO = ("seal_broken", "used", "damaged", "tag_on", "had_conversation", "unsolicited_visit", "regular_delivery",
             "policy_displayed", "collection_offered")  # fmt: skip
requests = st.builds(
    Request,
    reason=st.sampled_from(["too_small", "defective", "gift", "wrong_item", "recall_safety", "late_or_no_delivery"]),
    resolution=st.sampled_from(["refund", "store_credit", "repair"]),
    basis_claimed=st.sampled_from([None, None, "withdrawal", "defect", "warranty"]),
)


@settings(deadline=None, max_examples=EXAMPLES)
@given(rules, st.data(), orders(), lines, requests, SINCE)
def test_no_policy_goes_below_the_law(
    document: list[Any], data: st.DataObject, order: OrderFacts, line: LineFacts, request: Request, since: timedelta
) -> None:
    now = order.placed_at + since
    facts = data.draw(facts_of(order))
    floor = judge_by_law(Case(order, line, request, now), facts)
    decision = decide(load({"rules": document}), order, line, request, now, law=facts)
    terms = decision.terms
    assert terms.law == floor
    if floor.right != ACCEPT:
        return
    assert decision.outcome != DECLINED or "not_delivered" in decision.codes or request.resolution == "repair"
    assert terms.window.closes_at is None or (floor.closes_at and terms.window.closes_at >= floor.closes_at)
    assert floor.max_fee is None or terms.fee.on(line.unit_price) <= floor.max_fee
    assert floor.return_shipping_payer == "consumer" or (terms.return_shipping_payer, terms.label_fee) == ("shop", 0)
    assert set(floor.remedies) <= set(terms.resolutions)
    if request.basis_claimed == "withdrawal":
        assert (terms.required_photos, terms.questions) == (0, ())
        assert decision.outcome == "authorized" or floor.doubts or request.resolution not in terms.resolutions


@settings(deadline=None, max_examples=EXAMPLES)
@given(st.data(), orders(), lines, requests, SINCE)
def test_an_unknown_fact_never_costs_the_consumer(
    data: st.DataObject, order: OrderFacts, line: LineFacts, request: Request, since: timedelta
) -> None:
    now = order.placed_at + since
    facts = data.draw(facts_of(order))
    case = Case(order, line, request, now)
    known = judge_by_law(case, facts)
    if known.right != ACCEPT:
        return
    for name in UNKNOWABLE:
        unknown = judge_by_law(case, unknown_of(facts, name))
        assert unknown.right == ACCEPT, name
        if unknown.profile == known.profile:
            assert (unknown.value_loss or 0) <= (known.value_loss or 0), name
            assert unknown.outbound_refundable >= known.outbound_refundable, name
            assert unknown.return_shipping_payer == "trader" or known.return_shipping_payer == "consumer", name


@settings(deadline=None, max_examples=EXAMPLES)
@given(st.data(), orders(), lines, requests, SINCE, st.integers(0, 60), st.integers(1, 60))
def test_a_more_generous_policy_never_yields_less(
    data: st.DataObject, order: OrderFacts, line: LineFacts, request: Request, since: timedelta, days: int, more: int
) -> None:
    now = order.placed_at + since
    facts = data.draw(facts_of(order))

    def ask(length: int, percent: int) -> Any:
        document = {"window": {"days": length}, "defaults": {"fee": {"percent": percent}}}
        return generosity(decide(load(document), order, line, request, now, law=facts), line.unit_price)

    assert ask(days, 15) <= ask(days + more, 15)
    assert ask(days, 15) <= ask(days, 5)


@settings(deadline=None, max_examples=EXAMPLES)
@given(rules, st.data(), orders(), lines, requests, SINCE)
def test_stored_inputs_replay_to_the_same_answer(
    document: list[Any], data: st.DataObject, order: OrderFacts, line: LineFacts, request: Request, since: timedelta
) -> None:
    now = order.placed_at + since
    facts = data.draw(facts_of(order))
    policy = load({"rules": document})
    first = decide(policy, order, line, request, now, law=facts)
    stored = json.loads(json.dumps(inputs(order, line, request, now, facts)))
    assert replay(policy, stored).as_dict() == first.as_dict()


def test_facts_survive_json() -> None:
    facts = LawFacts(exclusions=frozenset({"press", "mixed"}), informed_at=START, quantity=3, seal_broken=False)
    assert LawFacts.from_dict(json.loads(json.dumps(facts.as_dict()))) == facts
    assert {field.name for field in fields(LawFacts)} == set(facts.as_dict())


TWO_VERSIONS = """
version: "2030"
calendars: {EU: {rolls: [], source: x}}
exclusions: {}
profiles:
  A: {in_force_from: 2026-01-01, countries: [PL], channels: [distance], reasons: [change_of_mind],
      consumers: [consumer], right: accept, window: {days: 14, from: possession}, source: first}
  A@2028: {extends: A, in_force_from: 2028-01-01, window: {days: 20, from: possession}, source: second}
"""


def test_the_version_of_the_day_of_the_order_governs_and_the_first_one_all_days_before() -> None:
    law = read(TWO_VERSIONS)
    days = [date(2020, 1, 1), date(2027, 12, 31), date(2028, 1, 1)]
    assert [law.in_force(day)["A"].source for day in days] == ["first", "first", "second"]
