"""Every effect of a policy under every profile of the law: lifted to the law's value, or left as the shop set it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from customers.money import to_text
from returns.policy.decision import Decision
from returns.policy.document import EFFECTS, load
from returns.policy.eligibility import decide
from returns.policy.law import book
from tests.returns.policy.law_build import case_of
from tests.returns.policy.test_law_cases import PlainLoader

TABLE: dict[str, Any] = yaml.load(
    (Path(__file__).parent / "effects_by_law.yaml").read_text("utf-8"), Loader=PlainLoader
)
HOME, GROUPS, BY_EFFECT = TABLE["home"], TABLE["groups"], TABLE["effects"]
GROUP_OF = {profile: group for group, members in GROUPS.items() for profile in members}
WINDOW = ("window_days", "window_from", "return_until")
PRICE = "200"


def expected(effect: str, profile: str) -> tuple[bool, Any]:
    """Whether the law lifts it, and what then holds; a profile of its own beats its group."""
    row = BY_EFFECT[effect]
    lifted, stays = row.get("lifted", {}), row.get("stays", {})
    for name in (profile, GROUP_OF[profile]):
        if name in lifted:
            return True, HOME[profile]["ends"] if lifted[name] == "ends" else lifted[name]
        if name in stays:
            return False, stays[name]
    raise KeyError(f"{effect} under {profile} is missing")


def decided(effect: str, profile: str, **changes: Any) -> Decision:
    """The decision of a policy whose one rule sets the effect, in the profile's home."""
    row = {key: value for key, value in {**HOME[profile], **changes}.items() if key != "ends"}
    facts = {"shipping_paid": "10", "cheapest_standard": "8", **row.get("facts", {})}
    case, law = case_of({"price": PRICE, **row, "facts": facts})
    policy = load({"rules": [{"name": "Hard", "then": {effect: BY_EFFECT[effect]["set"]}}]})
    return decide(policy, case.order, case.line, case.request, case.now, law=law)


def effective(effect: str, decision: Decision, clips: Mapping[str, Any]) -> Any:
    """What holds in the end, as the API says it."""
    answer, terms = decision.as_dict(), decision.terms
    if effect == "decision":
        return decision.outcome
    if effect in WINDOW:
        return answer["window"]["last_day"]
    if effect == "fee":
        return to_text(terms.fee.on(20_000), terms.currency)
    if effect == "fee_waived_for":
        return answer["fee"]["waived_for"]
    if effect in ("refund_outbound_shipping", "deduction_by_grade") and effect in clips:
        return clips[effect]  # held where the money is decided
    return answer[effect]


@pytest.mark.parametrize("profile", HOME)
@pytest.mark.parametrize("effect", BY_EFFECT)
def test_effect(effect: str, profile: str) -> None:
    lifted, value = expected(effect, profile)
    decision = decided(effect, profile)
    assert decision.terms.law is not None
    assert (decision.terms.law.profile, decision.terms.law.doubts) == (profile, ())
    clips = {clip.effect: clip.law for clip in decision.terms.clipped}
    named = "return_until" if effect in WINDOW else effect
    assert (named in clips, effective(effect, decision, clips)) == (lifted, value)


def test_what_was_bought_in_a_shop_may_be_asked_back_there() -> None:
    terms = decided("methods", "PL_GUARANTEE", channel="store").terms
    assert terms.law is not None
    assert (terms.law.profile, terms.methods) == ("PL_GUARANTEE", ("in_store",))


def test_no_pair_of_effect_and_profile_is_without_a_case() -> None:
    assert set(BY_EFFECT) == set(EFFECTS)
    assert set(HOME) == set(GROUP_OF) == {profile.id for profile in book().profiles.values()}
    assert sum(map(len, GROUPS.values())) == len(GROUP_OF)
    for effect in BY_EFFECT:
        for profile in HOME:
            expected(effect, profile)
        names = [*BY_EFFECT[effect].get("lifted", {}), *BY_EFFECT[effect].get("stays", {})]
        assert len(names) == len(set(names))
        assert set(names) <= {*GROUPS, *HOME}
