"""Where a policy lies below the law: every rule tried under every law, what will be clipped, in codes and words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from customers.money import parse
from returns.policy.document import HOUSE_POLICY, Policy, Rule, load
from returns.policy.eligibility import decide
from returns.policy.explain import EFFECT_LABELS, words
from returns.policy.facts import Case, LineFacts, OrderFacts, Parcel, Request
from returns.policy.law import ACCEPT, LawFacts, book, judge_by_law
from returns.policy.law.profiles import Profile

# one country stands for all that a profile covers
HOME = {"PL": ("Europe/Warsaw", "PLN"), "DE": ("Europe/Berlin", "EUR"), "GB": ("Europe/London", "GBP"),
        "IL": ("Asia/Jerusalem", "ILS"), "US": ("America/New_York", "USD")}  # fmt: skip
PLACED = datetime(2026, 11, 2, 9, tzinfo=UTC)
PRICE = "200"
# what the floor changes is reported under the effect that a policy sets
SET_AS = {"return_until": "window_days"}


@dataclass(frozen=True)
class Finding:
    """One effect of a rule (or of the `defaults`) that some laws replace by their own."""

    rule: str
    effect: str
    policy: Any
    law: Any
    profiles: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """The member of `floor_report` in an answer, in the language that is active."""
        named = {
            "rule": _("Defaults") if self.rule == "defaults" else self.rule,
            "effect": EFFECT_LABELS.get(self.effect, self.effect),
            "policy": words(self.policy),
            "law": words(self.law),
            "profiles": ", ".join(self.profiles),
        }
        text = _("%(rule)s: %(effect)s is %(policy)s here and %(law)s by law (%(profiles)s). The law will win.")
        return {
            "rule": self.rule,
            "effect": self.effect,
            "policy": self.policy,
            "law": self.law,
            "profiles": list(self.profiles),
            "explanation": text % named,
        }


def floor_report(policy: Policy) -> list[Finding]:
    """Every effect that the policy sets below a law; what the house's defaults leave to the law is not named."""
    found: dict[tuple[str, str, str, str], list[str]] = {}
    values: dict[tuple[str, str, str, str], tuple[Any, Any]] = {}
    for name, effect, given, by_law, profile in _below(policy):
        key = (name, effect, str(given), str(by_law))
        values[key] = (given, by_law)
        if profile not in found.setdefault(key, []):
            found[key].append(profile)
    return [Finding(key[0], key[1], *values[key], tuple(profiles)) for key, profiles in found.items()]


def _below(policy: Policy) -> Iterator[tuple[str, str, Any, Any, str]]:
    house = load(HOUSE_POLICY).defaults
    chosen = {effect for effect, value in policy.defaults.items() if value != house.get(effect)}
    for profile in book().profiles.values():
        if profile.right != ACCEPT:
            continue
        for rule in (Rule("defaults", {}, dict.fromkeys(chosen)), *policy.rules):
            for effect, given, by_law in _clipped(policy, rule, profile):
                yield rule.name, effect, given, by_law, profile.id


def _clipped(policy: Policy, rule: Rule, profile: Profile) -> Iterator[tuple[str, Any, Any]]:
    """The effects of one rule that one law would replace, tried on an order to which both apply."""
    alone = replace(policy, rules=() if rule.name == "defaults" else (replace(rule, when={}),))
    case = _case(profile, rule.when)
    if case is None:
        return
    facts = _facts(profile, case)
    if judge_by_law(case, facts).profile != profile.id:
        return
    decision = decide(alone, case.order, case.line, case.request, case.now, law=facts)
    for clip in decision.terms.clipped:
        effect = SET_AS.get(clip.effect, clip.effect)
        if effect in rule.then and effect != "window_days":
            yield effect, clip.policy, clip.law
    yield from _days(alone, rule, profile)


def _days(policy: Policy, rule: Rule, profile: Profile) -> Iterator[tuple[str, Any, Any]]:
    """A window shorter than the law's, in days; the years of a guarantee are no window for changing one's mind."""
    law = profile.window
    if law is None or "change_of_mind" not in profile.reasons or law.span.months:
        return
    given = policy.defaults["window_days"] if rule.name == "defaults" else rule.then.get("window_days")
    if "window_days" in rule.then and given is not None and given < law.span.days:
        yield "window_days", given, law.span.days


def _case(profile: Profile, when: Mapping[str, Any]) -> Case | None:
    """An order of two units to which rule and law apply; None where the two never meet."""
    country = _pick(profile.countries, when.get("countries"), HOME)
    channel = _pick(profile.channels, when.get("sale_channels"), ("distance",))
    kind = _pick(profile.consumers, when.get("customer_kinds"), ("consumer",))
    reason = _reason(profile, when)
    if country is None or channel is None or kind is None or reason is None:
        return None
    zone, currency = HOME.get(country, ("Europe/Brussels", "EUR"))
    parcel, asked = _times(profile, channel, reason)
    price = parse(PRICE, currency)
    order = OrderFacts(
        currency=currency, placed_at=PLACED, total=2 * price, sale_channel=channel, customer_kind=kind,
        country=country, time_zone=zone, parcels=(parcel,),
    )  # fmt: skip
    basis = "warranty" if "commercial_warranty" in profile.reasons else None
    return Case(order, LineFacts(id="A", sku="", unit_price=price), Request(reason=reason, basis_claimed=basis), asked)


def _times(profile: Profile, channel: str, reason: str) -> tuple[Parcel, datetime]:
    """When it came and when it is asked about: in time, once an earlier tier is over, or when nothing ever left."""
    if reason == "late_or_no_delivery":
        return Parcel(frozenset("A")), PLACED + timedelta(days=40)
    arrived = PLACED if channel == "store" else PLACED + timedelta(days=2)
    later = timedelta(days=0 if profile.tier == "first" else 60)
    return Parcel(frozenset("A"), PLACED, arrived), arrived + timedelta(hours=20) + later


def _pick(possible: frozenset[str], wanted: Any, first: Any) -> str | None:
    both = sorted(possible if wanted is None else possible & frozenset(wanted))
    return next((each for each in first if each in both), both[0] if both else None)


# one reason for each class of the law
_REASONS = {
    "change_of_mind": "change_of_mind",
    "defect_nonconformity": "defective",
    "late_or_no_delivery": "late_or_no_delivery",
    "recall_safety": "recall_safety",
    "commercial_warranty": "defective",
}


def _reason(profile: Profile, when: Mapping[str, Any]) -> str | None:
    for of_law, reason in _REASONS.items():
        if of_law not in profile.reasons or reason in when.get("reasons_not", ()):
            continue
        if "reasons" not in when or reason in when["reasons"]:
            return reason
    return None


def _facts(profile: Profile, case: Case) -> LawFacts:
    """Facts under which the profile applies and the customer was told of the right."""
    return LawFacts(
        information_given_at=case.order.placed_at,
        shipping_paid=parse("10", case.order.currency),
        legal_group=next(iter(sorted(profile.groups)), None),
        region=next(iter(sorted(profile.regions)), None),
        protected_person="protected_person" in profile.needs,
        had_conversation="had_conversation" in profile.needs,
        unsolicited_visit="unsolicited_visit" in profile.needs,
        regular_delivery=False,
        collection_offered=False,
        policy_displayed=True,
    )
