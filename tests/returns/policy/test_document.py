"""The policy document: what is read, what is refused and where, and its one canonical form."""

from __future__ import annotations

import copy
import json
from datetime import date
from typing import Any

import pytest

from accounts.problems import Invalid
from returns.policy.document import CONDITIONS, EFFECTS, HOUSE_POLICY, STANDING, canonical, load

FULL: dict[str, Any] = {
    "name": "Everything",
    "shop": "outlet",
    "honour_terms_at_purchase": True,
    "window": {"days": 21, "from": "shipped"},
    "defaults": {
        "decision": "review",
        "message": {"en": "Keep the tag on.", "pl": "Zostaw metkę."},
        "return_until": "01-31",
        "fee": {"fixed": {"EUR": "2.00", "JPY": "300"}, "percent": "12.5", "keep_shipping": False},
        "label_fee": {"gross": "4.99"},
        "fee_waived_for": ["defective", "exchange"],
        "required_photos": 1,
        "questions": ["serial_number"],
        "resolutions": ["refund", "repair"],
        "methods": ["label", "own_carrier"],
        "bonus_credit_percent": 10,
        "return_shipping_payer": "shop",
        "return_postage_cap": "15.00",
        "return_to": "MAIN",
        "exchange_bonus_percent": 5,
        "refund_outbound_shipping": True,
        "promotion_on_return": "claw_back",
        "auto_reimburse": False,
        "deduction_by_grade": {"B": 10, "C": 40},
        "label_valid_days": 7,
        "expire_after_days": 21,
        "store_credit_valid_days": None,
        "refund_order": ["card", "store_credit"],
        "goodwill_second_person_above": {"EUR": "50.00"},
    },
    "rules": [
        {
            "name": "Every condition",
            "when": {
                "shops": ["outlet"],
                "channels": ["web"],
                "customer_kinds": ["consumer"],
                "customer_tiers": ["gold"],
                "payment_kinds": ["blik"],
                "suppliers": ["acme"],
                "min_order_total": "1.00",
                "categories": ["apparel"],
                "skus": ["TEE-M"],
                "tags_any": ["new"],
                "tags_none": ["final-sale"],
                "countries": ["pl"],
                "sale_channels": ["distance"],
                "customer_tags_any": ["vip"],
                "reasons": ["defective"],
                "reasons_not": ["gift"],
                "resolutions": ["refund"],
                "min_price": {"EUR": "1.00"},
                "max_price": {"EUR": "9.00"},
                "ordered_between": "11-01..12-24",
                "requested_between": ["2026-11-01", "2026-12-24"],
                "days_since_delivery_over": 14,
                "risk_at_least": "medium",
            },
            "then": {"window_days": 60, "window_from": "ordered"},
        }
    ],
}


def errors(document: Any) -> dict[str, str]:
    with pytest.raises(Invalid) as refused:
        load(document)
    assert all(each.detail for each in refused.value.errors)
    return {each.pointer: each.code for each in refused.value.errors}


def test_the_full_vocabulary_is_read_and_written_back() -> None:
    written = canonical(FULL)
    assert set(written["rules"][0]["when"]) == set(CONDITIONS)
    inside = set(written["defaults"]) | {"window_days", "window_from"}
    assert inside == set(EFFECTS) | set(STANDING)
    assert written["rules"][0]["when"]["countries"] == ["PL"]
    assert written["defaults"]["fee"]["percent"] == "12.5"


def test_the_canonical_form_is_json_and_its_own_canonical_form() -> None:
    written = canonical(FULL)
    assert canonical(json.loads(json.dumps(written))) == written
    assert load(written) == load(FULL)


def test_order_of_sets_and_keys_says_nothing() -> None:
    other = copy.deepcopy(FULL)
    other["defaults"] = dict(reversed(other["defaults"].items()))
    other["defaults"]["fee_waived_for"].reverse()
    assert json.dumps(canonical(other)) == json.dumps(canonical(FULL))


def test_what_is_left_out_is_as_in_the_house_policy() -> None:
    assert canonical({}) == canonical(HOUSE_POLICY)
    some = canonical({"window": {"days": None}, "defaults": {"decision": "review", "auto_reimburse": False}})
    assert some["window"] == {"days": None, "from": "delivered"}
    assert some["defaults"] == canonical({})["defaults"] | {"decision": "review", "auto_reimburse": False}


def test_the_house_policy_is_the_defaults_alone() -> None:
    assert HOUSE_POLICY["rules"] == []
    assert canonical(HOUSE_POLICY)["defaults"] == HOUSE_POLICY["defaults"]


def test_dates_may_come_as_yaml_reads_them() -> None:
    as_dates = {"rules": [{"then": {"return_until": date(2027, 1, 31)}}]}
    as_text = {"rules": [{"then": {"return_until": "2027-01-31"}}]}
    assert canonical(as_dates) == canonical(as_text)


def test_reading_changes_nothing_of_the_callers() -> None:
    before, house = copy.deepcopy(FULL), copy.deepcopy(HOUSE_POLICY)
    load(FULL)
    assert (before, house) == (FULL, HOUSE_POLICY)


def test_all_mistakes_are_told_at_once() -> None:
    assert errors(
        {
            "name": 1,
            "colour": "red",
            "window": {"days": -1, "until": 2},
            "defaults": {"decision": "maybe", "label_fee": {"gross": 4.5}},
            "rules": [{"name": "a", "when": {"weather": "rain", "max_price": {"JPY": "1.5"}}, "then": {}}, 3],
        }
    ) == {
        "/name": "type",
        "/colour": "unknown",
        "/window/days": "number",
        "/window/until": "unknown",
        "/defaults/decision": "choice",
        "/defaults/label_fee/gross": "amount",
        "/rules/0/when/weather": "unknown",
        "/rules/0/when/max_price/JPY": "amount",
        "/rules/0/then": "empty",
        "/rules/1": "type",
    }


@pytest.mark.parametrize(
    ("effect", "value", "pointer", "code"),
    [
        ("decision", "Authorize", "", "choice"),
        ("decision", None, "", "choice"),
        ("message", "", "", "empty"),
        ("message", "x" * 501, "", "too_long"),
        ("message", {"fr": "Non"}, "/fr", "unknown"),
        ("window_days", True, "", "number"),
        ("window_days", 30.0, "", "number"),
        ("window_days", "30", "", "number"),
        ("window_days", 3651, "", "number"),
        ("window_from", "received", "", "choice"),
        ("return_until", "2027-02-30", "", "date"),
        ("return_until", "02-30", "", "date"),
        ("return_until", "13-01", "", "date"),
        ("return_until", "20270131", "", "date"),
        ("return_until", "9999-12-31", "", "date"),
        ("fee", {}, "", "empty"),
        ("fee", "15%", "", "type"),
        ("fee", {"percent": 101}, "/percent", "percent"),
        ("fee", {"percent": -1}, "/percent", "percent"),
        ("fee", {"percent": True}, "/percent", "percent"),
        ("fee", {"percent": float("nan")}, "/percent", "percent"),
        ("fee", {"fixed": "-1.00"}, "/fixed", "amount"),
        ("fee", {"fixed": "1,00"}, "/fixed", "amount"),
        ("fee", {"fixed": 1}, "/fixed", "amount"),
        ("fee", {"fixed": "\u0661.00"}, "/fixed", "amount"),
        ("fee", {"fixed": {}}, "/fixed", "empty"),
        ("fee", {"fixed": {"eur": "1.00"}}, "/fixed/eur", "currency"),
        ("fee", {"fixed": {"EUR": "1.001"}}, "/fixed/EUR", "amount"),
        ("fee", {"fixed": {"EUR": 1}}, "/fixed/EUR", "amount"),
        ("label_fee", "4.99", "", "type"),
        ("label_fee", {}, "/gross", "required"),
        ("fee_waived_for", [], "", "empty"),
        ("fee_waived_for", ["broken"], "/0", "choice"),
        ("required_photos", 21, "", "number"),
        ("questions", "serial_number", "", "type"),
        ("questions", ["Was it opened?"], "/0", "invalid"),
        ("resolutions", [], "", "empty"),
        ("resolutions", ["refund", "apology"], "/1", "choice"),
        ("methods", ["drone"], "/0", "choice"),
        ("methods", [["label"]], "/0", "choice"),
        ("return_shipping_payer", "nobody", "", "choice"),
        ("refund_outbound_shipping", "yes", "", "type"),
        ("auto_reimburse", 1, "", "type"),
        ("deduction_by_grade", {"E": 10}, "/E", "unknown"),
        ("deduction_by_grade", {"B": 101}, "/B", "percent"),
        ("label_valid_days", 7, "", "unknown"),
        ("a/b~c", 7, None, "unknown"),
    ],
)
def test_an_effect_is_refused(effect: str, value: Any, pointer: str | None, code: str) -> None:
    at = "/rules/0/then/a~1b~0c" if pointer is None else f"/rules/0/then/{effect}{pointer}"
    assert errors({"rules": [{"name": "R", "then": {effect: value}}]})[at] == code


@pytest.mark.parametrize(
    ("condition", "value", "pointer", "code"),
    [
        ("categories", [], "", "empty"),
        ("categories", "electronics", "", "type"),
        ("categories", [1], "/0", "type"),
        ("countries", ["POL"], "/0", "invalid"),
        ("countries", [False], "/0", "invalid"),
        ("customer_kinds", ["company"], "/0", "choice"),
        ("payment_kinds", ["cheque"], "/0", "choice"),
        ("sale_channels", ["web"], "/0", "choice"),
        ("reasons", ["broken"], "/0", "choice"),
        ("ordered_between", "11-01", "", "range"),
        ("ordered_between", ["2026-11-01"], "", "range"),
        ("ordered_between", ["2026-12-24", "2026-11-01"], "", "range"),
        ("ordered_between", ["2026-11-01", "12-24"], "", "range"),
        ("ordered_between", ["2026-11-01", "soon"], "/1", "date"),
        ("ordered_between", "11-01..11-31", "", "date"),
        ("days_since_delivery_over", -1, "", "number"),
        ("risk_at_least", 0.7, "", "choice"),
        ("max_price", "ten", "", "amount"),
    ],
)
def test_a_condition_is_refused(condition: str, value: Any, pointer: str, code: str) -> None:
    document = {"rules": [{"name": "R", "when": {condition: value}, "then": {"required_photos": 1}}]}
    assert errors(document) == {f"/rules/0/when/{condition}{pointer}": code}


@pytest.mark.parametrize(
    ("document", "pointer", "code"),
    [
        (None, "", "type"),
        ([], "", "type"),
        ("days: 30", "", "type"),
        ({"window": None}, "/window", "type"),
        ({"window": {"from": "now"}}, "/window/from", "choice"),
        ({"defaults": []}, "/defaults", "type"),
        ({"defaults": {"window_days": 30}}, "/defaults/window_days", "unknown"),
        ({"defaults": {"label_valid_days": 0}}, "/defaults/label_valid_days", "number"),
        ({"defaults": {"refund_order": "random"}}, "/defaults/refund_order", "choice"),
        ({"defaults": {"refund_order": ["cheque"]}}, "/defaults/refund_order/0", "choice"),
        (
            {"defaults": {"goodwill_second_person_above": None}},
            "/defaults/goodwill_second_person_above",
            "amount",
        ),
        ({"honour_terms_at_purchase": "yes"}, "/honour_terms_at_purchase", "type"),
        ({"rules": {}}, "/rules", "type"),
        ({"rules": [{"then": {"required_photos": 1}}] * 501}, "/rules", "too_long"),
        ({"rules": [{"name": "law", "then": {"required_photos": 1}}]}, "/rules/0/name", "duplicate"),
        ({"rules": [{"name": "R", "then": {"required_photos": 1}}] * 2}, "/rules/1/name", "duplicate"),
        ({"rules": [{"name": "R", "if": {}, "then": {"required_photos": 1}}]}, "/rules/0/if", "unknown"),
        ({"name": "a\x00b"}, "/name", "invalid"),
    ],
)
def test_a_document_is_refused(document: Any, pointer: str, code: str) -> None:
    assert errors(document) == {pointer: code}
