"""What holds for every policy and every order."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from returns.policy.decision import OUTCOMES, inputs, inputs_hash
from returns.policy.document import canonical, load
from returns.policy.eligibility import decide, generosity, replay
from returns.policy.facts import LineFacts, OrderFacts, Parcel, Request
from returns.policy.reasons import METHODS, REASONS, RESOLUTIONS, RISK_LEVELS
from returns.policy.window import DOUBT, window_of

EXAMPLES = 1500 if os.environ.get("FULL") else 60
WORDS = ("a", "b", "c")
ZONES = (
    "Europe/Warsaw",
    "Asia/Jerusalem",
    "America/New_York",
    "Pacific/Auckland",
    "Africa/Cairo",
    "UTC",
    None,
)

words = st.lists(st.sampled_from(WORDS), min_size=1, max_size=2)
amounts = st.one_of(
    st.integers(0, 20000).map(lambda cents: f"{cents / 100:.2f}"),
    st.dictionaries(st.sampled_from(["EUR", "PLN"]), st.sampled_from(["1.00", "45.00"]), min_size=1),
)
yearly = st.dates(date(2024, 1, 1), date(2024, 12, 31)).map(lambda day: f"{day:%m-%d}")
when = st.fixed_dictionaries(
    {},
    optional={
        "categories": words,
        "tags_any": words,
        "tags_none": words,
        "customer_tiers": words,
        "reasons": st.lists(st.sampled_from(list(REASONS)), min_size=1, max_size=4),
        "reasons_not": st.lists(st.sampled_from(list(REASONS)), min_size=1, max_size=4),
        "resolutions": st.lists(st.sampled_from(list(RESOLUTIONS)), min_size=1, max_size=3),
        "max_price": amounts,
        "min_price": amounts,
        "min_order_total": amounts,
        "ordered_between": st.tuples(yearly, yearly).map("..".join),
        "days_since_delivery_over": st.integers(0, 60),
        "risk_at_least": st.sampled_from(RISK_LEVELS),
    },
)
then = st.fixed_dictionaries(
    {},
    optional={
        "decision": st.sampled_from(["authorize", "review", "decline"]),
        "window_days": st.one_of(st.none(), st.integers(0, 100)),
        "window_from": st.sampled_from(["delivered", "shipped", "ordered"]),
        "return_until": st.one_of(st.none(), yearly),
        "fee": st.one_of(
            st.none(),
            st.builds(lambda fixed, percent: {"fixed": fixed, "percent": percent}, amounts, st.integers(0, 100)),
        ),
        "required_photos": st.integers(0, 5),
        "methods": st.lists(st.sampled_from(list(METHODS)), min_size=1, max_size=3),
        "auto_reimburse": st.booleans(),
        "bonus_credit_percent": st.integers(0, 20),
    },
).filter(bool)
rules = st.lists(st.builds(lambda when, then: {"when": when, "then": then}, when, then), max_size=5)
instants = st.datetimes(datetime(2026, 1, 1), datetime(2029, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


@st.composite
def orders(draw: st.DrawFn) -> OrderFacts:
    placed_at = draw(instants)
    shipped_at = draw(st.one_of(st.none(), st.just(placed_at + timedelta(days=1))))
    delivered_at = draw(st.one_of(st.none(), st.just(placed_at + timedelta(days=draw(st.integers(1, 20))))))
    parcels = (Parcel(frozenset({"A"}), shipped_at, delivered_at),)
    return OrderFacts(
        currency=draw(st.sampled_from(["EUR", "PLN", "JPY", "KWD"])),
        placed_at=placed_at,
        total=draw(st.integers(0, 10**7)),
        time_zone=draw(st.sampled_from(ZONES)),
        customer_tiers=frozenset(draw(words)),
        parcels=draw(st.sampled_from([parcels, parcels, parcels, (), None])),
    )


lines = st.builds(
    LineFacts,
    id=st.just("A"),
    sku=st.sampled_from(WORDS),
    unit_price=st.integers(0, 10**6),
    category=st.sampled_from([*WORDS, None]),
    tags=words.map(frozenset),
)
requests = st.builds(
    Request,
    reason=st.sampled_from(list(REASONS)),
    resolution=st.sampled_from([*RESOLUTIONS, None]),
    risk=st.sampled_from([*RISK_LEVELS, None]),
)


@settings(deadline=None, max_examples=EXAMPLES)
@given(
    rules,
    st.builds(lambda when, then: {"name": "below", "when": when, "then": then}, when, then),
    orders(),
    lines,
    requests,
    instants,
)
def test_a_rule_below_never_changes_an_effect_set_above(
    above: list[Any], below: Any, order: OrderFacts, line: LineFacts, request: Request, now: datetime
) -> None:
    before = decide(load({"rules": above}), order, line, request, now).terms.trace
    after = decide(load({"rules": [*above, below]}), order, line, request, now).terms.trace
    kept = {entry.effect: entry for entry in before if entry.rule != "defaults"}
    now_set = {entry.effect: entry for entry in after}
    assert all(now_set[effect] == entry for effect, entry in kept.items())
    changed = {effect for effect, entry in now_set.items() if entry not in before}
    assert all(now_set[effect].rule == "below" for effect in changed)


@settings(deadline=None, max_examples=EXAMPLES)
@given(rules, orders(), lines, requests, instants)
def test_the_same_inputs_give_the_same_answer(
    given_rules: list[Any], order: OrderFacts, line: LineFacts, request: Request, now: datetime
) -> None:
    document = {"rules": given_rules}
    stored = json.loads(json.dumps(inputs(order, line, request, now)))
    first = decide(load(document), order, line, request, now)
    again = replay(load(json.loads(json.dumps(canonical(document)))), stored)
    assert json.dumps(first.as_dict()) == json.dumps(again.as_dict())
    version = json.dumps(canonical(document))
    assert inputs_hash(stored, policy_version=version) == inputs_hash(
        inputs(order, line, request, now), policy_version=version
    )


@settings(deadline=None, max_examples=EXAMPLES)
@given(
    st.integers(0, 100),
    st.integers(1, 100),
    st.sampled_from(["delivered", "shipped", "ordered"]),
    orders(),
    lines,
    requests,
    instants,
)
def test_more_days_never_yield_less(
    days: int, more: int, event: str, order: OrderFacts, line: LineFacts, request: Request, now: datetime
) -> None:
    def ask(length: int | None) -> Any:
        return decide(load({"window": {"days": length, "from": event}}), order, line, request, now)

    short, long, endless = ask(days), ask(days + more), ask(None)
    assert generosity(short, line.unit_price) <= generosity(long, line.unit_price)
    assert generosity(long, line.unit_price) <= generosity(endless, line.unit_price)


@settings(deadline=None, max_examples=EXAMPLES)
@given(orders(), st.integers(0, 400))
def test_a_window_holds_its_last_day_whole_and_nothing_of_the_next(order: OrderFacts, days: int) -> None:
    window = window_of(order, event="ordered", days=days)
    assert window.start is not None
    assert window.last_day is not None
    assert window.closes_at is not None
    assert (window.last_day - window.start).days == days
    assert window.is_over(window.closes_at)
    assert not window.is_over(window.closes_at - timedelta(microseconds=1))


@settings(deadline=None, max_examples=EXAMPLES)
@given(orders(), st.integers(0, 100), st.sampled_from([zone for zone in ZONES if zone]))
def test_an_unknown_zone_never_costs_an_hour(order: OrderFacts, days: int, zone: str) -> None:
    nowhere = window_of(replace(order, time_zone=None), event="ordered", days=days).closes_at
    there = window_of(replace(order, time_zone=zone), event="ordered", days=days).closes_at
    assert nowhere is not None
    assert there is not None
    assert timedelta(0) <= nowhere - there <= DOUBT


@settings(deadline=None, max_examples=EXAMPLES)
@given(rules, orders(), lines, requests, instants)
def test_the_strictest_finding_decides_and_rights_outlive_the_window(
    given_rules: list[Any], order: OrderFacts, line: LineFacts, request: Request, now: datetime
) -> None:
    decision = decide(load({"rules": given_rules}), order, line, request, now)
    assert decision.outcome in OUTCOMES
    assert (decision.outcome == "declined") <= (decision.basis == "none")
    if request.reason == "defective" and decision.outcome == "declined":
        assert {"rule_declined", "not_delivered"} & set(decision.codes)
