"""Consumer law as a floor: versioned profiles, their clocks, and a verdict on one line of a request."""

from returns.policy.law.facts import LawFacts
from returns.policy.law.profiles import book
from returns.policy.law.verdict import ACCEPT, NONE, REJECT, Verdict, judge_by_law

__all__ = ["ACCEPT", "NONE", "REJECT", "LawFacts", "Verdict", "book", "judge_by_law"]
