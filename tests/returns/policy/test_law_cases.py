"""The law, case by case: every date was worked out by hand, and `why` says how."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

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
