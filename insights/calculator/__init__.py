"""Comparing what a policy would have decided with what happened: one case after the other, added up by currency."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from customers.money import to_text
from insights.calculator.periods import folded, unit_for
from returns.policy.decision import DECLINED, OUTCOMES, REVIEW, Decision

EXAMPLES = 50
MONEY = ("requested", "refunds", "fees", "retained")
_COUNTS = ("returns", "items", "skipped", "estimated", "clipped_items")
_GROUPS = ("by_rule", "by_reason", "by_day")


@dataclass(frozen=True, slots=True)
class PastItem:
    """One item of a return as it went; amounts in minor units.

    `outcome` is what the policy of that day said, `paid` what the customer got for the goods before fees, `fees` the
    restocking fees kept of it, `worth` what was paid for the units that were asked back.
    """

    item: int
    outcome: str
    worth: int
    paid: int
    fees: int
    reason: str
    decided: bool = True


@dataclass(frozen=True, slots=True)
class PastReturn:
    """A return as it went, with its items beside what the draft says of each."""

    code: str
    customer: int
    day: date
    currency: str
    method: str
    label_fee: int
    items: tuple[tuple[PastItem, Decision], ...]


@dataclass(slots=True)
class Sums:
    """Money as it was and as it would have been, in minor units of one currency."""

    was: Counter[str] = field(default_factory=Counter)
    would: Counter[str] = field(default_factory=Counter)

    def as_dict(self, currency: str) -> dict[str, Any]:
        """The sums as decimal strings."""
        return {
            name: {
                "was": to_text(self.was[name], currency),
                "would": to_text(self.would[name], currency),
                "change": to_text(self.would[name] - self.was[name], currency),
            }
            for name in MONEY
        }


@dataclass(slots=True)
class Backtest:
    """The comparison so far; `add` takes returns in any order and the sums come out the same."""

    returns: int = 0
    items: int = 0
    skipped: int = 0
    estimated: int = 0
    matrix: Counter[tuple[str, str]] = field(default_factory=Counter)
    money: dict[str, Sums] = field(default_factory=lambda: defaultdict(Sums))
    better: set[int] = field(default_factory=set)
    worse: set[int] = field(default_factory=set)
    clipped: Counter[str] = field(default_factory=Counter)
    clipped_items: int = 0
    by_rule: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    by_reason: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    by_day: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    examples: list[dict[str, Any]] = field(default_factory=list)

    def add(self, past: PastReturn) -> None:
        """Compare one return."""
        self.returns += 1
        sums, day = self.money[past.currency], self.by_day[past.day.isoformat()]
        before = (sums.was["refunds"], sums.would["refunds"])
        would_pay = 0
        for item, decision in past.items:
            would_pay += self._add_item(past, item, decision, sums, day)
        was_paid = sum(item.paid for item, _decision in past.items)
        self._add_label_fee(past, sums, was_paid, would_pay)
        was, would = sums.was["refunds"] - before[0], sums.would["refunds"] - before[1]
        day[f"was {past.currency}"] += was
        day[f"would {past.currency}"] += would
        self._add_customer(past.customer, was, would)

    def _add_item(self, past: PastReturn, item: PastItem, decision: Decision, sums: Sums, day: Counter[str]) -> int:
        self.items += 1
        self._add_decision(past, item, decision, day)
        pays = self._would_pay(item, decision)
        fee = decision.terms.fee.on(pays)
        _add_money(sums.was, item.worth, item.paid, item.fees)
        _add_money(sums.would, item.worth, pays, fee)
        return pays

    def _would_pay(self, item: PastItem, decision: Decision) -> int:
        """What the draft would have paid for the goods: a person's decision and the bench's findings stand."""
        if decision.outcome == DECLINED:
            return 0
        if item.paid or item.outcome != DECLINED or decision.outcome == REVIEW:
            return item.paid
        self.estimated += 1
        return item.worth

    def _add_decision(self, past: PastReturn, item: PastItem, decision: Decision, day: Counter[str]) -> None:
        was, would = item.outcome, decision.outcome
        changed = was != would
        self.matrix[was, would] += 1
        for group, name in ((self.by_rule, decision.terms.decided_by), (self.by_reason, item.reason)):
            group[name]["items"] += 1
            group[name]["changed"] += changed
        for column in ("items", f"was_{was}", f"would_{would}"):
            day[column] += 1
        if decision.terms.clipped:
            self.clipped_items += 1
            self.clipped.update(clip.effect for clip in decision.terms.clipped)
        if changed and len(self.examples) < EXAMPLES:
            self.examples.append({"rma": past.code, "was": was, "would": would, "rule": decision.terms.decided_by})

    def _add_customer(self, customer: int, was: int, would: int) -> None:
        if would > was:
            self.better.add(customer)
        elif would < was:
            self.worse.add(customer)

    def _add_label_fee(self, past: PastReturn, sums: Sums, was_paid: int, would_pay: int) -> None:
        """The charge for the label, once a return and never more than what it pays."""
        wanted = max((decision.terms.label_fee_for(past.method) for _item, decision in past.items), default=0)
        for side, fee in ((sums.was, min(past.label_fee, was_paid)), (sums.would, min(wanted, would_pay))):
            side.update(refunds=-fee, fees=fee, retained=fee)

    def state(self) -> dict[str, Any]:
        """What was counted so far, for JSON: `merge` adds it to another part's."""
        return {
            **{name: getattr(self, name) for name in _COUNTS},
            **{name: dict(getattr(self, name)) for name in _GROUPS},
            "matrix": [[was, would, items] for (was, would), items in self.matrix.items()],
            "money": {currency: [sums.was, sums.would] for currency, sums in self.money.items()},
            "clipped": self.clipped,
            "better": sorted(self.better),
            "worse": sorted(self.worse),
            "examples": self.examples,
        }

    def merge(self, part: Mapping[str, Any]) -> None:
        """Add the `state` of a part; examples stay in the order in which the parts come."""
        for name in _COUNTS:
            setattr(self, name, getattr(self, name) + part[name])
        for name in _GROUPS:
            for key, row in part[name].items():
                getattr(self, name)[key].update(row)
        for was, would, items in part["matrix"]:
            self.matrix[was, would] += items
        for currency, (was, would) in part["money"].items():
            self.money[currency].was.update(was)
            self.money[currency].would.update(would)
        self.clipped.update(part["clipped"])
        self.better.update(part["better"])
        self.worse.update(part["worse"])
        self.examples = (self.examples + part["examples"])[:EXAMPLES]

    def as_dict(self, first: date, last: date) -> dict[str, Any]:
        """The whole comparison of the days `first` to `last` for JSON."""
        unit = unit_for(first, last)
        changed = sum(count for (was, would), count in self.matrix.items() if was != would)
        return {
            "returns": self.returns,
            "items": self.items,
            "skipped": self.skipped,
            "estimated": self.estimated,
            "decisions": {
                "changed": changed,
                "matrix": [
                    {"was": was, "would": would, "items": self.matrix[was, would]}
                    for was in OUTCOMES
                    for would in OUTCOMES
                    if self.matrix[was, would]
                ],
            },
            "money": {currency: sums.as_dict(currency) for currency, sums in sorted(self.money.items())},
            "customers": {
                "affected": len(self.better | self.worse),
                "better": len(self.better - self.worse),
                "worse": len(self.worse),
            },
            "floor": {"items": self.clipped_items, "by_effect": dict(sorted(self.clipped.items()))},
            "by_rule": _rows(self.by_rule, "rule"),
            "by_reason": _rows(self.by_reason, "reason"),
            "by_month": [{"month": start[:7], **_outcomes(row)} for start, row in folded(self.by_day, "month")],
            "by_period": {
                "unit": unit,
                "rows": [
                    {"start": start, **_outcomes(row), "refunds": self._refunds(row)}
                    for start, row in folded(self.by_day, unit)
                ],
            },
            "examples": self.examples,
        }

    def _refunds(self, row: Mapping[str, int]) -> dict[str, dict[str, str]]:
        return {
            currency: {side: to_text(row[f"{side} {currency}"], currency) for side in ("was", "would")}
            for currency in sorted(self.money)
        }


def _outcomes(row: Mapping[str, int]) -> dict[str, int]:
    return {f"{side}_{outcome}": row[f"{side}_{outcome}"] for side in ("was", "would") for outcome in OUTCOMES}


def _add_money(side: Counter[str], worth: int, paid: int, fees: int) -> None:
    side["requested"] += worth
    side["refunds"] += paid - fees
    side["fees"] += fees
    side["retained"] += worth - paid + fees


def _rows(groups: dict[str, Counter[str]], name: str) -> list[dict[str, Any]]:
    ranked: Iterable[tuple[str, Counter[str]]] = sorted(groups.items(), key=lambda pair: (-pair[1]["items"], pair[0]))
    return [{name: key, "items": row["items"], "changed": row["changed"]} for key, row in ranked]
