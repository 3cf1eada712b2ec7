"""Why each item was decided as it was: the rules that spoke, the law, and the person who said otherwise."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from returns.models import PolicyDecision, ReturnItem
from returns.policy import explain
from returns.policy.explain_law import law_lines
from returns.policy.values import day
from returns.templatetags.rma import outcome_look

HOUSE, LAW, PERSON = "house", "law", "person"


@dataclass(frozen=True)
class Line:
    """One step of a decision: who decided (house, law, person), what, and with what result."""

    source: str
    words: str
    result: Any = ""


@dataclass
class Trace:
    """The decision on one item."""

    title: str
    look: tuple[Any, str, str]
    lines: list[Line] = field(default_factory=list)


def traces_of(items: list[ReturnItem], decisions: list[PolicyDecision]) -> list[Trace]:
    """One trace for each item that was decided, in the order of the items."""
    latest = {row.item_id: row for row in decisions}
    return [_trace(item, latest[item.pk]) for item in items if item.pk in latest]


def _trace(item: ReturnItem, row: PolicyDecision) -> Trace:
    outcome, *reasons = explain.for_agent(row.detail)
    trace = Trace(item.line.title, outcome_look(row.outcome))
    first, *others = reasons or [""]
    trace.lines.append(Line(HOUSE, first, outcome))
    trace.lines += [Line(HOUSE, words) for words in others]
    trace.lines += _effects(row.detail)
    trace.lines += [Line(LAW, words) for words in law_lines(row.detail.get("law"), day)]
    if row.overridden_by:
        words = _("%(name)s decided otherwise: “%(reason)s”") % {
            "name": row.overridden_by,
            "reason": row.override_reason,
        }
        trace.look = outcome_look("authorized")
        trace.lines.append(Line(PERSON, words, _("Authorized")))
    return trace


def _effects(detail: dict[str, Any]) -> list[Line]:
    """Terms that a rule or the law set; the house's defaults say nothing about this item."""
    rows = zip(detail["trace"], explain.trace_lines(detail), strict=True)
    return [
        Line(LAW if entry["rule"] == LAW else HOUSE, f"{effect} ({author})", value)
        for entry, (author, effect, value) in rows
        if entry["rule"] != "defaults"
    ]


def policy_words(decisions: list[PolicyDecision]) -> str:
    """Which version of the policy decided."""
    policy = decisions[0].policy if decisions else None
    return _("Policy v%(version)d") % {"version": policy.version} if policy else ""
