"""The drawings of a backtest: heights from zero, round axes, units by name, and the reading direction."""

from __future__ import annotations

import pytest
from django.utils import translation

from insights.views.desk.plots import FOOT, LEFT, RIGHT, TOP, Pair, name_of, plot

DAYS = ["2026-11-02", "2026-11-03", "2026-11-04"]


def pairs(*values: tuple[float, float]) -> list[Pair]:
    return [Pair("", was, would, "", "") for was, would in values]


def test_bars_stand_on_zero_and_are_as_high_as_their_number() -> None:
    with translation.override("en"):
        found = plot(DAYS, pairs((0, 10), (20, 40), (40, 0)), "day")
    assert [tick["text"] for tick in found["ticks"]] == ["0", "20", "40"]
    heights = [(bar["was"]["h"], bar["would"]["h"]) for bar in found["bars"]]
    whole = FOOT - TOP
    assert heights == [(0, whole / 4), (whole / 2, whole), (whole, 0)]
    assert all(bar[side]["y"] + bar[side]["h"] == FOOT for bar in found["bars"] for side in ("was", "would"))
    assert [bar["label"] for bar in found["bars"]] == ["2 Nov", "3 Nov", "4 Nov"]


@pytest.mark.parametrize(("highest", "top"), [(0, "0"), (1, "2"), (3, "4"), (11, "20"), (61, "80"), (81, "100"),
                                              (2_300, "4K"), (1_100_000, "2M")])  # fmt: skip
def test_the_axis_ends_at_a_round_number(highest: float, top: str) -> None:
    with translation.override("en"):
        assert plot(DAYS[:1], pairs((highest, 0)), "day")["ticks"][-1]["text"] == top


def test_time_runs_in_the_reading_direction() -> None:
    with translation.override("en"):
        english = plot(DAYS, pairs((1, 2), (1, 2), (1, 2)), "day")["bars"]
    with translation.override("he"):
        hebrew = plot(DAYS, pairs((1, 2), (1, 2), (1, 2)), "day")["bars"]
    assert english[0]["middle"] < english[2]["middle"]
    assert hebrew[0]["middle"] > hebrew[2]["middle"]
    assert english[0]["was"]["x"] < english[0]["would"]["x"]
    assert hebrew[0]["was"]["x"] > hebrew[0]["would"]["x"]
    assert all(LEFT <= bar["was"]["x"] <= RIGHT for bar in [*english, *hebrew])


def test_a_long_time_is_drawn_as_far_as_it_fits() -> None:
    months = [f"{year}-{month:02}-01" for year in range(2018, 2026) for month in range(1, 13)]
    with translation.override("en"):
        found = plot(months, pairs(*[(1, 1)] * len(months)), "month")
    assert (len(found["bars"]), found["left_out"]) == (60, 36)
    assert sum(bool(bar["label"]) for bar in found["bars"]) <= 8


@pytest.mark.parametrize(
    ("unit", "words"),
    [("day", "2 Nov 2026"), ("week", "week 45, from 2 Nov 2026"), ("month", "November 2026")],
)
def test_units_are_named(unit: str, words: str) -> None:
    with translation.override("en"):
        assert name_of("2026-11-02", unit) == words
