"""The report of refused rows opens in a spreadsheet without running anything."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from customers.sources.report import RefusedRows, inert
from customers.sources.results import RefusedRow

RISKY = "=+-@\t\r\n＝＋－＠"


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1", "＋1", "－1", "＠1", " =1"]
)
def test_what_a_spreadsheet_would_run_is_made_inert(text: str) -> None:
    assert inert(text).startswith("'")


def test_ordinary_text_stays_as_it_is() -> None:
    assert inert("A “number” = 3") == "A “number” = 3"


@settings(deadline=None)
@given(st.text())
def test_no_cell_ever_starts_a_formula_or_a_line(text: str) -> None:
    cell = inert(text)
    assert not cell.lstrip().startswith(tuple(RISKY))
    assert not any(letter in cell for letter in "\t\r\n\0")


def test_rows_are_written_and_counted_by_code() -> None:
    text = io.StringIO()
    report = RefusedRows(text)
    report.add(RefusedRow(3, "bad_number", "=HYPERLINK(1)", "+100"))
    report.add(RefusedRow(5, "bad_number", "“x” is no number", "101"))
    assert report.count == {"bad_number": 2}
    assert list(csv.reader(io.StringIO(text.getvalue()))) == [
        ["row", "order", "code", "detail"],
        ["3", "'+100", "bad_number", "'=HYPERLINK(1)"],
        ["5", "101", "bad_number", "“x” is no number"],
    ]
