"""Which rows a rule is about: conditions on the text of columns."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from customers.sources import cells
from customers.sources.cells import Formats
from customers.sources.expressions import Cells
from customers.sources.results import RowProblem


@dataclass(frozen=True, slots=True)
class Comparison:
    """One comparison of one column; `wanted` is prepared when the mapping is read."""

    column: str
    how: str
    wanted: Any


@dataclass(frozen=True, slots=True)
class Condition:
    """Alternatives; each is a set of comparisons that must all hold. No alternative at all: every row."""

    alternatives: tuple[tuple[Comparison, ...], ...] = ()


def holds(condition: Condition, row: Cells, formats: Formats) -> bool:
    """Whether a row meets the condition. A cell that is no number fails every numeric comparison."""
    # Plain loops: this runs for every rule and row, and generators double its time.
    for comparisons in condition.alternatives:
        for test in comparisons:
            if not _passes(test, row[test.column], formats):
                break
        else:
            return True
    return not condition.alternatives


def _passes(test: Comparison, text: str | None, formats: Formats) -> bool:
    if test.how == "empty":
        return (text is None) is test.wanted
    if text is None:
        return test.how in ("not", "not_in")
    if test.how in NUMERIC:
        return _compares(test, text, formats)
    return TEXTUAL[test.how](text, test.wanted)


def _compares(test: Comparison, text: str, formats: Formats) -> bool:
    try:
        return NUMERIC[test.how](cells.to_decimal(text, formats), test.wanted)
    except RowProblem:
        return False


def _matches(text: str, wanted: re.Pattern[str]) -> bool:
    return wanted.search(text) is not None


TEXTUAL: Mapping[str, Callable[[str, Any], bool]] = {
    "equals": lambda text, wanted: bool(text == wanted),
    "not": lambda text, wanted: bool(text != wanted),
    "in": lambda text, wanted: text in wanted,
    "not_in": lambda text, wanted: text not in wanted,
    "prefix": lambda text, wanted: text.startswith(wanted),
    "suffix": lambda text, wanted: text.endswith(wanted),
    "regex": _matches,
}
NUMERIC: Mapping[str, Callable[[Decimal, Decimal], bool]] = {
    "less_than": lambda number, wanted: number < wanted,
    "at_most": lambda number, wanted: number <= wanted,
    "more_than": lambda number, wanted: number > wanted,
    "at_least": lambda number, wanted: number >= wanted,
}
OPERATORS = frozenset({"empty", *TEXTUAL, *NUMERIC})
