"""Which rules match a case and which effect each of them sets, first come first served, with a trace."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from returns.policy.document import EFFECTS, Policy, Rule
from returns.policy.facts import Case
from returns.policy.reasons import RISK_LEVELS
from returns.policy.window import days_since_delivery, local_day

Matcher = Callable[[Any, Case], bool]


@dataclass(frozen=True)
class TraceEntry:
    """Who set what: the name of a rule (or `defaults`, `law`), the effect, its value for JSON."""

    rule: str
    effect: str
    value: Any

    def as_dict(self) -> dict[str, Any]:
        """The member of `trace` in an answer."""
        return {"rule": self.rule, "effect": self.effect, "value": self.value}


@dataclass(frozen=True)
class Resolved:
    """The winning value of every effect that anything set, and where it came from."""

    values: Mapping[str, Any]
    set_by: Mapping[str, str]
    told: Mapping[str, Any]

    def trace(self) -> tuple[TraceEntry, ...]:
        """One entry for each effect, in the order of the vocabulary."""
        known = [key for key in EFFECTS if key in self.values]
        return tuple(TraceEntry(self.set_by[key], key, self.told[key]) for key in known)


def _ordered_on(case: Case) -> Any:
    return local_day(case.order.placed_at, case.order.time_zone)


def _longer_than(days: int, case: Case) -> bool:
    since = days_since_delivery(case)
    return since is not None and since > days


def _at_least(amount: Any, minor: int, case: Case) -> bool:
    found = amount.compare(minor, case.order.currency)
    return found is not None and found >= 0


def _at_most(amount: Any, minor: int, case: Case) -> bool:
    found = amount.compare(minor, case.order.currency)
    return found is not None and found <= 0


def _risky(level: str, case: Case) -> bool:
    risk = case.request.risk
    return risk in RISK_LEVELS and RISK_LEVELS.index(risk) >= RISK_LEVELS.index(level)


_MATCH: dict[str, Matcher] = {
    "shops": lambda wanted, case: case.order.shop in wanted,
    "channels": lambda wanted, case: case.order.channel in wanted,
    "customer_kinds": lambda wanted, case: case.order.customer_kind in wanted,
    "customer_tiers": lambda wanted, case: not wanted.isdisjoint(case.order.customer_tiers),
    "payment_kinds": lambda wanted, case: not wanted.isdisjoint(case.order.payment_kinds),
    "suppliers": lambda wanted, case: case.line.supplier in wanted,
    "min_order_total": lambda amount, case: _at_least(amount, case.order.total, case),
    "categories": lambda wanted, case: case.line.category in wanted,
    "skus": lambda wanted, case: case.line.sku in wanted,
    "tags_any": lambda wanted, case: not wanted.isdisjoint(case.line.tags),
    "tags_none": lambda banned, case: banned.isdisjoint(case.line.tags),
    "countries": lambda wanted, case: case.order.country in wanted,
    "sale_channels": lambda wanted, case: case.order.sale_channel in wanted,
    "customer_tags_any": lambda wanted, case: not wanted.isdisjoint(case.order.customer_tags),
    "reasons": lambda wanted, case: case.request.reason in wanted,
    "reasons_not": lambda banned, case: case.request.reason not in banned,
    "resolutions": lambda wanted, case: case.request.resolution in wanted,
    "min_price": lambda amount, case: _at_least(amount, case.line.unit_price, case),
    "max_price": lambda amount, case: _at_most(amount, case.line.unit_price, case),
    "ordered_between": lambda days, case: _ordered_on(case) in days,
    "requested_between": lambda days, case: local_day(case.asked_at, case.order.time_zone) in days,
    "days_since_delivery_over": _longer_than,
    "risk_at_least": _risky,
}


def matches(rule: Rule, case: Case) -> bool:
    """Whether every condition of the rule holds; a fact that is unknown meets no condition that needs it."""
    return all(_MATCH[key](wanted, case) for key, wanted in rule.when.items())


def resolve(policy: Policy, case: Case) -> Resolved:
    """Go through the rules from the top; the first that sets an effect wins it, defaults fill the rest."""
    values: dict[str, Any] = {}
    set_by: dict[str, str] = {}
    told: dict[str, Any] = {}
    for name, effects, plainly in _matching(policy, case):
        for effect, value in effects.items():
            if effect not in values:
                values[effect], set_by[effect], told[effect] = value, name, plainly[effect]
    return Resolved(values, set_by, told)


def _matching(policy: Policy, case: Case) -> list[tuple[str, Mapping[str, Any], Mapping[str, Any]]]:
    found = [(rule.name, rule.then, rule.told) for rule in policy.rules if matches(rule, case)]
    return [*found, ("defaults", policy.defaults, policy.told)]
