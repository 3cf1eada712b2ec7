"""Windows and decisions, case by case."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from returns.policy.window import window_of
from tests.returns.policy.build import decided, order

HERE = Path(__file__).parent


def cases(name: str) -> list[Any]:
    rows = yaml.safe_load((HERE / name).read_text(encoding="utf-8"))
    return [pytest.param(row, id=row["name"]) for row in rows]


@pytest.mark.parametrize("case", cases("windows.yaml"))
def test_window(case: dict[str, Any]) -> None:
    facts = order(time_zone=case["z"], parcels=[{"delivered_at": case["d"]}])
    window = window_of(facts, event="delivered", days=case["n"]).as_dict()
    assert (window["last_day"], window["closes_at"]) == (case["last"], case["closes"])


@pytest.mark.parametrize("case", cases("decisions.yaml"))
def test_decision(case: dict[str, Any]) -> None:
    answer = decided(case).as_dict()
    for place, value in case.get("expect", {}).items():
        found: Any = answer
        for key in place.split("."):
            found = found[key]
        assert found == value, place
    set_by = {entry["effect"]: entry["rule"] for entry in answer["trace"]}
    for effect, rule in case.get("trace", {}).items():
        assert set_by[effect] == rule, effect


def test_case_names_are_sentences_of_their_own() -> None:
    names = [each.values[0]["name"] for each in cases("decisions.yaml") + cases("windows.yaml")]
    assert len(names) == len(set(names)) > 150
