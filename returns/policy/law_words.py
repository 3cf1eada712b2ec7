"""The floor report for people: for each effect of a rule, what the law says instead, where, and in which situation."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from returns.policy.floor_report import Finding
from returns.policy.law import book
from returns.policy.law.profiles import Profile
from returns.policy.values import country, say
from returns.policy.wording import standing_label

MANY = 20
DEFAULTS = "defaults"


@dataclass
class Below:
    """An effect of a rule (`rule` is empty for what holds for everything), and where the law puts what in its place."""

    rule: str
    what: str
    here: str
    by_law: dict[str, list[str]] = field(default_factory=dict)


def below_the_law(document: Mapping[str, Any], findings: Iterable[Finding]) -> list[Below]:
    """One entry for each effect that lies below a law, in the order of the document's rules, the laws in words."""
    found: dict[tuple[str, str], dict[str, dict[str, list[str]]]] = {}
    for finding in findings:
        values = found.setdefault((finding.rule, finding.effect), {})
        places = values.setdefault(say(finding.effect, finding.law), defaultdict(list))
        for profile in finding.profiles:
            where = book().profiles[profile]
            places[_situation(where)].append(_place(where))
    written = _written(document)
    order = {name: place for place, name in enumerate([DEFAULTS, *written])}
    return [
        Below(
            "" if rule == DEFAULTS else rule,
            standing_label(effect),
            say(effect, written.get(rule, {}).get(effect)),
            {value: [_at(situation, where) for situation, where in places.items()] for value, places in values.items()},
        )
        for (rule, effect), values in sorted(found.items(), key=lambda pair: order.get(pair[0][0], 0))
    ]


def _written(document: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    window = {f"window_{key}": value for key, value in document["window"].items()}
    return {DEFAULTS: {**window, **document["defaults"]}, **{rule["name"]: rule["then"] for rule in document["rules"]}}


def _at(situation: str, places: list[str]) -> str:
    return f"{situation}: {', '.join(sorted(dict.fromkeys(places)))}"


def _place(profile: Profile) -> str:
    if len(profile.countries) < MANY:
        return ", ".join(country(code) for code in sorted(profile.countries))
    return _("EU") if {"DE", "PL"} <= profile.countries else _("other EU countries")


def _situation(profile: Profile) -> str:
    """When the law speaks: something is wrong, or a change of mind after this kind of sale."""
    if "recall_safety" in profile.reasons:
        return _("after a recall")
    if "late_or_no_delivery" in profile.reasons and "defect_nonconformity" not in profile.reasons:
        return _("when it never came")
    if "change_of_mind" not in profile.reasons:
        return _("when something is wrong with it")
    if "protected_person" in profile.needs:
        return _("a change of mind of a protected customer")
    if "distance" in profile.channels:
        return _("a change of mind, bought at a distance")
    return (
        _("a change of mind, bought in a shop")
        if "store" in profile.channels
        else _("a change of mind, bought at the customer's door")
    )
