"""Every effect, condition and standing term in words, for staff and for customers; no code of ours among them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.utils import translation

from returns.policy.document import CONDITIONS, EFFECTS, STANDING, Rule, canonical, load
from returns.policy.told import INSIDE, effect_told, rule_told, when_told
from returns.policy.told_terms import terms_told
from returns.policy.values import say
from returns.policy.wording import condition_label, standing_label

MONEY = {"EUR": "10.00", "PLN": "45.00"}
WHEN: dict[str, tuple[Any, str]] = {
    "shops": (["main"], "main"),
    "channels": (["web", "app"], "app, web"),
    "customer_kinds": (["consumer", "sole_trader_non_professional"], "consumer, sole trader outside their trade"),
    "customer_tiers": (["gold"], "gold"),
    "payment_kinds": (["pay_later", "blik"], "BLIK, pay later"),
    "suppliers": (["acme"], "acme"),
    "min_order_total": (MONEY, "€10.00 / PLN\u00a045.00"),
    "categories": (["shoes"], "shoes"),
    "skus": (["A-1"], "A-1"),
    "tags_any": (["sale"], "sale"),
    "tags_none": (["new"], "new"),
    "countries": (["DE", "IL"], "Germany, Israel"),
    "sale_channels": (["off_premises", "store"], "at the customer's door, in a shop"),
    "customer_tags_any": (["vip"], "vip"),
    "reasons": (["too_small"], "Too small"),
    "reasons_not": (["defective"], "Faulty"),
    "resolutions": (["store_credit"], "Store credit"),
    "min_price": ("5.00", "5.00"),
    "max_price": (MONEY, "€10.00 / PLN\u00a045.00"),
    "ordered_between": ("11-01..12-24", "every year 1 Nov to 24 Dec"),
    "requested_between": (["2026-11-01", "2027-01-31"], "1 Nov 2026 to 31 Jan 2027"),
    "days_since_delivery_over": (1, "1 day"),
    "risk_at_least": ("medium", "medium"),
}
# value in the document; in words on the desk; the sentence of /policy
THEN: dict[str, tuple[Any, str, str]] = {
    "decision": ("decline", "decline", "We do not take it back."),
    "message": ({"en": "No.", "pl": "Nie."}, "en: “No.”, pl: “Nie.”", ""),
    "window_days": (None, "no limit", "There is no time limit."),
    "window_from": ("shipped", "shipping", "They start when the parcel leaves us."),
    "return_until": ("2027-01-31", "31 Jan 2027", "You can send it back until 31 Jan 2027 at least."),
    "fee": ({"fixed": MONEY, "percent": 12.5}, "€10.00 / PLN\u00a045.00 an item + 12.5% of the price",
            "We keep a restocking fee: €10.00 / PLN\u00a045.00 an item + 12.5% of the price."),
    "label_fee": ({"gross": {"EUR": "3.90"}}, "€3.90",
                  "Our return label costs €3.90; it is taken off the refund."),
    "fee_waived_for": (["defective", "exchange"], "Faulty, Exchange", "No fee for: Faulty, Exchange."),
    "required_photos": (2, "2", "We ask for 2 photos."),
    "questions": (["was_opened", "own_words"], "“Was the package opened?”, “Own words”",
                  "We ask: Was the package opened? Own words"),
    "resolutions": (["refund", "exchange"], "Refund, Exchange", "You can choose: Refund, Exchange."),
    "methods": (["keep"], "Keep it", "You keep it; nothing is sent back."),
    "bonus_credit_percent": (10, "10%", "Choose store credit and we add 10%."),
    "return_shipping_payer": ("shop", "shop", "We pay for the way back."),
    "return_postage_cap": ("12.00", "12.00", "Postage you pay where we owe it is paid back up to 12.00."),
    "return_to": ("MAIN", "MAIN", ""),
    "exchange_bonus_percent": (5, "5%", "Choose an exchange and we add 5%."),
    "refund_outbound_shipping": (True, "yes", "What your delivery cost: We pay it back when everything comes back."),
    "promotion_on_return": ("claw_back", "the discount is taken back",
        "A discount that needed the whole order is worked out again, and the difference is taken off the refund."),
    "auto_reimburse": (False, "no", ""),
    "deduction_by_grade": ({"A": 0, "B": 15, "D": 100}, "A 0%, B 15%, D 100%",
        "What was used more than to try it may be worth less; we then take off up to: light marks 15%, "
        "unsellable 100%."),
}  # fmt: skip
STANDS: dict[str, tuple[Any, str]] = {
    "label_valid_days": (14, "14 days"),
    "expire_after_days": (1, "1 day"),
    "store_credit_valid_days": (None, "no limit"),
    "refund_order": (["gift_card", "card"], "gift card, card"),
    "goodwill_second_person_above": ("100.00", "100.00"),
}
SHOPS_OWN = ("shops",)


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """Whatever language an earlier test left behind."""
    with translation.override("en"):
        yield


def test_every_word_of_the_vocabulary_is_here() -> None:
    assert (set(WHEN), set(THEN), set(STANDS)) == (set(CONDITIONS), set(EFFECTS), set(STANDING))


@pytest.mark.parametrize("key", WHEN)
def test_a_condition_in_words(key: str) -> None:
    value, words = WHEN[key]
    stored = canonical({"rules": [{"when": {key: value}, "then": {"decision": "review"}}]})["rules"][0]["when"][key]
    assert say(key, stored) == words
    assert condition_label(key) != key
    told = when_told({key: stored})
    assert (told == "") == (key in SHOPS_OWN)
    assert "_" not in told


@pytest.mark.parametrize("key", THEN)
def test_an_effect_in_words(key: str) -> None:
    value, words, sentence = THEN[key]
    stored = canonical({"rules": [{"then": {key: value}}]})["rules"][0]["then"][key]
    assert say(key, stored) == words
    assert standing_label(key) != key
    assert effect_told(key, stored) == sentence
    assert bool(sentence) == (key not in (*INSIDE, "message"))


@pytest.mark.parametrize("key", STANDS)
def test_a_standing_term_in_words(key: str) -> None:
    value, words = STANDS[key]
    assert say(key, canonical({"defaults": {key: value}})["defaults"][key]) == words
    assert standing_label(key) != key


def test_other_values_of_the_same_words() -> None:
    nothing = {"fixed": "0", "percent": 0, "keep_shipping": True}
    assert [say("fee", nothing), say("fee", None), say("label_fee", {"gross": "0"})] == ["none"] * 3
    assert say("fee", {"fixed": "0", "percent": 15, "keep_shipping": False}) == "15%, shipping too"
    assert say("refund_order", "last_first") == "the last payment first"
    assert say("promotion_on_return", "keep") == "the discount stays"
    assert effect_told("fee", nothing) == "We keep no restocking fee."
    assert effect_told("bonus_credit_percent", 0) == ""
    assert [say("fee", "11.50"), say("fee", "0.00")] == ["11.50", "none"]


@pytest.mark.parametrize(("language", "words"), [("pl", "01.11.2026"), ("he", "1.11.2026")])
def test_days_as_the_reader_writes_them(language: str, words: str) -> None:
    with translation.override(language):
        assert words in say("requested_between", ["2026-11-01", "2027-01-31"])


def rule(when: dict[str, Any], then: dict[str, Any]) -> Rule:
    return load({"rules": [{"name": "R", "when": when, "then": then}]}).rules[0]


def test_a_rule_is_told_in_sentences() -> None:
    told = rule_told(rule({"categories": ["electronics"], "countries": ["PL"]}, {"window_days": 14, "return_to": "X"}))
    assert told["when"] == "This holds for goods of: electronics, when sent to: Poland."
    assert told["then"] == ["You have 14 days."]


def test_the_shops_own_sentence_stands_for_its_refusal() -> None:
    told = rule_told(rule({}, {"decision": "decline", "message": {"en": "Sold is sold.", "pl": "Nie."}}))
    assert told["then"] == ["Sold is sold."]


@pytest.mark.parametrize(
    ("defaults", "says"),
    [
        ({"return_shipping_payer": "shop"}, "We pay for the way back."),
        ({"label_fee": {"gross": "4.00"}}, "Our return label costs 4.00; it is taken off the refund. Sent in another"),
        ({"methods": ["label"]}, "Our return label costs you nothing. Sent in another way, you pay the postage."),
        ({"methods": ["own_carrier"]}, "You pay for the way back. Where something is wrong with it, we pay."),
        ({"methods": ["label"], "fee": {"percent": 5}}, "We keep a restocking fee: 5% of the price."),
        ({"store_credit_valid_days": None}, "It never expires."),
        ({"message": "Mind the tag."}, "Mind the tag."),
    ],
)
def test_what_holds_for_everything_is_told(defaults: dict[str, Any], says: str) -> None:
    assert says in " ".join(each["text"] for each in terms_told(load({"defaults": defaults})))
