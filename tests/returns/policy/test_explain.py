"""Decisions in words, for both readers and in the language that is active."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.utils import translation

from returns.policy import explain
from returns.policy.document import EFFECTS
from returns.policy.reasons import METHODS, REASONS, RESOLUTIONS
from tests.returns.policy.build import decided

LATE = "2026-11-20T12:00:00Z"
FINAL = {"rules": [{"name": "Final sale", "then": {"decision": "decline"}}]}


def said(**case: Any) -> str:
    with translation.override("en"):
        return explain.for_customer(json.loads(json.dumps(decided(case).as_dict())))


@pytest.mark.parametrize(
    ("case", "sentence"),
    [
        ({}, "You can send it back until 4 Nov 2026."),
        ({"policy": {"window": {"days": None}}}, "You can send it back whenever you like."),
        (
            {"order": {"parcels": [{}]}, "request": {"reason": "recall_safety"}},
            "The days to send it back start when it arrives.",
        ),
        ({"now": LATE}, "The 30 days ended on 4 Nov 2026. Faulty? That's covered for longer, tell us."),
        (
            {"now": LATE, "policy": {"defaults": {"return_until": "2026-11-10"}}},
            "The time to send it back ended on 10 Nov 2026. Faulty? That's covered for longer, tell us.",
        ),
        (
            {"now": LATE, "request": {"reason": "defective"}},
            "The return window ended on 4 Nov 2026. This is covered for longer. Somebody here is looking at it.",
        ),
        ({"order": {"parcels": None}}, "We don't know whether it arrived. Somebody is looking at it."),
        ({"order": {"parcels": []}}, "This one is still on its way to you. Tell us if it never comes."),
        ({"policy": FINAL}, "We can't take this one back. Faulty? That's covered, tell us."),
        ({"policy": {"defaults": {"decision": "review"}}}, "Somebody here is looking at it."),
        (
            {"request": {"resolution": "repair"}},
            "Repair is not possible for this one. You can still choose: Refund, Exchange, Store credit.",
        ),
        (
            {"policy": {"defaults": {"message": "Keep the tag on."}}},
            "You can send it back until 4 Nov 2026. Keep the tag on.",
        ),
        (
            {"policy": {"defaults": {"decision": "decline", "message": "Vouchers stay sold."}}},
            "Vouchers stay sold.",
        ),
        (
            {"now": LATE, "policy": {"defaults": {"message": "Keep the tag on."}}},
            "The 30 days ended on 4 Nov 2026. Faulty? That's covered for longer, tell us.",
        ),
    ],
)
def test_the_customer_reads(case: dict[str, Any], sentence: str) -> None:
    assert said(**case) == sentence


def test_the_agent_reads_every_reason_and_who_set_what() -> None:
    with translation.override("en"):
        answer = decided({"policy": FINAL, "now": LATE}).as_dict()
        assert explain.for_agent(answer) == [
            "Declined",
            "Window over: the last day was 4 Nov 2026.",
            "Declined by the rule “Final sale”.",
        ]
        lines = explain.trace_lines(answer)
    assert ("Final sale", "Decision", "decline") in lines
    assert ("Defaults", "Days to return", "30 days") in lines
    assert ("Defaults", "Outbound shipping refunded", "no") in lines


@pytest.mark.parametrize(
    ("language", "day"),
    [("en", "4 Nov 2026"), ("pl", "04.11.2026"), ("he", "4.11.2026"), ("xx", "4 Nov 2026")],
)
def test_a_day_is_written_as_the_reader_writes_it(language: str, day: str) -> None:
    with translation.override(language):
        assert explain.day("2026-11-04") == day


def test_the_shops_own_words_come_in_the_readers_language() -> None:
    message = {"pl": "Towar z wyprzedaży.", "en": "Final sale."}
    answer = decided({"policy": {"defaults": {"decision": "decline", "message": message}}}).as_dict()
    told = {}
    for language in ("en", "pl", "he"):
        with translation.override(language):
            told[language] = explain.for_customer(answer)
    assert told == {"en": "Final sale.", "pl": "Towar z wyprzedaży.", "he": "Final sale."}


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "none"),
        (True, "yes"),
        ([], "none"),
        (["refund", "store_credit"], "Refund, Store credit"),
        ({"fixed": "0", "percent": 15, "keep_shipping": True}, "fixed 0, percent 15, not on shipping yes"),
    ],
)
def test_values_in_words(value: Any, text: str) -> None:
    with translation.override("en"):
        assert explain.words(value) == text


def test_every_code_has_its_words() -> None:
    assert set(explain.CODE_LABELS) == set(explain._CUSTOMER) == set(explain._AGENT)
    assert set(EFFECTS) <= set(explain.EFFECT_LABELS)
    for labels in (REASONS, RESOLUTIONS, METHODS, explain.OUTCOME_LABELS, explain.CODE_LABELS):
        assert all(str(label) for label in labels.values())
