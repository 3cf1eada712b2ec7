"""The law, case by case: every date was worked out by hand, and `why` says how."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from returns.policy.explain import CODE_LABELS
from returns.policy.explain_law import AGENT
from returns.policy.law import book
from tests.returns.policy.law_build import verdict_of

HERE = Path(__file__).parent / "law_cases"


class PlainLoader(yaml.SafeLoader):
    """Dates stay text."""


PlainLoader.yaml_implicit_resolvers = {
    first: [each for each in rules if each[0] != "tag:yaml.org,2002:timestamp"]
    for first, rules in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def read(path: Path) -> list[dict[str, Any]]:
    loaded: list[dict[str, Any]] = yaml.load(path.read_text("utf-8"), Loader=PlainLoader)
    return loaded


def cases() -> list[Any]:
    rows = [(path.stem, row) for path in sorted(HERE.glob("*.yaml")) for row in read(path)]
    return [pytest.param(row, id=f"{stem}: {row['name']}") for stem, row in rows]


@pytest.mark.parametrize("row", cases())
def test_case(row: dict[str, Any]) -> None:
    found = verdict_of(row)
    assert {key: found[key] for key in row["expect"]} == row["expect"], row["why"]


def test_there_are_at_least_two_hundred_with_names_of_their_own_and_a_reason() -> None:
    rows = [each.values[0] for each in cases()]
    names = [each.id for each in cases()]
    assert len(names) == len(set(names)) >= 200
    assert all(len(row["why"]) > 5 and row["expect"] for row in rows)


def test_every_profile_decides_some_case() -> None:
    named = {each.values[0]["expect"].get("profile") for each in cases()}
    assert {profile.id for profile in book().profiles.values()} <= named


def test_every_doubt_of_a_case_is_said_in_words() -> None:
    doubts = {code for each in cases() for code in verdict_of(each.values[0])["doubts"]}
    assert len(doubts) > 10
    assert doubts <= set(CODE_LABELS)
    said = {code: AGENT[code]({}) for code in doubts if code in AGENT}
    assert set(said) >= doubts - {"delivery_estimated"}
    price = AGENT["over_50_ils_unknown"]({})
    assert {code for code, text in said.items() if text == price} <= {"over_50_ils_unknown", "over_150_ils_unknown"}
