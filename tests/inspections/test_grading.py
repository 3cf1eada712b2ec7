"""The rules of the bench, case by case."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspections.grading import CHECKS, GRADES, checklist_for, suggest_disposition, suggest_grade

YES = dict.fromkeys(CHECKS, True)


@pytest.mark.parametrize(
    ("answers", "grade"),
    [
        ({}, ""),
        ({"colour": False}, ""),
        ({"packaging": True}, "A"),
        (YES, "A"),
        (YES | {"packaging": False}, "B"),
        (YES | {"tags": False}, "B"),
        (YES | {"unused": False}, "B"),
        (YES | {"packaging": False, "unused": False}, "C"),
        (YES | {"accessories": False}, "C"),
        (YES | {"accessories": False, "packaging": False}, "C"),
        (YES | {"works": False}, "D"),
        (dict.fromkeys(CHECKS, False), "D"),
    ],
)
def test_the_answers_speak_for_a_grade(answers: dict[str, bool], grade: str) -> None:
    assert suggest_grade(answers) == grade


@pytest.mark.parametrize(
    ("grade", "outcome", "answers", "reason", "disposition"),
    [
        ("A", "accepted", {}, "", "restock"),
        ("B", "accepted", {"unused": True}, "", "restock"),
        ("B", "accepted", {"unused": False}, "", "liquidate"),
        ("B", "accepted", {}, "", "liquidate"),
        ("C", "accepted", {"unused": True}, "", "liquidate"),
        ("D", "accepted", {}, "", "scrap"),
        ("A", "accepted", YES, "recall_safety", "quarantine"),
        ("D", "accepted", {}, "recall_safety", "quarantine"),
        ("A", "rejected", YES, "", "return_to_customer"),
        ("D", "rejected", {}, "recall_safety", "return_to_customer"),
    ],
)
def test_a_grade_speaks_for_a_disposition(
    grade: str, outcome: str, answers: dict[str, bool], reason: str, disposition: str
) -> None:
    assert suggest_disposition(grade, outcome, answers, reason=reason) == disposition


@pytest.mark.parametrize(
    ("category", "third"),
    [("apparel", "accessories"), ("Women > Shoes", "accessories"), ("lighting", "unused"), ("", "unused")],
)
def test_the_checklist_fits_the_category(category: str, third: str) -> None:
    codes = [check.code for check in checklist_for(category)]
    assert codes[2] == third
    assert ("tags" in codes) == (third == "accessories")


@given(st.text(max_size=40))
def test_a_checklist_fits_the_tablet(category: str) -> None:
    checks = checklist_for(category)
    assert 1 <= len(checks) <= 4
    assert len({check.code for check in checks}) == len(checks)


@given(st.dictionaries(st.sampled_from(sorted(CHECKS)), st.booleans(), min_size=1), st.sampled_from(sorted(CHECKS)))
def test_a_further_no_never_makes_the_grade_better(answers: dict[str, bool], code: str) -> None:
    assert suggest_grade(answers | {code: False}) >= suggest_grade(answers | {code: True})


@given(
    st.sampled_from(GRADES),
    st.dictionaries(st.sampled_from(sorted(CHECKS)), st.booleans()),
    st.sampled_from(["", "defective", "recall_safety"]),
)
def test_what_is_rejected_is_never_sold(grade: str, answers: dict[str, bool], reason: str) -> None:
    assert suggest_disposition(grade, "rejected", answers, reason=reason) == "return_to_customer"
    assert suggest_disposition(grade, "accepted", answers, reason=reason) != "return_to_customer"
