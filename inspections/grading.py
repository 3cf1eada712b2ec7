"""Rules at the bench: what to look at, which grade the answers speak for, and where the goods go then."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

GRADES = ("A", "B", "C", "D")


@dataclass(frozen=True, slots=True)
class Check:
    """One line of a checklist; `best` is the best grade that is left when the answer is no."""

    code: str
    label: str | Promise
    best: str


CHECKS = {
    check.code: check
    for check in (
        Check("packaging", _("Original packaging"), "B"),
        Check("tags", _("All tags on"), "B"),
        Check("accessories", _("All parts and accessories"), "C"),
        Check("unused", _("No signs of use"), "B"),
        Check("works", _("Works as it should"), "D"),
    )
}
WORN = ("packaging", "tags", "accessories", "unused")
USED = ("packaging", "accessories", "unused", "works")
# words in a category that say: it is worn on the body and has tags
WORN_WORDS = ("apparel", "cloth", "fashion", "shoe", "footwear", "textile", "wear", "jacket", "dress")


def checklist_for(category: str) -> tuple[Check, ...]:
    """What to look at on goods of this category; never more than four lines."""
    worn = any(word in category.lower() for word in WORN_WORDS)
    return tuple(CHECKS[code] for code in (WORN if worn else USED))


def suggest_grade(answers: Mapping[str, bool]) -> str:
    """The grade that the answers speak for: the worst of the noes, and two light ones make C; empty without answers."""
    known = {code: good for code, good in answers.items() if code in CHECKS}
    if not known:
        return ""
    noes = [CHECKS[code].best for code, good in known.items() if not good]
    worst = max(noes, default="A")
    return "C" if worst == "B" and len(noes) > 1 else worst


def suggest_disposition(grade: str, outcome: str, answers: Mapping[str, bool], *, reason: str = "") -> str:
    """Where units of this grade go; what the shop does not take goes back, what is recalled stays apart.

    Grade B goes back on the shelf only when somebody saw that it bears no marks.
    """
    if outcome == "rejected":
        return "return_to_customer"
    if reason == "recall_safety":
        return "quarantine"
    if grade == "B":
        return "restock" if answers.get("unused") is True else "liquidate"
    return {"A": "restock", "C": "liquidate", "D": "scrap"}[grade]
