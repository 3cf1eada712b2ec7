"""How unusual a request is: tables, and no signal that speaks for nothing."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from returns.policy.risk import Signals, reason_words, weigh

TABLE: list[tuple[dict[str, Any], str, list[str]]] = [
    ({}, "low", []),
    ({"orders": 10, "returns": 3}, "low", []),
    ({"orders": 6, "returns": 4}, "medium", ["rate"]),
    ({"orders": 7, "returns": 6}, "high", ["rate"]),
    ({"orders": 10, "returns": 6}, "medium", ["rate"]),
    ({"orders": 50, "returns": 5, "recent": 4}, "medium", ["velocity"]),
    ({"orders": 50, "returns": 9, "recent": 8}, "high", ["velocity"]),
    ({"rejected": 1}, "low", []),
    ({"rejected": 2}, "medium", ["rejected"]),
    ({"rejected": 4}, "high", ["rejected"]),
    ({"missing": 1}, "medium", ["mismatch"]),
    ({"accounts": 2}, "low", []),
    ({"accounts": 3}, "medium", ["accounts"]),
    ({"accounts": 6}, "high", ["accounts"]),
    ({"orders": 9, "returns": 2, "asked": 700, "bought": 1000}, "medium", ["value"]),
    ({"orders": 9, "returns": 2, "asked": 699, "bought": 1000}, "low", []),
    ({"orders": 9, "returns": 1, "asked": 1000, "bought": 1000}, "low", []),
    ({"rejected": 2, "missing": 1, "accounts": 3}, "high", ["rejected", "mismatch", "accounts"]),
]


@pytest.mark.parametrize(("known", "level", "codes"), TABLE)
def test_levels(known: dict[str, Any], level: str, codes: list[str]) -> None:
    found = weigh(Signals(**known))
    assert (found.level, [reason.code for reason in found.reasons]) == (level, codes)
    assert all(reason_words(reason.as_dict()) for reason in found.reasons)


LEVELS = ["low", "medium", "high"]
COUNTS = st.fixed_dictionaries({name: st.integers(0, 20) for name in ("recent", "rejected", "missing", "accounts")})


@given(COUNTS, st.sampled_from(["recent", "rejected", "missing", "accounts"]))
def test_more_of_anything_is_never_less_unusual(known: dict[str, int], name: str) -> None:
    more = {**known, name: known[name] + 1}
    assert LEVELS.index(weigh(Signals(**more)).level) >= LEVELS.index(weigh(Signals(**known)).level)
