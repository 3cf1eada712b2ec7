"""What every reader of orders yields: a document with its rows, or a refusal with its row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from accounts.problems import Invalid

SHOWN = 60


@dataclass(frozen=True, slots=True)
class SourceOrder:
    """One order document as the API takes it, and the line numbers in the file it was made from."""

    document: dict[str, Any]
    rows: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """One row that was not used: its line number in the file (the first is 1), why, and its order."""

    row: int
    code: str
    detail: str
    reference: str = ""

    def as_dict(self) -> dict[str, Any]:
        """The member of a job's `errors`."""
        return {"row": self.row, "code": self.code, "detail": self.detail}


class RowProblem(Exception):
    """Something in a row that makes it unusable; the reader turns it into a refused row."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail


class SourceUnreadable(Invalid):
    """The file as a whole cannot be read: wrong columns, broken compression, wrong encoding."""


def shown(text: str) -> str:
    """A cell as it may stand in a message: short, and without characters that move the cursor."""
    cut = text if len(text) <= SHOWN else text[:SHOWN] + "…"
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in cut)
