"""The report of refused rows as CSV, safe to open in a spreadsheet."""

from __future__ import annotations

import csv
from typing import IO

from customers.sources.results import RefusedRow

# What a spreadsheet takes for the start of a formula, with the full-width forms that some fold to ASCII.
STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # fmt: skip
COLUMNS = ("row", "order", "code", "detail")


def inert(text: str) -> str:
    """The text as a cell no spreadsheet runs: an apostrophe before a formula, nothing unprintable (OWASP)."""
    one_line = "".join(letter if letter.isprintable() else " " for letter in text)
    risky = text.startswith(STARTS) or one_line.lstrip().startswith(STARTS)
    return "'" + one_line if risky else one_line


class RefusedRows:
    """Writes refused rows as they come; `count` holds how many there are by code."""

    def __init__(self, text: IO[str]) -> None:
        self._writer = csv.writer(text, quoting=csv.QUOTE_ALL)
        self._writer.writerow(COLUMNS)
        self.count: dict[str, int] = {}

    def add(self, refused: RefusedRow) -> None:
        """Write one row of the report."""
        self.count[refused.code] = self.count.get(refused.code, 0) + 1
        self._writer.writerow([refused.row, *map(inert, (refused.reference, refused.code, refused.detail))])
