"""The difference between two versions, in words."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from accounts.problems import Invalid
from returns.policy.compare import compare
from returns.policy.document import HOUSE_POLICY

ELECTRONICS = {"name": "Electronics", "when": {"categories": ["electronics"]}, "then": {"window_days": 14}}
GIFT = {"name": "Gifts", "when": {"reasons": ["gift"]}, "then": {"resolutions": ["store_credit"]}}
SALE = {"name": "Sale", "when": {"tags_any": ["sale"]}, "then": {"decision": "decline"}}


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """Whatever language an earlier test left behind."""
    with translation.override("en"):
        yield


def house(*rules: dict[str, Any], **defaults: Any) -> dict[str, Any]:
    """The house policy with other rules and defaults."""
    document = copy.deepcopy(HOUSE_POLICY)
    document["rules"] = list(rules)
    document["defaults"] |= defaults
    return document


CASES = [
    (house(), house(), []),
    (house(), {"name": "House policy"}, []),
    (house(), house(bonus_credit_percent=10), [("changed", "", "Bonus on store credit", "0%", "10%")]),
    (house(), {**house(), "window": {"days": None, "from": "delivered"}},
     [("changed", "", "Days to return", "30 days", "no limit")]),
    (house(), house(SALE), [("added", "Sale", "Rule", "-", "-")]),
    (house(SALE), house(), [("removed", "Sale", "Rule", "-", "-")]),
    (house(ELECTRONICS), house({**ELECTRONICS, "then": {"window_days": 10}}),
     [("changed", "Electronics", "Days to return", "14 days", "10 days")]),
    (house(ELECTRONICS), house({**ELECTRONICS, "when": {"categories": ["electronics"], "countries": ["PL"]}}),
     [("changed", "Electronics", "sent to", "-", "Poland")]),
    (house(ELECTRONICS, SALE), house(SALE, ELECTRONICS),
     [("moved", "Sale", "Place among the rules", "2", "1")]),
    (house(ELECTRONICS, SALE, GIFT), house(GIFT, ELECTRONICS, SALE),
     [("moved", "Gifts", "Place among the rules", "3", "1")]),
    (house(ELECTRONICS), house(SALE, ELECTRONICS), [("added", "Sale", "Rule", "-", "-")]),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "expected"), CASES)
def test_differences(old: dict[str, Any], new: dict[str, Any], expected: list[tuple[str, ...]]) -> None:
    found = [(each.kind, each.rule, each.what, each.old, each.new) for each in compare(old, new)]
    assert found == expected


@given(st.permutations([ELECTRONICS, SALE, {"name": "Third", "then": {"required_photos": 1}}]), st.integers(0, 90))
def test_there_is_a_difference_exactly_when_the_documents_differ(rules: list[dict[str, Any]], days: int) -> None:
    new = house(*rules) | {"window": {"days": days, "from": "delivered"}}
    old = house(ELECTRONICS, SALE, {"name": "Third", "then": {"required_photos": 1}})
    same = days == 30 and [rule["name"] for rule in rules] == ["Electronics", "Sale", "Third"]
    assert (compare(old, new) == []) is same


def test_a_document_that_cannot_be_read_has_no_difference() -> None:
    with pytest.raises(Invalid):
        compare(house(), {"name": "Broken", "rules": [{"name": "x", "then": {"wat": 1}}]})
