"""The figures in a mail: the lines of a reimbursement, and what was taken off for what."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from refunds.models import Reimbursement, ReimbursementLine

_PERMILLE = Decimal("0.001")


@dataclass(frozen=True, slots=True)
class MoneyLine:
    """One line of money as a reader sees it; `amount` is gross minor units, negative lowers the payout."""

    kind: str
    title: str
    quantity: int
    reason: str
    amount: int
    share: Decimal | None = None

    @property
    def is_off(self) -> bool:
        """Whether the reader gets less by it."""
        return self.amount < 0


def money_lines(reimbursement: Reimbursement) -> list[MoneyLine]:
    """The lines of a reimbursement in their order; a deduction knows its share of what the item cost."""
    rows = list(reimbursement.lines.select_related("line", "item__line").order_by("position", "pk"))
    paid = _paid_by_item(rows)
    return [MoneyLine(row.kind, _title(row), row.quantity, row.reason, row.gross, _share(row, paid)) for row in rows]


def deductions_of(reimbursements: Iterable[Reimbursement]) -> dict[int, MoneyLine]:
    """By item id: what was taken off for its condition, all rows of the item together."""
    found: dict[int, MoneyLine] = {}
    for reimbursement in reimbursements:
        rows = list(reimbursement.lines.all())
        paid = _paid_by_item(rows)
        for row in rows:
            if row.kind == "deduction" and row.item_id is not None:
                amount = row.gross + (found[row.item_id].amount if row.item_id in found else 0)
                share = _ratio(amount, paid.get(row.item_id, 0))
                found[row.item_id] = MoneyLine(row.kind, "", row.quantity, row.reason, amount, share)
    return found


def _paid_by_item(rows: Iterable[ReimbursementLine]) -> dict[int, int]:
    paid: dict[int, int] = {}
    for row in rows:
        if row.kind == "item" and row.item_id is not None:
            paid[row.item_id] = paid.get(row.item_id, 0) + row.gross
    return paid


def _share(row: ReimbursementLine, paid: dict[int, int]) -> Decimal | None:
    if row.kind != "deduction" or row.item_id is None:
        return None
    return _ratio(row.gross, paid.get(row.item_id, 0))


def _ratio(amount: int, paid: int) -> Decimal | None:
    if not paid:
        return None
    return (Decimal(abs(amount)) / Decimal(paid)).quantize(_PERMILLE, ROUND_HALF_UP)


def _title(row: ReimbursementLine) -> str:
    line = row.line or (row.item.line if row.item else None)
    return line.title if line else ""
